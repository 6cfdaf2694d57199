"""The values that cross a boundary: citations, money, partners, what a reader or a partner library asks for."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    field_validator,
    model_validator,
)

Role = Literal["requester", "supplier"]
ServiceType = Literal["loan", "copy", "copy_or_loan"]
AutoDeliver = Literal["always", "sampled", "never"]
StaffRole = Literal["assistant", "librarian", "supervisor", "admin"]

SYMBOL = r"^[A-Za-z0-9.-]{1,32}:\S(?:.{0,62}\S)?$"
CURRENCY = r"^[A-Z]{3}$"

Symbol = Annotated[str, StringConstraints(pattern=SYMBOL, strip_whitespace=True)]
"""``TYPE:VALUE``, the agency id type and value of ISO 18626, e.g. ``ISIL:CN-110001``."""


def _no_number(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("write a date as YYYY-MM-DD, such as 2027-03-01")
    return value


Day = Annotated[date, BeforeValidator(_no_number)]
"""A date; in JSON ``YYYY-MM-DD``, never a number of seconds."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20000)]
Amount = Annotated[Decimal, PlainSerializer(str, return_type=str), Field(ge=0, max_digits=12, decimal_places=4)]


class Value(BaseModel):
    """A frozen value; unknown keys are errors, so that a misspelt field is never silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Money(Value):
    """An amount with its ISO 4217 currency."""

    amount: Amount
    currency: Annotated[str, StringConstraints(pattern=CURRENCY)]


class BilingualText(Value):
    """A text that people read, in English and Chinese; one of the two may be empty."""

    en: str = ""
    zh: str = ""

    def best(self, language: str = "en") -> str:
        """The text in that language, else in the other."""
        return (self.zh or self.en) if language.startswith("zh") else (self.en or self.zh)


PUBLICATION_TYPES = (
    "ArchiveMaterial Article AudioBook Book Chapter ConferenceProc Game GovernmentPubl Image Journal Manuscript Map "
    "Movie MusicRecording MusicScore Newspaper Patent Report SoundRecording Thesis"
).split()
"""The codes of ISO 18626 for ``publication_type`` (an open list: partners may send others)."""

_CANONICAL = {kind.casefold(): kind for kind in PUBLICATION_TYPES}


class Citation(Value):
    """What is wanted. ``publication_type`` takes the ISO 18626 codes (``Book Article Chapter …``)."""

    title: Text = ""
    author: Text = ""
    title_of_component: Text = ""
    author_of_component: Text = ""
    series: Text = ""
    edition: Text = ""
    publisher: Text = ""
    place: Text = ""
    year: Text = ""
    volume: Text = ""
    issue: Text = ""
    pages: Text = ""
    total_pages: Text = ""
    isbn: Text = ""
    issn: Text = ""
    doi: Text = ""
    pmid: Text = ""
    oclc: Text = ""
    publication_type: Text = ""
    language: Text = ""

    @field_validator("publication_type")
    @classmethod
    def _codes_have_one_spelling(cls, value: str) -> str:
        return _CANONICAL.get(value.casefold(), value)

    @field_validator("year", "volume", "issue", "pages", "total_pages", "pmid", "oclc", mode="before")
    @classmethod
    def _numbers_are_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Delivery(Value):
    """How the reader wants to get it."""

    method: Literal["pickup", "post", "electronic"] = "pickup"
    place: Text = ""


class Reader(Value):
    """The person who asks; only ``id`` is needed. Kept in the reader table, never in an event or a message."""

    id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
    name: Text = ""
    email: Text = ""
    category: Text = ""
    department: Text = ""
    language: Literal["en", "zh", ""] = ""


class NewRequest(Value):
    """What ``submit`` takes: a reader's need (role requester) or a partner's demand that came outside the protocol."""

    role: Role = "requester"
    service_type: ServiceType
    citation: Citation
    reader: Reader | None = None
    needed_by: Day | None = None
    max_cost: Money | None = None
    service_level: Literal["normal", "urgent"] = "normal"
    format: Literal["digital", "paper", "any"] = "any"
    delivery: Delivery | None = None
    any_edition: bool | None = None
    purpose: Literal["study", "teaching", "research", "commercial"] | None = None
    suppliers: tuple[Symbol, ...] = ()
    note: Note = ""
    partner: Symbol | None = None
    requesting_agency_request_id: Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)] | None = None

    @model_validator(mode="after")
    def _lending_needs_a_partner(self) -> "NewRequest":
        if self.role == "supplier" and not (self.partner and self.requesting_agency_request_id):
            raise ValueError("a supplier-side request needs partner and requesting_agency_request_id")
        if self.role == "requester" and (self.partner or self.requesting_agency_request_id):
            raise ValueError("partner and requesting_agency_request_id belong to role supplier; name suppliers instead")
        return self


class Closure(Value):
    """Days on which a library does not work, both ends included."""

    first: date
    last: date
    why: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> "Closure":
        if self.last < self.first:
            raise ValueError(f"a closure ends ({self.last}) before it begins ({self.first})")
        return self


class CalendarDays(Value):
    """Working days: weekdays 0 = Monday … 6 = Sunday, closures, and extra working days (调休) that win over both."""

    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)
    closures: tuple[Closure, ...] = ()
    extra: tuple[date, ...] = ()
    time_zone: str = "UTC"
    opens: time = time(0, 0)


class Partner(Value):
    """A library or broker that this library lends to and borrows from.

    ``address`` belongs to the connector of ``account`` (``{"url": …}`` for ISO 18626). ``profile`` is the dialect the
    partner speaks, as data. ``secrets`` such as a security code stand in ``address`` by reference only.
    ``rank`` is the staff's preference, lower is asked rather; a lender of ``last_resort`` is asked after the others.
    ``formats`` are those in which it delivers copies; ``auto_deliver`` says whether a file of this partner that passed
    its check goes to the reader without staff (None: as the library's policy says). With ``attachments`` it gets
    documents as files of the message itself, which only e-mail can carry, else as a link. After ``agreement_until``
    it is not asked any more.
    """

    symbol: Symbol
    other_symbols: tuple[Symbol, ...] = ()
    kind: Literal["library", "broker"] = "library"
    name: BilingualText = BilingualText()
    services: tuple[Literal["loan", "copy"], ...] = ("loan", "copy")
    account: str = ""
    address: Mapping[str, Any] = {}
    status: Literal["prospect", "active", "suspended", "ended"] = "active"
    profile: Mapping[str, Any] = {}
    calendar: CalendarDays = CalendarDays()
    rank: int = 100
    last_resort: bool = False
    formats: tuple[Literal["digital", "paper"], ...] = ("digital", "paper")
    auto_deliver: AutoDeliver | None = None
    attachments: bool = False
    agreement_until: date | None = None
    cost: Money | None = None
    note: Note = ""

    def speaks_for(self, symbol: str) -> bool:
        """Whether a message that names this agency comes from this partner."""
        return symbol == self.symbol or symbol in self.other_symbols


Format = Literal["digital", "paper"]


class Holding(Value):
    """One copy or subscription that some library holds, as a search found it.

    ``formats`` are those in which a copy of it may be sent to another library; empty: nothing restricts them.
    """

    account: str = ""
    library: str = ""
    title: str = ""
    author: str = ""
    isbn: tuple[str, ...] = ()
    issn: tuple[str, ...] = ()
    edition: str = ""
    year: str = ""
    location: str = ""
    call_number: str = ""
    barcode: str = ""
    copies: int | None = None
    available: bool | None = None
    loanable: bool | None = None
    copyable: bool | None = None
    formats: tuple[Format, ...] = ()
    url: str = ""
    record_id: str = ""
    score: float = 0.0
    why: str = ""
    note: str = ""


class Query(Value):
    """What a search is asked. At least one field is set; ``raw`` holds a connector's own language (PQF, CQL)."""

    isbn: str = ""
    issn: str = ""
    title: str = ""
    author: str = ""
    keyword: str = ""
    citation: Citation | None = None
    raw: Mapping[str, str] = {}
    maximum: Annotated[int, Field(ge=1, le=1000)] = 10
