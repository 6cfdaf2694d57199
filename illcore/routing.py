"""The rota: which partners a request goes to, in what order, and why; those left out stand in it with the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from illcore.calendars import closed_on, local_date, next_working_day
from illcore.errors import Invalid
from illcore.facts import Candidate
from illcore.model import Partner
from illcore.reasons import SERVICE_WORDS, money, sentence
from illcore.request import Request

USUAL_DAYS = 7.0
"""Days until an item leaves that are assumed of a partner of which none is known."""

_INACTIVE = ("prospect", "suspended", "ended")


@dataclass(slots=True, frozen=True)
class PartnerStats:
    """What a partner did so far: requests asked of it, those it filled, and the mean days from asking to sending."""

    asked: int = 0
    filled: int = 0
    days: float | None = None

    @property
    def score(self) -> float:
        """Fills to be expected per day of waiting; higher is better.

        The fill chance is (filled + 1) / (asked + 2), Laplace's rule of succession: a newcomer is neither first nor
        last, and one lucky request does not beat a long good record. A day is the shortest wait that counts.
        """
        chance = (self.filled + 1) / (self.asked + 2)
        return round(chance / max(USUAL_DAYS if self.days is None else self.days, 1.0), 6)


def rank(
    partners: Iterable[Partner],
    request: Request,
    now: datetime,
    stats: Mapping[str, PartnerStats] | None = None,
    named: Iterable[str] | None = None,
) -> tuple[Candidate, ...]:
    """The partners for this request in the order in which to ask them, each with ``why`` or, if left out, ``skip``.

    Suppliers that the request names (``named``; by default its waiting attempts if ``named_suppliers`` is set) are
    taken alone, in their order, unknown ones as skips in their place; ``rank`` is then the position from 1. Without
    names all partners stand in order of their own ``rank``, then the better score (if ``stats`` by symbol is given;
    a partner without stats counts as new), then symbol; those left out come last.

    A partner is left out if it is the library itself, is not active, does not offer the service (for copy_or_loan:
    neither), has no account, charges more than the request's maximum cost (another currency is not compared: the
    partner learns the maximum from the request), or is closed now.
    """
    known = tuple(partners)
    names = _named(request) if named is None else tuple(named)
    if names or (named is None and request.named_suppliers):
        return _rank_named(known, names, request, now, stats)
    rows = [_unnamed(partner, request, now, stats) for partner in known]
    rows.sort(key=lambda row: (bool(row.skip), row.rank, -(row.score or 0.0), row.partner))
    return tuple(rows)


def closed_now(partner: Partner, now: datetime) -> str | None:
    """Why the partner should not be asked now: it is closed, or its calendar is wrong; None if it may be asked.

    Its closures count, in its own time zone; a plain weekend does not (``calendars.closed_on``).
    """
    days = partner.calendar
    try:
        today = local_date(days, now)
        why = closed_on(days, today)
    except Invalid as wrong:
        return sentence("calendar_wrong", why=wrong).en
    if why is None:
        return None
    try:
        return sentence("closed_until", day=next_working_day(days, today).isoformat(), why=why).en
    except Invalid:
        return sentence("closed", why=why).en


def offered(partner: Partner, request: Request) -> str:
    """The services that serve this request, in words (``loans``, ``loans and copies``); empty if none does."""
    wanted = ("loan", "copy") if request.service_type == "copy_or_loan" else (request.service_type,)
    return " and ".join(SERVICE_WORDS[service] for service in wanted if service in partner.services)


def _named(request: Request) -> tuple[str, ...]:
    if not request.named_suppliers:
        return ()
    return tuple(dict.fromkeys(attempt.partner for attempt in request.attempts if attempt.status == "waiting"))


def _rank_named(
    known: tuple[Partner, ...],
    names: tuple[str, ...],
    request: Request,
    now: datetime,
    stats: Mapping[str, PartnerStats] | None,
) -> tuple[Candidate, ...]:
    by_symbol = {other: partner for partner in known for other in partner.other_symbols}
    by_symbol.update({partner.symbol: partner for partner in known})
    rows: dict[str, Candidate] = {}
    for position, name in enumerate(names, start=1):
        partner = by_symbol.get(name)
        if partner is None:
            code = "own_library" if name == request.library else "unknown_partner"
            rows[name] = Candidate(name, position, skip=sentence(code).en)
        elif partner.symbol not in rows:
            why = sentence("named", position=position).en
            rows[partner.symbol] = _candidate(partner, position, why, request, now, stats)
    return tuple(rows.values())


def _unnamed(partner: Partner, request: Request, now: datetime, stats: Mapping[str, PartnerStats] | None) -> Candidate:
    return _candidate(partner, partner.rank, _why(partner, request, stats), request, now, stats)


def _candidate(
    partner: Partner,
    position: int,
    why: str,
    request: Request,
    now: datetime,
    stats: Mapping[str, PartnerStats] | None,
) -> Candidate:
    score = None if stats is None else stats.get(partner.symbol, PartnerStats()).score
    skip = _skip(partner, request, now)
    return Candidate(partner.symbol, position, score, "" if skip else why, skip)


def _why(partner: Partner, request: Request, stats: Mapping[str, PartnerStats] | None) -> str:
    values: dict[str, object] = {"service": offered(partner, request), "rank": partner.rank}
    if stats is None:
        return sentence("offers", **values).en
    past = stats.get(partner.symbol, PartnerStats())
    if not past.asked:
        return sentence("offers_untried", **values).en
    values |= {"filled": past.filled, "asked": past.asked}
    if past.days is None:
        return sentence("offers_known", **values).en
    return sentence("offers_timed", days=f"{past.days:.1f}", **values).en


def _skip(partner: Partner, request: Request, now: datetime) -> str:
    if partner.speaks_for(request.library):
        return sentence("own_library").en
    if partner.status in _INACTIVE:
        return sentence(partner.status).en
    if not offered(partner, request):
        return sentence("service_not_offered", service=SERVICE_WORDS[request.service_type]).en
    if not partner.account:
        return sentence("no_account").en
    if _too_dear(partner, request) and partner.cost and request.max_cost:
        return sentence("too_dear", cost=money(partner.cost), limit=money(request.max_cost)).en
    return closed_now(partner, now) or ""


def _too_dear(partner: Partner, request: Request) -> bool:
    cost, limit = partner.cost, request.max_cost
    if cost is None or limit is None or cost.currency != limit.currency:
        return False
    return cost.amount > limit.amount
