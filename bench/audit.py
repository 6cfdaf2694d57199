"""The audit trail and anonymisation: events checked, heads sealed and requests anonymised per second."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from databases import fresh_postgres, fresh_sqlite, postgres
from measuring import calibration, machine, spent, table

from illcore import audit, libraries, privacy, readers
from illcore.blobs import FolderBlobs
from illcore.clock import seeded_ids
from illcore.events import Actor, Event
from illcore.model import Citation, Reader
from illcore.policy import Library
from illcore.request import Request
from illcore.store import Capabilities, Input, Store, migrate
from illcore.tables import outbox

OWN = "ISIL:OWN"
NO_BLOBS = FolderBlobs(Path("nowhere"))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAFF = Actor(kind="staff", id="wang", library=OWN, role="admin")
PORTION = 100


def fill(store: Store, requests: int, events: int) -> None:
    """Requests of one reader each that were submitted, noted and closed, ``events`` events in each log."""
    ids = seeded_ids(3)
    with store.write() as connection:
        libraries.put(connection, Library(symbol=OWN), START)
        served = libraries.listed(connection)
    for first in range(0, requests, PORTION):
        inputs: list[Input] = []
        now = START + timedelta(milliseconds=first)
        with store.write() as connection:
            for number in range(first, min(first + PORTION, requests)):
                one = Reader(id=f"R{number}", name=f"Reader {number}", email=f"r{number}@example.org", category="c")
                request = Request(
                    id=ids(now),
                    library=OWN,
                    role="requester",
                    service_type="loan",
                    created_at=START,
                    updated_at=START,
                    state_since=START,
                    citation=Citation(title=f"Title {number}"),
                    reader_id=readers.record(connection, OWN, one, START),
                )
                inputs.append(
                    Input(OWN, Event("submit", START, STAFF, private="as soon as possible"), request.id, request)
                )
                notes = [Event("note", START, STAFF, private=f"note {n}") for n in range(events - 2)]
                close = Event("close", START, STAFF, {"outcome": "withdrawn"})
                inputs += [Input(OWN, event, request.id) for event in (*notes, close)]
            store.apply(
                connection, inputs, now=now, ids=ids, libraries=served, capabilities=Capabilities(can_search=True)
            )
    with store.write() as connection:
        connection.execute(outbox.update().values(status="done"))


def measure(url: str, requests: int, events: int) -> list[str]:
    """A row: what each step did per second."""
    migrate(url)
    store = Store.open(url, synchronous="FULL")
    fill(store, requests, events)
    with store.read() as connection:
        library = libraries.get(connection, OWN)
    sealing = spent(lambda: audit.checkpoint(store, OWN, START))
    checking = spent(lambda: checked(store, requests * events))
    now = START + timedelta(days=40)
    erasing = spent(lambda: privacy.run(store, NO_BLOBS, library, {}, STAFF, now))
    again = spent(lambda: checked(store, requests * events))
    store.close()
    total = requests * events
    return [
        f"{requests / sealing.wall:,.0f}",
        f"{total / checking.wall:,.0f}",
        f"{100_000 / (total / checking.wall):.1f}",
        f"{requests / erasing.wall:,.0f}",
        f"{total / again.wall:,.0f}",
    ]


def checked(store: Store, events: int) -> None:
    """The whole trail; it must be right."""
    found = audit.verify(store, OWN)
    assert (found.events, found.flaws) == (events, [])


@contextmanager
def databases(folder: Path, only: str | None) -> Iterator[dict[str, str]]:
    """A new, empty database of each kind."""
    found = {} if only == "postgresql" else {"SQLite": fresh_sqlite(folder)}
    if only == "sqlite":
        yield found
        return
    with postgres() as server, fresh_postgres(server) as url:
        yield {**found, "PostgreSQL": url}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="few requests: does it run at all?")
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    given = options.parse_args()
    requests, events = (50, 4) if given.quick else (12_500, 8)
    with tempfile.TemporaryDirectory() as name, databases(Path(name), given.only) as urls:
        print(f"{machine(Path(name))}; calibration loop {calibration():.1f} ms")
        print(f"{requests} requests, {events} events each\n")
        headings = [
            "database",
            "heads sealed/s",
            "events checked/s",
            "s for 100,000",
            "anonymised/s",
            "checked after/s",
        ]
        print(table(headings, [[kind, *measure(url, requests, events)] for kind, url in urls.items()]))


if __name__ == "__main__":
    main()
