"""A load: read, prepare, insert batch by batch, make visible at the end. Stopped anywhere, it goes on there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from illcore.clock import Clock
from illcore.store import Database

from .badfile import BadRecords
from .bulk import Prepared, insert_records, prepare_connection, settle
from .faults import CannotLoad
from .opened import SourceFile
from .reading import Reader
from .sets import HoldingSet, Progress, Terms, begin, give_up, note, publish, remove_dropped, require_tables, surely

BATCH = 4000


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be loaded as which source. `options` are all that changes how the file is read."""

    library: str
    source: str
    file: SourceFile
    options: str = ""
    terms: Terms = field(default_factory=Terms)
    bad: Path | None = None
    anew: bool = False

    @property
    def bad_path(self) -> Path:
        """Where bad records are kept."""
        return self.bad or self.file.path.with_name(self.file.path.name + ".bad")


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on: `done(octets, read, bad)` after some records, `removing(records)` when the old set goes."""

    done: Callable[[int, int, int], None] = lambda octets, read, bad: None
    removing: Callable[[int], None] = lambda count: None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The end of a load. `resumed` is the number of records that had been read before; `seconds` are of this run."""

    set: HoldingSet
    progress: Progress
    replaced: bool
    resumed: int
    seconds: float
    bad_file: Path | None
    reasons: Path | None


def load(database: Database, reader: Reader, order: Order, clock: Clock, token: str, watch: Watch) -> Loaded:
    """Load a file. Until its end all searches find what the source held before; the old records are removed then.

    Raises CannotLoad: no tables, no record that could be read, another load of the same source, no place for the bad
    records. What was begun is kept, and the same call goes on with it.
    """
    begun_at = clock.monotonic()
    with database.read() as connection:
        require_tables(connection)
    values = {
        "library": order.library,
        "source": order.source,
        "kind": reader.kind,
        "file": str(order.file.path),
        "fingerprint": order.file.fingerprint(f"{reader.kind}|{order.options}"),
    }

    def take(connection: Connection) -> HoldingSet:
        return begin(connection, values, order.terms, token, clock.now(), anew=order.anew)

    try:
        begun = surely(database, clock, take)
    except IntegrityError:
        raise CannotLoad(f"another load of {order.source} has begun at the same moment; try again") from None
    run = _Run(database, clock, token, begun, BadRecords(order.bad_path, reader.head, reader.foot, begun.progress))
    try:
        progress = run.through(reader, watch)
    finally:
        run.bad.close()
    replaced = surely(database, clock, lambda connection: _settled(connection, begun, token, clock.now()))
    remove_dropped(database, clock, watch.removing)
    bad = progress.bad > 0
    return Loaded(
        begun,
        progress,
        replaced,
        begun.progress.read,
        clock.monotonic() - begun_at,
        run.bad.path if bad else None,
        run.bad.reasons if bad else None,
    )


class _Run:
    def __init__(self, database: Database, clock: Clock, token: str, begun: HoldingSet, bad: BadRecords) -> None:
        self.bad = bad
        self._database, self._clock, self._token, self._begun = database, clock, token, begun
        self._kept = begun.progress
        self._now = begun.progress
        self._batch: list[Prepared] = []

    def through(self, reader: Reader, watch: Watch) -> Progress:
        """Read to the end and keep it all."""
        now = self._now
        read, bad, left_out, wrong = now.read, now.bad, now.left_out, now.wrong_numbers
        since = 0
        position = now.position
        for reading in reader.read(now.position):
            read += 1
            since += 1
            position = reading.position
            if reading.record is not None:
                self._batch.append(Prepared.of(reading.record))
                wrong += bool(reading.wrong_number)
            elif reading.raw:
                bad += 1
                self.bad.add(reading.place, reading.raw, reading.reason)
            else:
                left_out += 1
            if since >= BATCH:
                self._now = replace(
                    self._now, position=position, read=read, bad=bad, left_out=left_out, wrong_numbers=wrong
                )
                self._keep()
                since = 0
                watch.done(reading.done, read, bad)
        self._now = replace(self._now, position=position, read=read, bad=bad, left_out=left_out, wrong_numbers=wrong)
        if not self._kept.loaded and not self._batch:
            surely(self._database, self._clock, lambda connection: give_up(connection, self._begun, self._token))
            raise CannotLoad(self._nothing())
        self._keep()
        self.bad.finish()
        watch.done(-1, read, bad)
        return self._now

    def _keep(self) -> None:
        octets, reasons = self.bad.lengths()
        loaded = self._kept.loaded + len(self._batch)
        self._now = replace(self._now, loaded=loaded, bad_octets=octets, reason_octets=reasons)

        def write(connection: Connection) -> None:
            prepare_connection(connection)
            if self._batch:
                insert_records(connection, self._begun.id, self._kept.loaded, self._batch)
            note(connection, self._begun.id, self._token, self._now)

        surely(self._database, self._clock, write)
        self._kept = self._now
        self._batch = []

    def _nothing(self) -> str:
        file = self._begun.file
        if self._now.bad:
            return (
                f"not one of the {self._now.bad} records of {file} could be read; why stands in {self.bad.reasons}. "
                "What the source held before is still there"
            )
        return f"{file} holds no records; what the source held before is still there"


def _settled(connection: Connection, begun: HoldingSet, token: str, now: datetime) -> bool:
    settle(connection)
    return publish(connection, begun, token, now)
