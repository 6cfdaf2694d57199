"""Verbs for attempts that are over, and for a partner that asks again or has what we never said we sent."""

from illcore.request import Attempt
from illcore.states.guards import ENOUGH_CANCELS
from illcore.states.row import Case
from illcore.states.verbs.items import items_received, items_returned

_WISHES = "citation needed_by max_cost service_level format any_edition delivery service_type".split()


def _came_anyway_detail(attempt: Attempt) -> str:
    return f"{attempt.partner} ({attempt.requesting_agency_request_id})"


def cancel_late(case: Case) -> None:
    """Answer the late WillSupply with Cancel, once."""
    n = case.event.attempt
    case.change_attempt(n, cancel_sent=ENOUGH_CANCELS)
    case.send("Cancel", n)


def take_late_item(case: Case) -> None:
    """The item of a supplier left behind is on its way and nobody else is asked: use it."""
    request, n = case.request, case.event.attempt
    attempt = case.change_attempt(n, status="open", outcome="", ended_at=None)
    request.attempt = n
    request.partner = attempt.partner
    request.supplied_as = ""
    request.digital_loan = False
    request.not_wanted = True
    request.outcome = ""


def came_anyway(case: Case) -> None:
    """A second item is on its way: a person must see it through."""
    attempt = case.change_attempt(case.event.attempt, came_anyway="shipped", shipped=True)
    case.attend("came_anyway", detail=_came_anyway_detail(attempt))


def note_late(case: Case) -> None:
    """Keep the record; a completed return of an item that came anyway settles it."""
    attempt = case.request.attempts[case.event.attempt - 1]
    if attempt.came_anyway and case.event.data.get("status") in ("LoanCompleted", "CompletedWithoutReturn"):
        case.change_attempt(attempt.n, came_anyway="settled")
        case.settle("came_anyway", detail=_came_anyway_detail(attempt))


def receive_other(case: Case) -> None:
    """The item of that other supplier is here; a copy needs nothing more."""
    attempt = case.request.attempts[case.event.data["attempt"] - 1]
    is_copy = attempt.last_status == "CopyCompleted" or case.request.service_type == "copy"
    case.change_attempt(attempt.n, came_anyway="settled" if is_copy else "received", shipped=True)
    if is_copy:
        case.settle("came_anyway", detail=_came_anyway_detail(attempt))
    else:
        case.attend("came_anyway", detail=_came_anyway_detail(attempt))
    if attempt.n == case.request.attempt:
        items_received(case)
    case.send("Received", attempt.n)


def return_other(case: Case) -> None:
    """The item of that other supplier goes back."""
    attempt = case.change_attempt(case.event.data["attempt"], came_anyway="returned", shipped=True)
    if attempt.n == case.request.attempt:
        items_returned(case)
    case.send("ShippedReturn", attempt.n)
    case.settle("came_anyway", detail=_came_anyway_detail(attempt))


# --- on the supplier's side ---


def reopen(case: Case) -> None:
    """The partner asks again: the same request, open once more."""
    request = case.request
    request.outcome = ""
    request.closed_at = None
    request.retry_after = None


def take_retry(case: Case) -> None:
    """The partner asks again, under a new id or the old one, with changed wishes perhaps; nothing counts as sent."""
    request, data = case.request, case.event.data
    reopen(case)
    request.shipped_at = None
    request.received_at = None
    request.supplied_as = ""
    request.due_date = None
    request.digital_loan = False
    request.located = False
    request.clearance = None
    request.clearing = False
    request.items = ()
    old = request.attempts[request.attempt - 1]
    new_id = str(data.get("requesting_agency_request_id") or "") or old.requesting_agency_request_id
    if new_id != old.requesting_agency_request_id:
        case.change_attempt(old.n, status="ended", outcome="retried", ended_at=old.ended_at or case.now)
        fresh = Attempt(
            len(request.attempts) + 1,
            old.partner,
            status="open",
            requesting_agency_request_id=new_id,
            supplying_agency_request_id=old.supplying_agency_request_id,
            previous_id=old.requesting_agency_request_id,
            started_at=case.now,
            content=str(data.get("content") or ""),
        )
        request.attempts += (fresh,)
        request.attempt = fresh.n
    else:
        request.conditions = tuple(c for c in request.conditions if c.attempt != old.n)
        case.change_attempt(
            old.n,
            status="open",
            outcome="",
            ended_at=None,
            started_at=case.now,
            answered_at=None,
            rejected_at=None,
            shipped=False,
            content=str(data.get("content") or old.content),
        )
    for name in _WISHES:
        if data.get(name) is not None:
            setattr(request, name, data[name])


def shipped_after_all(case: Case) -> None:
    """The partner has it, so it was sent."""
    request = case.request
    if request.shipped_at is None:
        request.shipped_at = case.now
    if not request.supplied_as:
        request.supplied_as = "copy" if request.service_type == "copy" else "loan"
    request.outcome = ""
    if request.attempt:
        case.change_attempt(request.attempt, shipped=True, rejected_at=None)
