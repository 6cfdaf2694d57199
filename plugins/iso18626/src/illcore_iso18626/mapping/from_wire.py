"""Wire model → core message: lenient about what makes sense anyway; what does not is marked as a fault to answer."""

from datetime import UTC, datetime
from typing import Any, get_args

from illcore.message import Action, Message, OfferedCondition, Reason, SentItem, Signal, Status

from .. import model
from ..codes import Action as WireAction
from ..codes import ErrorType
from ..reader import Parsed, Problem, Unparseable
from . import notes
from .from_request import request_fields
from .to_wire import UNNAMED
from .values import money_of, postal_address_of, symbol_of, text_of

NO_TIMESTAMP = datetime(1970, 1, 1, microsecond=1, tzinfo=UTC)
"""Stands for a timestamp that did not come or could not be read; such a message always has a fault."""

_IGNORED = (
    "request/patronInfo",
    "request/supplierInfo",
    "request/requestedDeliveryInfo",
    "request/requestingAgencyInfo",
    "request/serviceInfo/requestSubType",
    "request/serviceInfo/startDate",
    "request/serviceInfo/endDate",
    "request/bibliographicInfo/bibliographicItemId",
    "request/bibliographicInfo/bibliographicRecordId",
    "supplyingAgencyMessage/deliveryInfo/dateSent",
    "supplyingAgencyMessage/deliveryInfo/sentToPatron",
    "supplyingAgencyMessage/returnInfo",
)
_ACTIONS, _REASONS, _STATUSES = (frozenset(get_args(each)) for each in (Action, Reason, Status))
_NEEDS_STATUS = frozenset({"RequestResponse", "StatusRequestResponse", "StatusChange"})
_OFFERS = frozenset({"WillSupply", "ExpectToSupply", "RetryPossible"})
_SHIPPED = frozenset({"Loaned", "CopyCompleted"})


def from_wire(parsed: Parsed) -> Message:
    """The core message of what was read. The reader's data (`patronInfo`) is left behind here.

    Raises Unparseable for a confirmation: that is an answer and no message.
    """
    wire = parsed.message
    fault = next((each for each in parsed.problems if _matters(each)), None)
    match wire:
        case model.Request():
            fields = {"kind": "Request", **_header(wire.header), **request_fields(wire)}
        case model.RequestingAgencyMessage():
            fields = {"kind": "RequestingAgencyMessage", **_header(wire.header), **_requesting(wire)}
        case model.SupplyingAgencyMessage():
            fields = {"kind": "SupplyingAgencyMessage", **_header(wire.header), **_supplying(wire)}
        case _:
            raise Unparseable("it is a confirmation, which belongs into the answer to a POST")
    if fault is not None:
        fields["fault_type"] = str(fault.error_type)
        fields["fault"] = f"{fault.path.partition('/')[2] or fault.path}: {fault.text}"
    return Message(**fields)


def _matters(problem: Problem) -> bool:
    return not problem.forgivable and not problem.path.startswith(_IGNORED)


def _header(header: model.Header) -> dict[str, Any]:
    shown = header.requesting_agency_authentication
    return {
        "requesting_agency": symbol_of(header.requesting_agency_id),
        "supplying_agency": symbol_of(header.supplying_agency_id),
        "requesting_agency_request_id": header.requesting_agency_request_id,
        "supplying_agency_request_id": text_of(header.supplying_agency_request_id),
        "timestamp": header.timestamp or NO_TIMESTAMP,
        "account_id": text_of(shown.account_id) if shown else "",
        "security_code": text_of(shown.security_code) if shown else "",
    }


def _fault(where: str, text: str, error_type: ErrorType) -> dict[str, str]:
    return {"fault_type": str(error_type), "fault": f"{where}: {text}"}


def _requesting(wire: model.RequestingAgencyMessage) -> dict[str, Any]:
    action = str(wire.action)
    note = text_of(wire.note)
    if notes.asks_for_sequence(note):
        # an OK would tell ReShare that its last message is here; an ERROR lets it send that message again
        text = "NoPreviousMessage: message numbers are not kept here, send the last message again"
        return {"action": "Notification", "note": note, **_fault("note", text, ErrorType.UNRECOGNISED_DATA_VALUE)}
    note = notes.without_sequence(note)
    if action == WireAction.LOST:
        return {"action": "Notification", "signal": Signal(name="lost"), "note": note}
    if action not in _ACTIONS:
        text = f"{action[:80]!r} is not supported"
        return {"note": note, **_fault("action", text, ErrorType.UNSUPPORTED_ACTION_TYPE)}
    found: dict[str, Any] = {"action": action, "note": note}
    if action == "Notification" and (notes.AGREES in note or note.casefold().strip(" .!") == "accept"):
        agreed = notes.AGREES in note
        found |= {"signal": Signal(name="accept"), "note": note.replace(notes.AGREES, "").strip() if agreed else ""}
    elif action == "Cancel":
        found["note"] = note.replace(notes.REJECTS, "").strip()
    return found


