"""The outside sources of change: the clock, fresh ids and chance, each handed to the engine as an argument."""

import random
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

Ids = Callable[[datetime], str]
Chance = Callable[[], float]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Clock(Protocol):
    """Wall time and monotonic time, from one source so that a simulation can drive both."""

    def now(self) -> datetime:
        """The time in UTC, timezone-aware."""

    def monotonic(self) -> float:
        """Seconds that never run backwards; deadlines are counted in them."""

    def sleep(self, seconds: float) -> None:
        """Wait; a simulated clock moves instead."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def sortable_id(at: datetime, bits: int) -> str:
    """16 characters of Crockford base 32, 48 bits of milliseconds, 32 of chance: sorts by time, can be read aloud."""
    number = (int(at.timestamp() * 1000) << 32) | (bits & 0xFFFFFFFF)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(75, -1, -5))


def system_ids(at: datetime) -> str:
    """A fresh id from the machine's own source of chance."""
    return sortable_id(at, secrets.randbits(32))


def seeded_ids(seed: int) -> Ids:
    """Ids that repeat with the seed, for simulations."""
    source = random.Random(seed)
    return lambda at: sortable_id(at, source.getrandbits(32))


def system_chance() -> float:
    """A number in [0, 1) for jitter."""
    return random.random()
