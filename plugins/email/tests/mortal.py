"""A process that forks workers which stop dead at a named point, so that a test can kill them exactly there.

Reads one job per line, as JSON; each worker answers one line: its process id and the point it waits at, or ``end``.
A job with ``smtp`` is a mail server instead; it answers with its process id and its port.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

import mortal_smtp

import illcore.ingest
import illcore_email
import illcore_email.connector as connector
import illcore_email.mailroom as mailroom
from illcore.clock import SystemClock
from illcore.engine import Engine
from illcore.testing.fakes import given

Stop = Callable[[str], None]
POINTS: tuple[tuple[Any, str, str, str], ...] = (
    (connector, "fetch_new", "", "fetched"),
    (mailroom, "keep_raw", "", "kept, not committed"),
    (mailroom.Mailroom, "_understood", "kept raw", "being understood"),
    (mailroom, "keep_understood", "", "understood, not committed"),
    (mailroom.Mailroom, "take", "", "understood"),
    (illcore.ingest, "set_cursor", "", "applied, not committed"),
    (illcore.ingest, "commit", "", "applied"),
    (connector, "set_marked", "marked there", "marked here, not committed"),
    (mailroom, "keep_sent", "", "made, not committed"),
    (connector, "deliver", "made", "taken by the mail server"),
)
"""Module or class, function, the point before it, the point after it."""


class Ahead(SystemClock):
    """The clock of the machine, some seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._ahead


def work(job: dict[str, Any]) -> None:
    once = threading.Lock()

    def stop(point: str) -> None:
        if point and point == job["point"] and once.acquire(blocking=False):
            _say(point)
            threading.Event().wait()

    for owner, name, before, after in POINTS:
        _stop_at(owner, name, before, after, stop)
    engine = Engine.open(job["url"], job["config"], clock=Ahead(job["ahead"]), plugins=[given(illcore_email)])
    if "raw" in job:
        engine.ingest(job["raw"].encode("ascii"), "email:main")
    engine.run_due()


def _stop_at(owner: Any, name: str, before: str, after: str, stop: Stop) -> None:
    real = getattr(owner, name)

    def wrapped(*given: Any, **named: Any) -> Any:
        stop(before)
        result = real(*given, **named)
        if name != "fetch_new" or result.mails:
            stop(after)
        return result

    setattr(owner, name, wrapped)


def _say(point: str) -> None:
    os.write(1, f"{os.getpid()} {point}\n".encode())


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    os.write(1, b"ready\n")
    for line in sys.stdin:
        if os.fork() == 0:
            _child(json.loads(line))


def _child(job: dict[str, Any]) -> NoReturn:
    try:
        if "smtp" in job:
            mortal_smtp.serve(job["smtp"], job["point"], job["port"], _say)
        work(job)
        _say("end")
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
