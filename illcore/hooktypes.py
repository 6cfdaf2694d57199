"""The values that only hooks know: deliveries, circulation, copyright verdicts, notices, enrichments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from illcore.message import Address
from illcore.model import Citation, Money, Reader, Role, ServiceType, Value
from illcore.request import Request

CirculateName = Literal["lookup", "accept", "check_out", "check_in", "renew"]
Decision = Literal["allow", "review", "forbid"]

RESTRICTIVENESS: Mapping[Decision, int] = {"allow": 0, "review": 1, "forbid": 2}
"""Which decision wins when policies differ: the highest."""


class DocumentFile(Value):
    """A document to hand over: a file that this machine can read, or a URL that the receiver can open."""

    name: str
    media_type: str = "application/pdf"
    path: Path | None = None
    url: str = ""
    size: int | None = None


class DeliveryOrder(Value):
    """Documents and the one they go to. ``expires`` is the last day on which a link should work."""

    library: str
    request_id: str
    to: Address
    files: Annotated[tuple[DocumentFile, ...], Field(min_length=1)]
    title: str = ""
    partner: str = ""
    language: str = ""
    note: str = ""
    expires: date | None = None


class CirculateAction(Value):
    """What the library's own system is asked (NCIP LookupUser, AcceptItem, CheckOutItem, CheckInItem, RenewItem).

    ``borrower`` is the reader's id, or on the supplier's side the institutional patron of the partner.
    """

    name: CirculateName
    library: str
    request_id: str = ""
    borrower: str = ""
    partner: str = ""
    citation: Citation | None = None
    barcode: str = ""
    call_number: str = ""
    label: str = ""
    pickup: str = ""
    due_date: date | None = None
    fields: Mapping[str, Any] = {}


class Standing(Value):
    """What the library's system knows of a reader. ``blocked`` says why the reader may not borrow; empty: may."""

    known: bool
    blocked: str = ""
    reader: Reader | None = None


class Circulated(Value):
    """What the library's system did. ``standing`` answers ``lookup``; ``barcode`` and ``due_date`` are as it set."""

    standing: Standing | None = None
    barcode: str = ""
    due_date: date | None = None
    remote_id: str = ""
    detail: Mapping[str, Any] = {}


class RequestView(Value):
    """What a copyright policy may see of a request: no reader, only the reader's category."""

    id: str
    library: str
    role: Role
    service_type: ServiceType
    supplied_as: str = ""
    citation: Citation
    format: str = "any"
    purpose: str = ""
    requested_on: date
    needed_by: date | None = None
    partner: str = ""
    reader_category: str = ""

    @classmethod
    def of(cls, request: Request, reader_category: str = "") -> "RequestView":
        """The view of a request as it is now."""
        return cls(
            id=request.id,
            library=request.library,
            role=request.role,
            service_type=request.service_type,
            supplied_as=request.supplied_as,
            citation=request.citation,
            format=request.format,
            purpose=request.purpose,
            requested_on=request.created_at.date(),
            needed_by=request.needed_by,
            partner=request.partner,
            reader_category=reader_category,
        )


@dataclass(slots=True, frozen=True)
class Usage:
    """What the library has used so far. ``taken`` maps a ledger key to its live claims and may read lazily."""

    library: str
    today: date
    taken: Mapping[str, int] = field(default_factory=dict)
    locally_held: str = ""


class Claim(Value):
    """One place under a ledger key: the commit that sends refuses when ``limit`` live claims stand there already.

    ``until`` is the last day on which the claim counts.
    """

    key: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    limit: Annotated[int, Field(ge=0)]
    until: date


class Verdict(Value):
    """What a copyright policy says. ``compliance`` is the ISO 18626 copyrightCompliance code to send, if any."""

    decision: Decision
    reason: str = ""
    compliance: str = ""
    fees: tuple[Money, ...] = ()
    claims: tuple[Claim, ...] = ()


class Notice(Value):
    """A text for a reader or for staff, already written in the receiver's language. ``code`` names its template."""

    code: str
    library: str
    request_id: str = ""
    audience: Literal["reader", "staff"] = "reader"
    name: str = ""
    email: str = ""
    language: str = ""
    subject: str = ""
    text: str = ""
    fields: Mapping[str, Any] = {}


class Enrichment(Value):
    """What a source knows better. Empty fields of ``citation`` say nothing; ``source`` names where it was found."""

    citation: Citation | None = None
    open_access_url: str = ""
    identifiers: Mapping[str, str] = {}
    source: str = ""
