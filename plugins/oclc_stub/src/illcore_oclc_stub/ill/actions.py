"""Our messages about a request as actions at OCLC: `POST {ill_url}/requests/{id}/{ACTION}` with a small body."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from illcore.message import Message, OfferedCondition

Act = tuple[str, dict[str, Any]]
"""The name of an action, and its fields."""

_REQUESTER: Mapping[str, str] = {
    "Received": "RECEIVE",
    "Cancel": "CANCEL",
    "Renew": "RENEW",
    "ShippedReturn": "RETURN",
    "ShippedForward": "RETURN",
}
_SIGNALS: Mapping[str, str] = {
    "accept": "ACCEPT_CONDITIONS",
    "resend": "RESEND",
    "lost": "LOST",
    "closed": "CLOSE",
}
_STATUSES: Mapping[str, str] = {
    "WillSupply": "WILL_SUPPLY",
    "Loaned": "SHIP",
    "CopyCompleted": "SHIP",
    "Unfilled": "UNFILL",
    "RetryPossible": "RETRY",
    "Overdue": "OVERDUE",
    "Recalled": "RECALL",
    "LoanCompleted": "CHECK_IN",
    "CompletedWithoutReturn": "WAIVE",
    "Cancelled": "CANCEL_ACCEPT",
}
REACHED: Mapping[str, frozenset[str]] = {
    "RECEIVE": frozenset({"RECEIVED"}),
    "CANCEL": frozenset({"CANCEL_PENDING", "CANCELLED"}),
    "RENEW": frozenset({"RENEW_PENDING"}),
    "RETURN": frozenset({"RETURNED"}),
    "UNFILL": frozenset({"UNFILLED"}),
    "RETRY": frozenset({"RETRY"}),
    "SHIP": frozenset({"SHIPPED"}),
    "CHECK_IN": frozenset({"CLOSED"}),
    "WAIVE": frozenset({"CLOSED"}),
    "CLOSE": frozenset({"CLOSED"}),
    "CANCEL_ACCEPT": frozenset({"CANCELLED"}),
}
"""The statuses by which it is seen that an action was taken already."""


def act_of(message: Message, key: str) -> Act | None:
    """The action that a message asks for; None if OCLC needs none. The key goes along as the action's reference."""
    found = _by_requester(message) if message.kind == "RequestingAgencyMessage" else _by_supplier(message)
    if found is None:
        return None
    name, fields = found
    if message.note:
        fields["note"] = message.note
    return name, {
        "referenceId": key,
        **{field: value for field, value in fields.items() if value not in ("", None, [])},
    }


def _by_requester(message: Message) -> Act | None:
    if message.action == "StatusRequest":
        return None
    name = _REQUESTER.get(message.action or "")
    if name is not None:
        return name, {}
    return _notification(message)


def _notification(message: Message) -> Act:
    signal = message.signal
    if signal is None:
        return "NOTE", {}
    return _SIGNALS[signal.name], {"number": signal.number, "reason": signal.reason}


def _by_supplier(message: Message) -> Act | None:
    if message.reason == "Notification":
        return _notification(message)
    if message.reason == "StatusRequestResponse":
        return None
    if message.reason == "RenewResponse":
        return ("RENEW_ACCEPT", {"dueDate": _day(message.due_date)}) if message.answer else ("RENEW_DENY", {})
    if message.reason == "CancelResponse":
        return ("CANCEL_ACCEPT" if message.answer else "CANCEL_DENY"), {}
    name = _STATUSES.get(message.status or "")
    if name is None:
        return None
    if name == "WILL_SUPPLY" and message.conditions:
        return "CONDITIONAL", {"conditions": _conditions(message.conditions)}
    return name, _details(message, name)


def _details(message: Message, name: str) -> dict[str, Any]:
    if name == "WILL_SUPPLY":
        return {"expected": _day(message.expected_delivery)}
    if name in ("OVERDUE", "RECALL"):
        return {"dueDate": _day(message.due_date)}
    if name == "UNFILL":
        return {"reason": message.reason_unfilled}
    if name == "RETRY":
        return {
            "reason": message.reason_retry,
            "retryAfter": _day(message.retry_after),
            "retryBefore": _day(message.retry_before),
            "conditions": _conditions(message.conditions),
        }
    if name != "SHIP":
        return {}
    cost = message.delivery_cost
    return {
        "serviceType": "COPY" if message.status == "CopyCompleted" else "LOAN",
        "dueDate": _day(message.due_date),
        "url": message.url,
        "format": message.delivered_format,
        "items": [
            {"barcode": each.barcode, "callNumber": each.call_number, "label": each.label} for each in message.items
        ],
        "conditions": _conditions(message.conditions),
        "cost": {"currency": cost.currency, "amount": str(cost.amount)} if cost is not None else None,
    }


def _conditions(given: tuple[OfferedCondition, ...]) -> list[dict[str, Any]]:
    return [
        {
            name: value
            for name, value in (
                ("number", each.number or None),
                ("code", each.code),
                ("text", each.text),
                ("cost", {"currency": each.cost.currency, "amount": str(each.cost.amount)} if each.cost else None),
            )
            if value
        }
        for each in given
    ]


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at is not None else ""
