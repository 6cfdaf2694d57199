"""Effect → message: what a decision asks to tell the partner, written out from the request it left behind. Pure."""

from datetime import UTC, date, datetime, time
from typing import Any

from illcore.effects import Send
from illcore.message import Action, DocumentFile, Message, OfferedCondition, SentItem, Signal
from illcore.model import Money, Partner
from illcore.policy import Library
from illcore.request import Attempt, Request
from illcore.states.status import reported_status, speaking_state

_ACTIONS: dict[str, Action] = {
    "StatusRequest": "StatusRequest",
    "Received": "Received",
    "Cancel": "Cancel",
    "Renew": "Renew",
    "ShippedReturn": "ShippedReturn",
    "Accept": "Notification",
    "Resend": "Notification",
    "Lost": "Notification",
    "Closed": "Notification",
    "Message": "Notification",
}
_FORMATS = {"digital": "PDF", "paper": "PaperCopy", "any": ""}
_STATUS_OF = {"Conditions": "WillSupply", "CancelYes": "Cancelled", "RenewYes": "Loaned"}


def compose(request: Request, send: Send, library: Library, partner: Partner, now: datetime) -> Message:
    """The message that ``send`` asks for. ``request`` is as the decision left it; ``now`` becomes the timestamp."""
    attempt = request.attempts[send.attempt - 1]
    if request.role == "supplier":
        return _from_supplier(request, attempt, send, library, partner, now)
    if send.name == "Request":
        return _request(request, attempt, send, library, partner, now)
    return Message(
        kind="RequestingAgencyMessage",
        requesting_agency=library.symbol,
        supplying_agency=partner.symbol,
        requesting_agency_request_id=attempt.requesting_agency_request_id,
        supplying_agency_request_id=attempt.supplying_agency_request_id,
        timestamp=now,
        action=_ACTIONS[send.name],
        note=str(send.fields.get("text") or ""),
        signal=_signal(send.fields.get("signal")),
    )


def _signal(value: Any) -> Signal | None:
    return value if value is None or isinstance(value, Signal) else Signal.model_validate(value)


def _request(
    request: Request, attempt: Attempt, send: Send, library: Library, partner: Partner, now: datetime
) -> Message:
    return Message(
        kind="Request",
        requesting_agency=library.symbol,
        supplying_agency=partner.symbol,
        requesting_agency_request_id=attempt.requesting_agency_request_id,
        timestamp=now,
        request_type=send.fields.get("request_type", "New"),
        previous_id=attempt.previous_id,
        service_type=request.service_type,
        citation=request.citation,
        service_level=request.service_level.capitalize(),
        format=_FORMATS[request.format] if request.service_type != "loan" else "",
        needed_by=_at(request.needed_by),
        max_cost=request.max_cost,
        copyright_compliance=request.copyright_compliance,
        any_edition=request.any_edition,
        delivery_addresses=(library.address,) if library.address else (),
        requesting_library_name=library.name_en or library.name_zh,
    )


def _at(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day is not None else None


def _reason(send: Send) -> Any:
    if send.name in ("CancelYes", "CancelNo"):
        return "CancelResponse"
    if send.name in ("RenewYes", "RenewNo"):
        return "RenewResponse"
    if send.name in ("Lost", "Closed", "Message"):
        return "Notification"
    if send.name == "StatusRequestResponse":
        return "StatusRequestResponse"
    return "RequestResponse" if send.fields.get("first") else "StatusChange"


def _status(request: Request, attempt: Attempt, send: Send) -> Any:
    if attempt.n != request.attempt:
        return "Cancelled" if send.name == "CancelYes" else "RetryPossible"
    if send.name in ("CancelNo", "RenewNo", "StatusRequestResponse", "Lost", "Closed", "Message"):
        return reported_status(request)
    return _STATUS_OF.get(send.name, send.name)


def _conditions(request: Request, attempt: Attempt, send: Send) -> tuple[OfferedCondition, ...]:
    """All that are open, whenever they are told: a later message then holds what an earlier one said."""
    offered: list[OfferedCondition] = []
    reports = send.name in ("StatusRequestResponse", "CancelNo") and attempt.n == request.attempt
    if send.name == "Conditions" or (reports and speaking_state(request) == "conditional"):
        offered = [
            OfferedCondition(number=c.number, code=c.code, text=c.text, cost=c.cost) for c in request.open_conditions()
        ]
    own = send.fields
    if send.name == "Loaned" and own.get("condition"):
        offered.append(OfferedCondition(text=str(own["condition"])))
    if send.name == "RetryPossible" and (own.get("cost") or own.get("condition")):
        offered.append(OfferedCondition(text=str(own.get("condition") or ""), cost=_money(own.get("cost"))))
    return tuple(offered)


def _money(value: Any) -> Money | None:
    return value if value is None or isinstance(value, Money) else Money.model_validate(value)


def _from_supplier(
    request: Request, attempt: Attempt, send: Send, library: Library, partner: Partner, now: datetime
) -> Message:
    own = send.fields
    status = _status(request, attempt, send)
    shipping = send.name in ("Loaned", "CopyCompleted")
    held = status in ("Loaned", "Overdue", "Recalled")
    return Message(
        kind="SupplyingAgencyMessage",
        requesting_agency=partner.symbol,
        supplying_agency=library.symbol,
        requesting_agency_request_id=attempt.requesting_agency_request_id,
        supplying_agency_request_id=attempt.supplying_agency_request_id or request.id,
        timestamp=now,
        note=str(own.get("text") or "") if send.name == "Message" else "",
        signal=_signal(own.get("signal")),
        reason=_reason(send),
        answer={"CancelYes": True, "RenewYes": True, "CancelNo": False, "RenewNo": False}.get(send.name),
        status=status,
        last_change=request.last_change or request.created_at,
        due_date=_at(request.due_date) if held else None,
        expected_delivery=_at(own.get("expected")) if send.name == "WillSupply" else None,
        reason_unfilled=str(own.get("reason") or "") if status == "Unfilled" else "",
        reason_retry=str(own.get("reason") or "") if send.name == "RetryPossible" else "",
        retry_after=_at(own.get("retry_after")) if send.name == "RetryPossible" else None,
        retry_before=_at(own.get("retry_before")) if send.name == "RetryPossible" else None,
        conditions=_conditions(request, attempt, send),
        sent_at=now if shipping else None,
        sent_via=str(own.get("via") or ("URL" if own.get("url") else "")) if shipping else "",
        url=str(own.get("url") or "") if shipping else "",
        items=tuple(SentItem(barcode=i.barcode, call_number=i.call_number, label=i.label) for i in request.items)
        if send.name == "Loaned"
        else (),
        documents=_attached(request, partner) if send.name == "CopyCompleted" else (),
        delivered_format=str(own.get("format") or "") if shipping else "",
        delivery_cost=_money(own.get("cost")) if shipping else None,
        return_to=library.address if send.name == "Loaned" else None,
        return_agency=library.symbol if send.name == "Loaned" else "",
    )


def _attached(request: Request, partner: Partner) -> tuple[DocumentFile, ...]:
    """The kept documents, for a partner who takes them with the message; where they are is looked up when it goes."""
    if not partner.attachments:
        return ()
    kept = (d for d in request.documents if d.kept and d.attempt in (0, request.attempt))
    return tuple(DocumentFile(id=d.id, name=d.name, media_type=d.media_type, size=d.size) for d in kept)
