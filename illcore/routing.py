"""The rota: which partners a request goes to, in what order, and why; those left out stand in it with the reason.

Suppliers are asked one after the other until one fills the request. If try i takes t_i days, whatever its end, and is
filled with chance p_i, the expected time to the fill is least in the order of growing t_i / p_i: exchanging two
neighbours i, j changes it by a positive multiple of t_i p_j - t_j p_i. This is the classic rule for tests in sequence
(L. G. Mitten, An Analytic Solution to the Least Cost Testing Sequence Problem, J. Industrial Engineering 11, 1960;
H. A. Simon and J. B. Kadane, Optimal Problem-Solving Search, Artificial Intelligence 6, 1975). What a fill costs
besides (money, balance, staff's preference) is paid once, with the fill; expressed in days it is added to t_i / p_i,
and the order is still the best one for the sum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from illcore.calendars import closed_on, local_date, next_working_day
from illcore.errors import Invalid
from illcore.facts import Candidate
from illcore.history import Expected, PartnerStats, expect, likelier, usual
from illcore.model import Money, Partner
from illcore.policy import Policy
from illcore.reasons import SERVICE_WORDS, english, money, phrase, told
from illcore.request import Found, Request

AVAILABLE_ODDS = 2.0
"""An item known to be on the shelf doubles the odds of a fill against one of which that is not known."""

_INACTIVE = ("prospect", "suspended", "ended")
_HOLDS, _OPEN, _LAST_RESORT, _UNASKED, _UNAVAILABLE, _SKIPPED = range(6)
_NOBODY = PartnerStats()


@dataclass(slots=True, frozen=True)
class _Entry:
    """A partner on the way into the rota: its group, what is expected of it, and why it is left out, if it is."""

    partner: Partner
    group: int
    place: str
    past: PartnerStats
    expected: Expected
    found: Found | None
    skip: str


def rank(
    partners: Iterable[Partner],
    request: Request,
    now: datetime,
    stats: Mapping[str, PartnerStats] | None = None,
    named: Iterable[str] | None = None,
    *,
    policy: Policy | None = None,
    found: Mapping[str, Found] | None = None,
    searched: bool | None = None,
) -> tuple[Candidate, ...]:
    """The partners for this request in the order in which to ask them, each with ``why`` or, if left out, ``skip``.

    ``rank`` is the place from 1. Suppliers that the request names (``named``; by default its waiting attempts if
    ``named_suppliers`` is set) are taken alone, in their order, unknown ones as skips in their place; what a search
    found of them does not matter, staff know better.

    Without names first come those that hold it, then those of which that is not known (where policy asks them), then
    lenders of last resort, at the very end those that are known not to have it available; in each group by the days for
    each fill and what else the policy's ``routing`` weighs, then by the partner's own ``rank``, then by symbol; those
    left out come after all. ``score`` is the inverse of those days: fills per day. ``stats`` by symbol are of the
    request's service type; ``found`` and ``searched`` are by default what the request knows.

    A partner is left out if it is the library itself, is not active, its agreement is over, it does not offer the
    service (for copy_or_loan: neither), has no account, charges more than the request's maximum cost (another currency
    is not compared: the partner learns the maximum from the request), cannot deliver in the format that is wanted, is
    closed now, or what is known of its holding rules it out.
    """
    view = _View(
        request,
        now,
        stats or {},
        policy or Policy(),
        request.found if found is None else found,
        request.searched if searched is None else searched,
    )
    known = tuple(partners)
    names = _named(request) if named is None else tuple(named)
    if names or (named is None and request.named_suppliers):
        return view.in_order_of(names, known)
    return view.by_expectation(known)


def closed_now(partner: Partner, now: datetime) -> str | None:
    """Why the partner should not be asked now: it is closed, or its calendar is wrong; None if it may be asked.

    Its closures count, in its own time zone; a plain weekend does not (``calendars.closed_on``).
    """
    days = partner.calendar
    try:
        today = local_date(days, now)
        why = closed_on(days, today)
    except Invalid as wrong:
        return english("calendar_wrong", why=wrong)
    if why is None:
        return None
    try:
        return english("closed_until", day=next_working_day(days, today).isoformat(), why=why)
    except Invalid:
        return english("closed", why=why)


def offered(partner: Partner, request: Request) -> str:
    """The services that serve this request, in words (``loans``, ``loans and copies``); empty if none does."""
    return " and ".join(SERVICE_WORDS[service] for service in _wanted(request) if service in partner.services)


def _wanted(request: Request) -> tuple[Any, ...]:
    return ("loan", "copy") if request.service_type == "copy_or_loan" else (request.service_type,)


def _named(request: Request) -> tuple[str, ...]:
    if not request.named_suppliers:
        return ()
    return tuple(dict.fromkeys(attempt.partner for attempt in request.attempts if attempt.status == "waiting"))


class _View:
    """One request, and what is known about those that might supply it."""

    def __init__(
        self,
        request: Request,
        now: datetime,
        stats: Mapping[str, PartnerStats],
        policy: Policy,
        found: Mapping[str, Found],
        searched: bool,
    ) -> None:
        self._request = request
        self._now = now
        self._stats = stats
        self._policy = policy
        self._found = found
        self._searched = searched
        self._usual = usual(stats.values())

    # --- named ---

    def in_order_of(self, names: tuple[str, ...], known: tuple[Partner, ...]) -> tuple[Candidate, ...]:
        by_symbol = {other: partner for partner in known for other in partner.other_symbols}
        by_symbol.update({partner.symbol: partner for partner in known})
        rows: dict[str, Candidate] = {}
        for position, name in enumerate(names, start=1):
            partner = by_symbol.get(name)
            if partner is None:
                code = "own_library" if name == self._request.library else "unknown_partner"
                rows[name] = Candidate(name, position, skip=english(code))
            elif partner.symbol not in rows:
                skip = self._unfit(partner)
                past = self._stats.get(partner.symbol, _NOBODY)
                entry = _Entry(partner, _OPEN, "named", past, expect(past, self._usual), None, skip)
                why = "" if skip else english("named", position=position)
                rows[partner.symbol] = Candidate(partner.symbol, position, None, why, skip, self._numbers(entry))
        return tuple(rows.values())

    # --- by expectation ---

    def by_expectation(self, known: tuple[Partner, ...]) -> tuple[Candidate, ...]:
        entries = [self._entry(partner) for partner in known]
        fit = [entry for entry in entries if not entry.skip]
        dearest = _dearest(self._request, fit)
        lowest_rank = min((entry.partner.rank for entry in fit), default=0)
        ranked = len({entry.partner.rank for entry in fit}) > 1
        lowest_balance = min((entry.past.balance for entry in fit), default=0.0)
        weights = self._policy.routing

        def days(entry: _Entry) -> float:
            return (
                weights.time * entry.expected.per_fill
                + weights.cost * _share(entry.partner.cost, dearest)
                + weights.balance * (entry.past.balance - lowest_balance)
                + weights.preference * (entry.partner.rank - lowest_rank)
            )

        ordered = sorted(
            (entry.group, 0.0 if entry.skip else days(entry), entry.partner.rank, entry.partner.symbol, entry)
            for entry in entries
        )
        return tuple(
            self._candidate(entry, position, blended, ranked)
            for position, (_, blended, *_, entry) in enumerate(ordered, start=1)
        )

    def _entry(self, partner: Partner) -> _Entry:
        past = self._stats.get(partner.symbol, _NOBODY)
        expected = expect(past, self._usual)
        skip = self._unfit(partner)
        if skip:
            return _Entry(partner, _SKIPPED, "skipped", past, expected, None, skip)
        found = self._found.get(partner.symbol)
        skip = _ruled_out(partner, found, self._request) if found else ""
        group, place = self._group(partner, found)
        if not skip and group == _SKIPPED:
            skip = english("not_found")
        if skip:
            return _Entry(partner, _SKIPPED, "skipped", past, expected, found, skip)
        if found is not None and found.available:
            expected = likelier(expected, AVAILABLE_ODDS)
        return _Entry(partner, group, place, past, expected, found, "")

    def _group(self, partner: Partner, found: Found | None) -> tuple[int, str]:
        if found is not None and found.available is False:
            return _UNAVAILABLE, "holds_unavailable"
        if partner.last_resort:
            return _LAST_RESORT, "last_resort"
        if found is not None:
            return _HOLDS, "holds_available" if found.available else "holds"
        if not self._searched:
            return _OPEN, "open"
        if partner.kind == "broker":
            return _OPEN, "asks_on"
        group = {"yes": _OPEN, "last_resort": _UNASKED, "no": _SKIPPED}[self._policy.ask_without_holdings]
        return group, "not_known_to_hold"

    def _candidate(self, entry: _Entry, position: int, days: float, ranked: bool) -> Candidate:
        symbol = entry.partner.symbol
        if entry.skip:
            return Candidate(symbol, position, skip=entry.skip, numbers=self._numbers(entry))
        score = round(1.0 / max(days, 0.01), 6)
        numbers = {**self._numbers(entry), "weighed_days": round(days, 2)}
        return Candidate(symbol, position, score, self._why(entry, ranked), "", numbers)

    def _why(self, entry: _Entry, ranked: bool) -> str:
        partner, expected, past = entry.partner, entry.expected, entry.past
        values = {"chance": f"{expected.chance * 100:.0f}", "days": f"{expected.days:.1f}"}
        parts = [phrase(entry.place, **({"service": offered(partner, self._request)} if entry.place == "open" else {}))]
        if past.tries:
            parts.append(phrase("expected", tries=f"{past.tries:.1f}", **values))
        else:
            parts.append(phrase("newcomer", **values))
        weights = self._policy.routing
        if partner.cost is not None and weights.cost:
            parts.append(phrase("charges", cost=money(partner.cost)))
        if weights.balance and abs(past.balance) >= 0.2:
            parts.append(phrase("they_lent_more" if past.balance > 0 else "we_lent_more"))
        if weights.preference and ranked:
            parts.append(phrase("preference", rank=partner.rank))
        return told(parts)

    def _numbers(self, entry: _Entry) -> dict[str, Any]:
        expected, past, cost = entry.expected, entry.past, entry.partner.cost
        return {
            "place": entry.place,
            "chance": round(expected.chance, 3),
            "days": round(expected.days, 2),
            "tries": round(past.tries, 1),
            "days_per_fill": round(expected.per_fill, 2),
            "cost": None if cost is None else cost.model_dump(mode="json"),
            "balance": round(past.balance, 2),
            "preference": entry.partner.rank,
            "available": None if entry.found is None else entry.found.available,
        }

    # --- left out ---

    def _unfit(self, partner: Partner) -> str:
        """Why it is not asked, whatever it holds."""
        request = self._request
        if partner.speaks_for(request.library):
            return english("own_library")
        if partner.status in _INACTIVE:
            return english(partner.status)
        until = partner.agreement_until
        if until is not None and until < local_date(self._policy.calendar, self._now):
            return english("agreement_over", day=until.isoformat())
        if not offered(partner, request):
            return english("service_not_offered", service=SERVICE_WORDS[request.service_type])
        if not partner.account:
            return english("no_account")
        if _too_dear(partner, request) and partner.cost and request.max_cost:
            return english("too_dear", cost=money(partner.cost), limit=money(request.max_cost))
        if request.format != "any" and request.service_type == "copy" and request.format not in partner.formats:
            return english("paper_only" if request.format == "digital" else "files_only")
        return closed_now(partner, self._now) or ""


def _ruled_out(partner: Partner, found: Found, request: Request) -> str:
    """What is known of its holding rules it out for all services that it offers."""
    wanted = [service for service in _wanted(request) if service in partner.services]
    lends = "loan" in wanted and found.loanable is not False
    copies = "copy" in wanted and found.copyable is not False
    if not (lends or copies):
        if found.online and found.copyable is False:
            return english("licence_forbids")
        return english("not_loanable" if "loan" in wanted else "not_copyable")
    if copies and not found.may_be_sent(request.format, partner.formats):
        if not lends:
            return english(_format_reason(found, request))
        copies = False
    if copies or request.format == "any":
        return ""
    if request.format == "paper" and found.online:
        return english("holds_online_only")
    return english("holds_on_paper_only") if request.format == "digital" and not found.url else ""


def _format_reason(found: Found, request: Request) -> str:
    if found.formats != ("paper",):
        return "copies_as_files_only"
    return "licence_paper_only" if request.format == "digital" else "licence_paper_sends_files"


def _too_dear(partner: Partner, request: Request) -> bool:
    cost, limit = partner.cost, request.max_cost
    if cost is None or limit is None or cost.currency != limit.currency:
        return False
    return cost.amount > limit.amount


def _dearest(request: Request, entries: Iterable[_Entry]) -> dict[str, float]:
    """What counts as dear, by currency: the most that the request allows, else the dearest supplier's price."""
    found: dict[str, float] = {}
    for entry in entries:
        cost = entry.partner.cost
        if cost is not None:
            found[cost.currency] = max(found.get(cost.currency, 0.0), float(cost.amount))
    if request.max_cost is not None and request.max_cost.amount:
        found[request.max_cost.currency] = float(request.max_cost.amount)
    return found


def _share(cost: Money | None, dearest: Mapping[str, float]) -> float:
    if cost is None or not cost.amount:
        return 0.0
    return float(cost.amount) / dearest[cost.currency]
