"""Waiting for a condition, not for a time; and how the demo ends early without leaving anything behind."""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from illcore.cli.faults import Failed

LOOK_EVERY = 0.03
"""Seconds between two looks at a condition."""


class Stopped(Exception):
    """Somebody asked the demo to end: Ctrl-C or a signal. ``code`` is the exit code."""

    def __init__(self, number: int) -> None:
        super().__init__("stopped; nothing is left running")
        self.code = 128 + number


class Patience:
    """Waits until a condition holds, a time limit passes, or a signal arrives.

    Within ``with`` a signal only sets a flag that every wait looks at, so that it never strikes between the start of
    a process and the note that it was started.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._number = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Patience":
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self._number = number
        self._asked.set()

    def until(self, holds: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
        """Return as soon as ``holds()``. Raises Stopped, or Failed with ``otherwise()`` when time is over."""
        end = time.monotonic() + seconds
        while not holds():
            if self._asked.wait(LOOK_EVERY):
                raise Stopped(self._number)
            if time.monotonic() > end:
                raise Failed(otherwise())
        self.check()

    def check(self) -> None:
        """Raises Stopped if a signal has arrived."""
        if self._asked.is_set():
            raise Stopped(self._number)
