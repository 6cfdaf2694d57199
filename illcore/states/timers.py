"""Which waits each state has, and when they end: working days of the partner's or the library's calendar."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from illcore.calendars import add_working_days, end_of_day
from illcore.facts import Facts
from illcore.model import CalendarDays
from illcore.request import Request, Timer

Due = Callable[[Request, Facts], datetime | None]

_UNFILLED_YET = (
    "new review queued locating local_supply sent will_supply conditional retry_offered cancel_pending "
    "picking retry_asked cancel_requested"
).split()


def _partner_days(request: Request, facts: Facts) -> CalendarDays:
    partner = facts.partners.get(request.partner)
    return partner.calendar if partner is not None else facts.policy.calendar


def _wait(name: str, whose: str = "partner", urgent: str = "") -> Due:
    def due(request: Request, facts: Facts) -> datetime | None:
        wait = urgent if urgent and request.service_level == "urgent" else name
        days = _partner_days(request, facts) if whose == "partner" else facts.policy.calendar
        length = getattr(facts.policy.waits, "ask_again" if request.asked_status else wait)
        return add_working_days(days, request.waiting_since or request.state_since, length)

    return due


def _end_of(day_of: Callable[[Request], date | None]) -> Due:
    def due(request: Request, facts: Facts) -> datetime | None:
        day = day_of(request)
        return end_of_day(facts.policy.calendar, day) if day is not None else None

    return due


def _due_soon(request: Request, facts: Facts) -> datetime | None:
    if request.due_date is None or not facts.policy.waits.due_soon:
        return None
    return end_of_day(facts.policy.calendar, request.due_date - timedelta(days=facts.policy.waits.due_soon))


def _retry_date(request: Request, facts: Facts) -> datetime | None:
    if not request.accepted_retry or request.retry_after is None:
        return None
    return end_of_day(facts.policy.calendar, request.retry_after - timedelta(days=1))


_OVERDUE = _end_of(lambda r: r.due_date)
_NEEDED_BY = _end_of(lambda r: r.needed_by)

TIMERS: dict[str, dict[str, dict[str, Due]]] = {
    "requester": {
        "sent": {"silence": _wait("silence", urgent="silence_urgent")},
        "will_supply": {"stale": _wait("stale")},
        "cancel_pending": {"cancel_unanswered": _wait("cancel")},
        "retry_offered": {"retry_date": _retry_date},
        "shipped": {"not_arrived": _wait("not_arrived"), "due_soon": _due_soon, "overdue": _OVERDUE},
        "received": {"not_collected": _wait("collection", "library"), "due_soon": _due_soon, "overdue": _OVERDUE},
        "on_loan": {"due_soon": _due_soon, "overdue": _OVERDUE},
        "renew_pending": {"renewal_unanswered": _wait("renewal"), "overdue": _OVERDUE},
        "recalled": {"recall_unanswered": _wait("recall", "library"), "overdue": _OVERDUE},
        "returned": {"overdue": _OVERDUE},
        "return_shipped": {"return_unconfirmed": _wait("return_unconfirmed")},
    },
    "supplier": {
        "conditional": {"conditions_unanswered": _wait("conditions")},
        "retry_asked": {"retry_unanswered": _wait("retry")},
        "shipped": {"complaint_over": _wait("complaint"), "not_received": _wait("not_received"), "overdue": _OVERDUE},
        "received": {"overdue": _OVERDUE},
        "renew_requested": {"overdue": _OVERDUE},
        "recalled": {"recall_unanswered": _wait("recall"), "overdue": _OVERDUE},
        "return_shipped": {"return_unconfirmed": _wait("return_unconfirmed", "library")},
    },
}
"""role → state → timer → when it is due. ``needed_by`` runs in every state before shipping, of both roles."""

_ONLY_COPY = frozenset({"complaint_over"})
_ONLY_LOAN = frozenset({"not_received", "overdue", "due_soon"})


def wanted_timers(request: Request, facts: Facts) -> dict[str, datetime]:
    """The waits that hold in the request's state, each with its end in UTC."""
    wanted: dict[str, datetime] = {}
    copy = request.supplied_as == "copy"
    for kind, due_of in TIMERS[request.role].get(request.state, {}).items():
        if (copy and kind in _ONLY_LOAN) or (not copy and kind in _ONLY_COPY):
            continue
        due = due_of(request, facts)
        if due is not None:
            wanted[kind] = due
    if request.needed_by is not None and request.state in _UNFILLED_YET:
        wanted["needed_by"] = end_of_day(facts.policy.calendar, request.needed_by)
    return wanted


def rearm(request: Request, facts: Facts, now: datetime) -> None:
    """Bring the request's timers in line with its state; one that has fired stays quiet until its end moves."""
    wanted = wanted_timers(request, facts)
    kept: dict[str, Timer] = {}
    for kind, due in wanted.items():
        old = request.timers.get(kind)
        kept[kind] = old if old is not None and old.due == due else Timer(due)
    request.timers = kept
