"""Does the rota save time? Fifty suppliers with hidden chances and delays, asked in five orders by the same requests.

Every request is held by some of the suppliers and tried at them one after the other until one fills it. What each of
them would answer, and after how many days, is drawn beforehand: all rotas meet the same fate and fill the same
requests, so that only the order differs, and differences are taken request by request. The rota of the engine knows
only what a library knows: how earlier tries ended, once they have ended. The last line knows what is hidden.
"""

import argparse
import heapq
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import fmean, stdev

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measuring import calibration, conditions, table
from illcore.history import PartnerStats, fading, weight
from illcore.model import Money, Partner
from illcore.policy import Policy, RoutingWeights
from illcore.request import Found, Request
from illcore.routing import rank

SUPPLIERS = 50
A_DAY = 20
"""Requests a day."""

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SURE = 1.96
TIME_ALONE = Policy(routing=RoutingWeights(cost=0, balance=0, preference=0))
OURS, BLENDED, HIDDEN = "the engine's, time alone", "the engine's, time and cost", "one that knows what is hidden"


@dataclass(slots=True, frozen=True)
class Supplier:
    """``chance`` of a fill; mean days until it arrives, and until a refusal (or silence) ends the try."""

    partner: Partner
    chance: float
    fill_days: float
    refusal_days: float
    cost: float

    @property
    def per_fill(self) -> float:
        """Days of a try by its chance."""
        return (self.chance * self.fill_days + (1 - self.chance) * self.refusal_days) / self.chance


@dataclass(slots=True, frozen=True)
class Fate:
    """What one supplier would do with one request."""

    filled: bool
    days: float


@dataclass(slots=True, frozen=True)
class Wish:
    """A request: when it comes, and what those that hold it would do."""

    at: datetime
    fates: dict[int, Fate]

    @property
    def can_be_filled(self) -> bool:
        """Some holder would fill it."""
        return any(fate.filled for fate in self.fates.values())


def suppliers_of(chance: Random) -> list[Supplier]:
    """Fifty: good and bad, quick and slow, free and dear, without any of these telling of another."""
    found = []
    for n in range(SUPPLIERS):
        cost = chance.choice([0, 0, 5, 10, 20, 30])
        price = Money(amount=Decimal(cost), currency="CNY")
        partner = Partner(symbol=f"ISIL:S{n:02}", account="wire:main", cost=price)
        fill = min(max(chance.betavariate(1.6, 1.6), 0.05), 0.97)
        found.append(Supplier(partner, fill, chance.uniform(1.5, 18), chance.uniform(0.5, 7), cost))
    return found


def wishes_of(chance: Random, suppliers: Sequence[Supplier], count: int) -> list[Wish]:
    """Requests one after the other; each is held by four to twelve suppliers."""
    at = START
    found = []
    for _ in range(count):
        at += timedelta(days=chance.expovariate(A_DAY))
        fates = {}
        for n in chance.sample(range(SUPPLIERS), chance.randint(4, 12)):
            one = suppliers[n]
            filled = chance.random() < one.chance
            mean = one.fill_days if filled else one.refusal_days
            fates[n] = Fate(filled, mean * chance.lognormvariate(-0.125, 0.5))
        found.append(Wish(at, fates))
    return found


@dataclass
class Past:
    """What the library has learned: sums of weights as the engine keeps them, of tries that have ended by now."""

    sums: dict[int, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))
    asked: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    pending: list[tuple[datetime, int, bool, float]] = field(default_factory=list)

    def until(self, now: datetime) -> None:
        """Tries that end before then become known."""
        while self.pending and self.pending[0][0] <= now:
            at, n, filled, days = heapq.heappop(self.pending)
            counts, one = self.sums[n], weight(at)
            counts[0] += one
            counts[1] += one * filled
            counts[2] += one * days

    def stats(self, suppliers: Sequence[Supplier], now: datetime) -> dict[str, PartnerStats]:
        """As routing takes them."""
        factor = fading(now)
        return {suppliers[n].partner.symbol: PartnerStats(*(c * factor for c in own)) for n, own in self.sums.items()}


Rota = Callable[[Wish, Past], Sequence[int]]


