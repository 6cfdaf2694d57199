"""The request as the engine holds it: one need or one demand with its attempts, items and conditions.

A plain mutable record for speed; ``decide`` copies before it changes, everyone else treats it as a value.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

from illcore.model import Citation, Delivery, Money, Role, ServiceType
from illcore.verdict import Verdict


@dataclass(slots=True)
class Attempt:
    """One try at one supplier; on the supplier's side, one id under which the partner asks.

    ``status``: ``waiting`` (in the rota, not asked yet), ``skipped``, ``open`` or ``ended``. ``outcome`` says how it
    ended, ``reason`` why. ``last_status``/``last_change`` are the last status applied from this attempt.
    ``came_anyway`` is empty or where the item of an ended attempt is: ``shipped received returned settled``.
    """

    n: int
    partner: str
    rank: int = 0
    score: float | None = None
    why: str = ""
    status: str = "waiting"
    outcome: str = ""
    reason: str = ""
    requesting_agency_request_id: str = ""
    supplying_agency_request_id: str = ""
    previous_id: str = ""
    shipped: bool = False
    came_anyway: str = ""
    last_status: str = ""
    last_change: datetime | None = None
    rejected_at: datetime | None = None
    cancel_sent: int = 0
    verifying: bool = False
    retry_offer: dict[str, Any] | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answered_at: datetime | None = None
    supplier_named: str = ""
    content: str = ""

    def __copy__(self) -> "Attempt":
        return Attempt(*_attempt_values(self))


@dataclass(slots=True)
class Item:
    """What travels: one volume or copy. Times say when it was sent, received and returned."""

    n: int
    label: str = ""
    barcode: str = ""
    call_number: str = ""
    location: str = ""
    due_date: date | None = None
    condition: str = ""
    sent_at: datetime | None = None
    received_at: datetime | None = None
    returned_at: datetime | None = None
    checked_out_at: datetime | None = None
    checked_in_at: datetime | None = None
    lost_at: datetime | None = None


@dataclass(slots=True)
class Condition:
    """A condition of supply. ``answer``: empty while open, else ``accepted rejected dropped``."""

    number: int
    code: str = ""
    text: str = ""
    cost: Money | None = None
    attempt: int = 0
    asked_at: datetime | None = None
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(slots=True)
class Attention:
    """Something a person must look at. ``effect`` is the outbox key concerned, if any."""

    reason: str
    since: datetime
    effect: str = ""
    detail: str = ""


@dataclass(slots=True)
class Timer:
    """A wait that was armed for ``due``; ``fired`` once its event was taken."""

    due: datetime
    fired: bool = False


@dataclass(slots=True)
class Document:
    """A document of this request: at a URL, or kept here (``id``, with name, media type, size in bytes and sum).

    ``verdict``: empty (not checked), ``pass``, ``review`` or ``fail``, or what became of it: ``accepted``,
    ``rejected``, ``destroyed``. ``findings`` say why, each with ``code``, ``page`` and ``text``.
    """

    url: str
    at: datetime
    attempt: int = 0
    title: str = ""
    id: str = ""
    name: str = ""
    media_type: str = ""
    size: int = 0
    sha256: str = ""
    source: str = ""
    verdict: str = ""
    pages: int = 0
    findings: tuple[dict[str, Any], ...] = ()

    @property
    def kept(self) -> bool:
        """Its bytes are here and may still be handed over."""
        return bool(self.id) and self.verdict not in ("rejected", "destroyed")


def rejected_sums(documents: Iterable[Document]) -> frozenset[str]:
    """The sums of what was sent back and of nothing that stands."""
    sent_back = {d.sha256 for d in documents if d.id and d.verdict == "rejected"}
    return frozenset(sent_back - {d.sha256 for d in documents if d.id and d.verdict != "rejected"})


@dataclass(slots=True)
class Found:
    """The best that a search found of one library. None is unknown; ``score``, 0 to 1, is how surely it is the item.

    ``formats`` are those in which a copy may be sent; empty: nothing restricts them.
    """

    available: bool | None = None
    loanable: bool | None = None
    copyable: bool | None = None
    formats: tuple[str, ...] = ()
    location: str = ""
    call_number: str = ""
    barcode: str = ""
    url: str = ""
    score: float = 0.0
    why: str = ""

    @property
    def online(self) -> bool:
        """It stands on no shelf."""
        return bool(self.url) and not (self.location or self.call_number or self.barcode)

    def may_be_sent(self, format: str, formats: Collection[str] = ("digital", "paper")) -> bool:
        """Whether a copy of it can reach another library in ``format`` or, for any, in one of ``formats``."""
        wanted = formats if format == "any" else (format,)
        return not self.formats or any(each in self.formats for each in wanted)


@dataclass(slots=True)
class Undo:
    """What the last staff action replaced; ``seq`` is that action's event."""

    seq: int
    action: str
    state: str
    saved: str
    place: str
    resume: str
    reasons: tuple[str, ...]
    overrides: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(slots=True)
