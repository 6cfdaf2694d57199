"""What happened at OCLC as messages: a lender's answers for who borrows, a borrower's words for who lends."""

from collections.abc import Mapping
from typing import Any

from illcore.message import Message, OfferedCondition, SentItem, Signal
from illcore.model import Citation

from ..remote import shape
from ..texts import status_note
from .citation import RUSH, VERIFICATION, citation_of
from .record import FRESH, OWN_DOING, Entry, Record

_STATUS_OF: Mapping[str, str] = {
    "WILL_SUPPLY": "WillSupply",
    "CONDITIONAL": "WillSupply",
    "UNFILL": "Unfilled",
    "EXPIRE": "Unfilled",
    "RETRY": "RetryPossible",
    "OVERDUE": "Overdue",
    "RECALL": "Recalled",
    "CHECK_IN": "LoanCompleted",
    "WAIVE": "CompletedWithoutReturn",
}
_BORROWER: Mapping[str, str] = {
    "RECEIVE": "Received",
    "CANCEL": "Cancel",
    "RENEW": "Renew",
    "RETURN": "ShippedReturn",
}
_SIGNALS: Mapping[str, str] = {
    "ACCEPT_CONDITIONS": "accept",
    "RESEND": "resend",
    "LOST": "lost",
    "CLOSE": "closed",
}
_REPORTED: Mapping[str, str] = {
    "SUBMITTING": "RequestReceived",
    "PROFILING": "RequestReceived",
    "REVIEW": "RequestReceived",
    "REVIEWING": "RequestReceived",
    "PENDING": "RequestReceived",
    "WILL_SUPPLY": "WillSupply",
    "CONDITIONAL": "WillSupply",
    "RETRY": "RetryPossible",
    "UNFILLED": "Unfilled",
    "EXPIRED": "Unfilled",
    "CANCELLED": "Cancelled",
    "OVERDUE": "Overdue",
    "RECALLED": "Recalled",
    "LOST": "Overdue",
}
_HELD = frozenset({"SHIPPED", "RECEIVED", "RENEW_PENDING", "RETURNED"})
_ENDS: Mapping[str, str] = {"CHECK_IN": "LoanCompleted", "WAIVE": "CompletedWithoutReturn"}


def for_borrower(record: Record, entry: Entry, ours: str, partner: str, number: str) -> Message | None:
    """What the lender or OCLC said to us, the library that borrows; None if it says nothing to us."""
    if entry.party == "BORROWER":
        return None
    values: dict[str, Any] = {
        "kind": "SupplyingAgencyMessage",
        "requesting_agency": ours,
        "supplying_agency": partner,
        "requesting_agency_request_id": number,
        "supplying_agency_request_id": record.id,
        "timestamp": entry.at,
        "last_change": entry.at,
        "reason": "StatusChange",
    }
    said = _told(record, entry)
    return None if said is None else Message(**values | {"note": entry.said("note")} | said)


def for_lender(record: Record, entry: Entry, ours: str, partner: str) -> Message | None:
    """What the borrower said to us, the library that lends; None if it says nothing to us."""
    values: dict[str, Any] = {
        "requesting_agency": partner,
        "supplying_agency": ours,
        "requesting_agency_request_id": record.id,
        "timestamp": entry.at,
        "note": entry.said("note"),
    }
    if entry.action == "SUBMIT" or (entry.action == "STATUS" and record.status in FRESH):
        return Message(**values | _request(record))
    if entry.party == "LENDER":
        return None
    values["kind"] = "RequestingAgencyMessage"
    if entry.action in _BORROWER:
        return Message(**values | {"action": _BORROWER[entry.action]})
    if entry.action == "NOTE" or entry.action in _SIGNALS:
        return Message(**values | {"action": "Notification", "signal": _signal(entry)})
    return None


def status_answer(record: Record, ours: str, partner: str, number: str, asked_at: Any) -> Message:
    """The answer to our StatusRequest, from what OCLC shows of the request now."""
    status = _status_now(record, record.status)
    values: dict[str, Any] = {
        "kind": "SupplyingAgencyMessage",
        "requesting_agency": ours,
        "supplying_agency": partner,
        "requesting_agency_request_id": number,
        "supplying_agency_request_id": record.id,
        "timestamp": asked_at,
        "last_change": record.edited,
    }
    if status is None:
        return Message(**values, reason="Notification", note=status_note(record.status))
    facts = shape.part(record.body, "fulfillment")
    return Message(**values | _facts(facts, status) | {"reason": "StatusRequestResponse", "status": status})


