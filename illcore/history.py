"""What partners did so far, fading with age, and what to expect of them: the chance of a fill, the days of a try."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HALF_LIFE = timedelta(days=365)
"""After this time a try counts half as much as one of today."""

LANDMARK = datetime(2026, 1, 1, tzinfo=UTC)
USUAL_CHANCE = 0.5
USUAL_DAYS = 5.0
SHORTEST = 1.0
"""Days below which quicker is not better: answers within the hour do not outweigh everything."""

_OF_NOBODY = 2.0
_OF_A_NEWCOMER = 4.0
_BALANCE_CALM = 5.0


def weight(at: datetime) -> float:
    """How much something of that time counts against something of the landmark; it grows with time.

    Sums of such weights only ever grow by additions; ``fading`` turns them into counts as of now. That is forward decay
    (Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay, a practical time decay model for streaming systems, ICDE 2009).
    """
    return math.exp2((at - LANDMARK) / HALF_LIFE)


def fading(now: datetime) -> float:
    """The factor from sums of weights to counts as of now."""
    return 1.0 / weight(now)


@dataclass(slots=True, frozen=True)
class PartnerStats:
    """What a partner did with requests of one service type, and what it and we lent each other of all types.

    Counts as of now, older ones worth less: ``tries`` that came to an end, ``fills`` among them, ``days`` that they all
    took together, filled or not; ``borrowed`` from it, ``lent`` to it.
    """

    tries: float = 0.0
    fills: float = 0.0
    days: float = 0.0
    borrowed: float = 0.0
    lent: float = 0.0

    @property
    def balance(self) -> float:
        """From -1, it only borrows from us, to 1, it only lends to us; few of either weigh little."""
        return (self.borrowed - self.lent) / (self.borrowed + self.lent + _BALANCE_CALM)


@dataclass(slots=True, frozen=True)
class Expected:
    """Of the next try: the ``chance`` that it is filled, and the ``days`` that it takes whatever its end."""

    chance: float
    days: float

    @property
    def per_fill(self) -> float:
        """Days for each fill; see ``routing`` on why this orders the rota."""
        return self.days / self.chance


def usual(stats: Iterable[PartnerStats]) -> Expected:
    """What to expect of a partner of whom nothing is known: what all partners did together."""
    tries, fills, days = _OF_NOBODY, _OF_NOBODY * USUAL_CHANCE, _OF_NOBODY * USUAL_DAYS
    for one in stats:
        tries += one.tries
        fills += one.fills
        days += one.days
    return Expected(fills / tries, max(days / tries, SHORTEST))


def expect(past: PartnerStats, of_all: Expected) -> Expected:
    """What a partner did, drawn towards what all did as long as little is known of it.

    The chance is the mean of a beta distribution whose prior counts as four tries at the usual chance; so a newcomer is
    neither first nor last, and one lucky request does not beat a long good record. The days are drawn the same way.
    """
    tries = past.tries + _OF_A_NEWCOMER
    chance = (past.fills + _OF_A_NEWCOMER * of_all.chance) / tries
    days = (past.days + _OF_A_NEWCOMER * of_all.days) / tries
    return Expected(chance, max(days, SHORTEST))


def likelier(expected: Expected, odds: float) -> Expected:
    """The same with the odds of a fill multiplied."""
    better = expected.chance * odds
    return Expected(better / (better + 1.0 - expected.chance), expected.days)
