"""The threads that hooks run in: daemon threads, used again, limited by slots; a hook that hangs keeps its slot."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, Literal, Protocol, TypeVar

from illcore.connectors import Deadline

T = TypeVar("T")

IDLE_SECONDS = 30.0
State = Literal["waiting", "running", "done", "cancelled"]
NotRun = Literal["busy", "stuck", "late", "not_started"]
"""Why there is no result: no slot came free; all are abandoned; the deadline passed; no thread took it up in time."""


@dataclass(slots=True, frozen=True)
class Load:
    """How much of a limit is in use. ``late`` counts results that came after their deadline and were dropped."""

    limit: int
    running: int
    abandoned: int
    late: int


class Slots:
    """A limit on how many hooks run at once. An abandoned hook keeps its slot until it ends."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._running = self._abandoned = self._late = 0
        self._change = threading.Condition(threading.Lock())

    def take(self, seconds: float) -> NotRun | None:
        """Take a slot, waiting so long at most; else say why not."""
        with self._change:
            if self._running >= self._limit and self._abandoned < self._limit:
                self._change.wait_for(lambda: self._running < self._limit or self._abandoned >= self._limit, seconds)
            if self._running < self._limit:
                self._running += 1
                return None
            return "stuck" if self._abandoned >= self._limit else "busy"

    def abandon(self) -> None:
        """Nobody waits any more for the hook in one of the taken slots."""
        with self._change:
            self._abandoned += 1
            self._change.notify_all()

    def count_late(self) -> None:
        """A result came too late from a hook that held no slot."""
        with self._change:
            self._late += 1

    def free(self, abandoned: bool = False, late: bool = False) -> None:
        """A hook has ended."""
        with self._change:
            self._running -= 1
            self._abandoned -= abandoned
            self._late += late
            self._change.notify()

    def load(self) -> Load:
        """The figures of this moment."""
        with self._change:
            return Load(self._limit, self._running, self._abandoned, self._late)


class Job(Generic[T]):
    """One call on its way through a thread. ``work`` never raises."""

    __slots__ = ("abandoned", "deadline", "done", "late", "lock", "result", "slots", "state", "work")

    def __init__(self, work: Callable[[], T], deadline: Deadline, slots: Sequence[Slots]) -> None:
        self.work = work
        self.deadline = deadline
        self.slots = slots
        self.lock = threading.Lock()
        self.done = threading.Lock()
        self.done.acquire()
        self.state: State = "waiting"
        self.late = self.abandoned = False
        self.result: T | None = None

    def run(self) -> None:
        """In the hook's thread: do the work unless it was cancelled, give the slots back, wake who waits."""
        with self.lock:
            if self.state == "cancelled":
                return
            self.state = "running"
        result = self.work()
        with self.lock:
            self.late = self.deadline.passed()
            self.result = result
            self.state = "done"
        for slots in self.slots:
            slots.free(self.abandoned, self.late or self.abandoned)
        self.done.release()

    def wait(self) -> T | NotRun:
        """In the caller's thread: the result, or why there is none when the deadline has passed."""
        if not self.done.acquire(timeout=self.deadline.remaining()):
            with self.lock:
                if self.state == "waiting":
                    self.state = "cancelled"
                    for slots in self.slots:
                        slots.free()
                    return "not_started"
                if self.state == "running" and not self.abandoned:
                    self.abandoned = True
                    for slots in self.slots:
                        slots.abandon()
                    return "late"
        return "late" if self.late or self.result is None else self.result


class Executor(Protocol):
    """Where hooks run: side by side, or one after the other in the calling thread."""

    @property
    def parallel(self) -> bool:
        """Whether several calls can be under way at once."""

    def close(self) -> None:
        """Let go of what is idle; waits for nothing."""

    def start(self, work: Callable[[], T], deadline: Deadline, slots: Sequence[Slots]) -> "Job[T] | NotRun":
        """Begin; the job's ``wait()`` gives the result. At most half of the time left is spent on getting a slot."""


class Inline:
    """Runs the hook in the calling thread, for simulations; slots do not matter, a late result is dropped too."""

    parallel = False

    def start(self, work: Callable[[], T], deadline: Deadline, slots: Sequence[Slots]) -> "Job[T] | NotRun":
        job = Job(work, deadline, ())
        job.run()
        if job.late:
            for each in slots:
                each.count_late()
        return job

    def close(self) -> None:
        """There is nothing to let go of."""


class HookThreads:
    """Daemon threads, started when needed and used again; they end after half a minute without work.

    Not ThreadPoolExecutor: the interpreter joins its threads at exit, so one hung hook would keep the process alive.
    """

    parallel = True

    def __init__(self) -> None:
        self._idle: list[_HookThread] = []
        self._closed = False
        self._lock = threading.Lock()

    def start(self, work: Callable[[], T], deadline: Deadline, slots: Sequence[Slots]) -> "Job[T] | NotRun":
        taken: list[Slots] = []
        for each in slots:
            refusal = each.take(deadline.remaining() / 2)
            if refusal:
                for other in taken:
                    other.free()
                return refusal
            taken.append(each)
        job = Job(work, deadline, slots)
        try:
            self._idle_thread().jobs.put(job)
        except RuntimeError:  # the system gives no more threads
            for each in slots:
                each.free()
            return "busy"
        return job

    def _idle_thread(self) -> "_HookThread":
        with self._lock:
            while self._idle:
                thread = self._idle.pop()
                if thread.is_alive():  # after a fork the child has none of them
                    return thread
        thread = _HookThread(self)
        thread.start()
        return thread

    def idle(self, thread: "_HookThread") -> bool:
        """A thread has nothing to do. Whether it should wait for more."""
        with self._lock:
            if not self._closed:
                self._idle.append(thread)
            return not self._closed

    def close(self) -> None:
        """Let the threads that have nothing to do end now; the others end when their hook does, or with the process."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for thread in idle:
            thread.jobs.put(None)

    def leave(self, thread: "_HookThread") -> bool:
        """Whether a thread may end; no if a job is already on its way to it."""
        with self._lock:
            if thread in self._idle:
                self._idle.remove(thread)
                return True
            return False


class _HookThread(threading.Thread):
    def __init__(self, pool: HookThreads) -> None:
        super().__init__(name="illcore-hook", daemon=True)
        self.jobs: SimpleQueue[Job[Any] | None] = SimpleQueue()
        self._pool = pool

    def run(self) -> None:
        while True:
            try:
                job = self.jobs.get(timeout=IDLE_SECONDS)
            except Empty:
                if self._pool.leave(self):
                    return
                job = self.jobs.get()
            if job is None:
                return
            job.run()
            del job
            if not self._pool.idle(self):
                return
