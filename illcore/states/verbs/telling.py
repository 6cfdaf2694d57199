"""Verbs that speak to the partner: each asks for one message."""

from illcore.message import Signal, SignalName
from illcore.states.row import Case, Verb, named

_CARRIED = "reason cost via format url code text condition retry_after retry_before expected".split()
_SIGNAL_MESSAGES: dict[SignalName, str] = {"resend": "Resend", "lost": "Lost", "closed": "Closed"}


def tell(name: str) -> Verb:
    """Send this message with what the event says."""

    def verb(case: Case) -> None:
        data = case.event.data
        case.send(name, **{k: data[k] for k in _CARRIED if data.get(k)})

    return named(verb, f"send {name}")


def tell_signal(name: SignalName) -> Verb:
    """Send a notification that means something."""
    message = _SIGNAL_MESSAGES[name]

    def verb(case: Case) -> None:
        attempt = case.request.current()
        if attempt is None or not attempt.requesting_agency_request_id:
            return
        reason = str(case.event.data.get("reason") or "") if name == "resend" else ""
        case.send(message, signal=Signal(name=name, reason=reason))

    return named(verb, f"send Notification {name}")


def ask_status(case: Case) -> None:
    """Send StatusRequest."""
    case.send("StatusRequest")


def ask_status_and_wait(case: Case) -> None:
    """Send StatusRequest and count the wait from now; the next time a person must look."""
    case.send("StatusRequest")
    case.request.asked_status = True
    case.request.waiting_since = case.now


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