class Request:
    """The aggregate. ``version`` is the seq of its last event; ``attempt`` the number of the current attempt, 0 = none.

    ``partner`` is the supplier of the current attempt (requester) or the asking library (supplier).
    ``place`` says where the item is while the state does not; ``then`` belongs to ``cancel_pending``.
    ``resume`` is where a review or agreed conditions lead. ``waiting_since`` is what the waits of a state count from.
    ``searched``: catalogues were asked; ``found``: what they have, by library (a partner's main symbol, our own).
    ``clearance`` is what the copyright policies said of it, ``clearing`` while they are asked; ``declared`` are the
    versions of the declarations that the reader accepted.
    ``ending`` is the outcome that a cancel asked for; ``last_change`` when the status that a supplier reports changed.
    ``anonymised_at``: what is personal was erased then; category and department of its reader stayed for statistics.
    """

    id: str
    library: str
    role: Role
    service_type: ServiceType
    created_at: datetime
    updated_at: datetime
    state_since: datetime
    citation: Citation = field(default_factory=Citation)
    state: str = "new"
    version: int = 0
    head: str = ""
    supplied_as: str = ""
    saved: str = ""
    place: str = ""
    then: str = ""
    resume: str = ""
    outcome: str = ""
    ending: str = ""
    waiting_since: datetime | None = None
    last_change: datetime | None = None
    attempt: int = 0
    partner: str = ""
    reader_id: str = ""
    needed_by: date | None = None
    max_cost: Money | None = None
    service_level: str = "normal"
    format: str = "any"
    delivery: Delivery | None = None
    any_edition: bool | None = None
    purpose: str = ""
    copyright_compliance: str = ""
    clearance: Verdict | None = None
    clearing: bool = False
    declared: tuple[str, ...] = ()
    due_date: date | None = None
    retry_after: date | None = None
    reasons: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    named_suppliers: bool = False
    located: bool = False
    searched: bool = False
    found: dict[str, Found] = field(default_factory=dict)
    digital_loan: bool = False
    not_wanted: bool = False
    asked_status: bool = False
    accepted_retry: bool = False
    unread: int = 0
    queue: str = ""
    queue_due: datetime | None = None
    assignee: str = ""
    parent_id: str = ""
    match_key: str = ""
    undo: Undo | None = None
    attention: tuple[Attention, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    items: tuple[Item, ...] = ()
    conditions: tuple[Condition, ...] = ()
    documents: tuple[Document, ...] = ()
    charges: tuple[dict[str, Any], ...] = ()
    refusals: dict[str, int] = field(default_factory=dict)
    timers: dict[str, Timer] = field(default_factory=dict)
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = None
    closed_at: datetime | None = None
    reader_category: str = ""
    reader_department: str = ""
    anonymised_at: datetime | None = None

    def __copy__(self) -> "Request":
        return Request(*_request_values(self))

    def current(self) -> Attempt | None:
        """The attempt that the state speaks of."""
        return self.attempts[self.attempt - 1] if self.attempt else None

    def terminal(self) -> bool:
        """Whether the request has ended."""
        return self.state in TERMINAL

    def open_conditions(self) -> tuple[Condition, ...]:
        """The conditions of the current attempt that nobody has answered."""
        return tuple(c for c in self.conditions if not c.answer and c.attempt == self.attempt)


# Read at once: ``copy.copy`` would pickle the record and unpickle it, and every transition copies one.
_attempt_values = attrgetter(*(each.name for each in fields(Attempt)))
_request_values = attrgetter(*(each.name for each in fields(Request)))

TERMINAL = frozenset({"completed", "unfilled", "cancelled", "closed"})
FILLED_OUTCOMES = frozenset({"filled", "filled_locally", "open_access", "partly_filled", "kept", "lost_settled"})
OUTCOMES = (
    "filled",
    "filled_locally",
    "open_access",
    "partly_filled",
    "kept",
    "lost_settled",
    "lost",
    "unfilled",
    "expired",
    "cancelled_by_reader",
    "cancelled_by_staff",
    "purchased",
    "duplicate",
    "withdrawn",
)


def asked_of_policies(request: Request) -> str:
    """A sum over what a copyright verdict depends on: a verdict on something else is none on this request."""
    said = (
        request.citation.model_dump_json(exclude_defaults=True),
        request.service_type,
        request.format,
        request.reader_id,
        *sorted(request.declared),
    )
    return sha256("\n".join(said).encode()).hexdigest()
