"""A message as named texts, and back: the same for all structured formats. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from pydantic import ValidationError

from illcore.message import Action, Address, Message, OfferedCondition, Reason, SentItem, Signal, SignalName, Status
from illcore.model import Citation, Money, ServiceType

from .names import CITATION
from .values import date_in, instant_in, money_in, service_in

Sheet = Sequence[tuple[str, str]]
"""Field name and text, in the order in which they are written."""

_STATUSES, _ACTIONS, _REASONS = get_args(Status), get_args(Action), get_args(Reason)
_SIGNALS = get_args(SignalName)
_SERVICES: dict[ServiceType, str] = {"loan": "LOAN", "copy": "COPY", "copy_or_loan": "COPY OR LOAN"}
_FORGIVEN = re.compile(r"[^A-Za-z]")


def sheet_of(message: Message) -> Sheet:
    """All that the message says to a partner; never account codes, and never a reader, whom it does not know."""
    return [(field, text) for field, text in _written(message) if text]


def _written(message: Message) -> Iterator[tuple[str, str]]:
    yield "requesting", message.requesting_agency
    yield "supplying", message.supplying_agency
    yield "requesting_name", message.requesting_library_name
    yield "number", message.requesting_agency_request_id
    yield "supplying_number", message.supplying_agency_request_id
    if message.kind == "Request":
        yield from _request(message)
    elif message.kind == "RequestingAgencyMessage":
        yield "action", message.action or ""
    else:
        yield from _supplied(message)
    if message.signal:
        said = message.signal
        number = "" if said.number is None else str(said.number)
        yield "signal", " ".join(part for part in (said.name, number, said.reason) if part)
    yield "timestamp", message.timestamp.astimezone(UTC).isoformat()
    yield "note", message.note


def _request(message: Message) -> Iterator[tuple[str, str]]:
    yield "previous", message.previous_id
    yield "request_type", message.request_type if message.request_type != "New" else ""
    yield "service", _SERVICES[message.service_type] if message.service_type else ""
    for name in CITATION:
        yield name, getattr(message.citation or Citation(), name)
    yield "call_number", message.supplier_call_number
    yield "format", message.format
    yield "level", message.service_level
    yield "needed_by", _day(message.needed_by)
    yield "max_cost", _money(message.max_cost)
    yield "any_edition", {True: "Y", False: "N", None: ""}[message.any_edition]
    yield "copyright", message.copyright_compliance
    for address in message.delivery_addresses:
        yield "delivery", lines_of(address)


def _supplied(message: Message) -> Iterator[tuple[str, str]]:
    yield "status", message.status or ""
    yield "why", message.reason or ""
    yield "answer", {True: "Y", False: "N", None: ""}[message.answer]
    yield "reason", message.reason_unfilled or message.reason_retry
    yield "due_date", _day(message.due_date)
    yield "expected", _day(message.expected_delivery)
    yield "retry_after", _day(message.retry_after)
    yield "retry_before", _day(message.retry_before)
    for each in message.conditions:
        yield "condition", _cells(str(each.number or ""), each.code, _money(each.cost), each.text)
    yield "cost", _money(message.delivery_cost)
    yield "sent_at", _day(message.sent_at)
    yield "via", message.sent_via
    yield "url", message.url
    yield "attached", ", ".join(each.name for each in message.documents)
    for item in message.items:
        yield "item", _cells(item.barcode, item.call_number, item.label)
    yield "delivered_format", message.delivered_format
    yield "return_agency", message.return_agency
    yield "return_to", lines_of(message.return_to) if message.return_to else ""
    yield "last_change", message.last_change.astimezone(UTC).isoformat() if message.last_change else ""


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else ""


def _money(money: Money | None) -> str:
    return f"{money.amount} {money.currency}" if money else ""


def _cells(*cells: str) -> str:
    if not any(cells):
        return ""
    return " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells)


def lines_of(address: Address) -> str:
    """An address as people write it."""
    town = " ".join(part for part in (address.postal_code, address.locality) if part)
    lines = (address.line1, address.line2, town, address.region, address.country, address.electronic)
    return "\n".join(line for line in lines if line)


def code_in(text: str, codes: Sequence[str]) -> str:
    """The code of a list that a text spells, whatever its case and blanks; empty if it is none."""
    wanted = _FORGIVEN.sub("", text).casefold()
    return next((code for code in codes if code.casefold() == wanted), "")


def message_of(fields: Mapping[str, Sequence[str]], base: Mapping[str, Any]) -> Message | None:
    """The message that fields with our own exact codes make; None if they are not such, or contradict each other.

    `base` has the sides, ids and timestamp, and `kind`.
    """
    one = {name: texts[0].strip() for name, texts in fields.items() if texts}
    values: dict[str, Any] = {**base, "note": one.get("note", ""), "signal": _signal(one.get("signal", ""))}
    if base["kind"] == "Request":
        values |= _demanded(one, fields)
    elif base["kind"] == "RequestingAgencyMessage":
        values["action"] = code_in(one.get("action", ""), _ACTIONS)
        if not values["action"]:
            return None
    else:
        values |= _told(one, fields)
        if not values["status"] and values["reason"] != "Notification":
            return None
    try:
        return Message.model_validate({name: value for name, value in values.items() if value not in (None, "")})
    except ValidationError:
        return None


def _demanded(one: Mapping[str, str], fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "request_type": "Retry" if code_in(one.get("request_type", ""), ("Retry",)) else "New",
        "previous_id": one.get("previous", "")[:255],
        "service_type": service_in(one.get("service", "")),
        "citation": citation_of(one),
        "supplier_call_number": one.get("call_number", "")[:2000],
        "format": one.get("format", "")[:100],
        "service_level": one.get("level", "")[:100],
        "needed_by": midnight(date_in(one.get("needed_by", ""))),
        "max_cost": money_in(one.get("max_cost", "")),
        "any_edition": {"Y": True, "N": False}.get(one.get("any_edition", "")[:1].upper()),
        "copyright_compliance": one.get("copyright", "")[:100],
        "delivery_addresses": tuple(address_of(text) for text in fields.get("delivery", ())[:5]),
        "requesting_library_name": one.get("requesting_name", "")[:500],
    }


def citation_of(one: Mapping[str, str]) -> Citation:
    """What is wanted, each text cut at 2,000 characters."""
    return Citation.model_validate({name: one.get(name, "")[:2000] for name in CITATION})


def _told(one: Mapping[str, str], fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    status = code_in(one.get("status", ""), _STATUSES)
    reason = code_in(one.get("why", ""), _REASONS) or "StatusChange"
    coded = one.get("reason", "")[:100]
    url = one.get("url", "")
    return {
        "status": status,
        "reason": reason,
        "answer": {"Y": True, "N": False}.get(one.get("answer", "").upper()),
        "reason_unfilled": coded if status == "Unfilled" else "",
        "reason_retry": coded if status == "RetryPossible" else "",
        "due_date": midnight(date_in(one.get("due_date", ""))),
        "expected_delivery": midnight(date_in(one.get("expected", ""))),
        "retry_after": midnight(date_in(one.get("retry_after", ""))),
        "retry_before": midnight(date_in(one.get("retry_before", ""))),
        "conditions": tuple(condition_of(text) for text in fields.get("condition", ())[:50]),
        "delivery_cost": money_in(one.get("cost", "")),
        "sent_at": midnight(date_in(one.get("sent_at", ""))),
        "sent_via": one.get("via", "")[:100],
        "url": url if re.fullmatch(r"(?i)(https?|ftps?)://\S{1,1900}", url) else "",
        "items": tuple(_item(text) for text in fields.get("item", ())[:200]),
        "delivered_format": one.get("delivered_format", "")[:100],
        "return_agency": one.get("return_agency", "")[:100],
        "return_to": address_of(one["return_to"]) if one.get("return_to") else None,
        "last_change": instant_in(one.get("last_change", "")),
    }


def midnight(day: date | None) -> datetime | None:
    """The first moment of a day in UTC."""
    return datetime.combine(day, time(), UTC) if day else None


def condition_of(text: str) -> OfferedCondition:
    """`1 | LibraryUseOnly | 12.50 CNY | words`, or words alone."""
    cells = [cell.strip() for cell in text.split("|")]
    if len(cells) != 4:
        return OfferedCondition(text=text[:2000], cost=money_in(text))
    number = int(cells[0]) if cells[0].isascii() and cells[0].isdigit() and len(cells[0]) < 6 else 0
    return OfferedCondition(number=number, code=cells[1][:100], cost=money_in(cells[2]), text=cells[3][:2000])


def _item(text: str) -> SentItem:
    cells = [cell.strip()[:255] for cell in text.split("|")] + ["", ""]
    return SentItem(barcode=cells[0], call_number=cells[1], label=cells[2])


def address_of(text: str) -> Address:
    """A postal address in lines; a single e-mail address or URL is an electronic one."""
    lines = [" ".join(line.split())[:500] for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and re.fullmatch(r"\S+@\S+|https?://\S+", lines[0]):
        return Address(electronic=lines[0], electronic_type="Email" if "://" not in lines[0] else "HTTP")
    return Address(line1=lines[0] if lines else "", line2=", ".join(lines[1:])[:1000])


def _signal(text: str) -> Signal | None:
    words = text.split(maxsplit=1)
    name = code_in(words[0], _SIGNALS) if words else ""
    if not name:
        return None
    rest = words[1] if len(words) > 1 else ""
    try:
        number = int(Decimal(rest)) if name == "accept" and rest else None
    except (InvalidOperation, ValueError, OverflowError):
        number = None
    return Signal(name=name, number=number, reason=rest[:500] if name == "resend" else "")  # type: ignore[arg-type]
