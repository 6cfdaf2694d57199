"""Daily checkpoints of a library: a chain of hashes over the heads of all logs that moved, and over the journal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, Integer, and_, bindparam, exists, insert, not_, select

from illcore.audit.journal import last_line
from illcore.store import Database
from illcore.store.facts import lock_readers
from illcore.tables import checkpoint as table
from illcore.tables import event, microseconds, request, sealed

PORTION = 5000
"""Requests that one checkpoint takes at most: a first one over many requests is made of several."""

_MOVED = (
    select(request.c.id, request.c.version, event.c.hash)
    .select_from(request.join(event, and_(event.c.request_id == request.c.id, event.c.seq == request.c.version)))
    .where(
        request.c.library == bindparam("library"),
        request.c.id > bindparam("after"),
        not_(exists().where(sealed.c.request_id == request.c.id, sealed.c.seq == request.c.version)),
    )
    .order_by(request.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_LATEST = select(table).where(table.c.library == bindparam("library")).order_by(table.c.number.desc()).limit(1)
_ADD = insert(table)
_SEAL = insert(sealed)


@dataclass(slots=True, frozen=True)
class Checkpoint:
    """One checkpoint. ``requests`` are those that it saw anew; ``hash`` stands for all that went before, too."""

    library: str
    number: int
    at: datetime
    requests: int
    root: str
    journal: int
    journal_hash: str
    prev_hash: str
    hash: str

    def to_json(self) -> dict[str, Any]:
        """``{"library", "number", "at", "requests", "hash"}``."""
        return {name: getattr(self, name) for name in ("library", "number", "at", "requests", "hash")}


def latest(connection: Connection, library: str) -> Checkpoint | None:
    """The newest checkpoint of a library."""
    row = connection.execute(_LATEST, {"library": library}).mappings().first()
    return None if row is None else Checkpoint(**row)


def checkpoint(
    database: Database,
    library: str,
    now: datetime,
    step: Callable[[int], object] = lambda requests: None,
    go_on: Callable[[], bool] = lambda: True,
) -> Checkpoint:
    """Seal the heads of all logs that moved since the last one; safe beside workers, and again at any time.

    Each portion is a checkpoint and a commit of its own. ``step`` is told how many requests were sealed; ``go_on`` is
    asked between portions.
    """
    made, after, full = _portion(database, library, "", now)
    step(made.requests)
    while full and go_on():
        made, after, full = _portion(database, library, after, now)
        step(made.requests)
    return made


def _portion(database: Database, library: str, after: str, now: datetime) -> tuple[Checkpoint, str, bool]:
    with database.write() as connection:
        lock_readers(connection, library, ["checkpoint"])
        values = {"library": library, "after": after, "limit": PORTION}
        heads = connection.execute(_MOVED, values).all()
        last = latest(connection, library)
        number, prev_hash = (1, "") if last is None else (last.number + 1, last.hash)
        row: dict[str, Any] = {
            "library": library,
            "number": number,
            "at": now,
            "requests": len(heads),
            "root": root_of((id, seq, hash) for id, seq, hash in heads),
            "prev_hash": prev_hash,
        }
        row["journal"], row["journal_hash"] = last_line(connection, library)
        row["hash"] = digest(row)
        connection.execute(_ADD, row)
        if heads:
            rows = [
                {"request_id": id, "seq": seq, "library": library, "number": number, "hash": hash}
                for id, seq, hash in heads
            ]
            connection.execute(_SEAL, rows)
    return Checkpoint(**row), (heads[-1].id if heads else after), len(heads) == PORTION


def root_of(heads: Iterable[tuple[str, int, str]]) -> str:
    """SHA-256 over the heads in the order of their requests' ids, whatever order they come in."""
    said = sha256()
    for id, seq, hash in sorted(heads):
        said.update(f"{id} {seq} {hash}\n".encode())
    return said.hexdigest()


_HASHED = "library number requests root journal journal_hash prev_hash".split()


def digest(row: Any) -> str:
    """The hash of a checkpoint: SHA-256 over a JSON list of all it says and the hash of the one before."""
    return sha256(to_json([microseconds(row["at"]), *(row[name] for name in _HASHED)])).hexdigest()
