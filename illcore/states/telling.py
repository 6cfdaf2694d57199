"""Verbs that speak to the partner, and those that deal with what comes from attempts that are over."""

from illcore.errors import NotAllowed
from illcore.message import Signal
from illcore.request import Attempt, Request
from illcore.states.row import Case, Verb, named

BEFORE_SHIPPING = {
    "new": "RequestReceived",
    "review": "RequestReceived",
    "will_supply": "WillSupply",
    "picking": "WillSupply",
    "conditional": "WillSupply",
    "retry_asked": "RetryPossible",
    "unfilled": "Unfilled",
    "cancelled": "Cancelled",
}
_ON_LOAN = {
    "shipped": "Loaned",
    "received": "Loaned",
    "renew_requested": "Loaned",
    "return_shipped": "Loaned",
    "overdue": "Overdue",
    "lost": "Overdue",
    "recalled": "Recalled",
}


def reported_status(request: Request) -> str:
    """The ISO 18626 status that a supplier reports for its state (request.md §4)."""
    state = request.state
    if state == "cancel_requested":
        state = request.saved or "new"
    if state in BEFORE_SHIPPING:
        return BEFORE_SHIPPING[state]
    copy = request.supplied_as == "copy"
    if state == "completed":
        if copy:
            return "CopyCompleted"
        return "CompletedWithoutReturn" if request.outcome in ("lost_settled", "kept") else "LoanCompleted"
    if state == "closed":
        if request.shipped_at is None or _resend_is_open(request):
            return "Unfilled"
        return "CopyCompleted" if copy else "CompletedWithoutReturn"
    return "CopyCompleted" if copy else _ON_LOAN[state]


def _resend_is_open(request: Request) -> bool:
    attempt = request.current()
    return attempt is not None and attempt.rejected_at is not None


STATUS_BEARING = frozenset(
    "WillSupply Conditions Unfilled RetryPossible Loaned CopyCompleted Overdue Recalled LoanCompleted "
    "CompletedWithoutReturn Cancelled CancelYes RenewYes".split()
)
"""The messages that tell a change of status; each carries a fresh lastChange."""


def tell(name: str) -> Verb:
    """Send this message of request.md §4 with what the event says."""

    def verb(case: Case) -> None:
        keys = (
            "reason",
            "cost",
            "via",
            "format",
            "url",
            "code",
            "text",
            "condition",
            "retry_after",
            "retry_before",
            "expected",
        )
        fields = {k: case.event.data[k] for k in keys if case.event.data.get(k)}
        case.send(name, **fields)

    return named(verb, f"send {name}")


def tell_signal(name: str) -> Verb:
    """Send a notification that means something."""

    def verb(case: Case) -> None:
        attempt = case.request.current()
        if attempt is None or not attempt.requesting_agency_request_id:
            return
        reason = str(case.event.data.get("reason") or "")
        case.send(name.capitalize(), signal=Signal(name=name, reason=reason if name == "resend" else ""))  # type: ignore[arg-type]

    return named(verb, f"send Notification {name}")


def ask_status(case: Case) -> None:
    """Send StatusRequest."""
    attempt = case.request.current()
    if attempt is None or attempt.status != "open":
        raise NotAllowed("no supplier is being asked now, so there is no status to ask for")
    case.send("StatusRequest")


def ask_status_and_wait(case: Case) -> None:
    """Send StatusRequest and count the wait from now; the next time a person must look."""
    case.send("StatusRequest")
    case.request.asked_status = True
    case.request.waiting_since = case.now


def verify_request(case: Case) -> None:
    """Ask whether the Request arrived after all; the answer decides."""
    case.change_attempt(case.request.attempt, verifying=True)
    case.send("StatusRequest", verify=True)


def request_arrived(case: Case) -> None:
    """The supplier knows the request after all."""
    case.change_attempt(case.request.attempt, verifying=False)


def answer_status(case: Case) -> None:
    """Answer a StatusRequest with the status that this state reports."""
    case.send("StatusRequestResponse", case.event.attempt)


def answer_cancel(yes: bool) -> Verb:
    """Answer Cancel."""

    def verb(case: Case) -> None:
        case.send("CancelYes" if yes else "CancelNo", case.event.attempt)

    return named(verb, "send CancelResponse Y" if yes else "send CancelResponse N")


def answer_renew(yes: bool) -> Verb:
    """Answer Renew."""

    def verb(case: Case) -> None:
        reason = str(case.event.data.get("reason") or "")
        case.send("RenewYes" if yes else "RenewNo", reason=reason)

    return named(verb, "send RenewResponse Y" if yes else "send RenewResponse N")


def remember_rejection(case: Case) -> None:
    """Deliveries up to the rejected one do not count any more."""
    attempt = case.request.current()
    if attempt is None:
        raise NotAllowed("there is no delivery to reject")
    case.change_attempt(attempt.n, rejected_at=attempt.last_change or case.now)
    case.request.received_at = None


