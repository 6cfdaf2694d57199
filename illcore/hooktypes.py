"""The values that only hooks know: deliveries, circulation, copyright verdicts, notices, enrichments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from illcore.message import Address
from illcore.model import BilingualText, Citation, Money, Reader, Role, ServiceType, Value
from illcore.request import Request

CirculateName = Literal["lookup", "accept", "check_out", "check_in", "renew"]
Decision = Literal["allow", "allow_with_fee", "review", "deny"]
Holds = Literal["", "subscribed", "on_order", "owned", "none"]
Licence = Literal["", "ill", "print", "none"]
DeliveryStep = Literal["check", "hand_over"]

RESTRICTIVENESS: Mapping[Decision, int] = {"allow": 0, "allow_with_fee": 1, "review": 2, "deny": 3}
"""Which decision wins when policies differ: the highest."""


class DocumentFile(Value):
    """A document to hand over: a file that this machine can read, or a URL that the receiver can open."""

    name: str
    media_type: str = "application/pdf"
    path: Path | None = None
    url: str = ""
    size: int | None = None


class Obligation(Value):
    """What a copyright verdict asks of whoever hands the copy over.

    ``code``: ``notice`` (its text goes on the cover page), ``legend`` (its text is stamped on every page),
    ``watermark``, ``paper_only``, ``print_and_destroy``, ``print_once``, ``no_forwarding``, ``declaration``
    (``version`` names the text that must be accepted before sending), ``link_days``, ``link_business_days`` (counted
    from the first use) and ``link_views`` (``number`` says how many), ``fee``.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
    text: BilingualText = BilingualText()
    number: int | None = None
    version: str = ""


class DeliveryOrder(Value):
    """Documents and the one they go to.

    ``step``: ``check`` asks only whether the files are what was wanted (the report is the receipt's ``detail``),
    ``hand_over`` gives them to the reader or partner. ``expected`` is what was asked for, ``earlier`` are SHA-256 sums
    of files that were rejected, ``obligations`` are those of the copyright verdict, ``expires`` is the last day on
    which a link should work.
    """

    library: str
    request_id: str
    to: Address
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


class Claim(Value):
    """One place in the ledger under (key, year): the commit that sends refuses when ``limit`` live claims stand there.

    ``year`` 0 counts over all years. With ``limit`` None it is only counted. ``until`` is the last day on which the
    claim counts (None: for good). ``year_of`` ``fill`` moves the claim to the year in which the copy arrives.
    ``title`` and ``issn`` are for the report; ``fee`` is what this copy costs in royalties.
    """

    key: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    year: Annotated[int, Field(ge=0, le=9999)] = 0
    limit: Annotated[int, Field(ge=0)] | None = None
    until: date | None = None
    year_of: Literal["request", "fill"] = "request"
    title: str = ""
    issn: str = ""
    fee: Money | None = None


class Verdict(Value):
    """What a copyright policy says, with its reasons. ``compliance`` is the ISO 18626 copyrightCompliance code to send.

    ``retention_until`` is the last day on which the record of this copy must be kept.
    """

    decision: Decision
    reasons: tuple[BilingualText, ...] = ()
    compliance: str = ""
    fees: tuple[Money, ...] = ()
    claims: tuple[Claim, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    retention_until: date | None = None


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
