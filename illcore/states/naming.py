"""Under which name the table knows an event: repetitions and words of attempts that are over have their own rows."""

from illcore.events import Event
from illcore.request import Attempt, Request

_BACKWARDS = frozenset({"RequestReceived", "ExpectToSupply", "WillSupply", "Conditions"})
STATUS_EVENTS = _BACKWARDS | frozenset(
    "RetryPossible Unfilled Loaned CopyCompleted LoanCompleted CompletedWithoutReturn Overdue Recalled "
    "Cancelled".split()
)
_ITEM_ON_ITS_WAY = frozenset({"Loaned", "CopyCompleted", "Overdue", "Recalled"})
_LOAN_IS_OVER = ("LoanCompleted", "CompletedWithoutReturn")
_ANSWERS = frozenset({"CancelYes", "CancelNo", "RenewYes", "RenewNo", "Lost", "Closed"})
_OF_SUPPLIER = STATUS_EVENTS | _ANSWERS
_ASKED_UNDER_AN_OLD_ID = {"Cancel": "OldCancel", "StatusRequest": "OldStatusRequest"}
_OF_ONE_ATTEMPT = frozenset(
    "Cancel StatusRequest Renew ConditionsAccepted ConditionsRejected DeliveryRejected Lost Closed".split()
)


def row_name(request: Request, event: Event) -> str:
    """The event's own type, or ``Repeated``, ``Late…`` (requester), ``Old…`` (supplier).

    Repeated: a status that equals the last one applied from that attempt and is not later; also one that is older and
    only tells what was before. Late: from an attempt that is not the current open one.
    """
    if event.by_hand:
        return event.type
    if request.role == "supplier":
        return _at_supplier(request, event)
    if event.type not in _OF_SUPPLIER:
        return event.type
    attempt = request.attempts[event.attempt - 1] if event.attempt else request.current()
    if attempt is None:
        return event.type
    if event.type in STATUS_EVENTS and _is_repeated(attempt, event):
        return "Repeated"
    if attempt.n == request.attempt and attempt.status == "open":
        return event.type
    if attempt.shipped:
        return "LateOther"
    if event.type in ("WillSupply", "Conditions"):
        return "LateWillSupply"
    return "LateItem" if event.type in _ITEM_ON_ITS_WAY else "LateOther"


def _is_repeated(attempt: Attempt, event: Event) -> bool:
    change = event.data.get("last_change")
    if change is None or attempt.last_change is None:
        return False
    if event.data.get("status") == attempt.last_status and change <= attempt.last_change:
        return True
    told_before = change < attempt.last_change
    return told_before and (event.type in _BACKWARDS or attempt.last_status in _LOAN_IS_OVER)


def _at_supplier(request: Request, event: Event) -> str:
    """What the partner has, it has under any id; what it asks for under an old one does not touch the new try."""
    if event.type in _OF_ONE_ATTEMPT and event.attempt and event.attempt != request.attempt:
        return _ASKED_UNDER_AN_OLD_ID.get(event.type, "OldOther")
    return event.type
