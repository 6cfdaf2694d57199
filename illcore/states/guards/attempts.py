"""Guards that ask which attempt is meant: the open one, one that is over, one that never arrived."""

from illcore.request import Attempt, Request
from illcore.states.guards.general import current_attempt
from illcore.states.row import Case

ENOUGH_CANCELS = 2
"""A supplier that was left is told so when it is left and once more if it promises nevertheless."""


def previous_try_unknown(case: Case) -> bool:
    """An earlier try of the message may have arrived, so the refusal may be of our own double."""
    return case.event.data.get("previous") == "unknown"


def verifying(case: Case) -> bool:
    """We asked whether a Request arrived."""
    return current_attempt(case).verifying


def of_current_attempt(case: Case) -> bool:
    """The event belongs to the attempt that the state speaks of."""
    attempt = case.request.current()
    return attempt is not None and attempt.status == "open" and case.event.attempt in (0, attempt.n)


def of_ended_attempt(case: Case) -> bool:
    """The event belongs to an attempt that is over."""
    return not of_current_attempt(case)


def request_is_not_there(case: Case) -> bool:
    """The refusal means that the supplier does not have the request."""
    message = case.event.data.get("message")
    return message == "Request" or (message == "StatusRequest" and verifying(case))


def attempt_never_reached(case: Case) -> bool:
    """The Request of that attempt never arrived, so neither need its Cancel."""
    attempts = case.request.attempts
    n = case.event.attempt
    return 0 < n <= len(attempts) and attempts[n - 1].outcome in ("undeliverable", "refused")


# --- the item of an attempt that is over ---


def attempt_fault(request: Request, wanted: int) -> str:
    """Why staff cannot act on the attempt that they name; empty if they can, or name the one that is open."""
    if not 1 <= wanted <= len(request.attempts):
        return f"there is no attempt {wanted}; this request has {len(request.attempts)}"
    if not request.attempts[wanted - 1].requesting_agency_request_id:
        return f"attempt {wanted} was never sent"
    return ""


def _over(case: Case) -> Attempt | None:
    """The attempt that staff name, if it is not the one that the state speaks of."""
    request, wanted = case.request, case.event.data.get("attempt")
    if not wanted or attempt_fault(request, wanted):
        return None
    attempt = request.attempts[wanted - 1]
    return None if wanted == request.attempt and attempt.status == "open" else attempt


def _is_retried(attempt: Attempt) -> bool:
    """The supplier was asked again; what comes from it belongs to the later attempt."""
    return attempt.outcome == "retried"


def of_open_attempt(case: Case) -> bool:
    """Staff mean what the state speaks of."""
    return not case.event.data.get("attempt") or _over(case) is None


def item_of_other_may_come(case: Case) -> bool:
    """That other supplier's item was not received yet."""
    attempt = _over(case)
    if attempt is None or _is_retried(attempt) or attempt.came_anyway not in ("", "shipped"):
        return False
    return not attempt.shipped or attempt.came_anyway == "shipped" or not _was_received(case.request, attempt)


def item_of_other_is_here(case: Case) -> bool:
    """The item of that other supplier is, or may be, here."""
    attempt = _over(case)
    if attempt is None or attempt.came_anyway in ("returned", "settled"):
        return False
    if attempt.came_anyway:
        return True
    request = case.request
    return _was_received(request, attempt) and request.supplied_as == "loan" and _left_over(request)


def _was_received(request: Request, attempt: Attempt) -> bool:
    """An attempt that ended while its item was here: it is the last one, for such a request goes nowhere else."""
    return attempt.shipped and attempt.n == request.attempt and request.received_at is not None


def _left_over(request: Request) -> bool:
    return any(item.returned_at is None for item in request.items)


def late_item_never_shipped_before(case: Case) -> bool:
    """That attempt ended before its item was shipped, and this is the first word of it."""
    attempt = case.request.attempts[case.event.attempt - 1]
    return not attempt.shipped and not attempt.came_anyway


def nobody_else_is_asked(case: Case) -> bool:
    """No attempt is open, so the late item may as well be used."""
    return late_item_never_shipped_before(case) and not any(a.status == "open" for a in case.request.attempts)


def cancel_not_repeated(case: Case) -> bool:
    """The late WillSupply was not answered by Cancel yet, and no retry has put another id in its place.

    A partner that keeps one request for both ids would take the Cancel for the retry as well.
    """
    attempt = case.request.attempts[case.event.attempt - 1]
    return attempt.cancel_sent < ENOUGH_CANCELS and attempt.outcome != "retried"
