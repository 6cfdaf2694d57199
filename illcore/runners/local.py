"""The embedded runner: one loop that drains due lanes side by side; several processes may run it at once."""

import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial

from illcore.worker import RunReport, Worker

log = logging.getLogger("illcore.worker")

LANES_AT_ONCE = 16
LOOK_EVERY = 0.5
LET_FINISH = 10.0
AFTER_FAILURE = 2.0
_POLL = "poll/"

Task = tuple[str, Callable[[], RunReport]]
"""A lane to drain, an account to poll or a library's day to do, by name."""


class LocalRunner:
    """Drains each lane and polls each account in a thread of its own, so that a slow partner holds up nobody else.

    Polls may wait for something to come, so they do not count among the lanes that are drained at once.
    Threads are daemons: a process may always end, and what they held is taken up again when the lease runs out.
    """

    def __init__(self, worker: Worker, inline: bool = False) -> None:
        self._worker = worker
        self._inline = inline
        self._running: set[str] = set()
        self._changed = threading.Condition()
        self._woken = False
        self._begun = False
        self._closed = False

    def wake(self) -> None:
        """There is work now."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def run_due(self) -> RunReport:
        """Everything that is due now, then whatever became due by it."""
        self._begin()
        report = self._all(self._polls(always=True))
        while not self._closed:
            report.add(self._worker.timers())
            lanes = self._worker.due_lanes()
            polls = self._polls()
            if not (lanes or polls):
                break
            done = self._all([*polls, *self._drains(lanes)])
            report.add(done)
            if not (polls or done.sent or done.failed or done.events):
                break
        report.add(self._all(self._days(always=True)))
        return report

    def _begin(self) -> None:
        if not self._begun:
            self._worker.begin()
            self._begun = True

    def _polls(self, always: bool = False, patient: bool = False) -> list[Task]:
        accounts = self._worker.due_polls(always)
        return [(f"{_POLL}{name}", partial(self._worker.poll, name, patient)) for name in accounts]

    def _days(self, always: bool = False) -> list[Task]:
        return [(f"daily/{symbol}", partial(self._worker.day, symbol)) for symbol in self._worker.due_days(always)]

    def _drains(self, lanes: Iterable[str]) -> list[Task]:
        return [(lane, partial(self._worker.drain, lane)) for lane in lanes]

    def _all(self, tasks: list[Task]) -> RunReport:
        """Do these, side by side where there are threads, and wait for their end; but not for another's poll."""
        total = RunReport()
        names = set()
        for name, task in tasks:
            if self._inline or len(tasks) == 1:
                self._do(name, task, total)
            elif self._start(name, task, total) or not name.startswith(_POLL):
                names.add(name)
        with self._changed:
            self._changed.wait_for(lambda: names.isdisjoint(self._running))
        return total

    def _start(self, name: str, task: Callable[[], RunReport], total: RunReport) -> bool:
        """Whether it was started; not if it runs already."""
        with self._changed:
            self._changed.wait_for(lambda: name.startswith(_POLL) or self._has_room())
            if name in self._running:
                return False
            self._running.add(name)
        threading.Thread(target=self._do, args=(name, task, total), name=name, daemon=True).start()
        return True

    def _has_room(self) -> bool:
        return sum(1 for name in self._running if not name.startswith(_POLL)) < LANES_AT_ONCE

    def _do(self, name: str, task: Callable[[], RunReport], total: RunReport) -> None:
        done = RunReport(failed=1)
        try:
            done = task()
        except Exception:
            log.exception("%s could not be worked off; it is tried again when its lease has run out", name)
        finally:
            with self._changed:
                total.add(done)
                self._running.discard(name)
                self._woken = self._woken or bool(done.events)
                self._changed.notify_all()

    def run_forever(self, stop: threading.Event) -> None:
        """Look for work twice a second, or at once when woken, until ``stop`` is set."""
        total = RunReport()
        while not (stop.is_set() or self._closed):
            try:
                self._begin()
                self._look(total)
            except Exception:
                log.exception("the worker could not look for work; it looks again in %s s", AFTER_FAILURE)
                stop.wait(AFTER_FAILURE)
            with self._changed:
                self._changed.wait_for(lambda: self._woken or stop.is_set() or self._closed, LOOK_EVERY)
                self._woken = False
        self._worker.stop()
        self._begun = False
        with self._changed:
            self._changed.wait_for(lambda: not self._running, LET_FINISH)

    def _look(self, total: RunReport) -> None:
        for name, task in self._polls(patient=True):
            self._start(name, task, total)
        self._worker.timers()
        for name, task in self._days():
            self._start(name, task, total)
        for name, task in self._drains(self._worker.due_lanes()):
            with self._changed:
                room = name not in self._running and self._has_room()
            if room:
                self._start(name, task, total)

    def close(self) -> None:
        """Take up nothing more."""
        self._closed = True
        self._worker.stop()
        self.wake()
