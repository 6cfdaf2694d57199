"""The check of a library's audit trail: every log, every checkpoint, every line of the journal, row by row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Integer, and_, bindparam, exists, func, not_, select, text

from illcore.audit import journal as lines
from illcore.audit.checkpoints import Checkpoint, root_of
from illcore.audit.checkpoints import digest as digest_of_checkpoint
from illcore.audit.findings import finding
from illcore.store import Database
from illcore.store.chain import Flaw, flaws
from illcore.store.codec import load_request, request_columns
from illcore.tables import checkpoint, event, journal, payload, request, sealed

PORTION = 200
"""Requests of one read."""

_COMPARED = "library role service_type state outcome version partner attempt reader_id closed_at anonymised_at".split()
_REQUESTS = (
    select(request.c.body, request.c.id, *(request.c[name] for name in _COMPARED))
    .where(request.c.library == bindparam("library"), request.c.id > bindparam("after"))
    .order_by(request.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_EVENTS = (
    select(event, payload.c.salt, payload.c.body, payload.c.erased_at)
    .select_from(event.outerjoin(payload, payload.c.id == event.c.payload_id))
    .where(event.c.request_id.in_(bindparam("ids", expanding=True)))
    .order_by(event.c.request_id, event.c.seq)
)
_ORPHANS = (
    select(event.c.request_id, func.count())
    .where(not_(exists().where(request.c.id == event.c.request_id)))
    .group_by(event.c.request_id)
    .order_by(event.c.request_id)
)
_CHECKPOINTS = select(checkpoint).where(checkpoint.c.library == bindparam("library")).order_by(checkpoint.c.number)
_HEADS = (
    select(sealed.c.request_id, sealed.c.seq, sealed.c.hash, event.c.hash.label("found"), request.c.version)
    .select_from(
        sealed.outerjoin(event, and_(event.c.request_id == sealed.c.request_id, event.c.seq == sealed.c.seq)).outerjoin(
            request, and_(request.c.id == sealed.c.request_id, request.c.library == sealed.c.library)
        )
    )
    .where(sealed.c.library == bindparam("library"), sealed.c.number == bindparam("number"))
    .order_by(sealed.c.request_id)
)
_HEADS_LEFT = (
    select(sealed.c.number)
    .where(sealed.c.library == bindparam("library"))
    .where(
        not_(exists().where(checkpoint.c.library == sealed.c.library, checkpoint.c.number == sealed.c.number)),
    )
    .distinct()
    .order_by(sealed.c.number)
)
_LINES = (
    select(journal)
    .where(journal.c.library == bindparam("library"), journal.c.number > bindparam("after"))
    .order_by(journal.c.number)
    .limit(bindparam("limit", type_=Integer))
)
_SIZE = select(func.count()).where(request.c.library == bindparam("library"))
_ONE_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

Step = Callable[[int], object]


@dataclass(slots=True)
class Verified:
    """What was looked at and what is wrong with it. ``sealed`` is the newest checkpoint."""

    library: str
    requests: int = 0
    events: int = 0
    texts: int = 0
    erased: int = 0
    checkpoints: int = 0
    lines: int = 0
    sealed: Checkpoint | None = None
    flaws: list[Flaw] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """``{"library", "ok", "requests", "events", "texts", "erased", "checkpoints", "lines", "sealed", "flaws"}``."""
        counts = {name: getattr(self, name) for name in "requests events texts erased checkpoints lines".split()}
        newest = None if self.sealed is None else self.sealed.to_json()
        found = [flaw.to_json() for flaw in self.flaws]
        return {"library": self.library, "ok": not found, **counts, "sealed": newest, "flaws": found}


def size(connection: Connection, library: str) -> int:
    """How many requests there are to look at."""
    return int(connection.execute(_SIZE, {"library": library}).scalar_one())


def verify(database: Database, library: str, known: Sequence[str] = (), step: Step = lambda requests: None) -> Verified:
    """Check everything of a library. ``known`` are hashes of checkpoints that were written down elsewhere.

    Reads in portions, each a snapshot of its own, and blocks nobody. Finds changed, missing, added and reordered
    events, changed or missing texts, cut logs, requests that are gone, and the same of checkpoints and of the journal.
    What was removed after the newest checkpoint, with all traces of it, is found by nobody.
    """
    found = Verified(library)
    after = ""
    while True:
        with _snapshot(database) as connection:
            after, count = _requests(connection, found, after)
        step(count)
        if count < PORTION:
            break
    with _snapshot(database) as connection:
        found.flaws += [finding("orphan", request=id, count=count) for id, count in connection.execute(_ORPHANS).all()]
        seen = _checkpoints(connection, found, set(known))
        _journal(connection, found, seen)
    return found


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """One view of the whole: on PostgreSQL two statements would otherwise see two states."""
    with database.read() as connection:
        if not database.sqlite:
            connection.execute(_ONE_SNAPSHOT)
        yield connection


def _requests(connection: Connection, found: Verified, after: str) -> tuple[str, int]:
    values = {"library": found.library, "after": after, "limit": PORTION}
    rows = connection.execute(_REQUESTS, values).mappings().all()
    if not rows:
        return after, 0
    ids = [row["id"] for row in rows]
    logs = connection.execute(_EVENTS, {"ids": ids}).mappings()
    by_request = {id: list(log) for id, log in groupby(logs, key=lambda row: row["request_id"])}
    for row in rows:
        log = by_request.get(row["id"], [])
        found.requests += 1
        found.events += len(log)
        found.texts += sum(1 for one in log if one["body"] is not None)
        found.erased += sum(1 for one in log if one["erased_at"] is not None)
        try:
            stored = load_request(row["body"])
        except ValueError:
            found.flaws.append(finding("unreadable", request=row["id"]))
            continue
        found.flaws += flaws(row["id"], log, stored)
        columns = request_columns(stored)
        found.flaws += [
            finding("column_differs", request=row["id"], column=name, row=str(row[name]), record=str(columns[name]))
            for name in ("id", *_COMPARED)
            if columns[name] != row[name]
        ]
    return ids[-1], len(rows)


def _checkpoints(connection: Connection, found: Verified, known: set[str]) -> dict[int, list[tuple[int, str]]]:
    """Checks the chain; gives the lines of the journal that it saw, each as (checkpoint, hash) by its number."""
    last, prev_hash = 0, ""
    seen: dict[int, list[tuple[int, str]]] = {}
    for row in connection.execute(_CHECKPOINTS, {"library": found.library}).mappings().all():
        number = row["number"]
        for missing in range(last + 1, number):
            found.flaws.append(finding("checkpoint_missing", checkpoint=missing))
        if number == last + 1 and row["prev_hash"] != prev_hash:
            found.flaws.append(finding("checkpoint_moved", checkpoint=number))
        if digest_of_checkpoint(row) != row["hash"]:
            found.flaws.append(finding("checkpoint_changed", checkpoint=number))
        _heads(connection, found, row)
        if row["journal"]:
            seen.setdefault(row["journal"], []).append((number, row["journal_hash"]))
        known.discard(row["hash"])
        last, prev_hash = number, row["hash"]
        found.checkpoints += 1
        found.sealed = Checkpoint(**row)
    for number in connection.execute(_HEADS_LEFT, {"library": found.library}).scalars():
        if number > last:  # the others are named as missing already
            found.flaws.append(finding("checkpoint_missing", checkpoint=number))
    found.flaws += [finding("hash_unknown", hash=hash) for hash in sorted(known)]
    return seen


def _heads(connection: Connection, found: Verified, row: Any) -> None:
    heads = connection.execute(_HEADS, {"library": found.library, "number": row["number"]}).all()
    if root_of((h.request_id, h.seq, h.hash) for h in heads) != row["root"]:
        fields = {"checkpoint": row["number"], "sealed": row["requests"], "found": len(heads)}
        found.flaws.append(finding("heads_differ", **fields))
    for head in heads:
        if head.found == head.hash and head.version is not None:
            continue
        where = {"request": head.request_id, "event": head.seq, "checkpoint": row["number"]}
        if head.version is None:
            found.flaws.append(finding("sealed_request_missing", **where))
        elif head.found is not None:
            found.flaws.append(finding("sealed_event_differs", **where))
        elif head.seq > head.version:
            found.flaws.append(finding("sealed_log_cut", **where, last=head.version))
        else:
            found.flaws.append(finding("sealed_event_missing", **where))


def _journal(connection: Connection, found: Verified, seen: dict[int, list[tuple[int, str]]]) -> None:
    last, prev_hash = 0, ""
    while True:
        values = {"library": found.library, "after": last, "limit": 1000}
        rows = connection.execute(_LINES, values).mappings().all()
        for row in rows:
            number = row["number"]
            for missing in range(last + 1, number):
                found.flaws.append(finding("line_missing", line=missing))
            if number == last + 1 and row["prev_hash"] != prev_hash:
                found.flaws.append(finding("line_moved", line=number))
            if lines.digest(row) != row["hash"]:
                found.flaws.append(finding("line_changed", line=number))
            for by, hash in seen.pop(number, ()):
                if hash != row["hash"]:
                    found.flaws.append(finding("journal_differs", line=number, checkpoint=by))
            last, prev_hash = number, row["hash"]
            found.lines += 1
        if not rows:
            break
    for number in sorted(seen):
        if number > last:
            found.flaws.append(finding("line_missing", line=number))