def _supplying(wire: model.SupplyingAgencyMessage) -> dict[str, Any]:
    info, state = wire.message_info, wire.status_info
    reason, status = str(info.reason_for_message), str(state.status)
    note = notes.without_sequence(text_of(info.note))
    found: dict[str, Any] = {
        "answer": {"Y": True, "N": False}.get(str(info.answer_yes_no)),
        "last_change": state.last_change or wire.header.timestamp,
        "due_date": state.due_date,
        "expected_delivery": state.expected_delivery_date,
        "reason_unfilled": text_of(info.reason_unfilled),
        "reason_retry": text_of(info.reason_retry),
        "retry_after": info.retry_after,
        "retry_before": info.retry_before,
    }
    if status not in _STATUSES:
        if status:
            found |= _fault("statusInfo/status", f"{status[:80]!r} is not supported", ErrorType.UNRECOGNISED_DATA_VALUE)
        elif reason in _NEEDS_STATUS or (reason not in ("Notification", "") and found["answer"] is None):
            found |= _fault("statusInfo/status", "is required and missing or empty", ErrorType.BADLY_FORMED_MESSAGE)
        status = ""
    if reason == "Notification" and notes.ADDS_CONDITION in note and status in ("", "WillSupply", "ExpectToSupply"):
        reason, status = "StatusChange", "WillSupply"
    note = note.replace(notes.ADDS_CONDITION, "").strip()
    found |= {"reason": reason if reason in _REASONS else None, "status": status or None}
    found |= _delivery(wire, status, reason, note)
    back = wire.return_info
    if back is not None:
        found["return_to"] = postal_address_of(back.physical_address)
        found["return_agency"] = symbol_of(back.return_agency_id)
        if found["return_to"]:
            found["note"] = notes.without_block("return_address", found["note"])
    return found


def _delivery(wire: model.SupplyingAgencyMessage, status: str, reason: str, note: str) -> dict[str, Any]:
    """Conditions, costs, items and the document's URL, from the elements and from the note."""
    sent = wire.delivery_info
    parts = notes.take_apart(note) if reason != "Notification" else notes.Parts(note, (), ())
    note, items = parts.text, parts.items
    cost, odd_cost = money_of(wire.message_info.offered_costs)
    delivery_cost, odd_delivery_cost = money_of(sent.delivery_costs if sent else None)
    offer = status in _OFFERS and reason != "Notification"
    if offer and cost is None and delivery_cost is not None and sent is not None and sent.loan_condition:
        cost, delivery_cost = delivery_cost, None
    if not offer and delivery_cost is None:
        delivery_cost, cost = cost, None
    conditions = parts.conditions
    if not conditions:
        codes = tuple(each.value for each in sent.loan_condition) if sent else ()
        text = note if offer else ""
        conditions = _conditions(codes, cost, text)
        if conditions and text:
            note = ""
    via = text_of(sent.sent_via) if sent else ""
    address = text_of(sent.url) if sent else ""
    url = address if notes.is_url(address) else ""
    item_ids = sent.item_id if sent else ()
    if not url and (via == "URL" or status == "CopyCompleted"):
        url = next((each for each in item_ids if notes.is_url(each)), "")
    if not url and (via == "URL" or (status == "CopyCompleted" and via not in ("Mail", "Courier"))):
        url = notes.only_url(note)
    if url:
        note = "\n".join(line for line in note.split("\n") if line.strip() != url).strip()
    if not items:
        for each in item_ids:
            if each != url:
                items += notes.read_triples(each) or (SentItem(barcode=each),)
    odd = (("offeredCosts", odd_cost), ("deliveryCosts", odd_delivery_cost), ("URL", "" if url else address))
    return {
        "note": notes.joined(note, *(f"{what}: {said}" for what, said in odd if said)),
        "conditions": conditions,
        "delivery_cost": delivery_cost,
        "sent_at": (sent.date_sent or wire.header.timestamp) if sent and status in _SHIPPED else None,
        "sent_via": via,
        "url": url,
        "items": items,
        "delivered_format": text_of(sent.delivered_format) if sent else "",
    }


def _conditions(codes: tuple[str, ...], cost: Any, text: str) -> tuple[OfferedCondition, ...]:
    """One condition for each code; the cost and the text belong to the first."""
    if not codes and cost is None:
        return ()
    first, *others = codes or ("",)
    if first == UNNAMED and text:
        first = ""
    return (OfferedCondition(code=first, cost=cost, text=text), *(OfferedCondition(code=each) for each in others))
