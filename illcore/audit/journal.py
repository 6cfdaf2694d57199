"""The journal of a library: who looked at, exported or erased readers' data; append-only, chained by hashes."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, Integer, bindparam, insert, select

from illcore.events import Actor
from illcore.store.codec import dump, load, plain
from illcore.store.facts import lock_readers
from illcore.tables import journal, microseconds

_LAST = (
    select(journal.c.number, journal.c.hash)
    .where(journal.c.library == bindparam("library"))
    .order_by(journal.c.number.desc())
    .limit(1)
)
_ADD = insert(journal)
_LISTED = (
    select(journal)
    .where(journal.c.library == bindparam("library"), journal.c.number < bindparam("before"))
    .order_by(journal.c.number.desc())
    .limit(bindparam("limit", type_=Integer))
)
_OF_READER = _LISTED.where(journal.c.reader == bindparam("reader"))
_NEWEST = 2**31 - 1
_HASHED = "library number actor_kind actor_id actor_role action reader data prev_hash".split()


@dataclass(slots=True, frozen=True)
class Entry:
    """One line. ``reader`` is the key of the reader whose data it was, which leads nowhere once that one is erased."""

    library: str
    number: int
    at: datetime
    actor_kind: str
    actor_id: str
    actor_role: str
    action: str
    reader: str
    data: dict[str, Any]
    hash: str

    def to_json(self) -> dict[str, Any]:
        """As programs get it; ``at`` stays an instant."""
        return {
            "number": self.number,
            "at": self.at,
            "actor": {"kind": self.actor_kind, "id": self.actor_id or None, "role": self.actor_role or None},
            "action": self.action,
            "reader": self.reader or None,
            "data": self.data,
        }


def note(
    connection: Connection, library: str, actor: Actor, action: str, now: datetime, reader: str = "", **data: Any
) -> int:
    """Write a line, in the transaction that does what it tells of; gives its number.

    ``reader`` is a key, and so is the id of a reader who acts: nothing here names a person of the public.
    """
    lock_readers(connection, library, ["journal"])
    last = connection.execute(_LAST, {"library": library}).first()
    number: int = 1 if last is None else last.number + 1
    row = {
        "library": library,
        "number": number,
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": reader if actor.kind == "reader" else plain(actor.id),
        "actor_role": actor.role or "",
        "action": action,
        "reader": reader,
        "data": dump(data),
        "prev_hash": "" if last is None else last.hash,
    }
    connection.execute(_ADD, {**row, "hash": digest(row)})
    return number


def digest(row: Any) -> str:
    """SHA-256 over a JSON list of all that a line says and the hash of the line before."""
    said = [microseconds(row["at"]), *(row[name] for name in _HASHED)]
    return sha256(to_json(said)).hexdigest()


def last_line(connection: Connection, library: str) -> tuple[int, str]:
    """Number and hash of the newest line; (0, "") if there is none."""
    last = connection.execute(_LAST, {"library": library}).first()
    return (0, "") if last is None else (last.number, last.hash)


def entries(
    connection: Connection, library: str, reader: str | None = None, limit: int = 100, before: int = _NEWEST
) -> list[Entry]:
    """Lines, newest first, of one reader's key or of all; ``before`` is the last number of the page before."""
    values = {"library": library, "limit": limit, "before": before}
    if reader is None:
        found = connection.execute(_LISTED, values)
    else:
        found = connection.execute(_OF_READER, {**values, "reader": reader})
    return [
        Entry(**{**{name: row[name] for name in Entry.__slots__}, "data": load(row["data"])})
        for row in found.mappings()
    ]
