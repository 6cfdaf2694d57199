"""A request as OCLC tells it: who, where it stands, and what happened to it, entry by entry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ..remote import shape

Party = Literal["BORROWER", "LENDER", "SYSTEM"]

FRESH = frozenset({"SUBMITTING", "PROFILING", "REVIEW", "REVIEWING", "PENDING", "CANCEL_PENDING"})
"""Statuses of a request that its lender has not answered yet."""

OWN_DOING = frozenset({"RECEIVED", "RETURNED", "CANCEL_PENDING", "RENEW_PENDING"})
"""Statuses that the borrower itself brought about."""


@dataclass(frozen=True, slots=True)
class Institution:
    """A member as it stands in a request. `symbols` are those by which a partner may be known here."""

    registry_id: int | None = None
    symbol: str = ""
    name: str = ""

    @property
    def symbols(self) -> tuple[str, ...]:
        named = [f"OCLC:{self.symbol}"] if self.symbol else []
        return (*named, *([f"OCLC:{self.registry_id}"] if self.registry_id is not None else []))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `fields` are its own: `dueDate`, `reason`, `conditions`, `note`, `status` …"""

    request_id: str
    number: int
    at: datetime
    party: Party
    action: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.request_id}/{self.number}"

    def said(self, name: str) -> str:
        """A field as text."""
        return shape.text(self.fields.get(name))


@dataclass(frozen=True, slots=True)
class Record:
    """One request. `reference` is the borrower's own number for it."""

    id: str
    status: str
    edited: datetime
    reference: str = ""
    previous: str = ""
    service: str = ""
    requester: Institution = field(default_factory=Institution)
    supplier: Institution = field(default_factory=Institution)
    entries: tuple[Entry, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)


def records_in(data: Mapping[str, Any]) -> list[Record]:
    """All requests of an answer, in any of the envelopes that were published; what is no request is left out."""
    return [record for each in _found(data) if (record := record_of(each)) is not None]


def record_of(body: Mapping[str, Any]) -> Record | None:
    """The request in an `illRequest`; None if it has no id."""
    id = shape.text(body.get("requestId"), 40)
    edited = shape.moment(body.get("edited")) or shape.moment(body.get("created"))
    if not id or edited is None:
        return None
    requester = shape.part(body, "requester")
    suppliers = shape.rows(shape.part(requester, "supplierInfo").get("institutions"))
    status = shape.text(body.get("requestStatus"), 60).upper()
    entries = tuple(_entries(id, body)) or _from_status(id, status, edited, body)
    return Record(
        id=id,
        status=status,
        edited=edited,
        reference=shape.text(body.get("referenceId"), 255),
        previous=shape.text(body.get("previousRequestId"), 40),
        service=shape.text(requester.get("serviceType"), 20).upper(),
        requester=_institution(shape.part(requester, "institution")),
        supplier=_institution(suppliers[0] if suppliers else {}),
        entries=entries,
        body=body,
    )


def _found(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("response", "responses"):
        for each in shape.rows(data.get(name)):
            yield from shape.rows(each.get("illRequest"))
    yield from shape.rows(data.get("illRequest"))


def _institution(body: Mapping[str, Any]) -> Institution:
    return Institution(
        shape.whole(body.get("institutionId")),
        shape.text(body.get("oclcSymbol"), 32),
        shape.text(body.get("name"), 200),
    )


def _entries(id: str, body: Mapping[str, Any]) -> Iterator[Entry]:
    for each in shape.rows(body.get("history")):
        number, at = shape.whole(each.get("sequence")), shape.moment(each.get("created"))
        party, action = shape.text(each.get("party"), 20).upper(), shape.text(each.get("action"), 60).upper()
        if number is not None and at is not None and action and party in ("BORROWER", "LENDER", "SYSTEM"):
            yield Entry(id, number, at, party, action, each)  # type: ignore[arg-type]


def _from_status(id: str, status: str, edited: datetime, body: Mapping[str, Any]) -> tuple[Entry, ...]:
    """For a service that tells no history: its status is one thing that happened when it was edited."""
    fields = {**shape.part(body, "fulfillment"), "status": status}
    return (Entry(id, int(edited.timestamp() * 1000), edited, "SYSTEM", "STATUS", fields),)