def _told(record: Record, entry: Entry) -> dict[str, Any] | None:
    action, fields = entry.action, entry.fields
    if action == "SHIP":
        copied = (entry.said("serviceType") or record.service) == "COPY"
        status = "CopyCompleted" if copied else "Loaned"
        return {**_facts(fields, status), "status": status, "sent_at": entry.at}
    if action in _STATUS_OF:
        status = _STATUS_OF[action]
        found = {**_facts(fields, status), "status": status}
        if action == "CONDITIONAL" and not found.get("conditions"):
            found["conditions"] = (OfferedCondition(text=entry.said("note") or status_note("CONDITIONAL")),)
        return found
    if action in ("RENEW_ACCEPT", "RENEW_DENY"):
        yes = action == "RENEW_ACCEPT"
        status = "Loaned" if yes else (_status_now(record, entry.said("status")) or "Loaned")
        return {**_facts(fields, "Loaned"), "reason": "RenewResponse", "answer": yes, "status": status}
    if action == "CANCEL_ACCEPT":
        return {"reason": "CancelResponse", "answer": True, "status": "Cancelled"}
    if action == "CANCEL_DENY":
        status = _status_now(record, entry.said("status")) or "RequestReceived"
        return {"reason": "CancelResponse", "answer": False, "status": status}
    if action == "NOTE" or action in _SIGNALS:
        return {"reason": "Notification", "signal": _signal(entry), "status": "RequestReceived"}
    if action == "STATUS":
        return _from_status(record, entry)
    return None


def _from_status(record: Record, entry: Entry) -> dict[str, Any] | None:
    """For a service that tells no history. What our side did itself, or what is not certain, moves nothing."""
    if record.status in OWN_DOING:
        return None
    status = _status_now(record, record.status)
    if status is None:
        return {"reason": "Notification", "note": status_note(record.status), "status": "RequestReceived"}
    return {**_facts(entry.fields, status), "status": status}


def _status_now(record: Record, status: str) -> str | None:
    """The status that OCLC's means to a borrower; None for one that means none by itself."""
    if status in _HELD:
        facts = shape.part(record.body, "fulfillment")
        return "CopyCompleted" if (shape.text(facts.get("serviceType")) or record.service) == "COPY" else "Loaned"
    if status in ("CANCEL_PENDING", ""):
        return "RequestReceived"
    if status == "CLOSED":
        return next((_ENDS[each.action] for each in reversed(record.entries) if each.action in _ENDS), None)
    return _REPORTED.get(status)


def _facts(fields: Mapping[str, Any], status: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if status in ("Loaned", "Overdue", "Recalled"):
        found["due_date"] = shape.moment(fields.get("dueDate"))
    if status in ("Loaned", "CopyCompleted"):
        found |= {
            "url": shape.text(fields.get("url")),
            "delivered_format": shape.text(fields.get("format"), 40),
            "delivery_cost": shape.money(fields.get("cost")),
            "items": tuple(
                SentItem(
                    barcode=shape.text(each.get("barcode"), 100),
                    call_number=shape.text(each.get("callNumber"), 200),
                    label=shape.text(each.get("label"), 200),
                )
                for each in shape.rows(fields.get("items"))[:100]
            ),
        }
    if status == "Unfilled":
        found["reason_unfilled"] = shape.text(fields.get("reason"), 100)
    if status == "RetryPossible":
        found |= {
            "reason_retry": shape.text(fields.get("reason"), 100),
            "retry_after": shape.moment(fields.get("retryAfter")),
            "retry_before": shape.moment(fields.get("retryBefore")),
        }
    if status == "WillSupply":
        found["expected_delivery"] = shape.moment(fields.get("expected"))
    if status in ("WillSupply", "RetryPossible", "Loaned"):
        found["conditions"] = tuple(_condition(each) for each in shape.rows(fields.get("conditions"))[:50])
    return found


def _condition(body: Mapping[str, Any]) -> OfferedCondition:
    return OfferedCondition(
        number=shape.whole(body.get("number")) or 0,
        code=shape.text(body.get("code"), 100),
        text=shape.text(body.get("text")),
        cost=shape.money(body.get("cost")),
    )


def _signal(entry: Entry) -> Signal | None:
    name = _SIGNALS.get(entry.action)
    if name is None:
        return None
    return Signal(name=name, number=shape.whole(entry.fields.get("number")), reason=entry.said("reason"))  # type: ignore[arg-type]


def _request(record: Record) -> dict[str, Any]:
    item, requester = shape.part(record.body, "item"), shape.part(record.body, "requester")
    words = shape.text(item.get("verification"))
    edition = shape.text(shape.part(item, "edition").get("editionType")).upper()
    cited: Citation = citation_of(item)
    return {
        "kind": "Request",
        "request_type": "Retry" if record.previous else "New",
        "previous_id": record.previous,
        "service_type": "copy" if record.service == "COPY" else "loan",
        "citation": cited,
        "service_level": "Urgent" if words.startswith(VERIFICATION) and f"; {RUSH}" in words else "Normal",
        "needed_by": shape.moment(record.body.get("needed")),
        "max_cost": shape.money(shape.part(requester, "requesterBilling").get("maximumCost")),
        "copyright_compliance": shape.text(requester.get("copyrightType"), 40),
        "any_edition": {"ANY": True, "SPECIFIC": False}.get(edition),
        "requesting_library_name": record.requester.name,
        "supplier_record_id": cited.oclc,
    }
