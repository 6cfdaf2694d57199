"""All that can happen to a request: staff and reader actions, what a partner says, timers, results of effects."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from illcore.model import StaffRole, Value


class Actor(Value):
    """Who did it. ``role`` matters for staff only."""

    kind: Literal["staff", "reader", "partner", "system"]
    id: str
    library: str
    role: StaffRole | None = None


@dataclass(slots=True, frozen=True)
class Event:
    """One thing that happened. ``type`` names the row; ``data`` what it carries, JSON-able values and dates.

    ``attempt`` is the attempt it belongs to (0: the request itself); ``effect`` the outbox key it reports on;
    ``by_hand`` marks what staff recorded for a partner. ``private`` (note, body of a message) goes into the erasable
    payload and never into the event row.
    """

    type: str
    at: datetime
    actor: Actor
    data: dict[str, Any] = field(default_factory=dict)
    attempt: int = 0
    effect: str = ""
    by_hand: bool = False
    private: str = ""


REQUESTER_ACTIONS = (
    "edit set_suppliers approve override send next_supplier ask_status cancel accept_conditions reject_conditions "
    "accept_retry reject_retry receive reject_delivery deliver check_out check_in renew ship_return report_lost "
    "supply_locally record retry_effect done_by_hand close message note assign escalate hand_back undo"
).split()
SUPPLIER_ACTIONS = (
    "will_supply cannot_supply add_conditions ask_retry print_slip ship supply_document accept_cancel reject_cancel "
    "accept_renew reject_renew recall check_in waive_return report_lost record retry_effect done_by_hand close message "
    "note assign escalate hand_back undo"
).split()

SUPPLIER_SAYS = (
    "RequestReceived ExpectToSupply WillSupply Conditions RetryPossible Unfilled Loaned CopyCompleted LoanCompleted "
    "CompletedWithoutReturn Overdue Recalled Cancelled CancelYes CancelNo RenewYes RenewNo Lost Closed Message"
).split()
"""What reaches the requester. Statuses of ISO 18626; ``Conditions`` is WillSupply with open conditions."""

LATE_SAYS = ("LateWillSupply", "LateItem", "LateOther")
"""The same from an attempt that is no longer the current open one."""

REQUESTER_SAYS = (
    "Request Retry StatusRequest Received Cancel Renew ShippedReturn ShippedForward ConditionsAccepted "
    "ConditionsRejected DeliveryRejected Lost Closed Message"
).split()
"""What reaches the supplier."""

RECORDED_BY_REQUESTER = {
    "will_supply": "WillSupply",
    "conditions": "Conditions",
    "retry": "RetryPossible",
    "unfilled": "Unfilled",
    "shipped": "Loaned",
    "supplied": "CopyCompleted",
    "cancelled": "CancelYes",
    "cancel_refused": "CancelNo",
    "renewed": "RenewYes",
    "renew_refused": "RenewNo",
    "overdue": "Overdue",
    "recalled": "Recalled",
    "completed": "LoanCompleted",
}
RECORDED_BY_SUPPLIER = {
    "conditions_accepted": "ConditionsAccepted",
    "conditions_rejected": "ConditionsRejected",
    "delivery_rejected": "DeliveryRejected",
    "received": "Received",
    "return_shipped": "ShippedReturn",
    "cancel_asked": "Cancel",
    "renew_asked": "Renew",
    "lost": "Lost",
}

REQUESTER_TIMERS = (
    "silence stale cancel_unanswered renewal_unanswered retry_date not_arrived return_unconfirmed needed_by due_soon "
    "overdue recall_unanswered not_collected"
).split()
SUPPLIER_TIMERS = (
    "conditions_unanswered retry_unanswered complaint_over not_received return_unconfirmed needed_by overdue "
    "recall_unanswered"
).split()

DOCUMENT_EVENTS = ("document", "checked", "handed_over", "destroyed")
"""A document is kept for the request; it was checked; it was handed over; all were destroyed."""

COPYRIGHT_EVENTS = ("cleared", "declared")
"""The copyright policies gave their verdict; the reader accepted a declaration."""

EFFECT_RESULTS = ("effect:done", "effect:refused", "effect:given_up", "effect:misconfigured")
"""What became of a committed effect; ``data`` has ``kind`` (send, locate, …) and ``message`` (its name in §4)."""

SUPPLY_STEPS = ("check", "choose")
"""Steps that rows themselves ask for with ``then``; nothing outside ``decide`` may raise them."""
