"""How a long-running command ends: SIGTERM or Ctrl-C asks, a second one or the patience's end forces."""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from illcore.cli.faults import INTERRUPTED, REFUSED

PATIENCE = 18.0
"""Seconds that may pass between the signal and the end of the process."""


def stop_on_signals(stop: threading.Event, also: Callable[[], None] | None = None) -> None:
    """Let SIGTERM and SIGINT set ``stop`` and call ``also``.

    What has not ended in time is abandoned; nothing is lost by that, the outbox has it.
    """

    def asked(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            if number == signal.SIGINT:
                os._exit(INTERRUPTED)
            return
        stop.set()
        if also is not None:
            also()
        force = threading.Timer(PATIENCE, os._exit, (REFUSED,))
        force.daemon = True
        force.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
