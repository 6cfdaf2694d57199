"""A plugin's start-up code, run so that it can neither hang nor end the process."""

import threading
from collections.abc import Callable
from typing import TypeVar

from illcore.errors import ConfigError

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """What ``work`` returns or raises; ConfigError if that takes longer, and its daemon thread is left alone."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="illcore-boot", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0] if isinstance(failed[0], Exception) else ConfigError(f"{type(failed[0]).__name__}: {failed[0]}")
    if not done:
        raise ConfigError(f"it did not come back within {seconds:g} s")
    return done[0]
