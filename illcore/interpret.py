"""Message → events: what a partner's message means to the request it belongs to. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from illcore import signals
from illcore.message import Message, Signal

_ACTION_EVENTS = frozenset({"StatusRequest", "Received", "Cancel", "Renew", "ShippedReturn", "ShippedForward"})
_SIGNAL_EVENTS = {
    "requester": {"lost": "Lost", "closed": "Closed"},
    "supplier": {"accept": "ConditionsAccepted", "resend": "DeliveryRejected", "lost": "Lost", "closed": "Closed"},
}
_YES_NO = {"CancelResponse": ("CancelYes", "CancelNo"), "RenewResponse": ("RenewYes", "RenewNo")}
_ITEM_STATUSES = frozenset(
    {"Loaned", "CopyCompleted", "LoanCompleted", "CompletedWithoutReturn", "Overdue", "Recalled"}
)

Meaning = tuple[str, dict[str, Any], str]
"""Event type, its data, and the text (kept in the erasable payload)."""


def meanings(message: Message, profile: Mapping[str, Any], broker: bool = False) -> list[Meaning]:
    """The events that one message means, in the order in which they are applied; Requests are intake's own affair.

    A CancelResponse or RenewResponse carries a status besides its answer: that status is a second event, applied
    after the first.
    """
    signal, text = message.signal, message.note
    if signal is None and text and "Notification" in (message.action, message.reason):
        signal, text = signals.read(text, profile)
    if message.kind == "RequestingAgencyMessage":
        return [_from_requester(message, signal, text)]
    return _from_supplier(message, signal, text, broker)


def _from_requester(message: Message, signal: Signal | None, text: str) -> Meaning:
    if message.action in _ACTION_EVENTS:
        return message.action, {"sent": message.timestamp}, text
    return _notification("supplier", signal, text, {"sent": message.timestamp})


def _notification(role: str, signal: Signal | None, text: str, data: dict[str, Any]) -> Meaning:
    event = _SIGNAL_EVENTS[role].get(signal.name) if signal is not None else None
    if event is None or signal is None:
        return "Message", {}, text  # what the state is said to be does not count here
    own: dict[str, Any] = {"number": signal.number} if signal.number is not None else {}
    if signal.reason:
        own["reason"] = signal.reason
    return event, {**data, **own}, text


def _from_supplier(message: Message, signal: Signal | None, text: str, broker: bool) -> list[Meaning]:
    data = _status_data(message)
    if message.reason == "Notification":
        said = _notification("requester", signal, text, data)
        if broker and said[0] == "Message" and message.status == "ExpectToSupply":
            return [("ExpectToSupply", data, text)]
        return [said]
    events: list[Meaning] = []
    status: str | None = message.status
    if message.reason in _YES_NO:
        yes, no = _YES_NO[message.reason]
        said_yes = message.answer if message.answer is not None else status in ("Cancelled", "Loaned")
        contradicted = message.reason == "CancelResponse" and said_yes and status in _ITEM_STATUSES
        if not contradicted:
            events.append((yes if said_yes else no, data, text))
            text = ""
            if said_yes:
                return events
    if status == "WillSupply" and message.conditions:
        status = "Conditions"
    if status is not None:
        events.append((status, data, text))
    return events


def _day(at: datetime | None) -> date | None:
    return at.date() if at is not None else None


def _status_data(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = {
        "status": message.status,
        "message_reason": message.reason,
        "last_change": message.last_change or message.timestamp,
        "due_date": _day(message.due_date),
        "reason": message.reason_unfilled or message.reason_retry,
        "retry_after": _day(message.retry_after),
        "retry_before": _day(message.retry_before),
        "url": message.url,
        "cost": message.delivery_cost,
        "expected": _day(message.expected_delivery),
        "supplying_agency_request_id": message.supplying_agency_request_id,
        "items": [i.model_dump() for i in message.items],
        "conditions": [
            {"code": c.code, "text": c.text, "cost": c.cost, **({"number": c.number} if c.number else {})}
            for c in message.conditions
            if c.code or c.text or c.cost
        ],
    }
    if message.status == "ExpectToSupply" and message.note:
        data["supplier"] = message.note[:200]
    return {key: value for key, value in data.items() if value not in (None, "", [])}