def rotas(suppliers: Sequence[Supplier], chance: Random) -> dict[str, Rota]:
    """The orders that are compared, by name."""
    number = {one.partner.symbol: n for n, one in enumerate(suppliers)}
    partners = [one.partner for one in suppliers]

    def engine(policy: Policy) -> Rota:
        def order(wish: Wish, past: Past) -> Sequence[int]:
            found = {suppliers[n].partner.symbol: Found(score=1.0) for n in wish.fates}
            request = Request("R", "ISIL:OWN", "requester", "loan", wish.at, wish.at, wish.at)
            holders = [partners[n] for n in wish.fates]
            stats = past.stats(suppliers, wish.at)
            rows = rank(holders, request, wish.at, stats, policy=policy, found=found, searched=True)
            return [number[row.partner] for row in rows]

        return order

    def shuffled(wish: Wish, past: Past) -> Sequence[int]:
        return chance.sample(sorted(wish.fates), len(wish.fates))

    return {
        "random": shuffled,
        "fixed": lambda wish, past: sorted(wish.fates),
        "cheapest first": lambda wish, past: sorted(wish.fates, key=lambda n: (suppliers[n].cost, n)),
        "load balanced": lambda wish, past: sorted(wish.fates, key=lambda n: (past.asked[n], n)),
        OURS: engine(TIME_ALONE),
        BLENDED: engine(Policy()),
        HIDDEN: lambda wish, past: sorted(wish.fates, key=lambda n: suppliers[n].per_fill),
    }


@dataclass(slots=True)
class Result:
    """Of the requests that were filled: the days each took, its tries, and what the supplier charged."""

    days: list[float] = field(default_factory=list)
    tries: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)


def played(wishes: Sequence[Wish], suppliers: Sequence[Supplier], rota: Rota) -> Result:
    """All requests, in the order in which they come."""
    past, result = Past(), Result()
    for wish in wishes:
        past.until(wish.at)
        now = wish.at
        for tries, n in enumerate(rota(wish, past), start=1):
            fate = wish.fates[n]
            now += timedelta(days=fate.days)
            past.asked[n] += 1
            heapq.heappush(past.pending, (now, n, fate.filled, fate.days))
            if fate.filled:
                result.days.append((now - wish.at) / timedelta(days=1))
                result.tries.append(tries)
                result.costs.append(suppliers[n].cost)
                break
    return result


def mean(values: Sequence[float]) -> tuple[float, float]:
    """The mean and half the width of its 95 % confidence interval."""
    return fmean(values), SURE * stdev(values) / math.sqrt(len(values))


def shown(pair: tuple[float, float]) -> str:
    """A mean with its interval."""
    return f"{pair[0]:.2f} ± {pair[1]:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, print the table; 1 if the engine's rota is not clearly quicker than each of the four others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--worlds", type=int, default=3, help="how many times fifty suppliers are drawn anew")
    parser.add_argument("--seed", type=int, default=18626)
    parser.add_argument("--quick", action="store_true", help="one world, 1,000 requests")
    asked = parser.parse_args(arguments)
    requests, worlds = (1_000, 1) if asked.quick else (asked.requests, asked.worlds)
    before = calibration()
    results: dict[str, list[Result]] = defaultdict(list)
    filled = 0
    for world in range(worlds):
        chance = Random(f"{asked.seed} {world}")
        suppliers = suppliers_of(chance)
        wishes = wishes_of(chance, suppliers, requests)
        filled += sum(wish.can_be_filled for wish in wishes)
        for name, rota in rotas(suppliers, Random(world)).items():
            results[name].append(played(wishes, suppliers, rota))
    print(conditions(Path.cwd(), before, f"{worlds} times {SUPPLIERS} suppliers, {requests:,} requests each"))
    share = filled / (worlds * requests)
    print(f"{share:.1%} of the requests can be filled, and every rota fills them; seed {asked.seed}\n")
    ours = [day for result in results[OURS] for day in result.days]
    rows, clear = [], True
    for name, played_ in results.items():
        days = [day for result in played_ for day in result.days]
        saved = mean([other - own for other, own in zip(days, ours, strict=True)])
        tries = fmean(n for result in played_ for n in result.tries)
        cost = fmean(c for result in played_ for c in result.costs)
        rows.append([name, shown(mean(days)), "" if name == OURS else shown(saved), f"{tries:.2f}", f"{cost:.1f}"])
        if name not in (OURS, BLENDED, HIDDEN):
            clear = clear and all(_clearly_slower(r, o) for r, o in zip(played_, results[OURS], strict=True))
    head = ["rota", "days to fill", "more than the engine's", "tries a fill", "CNY a fill"]
    print(table(head, rows))
    print("\nmeans with 95 % confidence intervals; differences are of the same request under both rotas")
    if not clear:
        print("the engine's rota is not clearly quicker than all others", file=sys.stderr)
    return 0 if clear else 1


def _clearly_slower(other: Result, own: Result) -> bool:
    difference, half = mean([theirs - ours for theirs, ours in zip(other.days, own.days, strict=True)])
    return difference - half > 0.1 * fmean(own.days)


if __name__ == "__main__":
    sys.exit(main())
