"""The message between two libraries, free of any wire format: what connectors send and what they hand in."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from illcore.model import Citation, Delivery, Money, ServiceType, Value

MessageKind = Literal["Request", "SupplyingAgencyMessage", "RequestingAgencyMessage"]
RequestType = Literal["New", "Retry", "Reminder"]
Action = Literal["StatusRequest", "Received", "Cancel", "Renew", "ShippedReturn", "ShippedForward", "Notification"]
Reason = Literal[
    "RequestResponse", "StatusRequestResponse", "RenewResponse", "CancelResponse", "StatusChange", "Notification"
]
Status = Literal[
    "RequestReceived",
    "ExpectToSupply",
    "WillSupply",
    "Loaned",
    "Overdue",
    "Recalled",
    "RetryPossible",
    "Unfilled",
    "CopyCompleted",
    "LoanCompleted",
    "CompletedWithoutReturn",
    "Cancelled",
]
SignalName = Literal["accept", "resend", "lost", "closed"]


class Signal(Value):
    """A notification that means something: ``accept`` (``number``), ``resend`` (``reason``), ``lost``, ``closed``."""

    name: SignalName
    number: int | None = None
    reason: str = ""


class SentItem(Value):
    """An item as the supplier names it."""

    barcode: str = ""
    call_number: str = ""
    label: str = ""


class OfferedCondition(Value):
    """A condition of supply: an ISO 18626 loanCondition code, a text, a price, or several of them.

    ``number`` is the supplier's count within the attempt, 0 where the wire format cannot tell it.
    """

    number: int = 0
    code: str = ""
    text: str = ""
    cost: Money | None = None


class Address(Value):
    """Where to send things: an electronic address or the lines of a postal one."""

    electronic: str = ""
    electronic_type: str = "Email"
    line1: str = ""
    line2: str = ""
    locality: str = ""
    postal_code: str = ""
    region: str = ""
    country: str = ""


class DocumentFile(Value):
    """A document to hand over: a file that this machine can read, or a URL that the receiver can open."""

    id: str = ""
    name: str
    media_type: str = "application/pdf"
    path: Path | None = None
    url: str = ""
    size: int | None = None


class IncomingDocument(Value):
    """A document that came with a message. ``name`` is the sender's and not believed; nor is ``media_type``."""

    name: str
    content: bytes = Field(repr=False, exclude=True)
    media_type: str = ""


class Message(Value):
    """One message of ISO 18626 (edition 1.2), neutral of its encoding. Agencies are symbols, ``ISIL:SUP1``.

    ``note`` is free text; ``signal``, where set, is written into the note in the partner's spelling by the connector
    that sends (``illcore.signals``), and found there again by the engine when it comes in. ``documents`` are the files
    that go along to a partner who takes attachments. No reader's identity ever stands here. ``timestamp`` is the
    sender's and is part of what makes a message the same message. A message that breaks the protocol carries
    ``fault_type`` (an ISO 18626 error type) and ``fault``: the engine refuses it with them.
    """

    kind: MessageKind
    requesting_agency: str
    supplying_agency: str = ""
    requesting_agency_request_id: str
    supplying_agency_request_id: str = ""
    timestamp: datetime
    note: str = ""
    signal: Signal | None = None

    request_type: RequestType = "New"
    previous_id: str = ""
    service_type: ServiceType | None = None
    citation: Citation | None = None
    supplier_record_id: str = ""
    service_level: str = ""
    format: str = ""
    needed_by: datetime | None = None
    max_cost: Money | None = None
    copyright_compliance: str = ""
    any_edition: bool | None = None
    delivery: Delivery | None = None
    delivery_addresses: tuple[Address, ...] = ()
    requesting_library_name: str = ""
    supplier_call_number: str = ""

    action: Action | None = None

    reason: Reason | None = None
    answer: bool | None = None
    status: Status | None = None
    last_change: datetime | None = None
    due_date: datetime | None = None
    expected_delivery: datetime | None = None
    reason_unfilled: str = ""
    reason_retry: str = ""
    retry_after: datetime | None = None
    retry_before: datetime | None = None
    conditions: tuple[OfferedCondition, ...] = ()
    sent_at: datetime | None = None
    sent_via: str = ""
    url: str = ""
    items: tuple[SentItem, ...] = ()
    delivered_format: str = ""
    delivery_cost: Money | None = None
    return_to: Address | None = None
    return_agency: str = ""

    documents: tuple[DocumentFile, ...] = ()

    account_id: str = ""
    security_code: str = ""

    fault_type: str = ""
    fault: str = ""


class Receipt(Value):
    """What the partner's system answered to a delivered message. ``remote_id`` is the partner's id for the request."""

    remote_id: str = ""
    detail: Mapping[str, Any] = {}


class Try(Value):
    """Which try of an effect this is: ``number`` counts from 1; ``previous`` is what is known of the one before."""

    number: int = 1
    previous: Literal["none", "not_sent", "unknown"] = "none"


class Undelivered(Value):
    """A message that the connector had handed over, and that is known by now not to have reached the partner.

    ``key`` is its outbox key, ``reason`` one sentence. ``timestamp`` is that of the report; with the rest it makes a
    report the same report. For what will not be tried again by anybody; a mere delay is nothing to report.
    """

    key: str
    reason: str
    timestamp: datetime


class Received(Value):
    """What a connector understood from a payload or a poll; ``cursor`` is committed together with all of it.

    ``documents`` are the files that came with a message, by its place in ``messages``: they are kept and checked if
    the message belongs to a request. ``undelivered``: what it had sent and what came back. ``more``: poll again at
    once, there is more or may be soon.
    """

    messages: tuple[Message, ...] = ()
    cursor: str | None = None
    documents: Mapping[int, tuple[IncomingDocument, ...]] = {}
    undelivered: tuple[Undelivered, ...] = ()
    more: bool = False


class Result(Value):
    """What became of one received message, for the wire answer.

    ``outcome``: ``applied`` (or recorded without effect), ``duplicate`` (of one that was taken), ``refused``.
    ``error`` is the ISO 18626 error type and ``value`` its text when refused; duplicates repeat the first answer.
    """

    message: Message
    outcome: Literal["applied", "duplicate", "refused"]
    request_id: str = ""
    error: str = ""
    value: str = ""
    answered_at: datetime
