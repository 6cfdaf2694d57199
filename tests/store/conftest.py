"""A store with one library and three partners, and a short way to make things happen in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from illcore import libraries, partners, tables
from illcore.blobs import FolderBlobs
from illcore.clock import Ids, seeded_ids
from illcore.events import Actor, Event
from illcore.model import Citation, Partner
from illcore.policy import Library
from illcore.request import Attempt, Request
from illcore.store import Applied, Capabilities, Input, Store, head

OWN = "ISIL:OWN"
NO_BLOBS = FolderBlobs(Path("there-are-no-documents"))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Desk:
    """Submits requests and applies events at a time that only moves when told."""

    store: Store
    now: datetime = START
    ids: Ids = field(default_factory=lambda: seeded_ids(7))
    capabilities: Capabilities = field(default_factory=Capabilities)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def staff(self, role: str = "admin") -> Actor:
        return Actor(kind="staff", id="wang", library=OWN, role=role)  # type: ignore[arg-type]

    def request(self, suppliers: Sequence[str] = ("ISIL:S1",), **fields: Any) -> Request:
        attempts = tuple(Attempt(n, symbol, rank=n) for n, symbol in enumerate(suppliers, start=1))
        values: dict[str, Any] = {
            "role": "requester",
            "service_type": "loan",
            "citation": Citation(title="红楼梦 / A Dream of Red Mansions", publication_type="Book"),
            "attempts": attempts,
            "named_suppliers": bool(attempts),
        }
        return Request(
            id=self.ids(self.now),
            library=OWN,
            created_at=self.now,
            updated_at=self.now,
            state_since=self.now,
            **(values | fields),
        )

    def lending(self, number: str, partner: str = "ISIL:S1", **fields: Any) -> Request:
        attempt = Attempt(1, partner, status="open", requesting_agency_request_id=number, started_at=self.now)
        return self.request((), role="supplier", partner=partner, attempts=(attempt,), attempt=1, **fields)

    def apply(self, *inputs: Input, **options: Any) -> list[Applied]:
        with self.store.write() as connection:
            return self.store.apply(
                connection,
                inputs,
                now=self.now,
                ids=self.ids,
                libraries=libraries.listed(connection),
                capabilities=self.capabilities,
                **options,
            )

    def submitted(self, request: Request, note: str = "") -> Input:
        return Input(OWN, Event("submit", self.now, self.staff(), private=note), request.id, new=request)

    def submit(self, suppliers: Sequence[str] = ("ISIL:S1",), note: str = "", **fields: Any) -> Request:
        return self.apply(self.submitted(self.request(suppliers, **fields), note))[0].request

    def demand(self, request: Request) -> Input:
        actor = Actor(kind="partner", id=request.partner, library=OWN)
        return Input(OWN, Event("submit", self.now, actor, {}, 1), request.id, new=request)

    def said(self, id: str, type: str, partner: str = "ISIL:S1", attempt: int = 1, **data: Any) -> Input:
        actor = Actor(kind="partner", id=partner, library=OWN)
        return Input(OWN, Event(type, self.now, actor, data, attempt), id)

    def done(self, id: str, action: str, note: str = "", **data: Any) -> Input:
        return Input(OWN, Event(action, self.now, self.staff(), data, private=note), id)

    def get(self, id: str) -> Request:
        with self.store.read() as connection:
            return self.store.get(connection, OWN, id)

    def rows(self, table: Any) -> list[dict[str, Any]]:
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(table.select()).mappings()]


@pytest.fixture
def desk(db_url: str) -> Iterator[Desk]:
    yield from _desk(db_url)


@pytest.fixture
def sqlite_desk(sqlite_url: str) -> Iterator[Desk]:
    yield from _desk(sqlite_url)


def _desk(url: str) -> Iterator[Desk]:
    """The tables as test_schema proves migrations make them, without the time that alembic takes."""
    store = Store(url, synchronous="NORMAL")
    with store.write() as connection:
        tables.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE ill_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO ill_version VALUES (:head)"), {"head": head()})
    with store.write() as connection:
        libraries.put(connection, Library(symbol=OWN, name_en="Own"), START)
        for number in (1, 2, 3):
            partners.add(
                connection, OWN, Partner(symbol=f"ISIL:S{number}", account="iso18626:main", rank=number), START
            )
    yield Desk(store)
    store.close()