def remember_resend(case: Case) -> None:
    """The partner could not use the delivery; the next one replaces it."""
    if case.request.attempt:
        case.change_attempt(case.request.attempt, rejected_at=case.now)


def resend_done(case: Case) -> None:
    """The replacement is on its way, so the complaint is answered."""
    attempt = case.request.current()
    if attempt is not None and attempt.rejected_at is not None:
        case.change_attempt(attempt.n, rejected_at=None)
    case.settle(reason="quality")


def reopen(case: Case) -> None:
    """The partner asks again: the same request, a fresh try."""
    request = case.request
    request.outcome = ""
    request.closed_at = None
    request.conditions = tuple(c for c in request.conditions if c.answer)
    request.retry_after = None


def shipped_after_all(case: Case) -> None:
    """The partner has it, so it was sent."""
    request = case.request
    if request.shipped_at is None:
        request.shipped_at = case.now
    if not request.supplied_as:
        request.supplied_as = "copy" if request.service_type == "copy" else "loan"
    request.outcome = ""
    if request.attempt:
        case.change_attempt(request.attempt, shipped=True)


# --- attempts that are over ---


def cancel_late(case: Case) -> None:
    """Answer the late WillSupply with Cancel, once."""
    n = case.event.attempt
    case.change_attempt(n, cancel_sent=2)
    case.send("Cancel", n)


def take_late_item(case: Case) -> None:
    """The item of a supplier left behind is on its way and nobody else is asked: use it."""
    request, n = case.request, case.event.attempt
    case.change_attempt(n, status="open", outcome="", ended_at=None)
    request.attempt = n
    request.partner = request.attempts[n - 1].partner
    request.not_wanted = True
    request.outcome = ""
    request.reasons = ()
    request.attempts = tuple(a for a in request.attempts)


def came_anyway(case: Case) -> None:
    """A second item is on its way: a person must see it through."""
    n = case.event.attempt or case.event.data["attempt"]
    attempt = case.change_attempt(n, came_anyway="shipped", shipped=True)
    case.attend("came_anyway", detail=f"{attempt.partner} ({attempt.requesting_agency_request_id})")


def note_late(case: Case) -> None:
    """Keep the record; a completed return of an item that came anyway settles it."""
    n = case.event.attempt
    attempt = case.request.attempts[n - 1]
    ends = ("LoanCompleted", "CompletedWithoutReturn")
    if attempt.came_anyway and case.event.data.get("status") in ends:
        case.change_attempt(n, came_anyway="settled")
        case.settle("came_anyway", detail=f"{attempt.partner} ({attempt.requesting_agency_request_id})")


def receive_other(case: Case) -> None:
    """The item of that other supplier is here."""
    n = case.event.data["attempt"]
    attempt = case.request.attempts[n - 1]
    if attempt.came_anyway == "received":
        raise NotAllowed(f"the item of attempt {n} was received already")
    if not attempt.came_anyway:
        case.attend("came_anyway", detail=f"{attempt.partner} ({attempt.requesting_agency_request_id})")
    case.change_attempt(n, came_anyway="received", shipped=True)
    case.send("Received", n)


def return_other(case: Case) -> None:
    """The item of that other supplier goes back."""
    n = case.event.data["attempt"]
    attempt = case.change_attempt(n, came_anyway="returned")
    case.send("ShippedReturn", n)
    case.settle("came_anyway", detail=f"{attempt.partner} ({attempt.requesting_agency_request_id})")


def cancel_after(case: Case) -> None:
    """A Request that may have arrived is followed by Cancel."""
    attempt = case.request.current()
    if attempt is not None:
        case.change_attempt(attempt.n, cancel_sent=attempt.cancel_sent + 1)
        case.send("Cancel", attempt.n)


def take_retry(case: Case) -> None:
    """The partner asks again, under a new id or the old one, perhaps with changed wishes."""
    request, data = case.request, case.event.data
    reopen(case)
    new_id = str(data.get("requesting_agency_request_id") or "")
    if new_id and not any(a.requesting_agency_request_id == new_id for a in request.attempts):
        old = request.attempts[request.attempt - 1]
        case.change_attempt(old.n, status="ended", outcome="retried", ended_at=old.ended_at or case.now)
        fresh = Attempt(
            len(request.attempts) + 1,
            old.partner,
            status="open",
            requesting_agency_request_id=new_id,
            previous_id=old.requesting_agency_request_id,
            started_at=case.now,
        )
        request.attempts += (fresh,)
        request.attempt = fresh.n
    for name in (
        "citation",
        "needed_by",
        "max_cost",
        "service_level",
        "format",
        "any_edition",
        "delivery",
        "service_type",
    ):
        if data.get(name) is not None:
            setattr(request, name, data[name])
