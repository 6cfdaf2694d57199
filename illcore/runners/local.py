"""The embedded runner: one loop that drains due lanes side by side; several processes may run it at once."""

import logging
import threading
from illcore.worker import RunReport, Worker

log = logging.getLogger("illcore.worker")

LANES_AT_ONCE = 16
LOOK_EVERY = 0.5
LET_FINISH = 10.0
AFTER_FAILURE = 2.0


class LocalRunner:
    """Drains each lane in a thread of its own, so that a slow partner holds up nobody else.

    Threads are daemons: a process may always end, and what they held is taken up again when the lease runs out.
    """

    def __init__(self, worker: Worker, inline: bool = False) -> None:
        self._worker = worker
        self._inline = inline
        self._running: set[str] = set()
        self._changed = threading.Condition()
        self._woken = False
        self._closed = False

    def wake(self) -> None:
        """There is work now."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def run_due(self) -> RunReport:
        """Everything that is due now, then whatever became due by it."""
        report = RunReport()
        self._worker.begin()
        report.add(self._worker.polls(always=True))
        while not self._closed:
            report.add(self._worker.timers())
            lanes = self._worker.due_lanes()
            if not lanes:
                return report
            done = self._drain_all(lanes)
            report.add(done)
            if not (done.sent or done.failed or done.events):
                return report
        return report

    def _drain_all(self, lanes: list[str]) -> RunReport:
        total = RunReport()
        if self._inline or len(lanes) == 1:
            for lane in lanes:
                total.add(self._worker.drain(lane))
            return total
        for lane in lanes:
            self._start(lane, total)
        with self._changed:
            self._changed.wait_for(lambda: not self._running)
        return total

    def _start(self, lane: str, total: RunReport) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._running) < LANES_AT_ONCE)
            if lane in self._running:
                return
            self._running.add(lane)

        def work() -> None:
            try:
                done = self._worker.drain(lane)
                with self._changed:
                    total.add(done)
            except Exception:
                log.exception("lane %s could not be drained; it is tried again when its lease has run out", lane)
            finally:
                with self._changed:
                    self._running.discard(lane)
                    self._changed.notify_all()

        threading.Thread(target=work, name=f"lane {lane}", daemon=True).start()

    def run_forever(self, stop: threading.Event) -> None:
        """Look for work twice a second, or at once when woken, until ``stop`` is set."""
        total = RunReport()
        self._worker.begin()
        while not (stop.is_set() or self._closed):
            try:
                self._look(total)
            except Exception:
                log.exception("the worker could not look for work; it looks again in %s s", AFTER_FAILURE)
                stop.wait(AFTER_FAILURE)
            with self._changed:
                self._changed.wait_for(lambda: self._woken or stop.is_set() or self._closed, LOOK_EVERY)
                self._woken = False
        with self._changed:
            self._changed.wait_for(lambda: not self._running, LET_FINISH)

    def _look(self, total: RunReport) -> None:
        self._worker.timers()
        self._worker.polls()
        for lane in self._worker.due_lanes():
            if lane not in self._running and len(self._running) < LANES_AT_ONCE:
                self._start(lane, total)

    def close(self) -> None:
        """Take up nothing more."""
        self._closed = True
        self.wake()
