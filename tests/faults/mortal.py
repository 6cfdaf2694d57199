"""A process that forks workers which stop dead at a named point, so that a test can kill them exactly there.

Reads one job per line, as JSON; each worker answers one line: its process id and the point it waits at, or ``end``.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

import illcore.worker
from illcore import outbox
from illcore.clock import SystemClock
from illcore.engine import Engine
from illcore.message import Message, Receipt
from illcore.testing.fakes import given
from illcore.testing.network import Network


class Ahead(SystemClock):
    """The clock of the machine, some seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._ahead


class Logged(Network):
    """A wire that writes down what it carries, and stops at a point of the way."""

    log = ""
    stop: Callable[[str], None] = staticmethod(lambda point: None)

    def carry(self, key: str, symbol: str, message: Message) -> Receipt:
        line = json.dumps([key, message.requesting_agency_request_id, message.action or message.kind])
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(line + "\n")
        self.stop("while sending")
        receipt = super().carry(key, symbol, message)
        self.stop("arrived, not answered")
        return receipt


def work(job: dict[str, Any]) -> None:
    once = threading.Lock()

    def stop(point: str) -> None:
        if point == job["point"] and once.acquire(blocking=False):
            _say(point)
            threading.Event().wait()

    if job["point"]:
        _stop_inside_the_worker(stop)
    network = Logged()
    network.log, network.stop = job["log"], stop
    for symbol, url in job["urls"].items():
        config = {"library": symbol, "accounts": {"wire:main": {}}}
        network.engines[symbol] = Engine.open(url, config, clock=Ahead(job["ahead"]), plugins=[given(network.plugin())])
    network.engines[job["library"]].run_due()


def _stop_inside_the_worker(stop: Callable[[str], None]) -> None:
    """Wrap what stands around the three steps of ``drain``: claim, dispatch, record."""

    def after(owner: Any, name: str, point: str, before: str = "") -> None:
        real = getattr(owner, name)

        def wrapped(*given: Any, **named: Any) -> Any:
            if before:
                stop(before)
            result = real(*given, **named)
            if result or name == "record":
                stop(point)
            return result

        setattr(owner, name, wrapped)

    after(outbox, "claim", "claim not committed")
    after(illcore.worker.Jobs, "run", "dispatched", before="claimed")
    after(outbox, "record", "record not committed")
    after(illcore.worker.Worker, "_record", "recorded")


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
        work(job)
        _say("end")
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
