"""Which ISO 18626 status a supplier reports for the state it is in."""

from illcore.request import Request

_WHATEVER_IT_IS = {
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
STATUS_BEARING = frozenset(
    "WillSupply Conditions Unfilled RetryPossible Loaned CopyCompleted Overdue Recalled LoanCompleted "
    "CompletedWithoutReturn Cancelled CancelYes RenewYes".split()
)
"""The messages that tell a change of status; each carries a fresh lastChange."""


def speaking_state(request: Request) -> str:
    """The state that a status is reported of: while a cancel is not answered, the one that is saved."""
    return (request.saved or "new") if request.state == "cancel_requested" else request.state


def reported_status(request: Request) -> str:
    """The status that a supplier reports for its state."""
    state = speaking_state(request)
    if state in _WHATEVER_IT_IS:
        return _WHATEVER_IT_IS[state]
    copy = request.supplied_as == "copy"
    if state == "completed":
        if copy:
            return "CopyCompleted"
        return "CompletedWithoutReturn" if request.outcome in ("lost_settled", "kept") else "LoanCompleted"
    if state == "closed":
        if nothing_is_out(request):
            return "Unfilled"
        return "CopyCompleted" if copy else "CompletedWithoutReturn"
    return "CopyCompleted" if copy else _ON_LOAN[state]


def nothing_is_out(request: Request) -> bool:
    """Nothing was sent, or what was sent was rejected and not sent again."""
    attempt = request.current()
    return request.shipped_at is None or (attempt is not None and attempt.rejected_at is not None)
