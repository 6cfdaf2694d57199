"""The values that only hooks know: deliveries, circulation, copyright verdicts, notices, enrichments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from illcore.message import Address, DocumentFile
from illcore.model import Citation, Reader, Role, ServiceType, Value
from illcore.request import Request
from illcore.verdict import RESTRICTIVENESS, Claim, Decision, Obligation, Verdict

__all__ = [
    "RESTRICTIVENESS",
    "CirculateAction",
    "CirculateName",
    "Circulated",
    "Claim",
    "Decision",
    "DeliveryOrder",
    "DeliveryStep",
    "DocumentFile",
    "Enrichment",
    "Holds",
    "Licence",
    "Notice",
    "Obligation",
    "RequestView",
    "Standing",
    "Usage",
    "Verdict",
]

CirculateName = Literal["lookup", "accept", "check_out", "check_in", "renew"]
Holds = Literal["", "subscribed", "on_order", "owned", "none"]
Licence = Literal["", "ill", "print", "none"]
DeliveryStep = Literal["check", "hand_over"]


class DeliveryOrder(Value):
    """Documents and the one they go to.

    ``step``: ``check`` asks only whether the files are what was wanted (the report is the receipt's ``detail``),
    ``hand_over`` gives them to the reader or partner. ``expected`` is what was asked for, ``earlier`` are SHA-256 sums
    of files that were rejected, ``obligations`` are those of the copyright verdict, ``expires`` is the last day on
    which a link should work. ``receiver`` is who gets it: a partner's system may fetch a link by itself, and can read
    no page before it.
    """

    library: str
    request_id: str
    to: Address
    receiver: Literal["reader", "partner"] = "reader"
    files: Annotated[tuple[DocumentFile, ...], Field(min_length=1)]
    step: DeliveryStep = "hand_over"
    title: str = ""
    partner: str = ""
    language: str = ""
    note: str = ""
    expires: date | None = None
    expected: Citation | None = None
    earlier: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()


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
    """What a copyright policy may see of a request: no reader's identity.

    ``reader`` is a pseudonym that is the same for all requests of one reader; ``compliance`` the flag that a partner
    sent with its request; ``electronic`` whether the reader or partner wants a file; ``partner`` the supplier that
    would be asked first, or the partner that asks.
    """

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
    compliance: str = ""
    electronic: bool = True
    reader: str = ""
    reader_category: str = ""
    reader_department: str = ""

    @classmethod
    def of(cls, request: Request, reader_category: str = "", reader_department: str = "") -> "RequestView":
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
            partner=request.partner or next((a.partner for a in request.attempts if a.status == "waiting"), ""),
            compliance=request.copyright_compliance,
            electronic=request.format != "paper" and (request.delivery is None or request.delivery.method != "post"),
            reader=request.reader_id,
            reader_category=reader_category,
            reader_department=reader_department,
        )


@dataclass(slots=True, frozen=True)
class Usage:
    """What the library has used so far, and what it holds itself of what is wanted.

    ``taken`` maps (key, year) of the ledger to its live claims, this request's own left out; year 0 asks for the
    claims of all years. It may read lazily and has no length. ``holds`` and ``licence`` say what is known of the
    title in this library (empty: nothing is known); ``declarations`` are the versions of texts that the reader
    accepted for this request.
    """

    library: str
    today: date
    taken: Mapping[tuple[str, int], int] = field(default_factory=dict)
    holds: Holds = ""
    licence: Licence = ""
    open_access: bool = False
    declarations: frozenset[str] = frozenset()


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
