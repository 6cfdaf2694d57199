"""When to try again: exponential waits with jitter, the breaker of a lane, and when a row is given up. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
FIRST_POLL_WAIT = timedelta(seconds=30)
LONGEST_POLL_WAIT = timedelta(minutes=5)
FAILURES_TO_OPEN = 5
FIRST_PROBE = timedelta(minutes=1)
LONGEST_PROBE = timedelta(hours=1)


def backoff(attempt: int, random: Callable[[], float]) -> timedelta:
    """The wait after try ``attempt`` (from 1) failed: doubling from 5 s to 1 h, shortened by up to half by chance."""
    return _doubling(attempt, FIRST_WAIT, LONGEST_WAIT, random)


def poll_backoff(failures: int, random: Callable[[], float]) -> timedelta:
    """The wait after an account could not be polled so many times in a row: doubling from 30 s to 5 min, likewise."""
    return _doubling(failures, FIRST_POLL_WAIT, LONGEST_POLL_WAIT, random)


def _doubling(times: int, first: timedelta, longest: timedelta, random: Callable[[], float]) -> timedelta:
    wait: timedelta = min(first * 2 ** min(max(times, 1) - 1, 32), longest)
    return wait * (1.0 - random() / 2)


@dataclass(slots=True, frozen=True)
class Breaker:
    """How a lane is doing: failures in a row, until when it is left alone, the wait that doubles per failed probe."""

    failures: int = 0
    open_until: datetime | None = None
    probe_wait: timedelta = timedelta(0)

    def state(self, now: datetime) -> str:
        """``closed``, ``open``, or ``half_open``: one probe may go."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "half_open"


def breaker(before: Breaker, reached: bool, now: datetime) -> Breaker:
    """The breaker after one result; ``reached`` tells whether the other side answered at all, be it with a refusal."""
    if reached:
        return Breaker()
    failures = before.failures + 1
    state = before.state(now)
    if state == "open":
        return Breaker(failures, before.open_until, before.probe_wait)
    if state == "half_open":
        wait = min(before.probe_wait * 2, LONGEST_PROBE)
        return Breaker(failures, now + wait, wait)
    if failures >= FAILURES_TO_OPEN:
        return Breaker(failures, now + FIRST_PROBE, FIRST_PROBE)
    return Breaker(failures)


def given_up(first_due: datetime, now: datetime, hours: float = 48.0) -> bool:
    """Whether a row has been tried for so long that nobody tries it again without being asked."""
    return now - first_due >= timedelta(hours=hours)
