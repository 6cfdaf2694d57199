"""What came in: every message once, with the answer it got; and what hosts and clients asked for with a key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Integer, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from illcore.errors import Conflict, Invalid
from illcore.prepared import Prepared
from illcore.store.codec import dump, load, plain
from illcore.tables import UNMATCHED, idempotency, inbox

InboxStatus = Literal["applied", "duplicate", "refused", "unmatched"]

_SAME = (
    inbox.c.library == bindparam("library"),
    inbox.c.partner == bindparam("partner"),
    inbox.c.digest == bindparam("digest"),
)
_IS_THERE = Prepared(select(inbox.c.id).where(*_SAME))
_GET = select(inbox).where(*_SAME)
_PUT = Prepared(insert(inbox), "library partner digest kind status received_at request_id seq result body".split())
_UNMATCHED = (
    select(inbox)
    .where(UNMATCHED, inbox.c.library == bindparam("library"), inbox.c.id < bindparam("before"))
    .order_by(inbox.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_SETTLE = (
    update(inbox)
    .where(inbox.c.id == bindparam("row_id"), UNMATCHED)
    .values(status=bindparam("status"), request_id=bindparam("request_id"), seq=bindparam("seq"))
)
_REMEMBERED = select(idempotency.c.digest, idempotency.c.result).where(
    idempotency.c.library == bindparam("library"),
    idempotency.c.actor == bindparam("actor"),
    idempotency.c.key == bindparam("key"),
)
_REMEMBER = insert(idempotency)
_FORGET = delete(idempotency).where(idempotency.c.at < bindparam("before"))
_NEWEST = 2**62


@dataclass(slots=True, frozen=True)
class InboxRow:
    """A message that came in. ``result`` is what its sender was answered, ``body`` the message, both JSON values."""

    id: int
    library: str
    partner: str
    digest: str
    kind: str
    status: str
    received_at: datetime
    request_id: str | None
    seq: int
    result: Any
    body: Any


def inbox_get(connection: Connection, library: str, partner: str, digest: str) -> InboxRow | None:
    """The same message from this partner, if it came before."""
    values = {"library": library, "partner": partner, "digest": digest}
    if _IS_THERE.read(connection, values).first() is None:
        return None
    return _row(connection.execute(_GET, values).mappings().one())


def inbox_put(
    connection: Connection,
    library: str,
    partner: str,
    digest: str,
    *,
    kind: str,
    status: InboxStatus,
    now: datetime,
    result: Any,
    body: Any,
    request_id: str | None = None,
    seq: int = 0,
) -> None:
    """Keep a message with its answer. Conflict if the same message was taken in meanwhile."""
    row = {
        "library": library,
        "partner": plain(partner),
        "digest": digest,
        "kind": kind,
        "status": status,
        "received_at": now,
        "request_id": request_id,
        "seq": seq,
        "result": dump(result),
        "body": dump(body),
    }
    try:
        _PUT.run(connection, [row])
    except IntegrityError as error:
        raise Conflict(f"the same message from {partner} was taken in at this moment") from error


def unmatched(connection: Connection, library: str, limit: int = 100, before: int = _NEWEST) -> list[InboxRow]:
    """Messages that belong to no request and wait for staff, newest first; ``before`` is the last id of a page."""
    values = {"library": library, "limit": limit, "before": before}
    return [_row(row) for row in connection.execute(_UNMATCHED, values).mappings()]


def settle_unmatched(
    connection: Connection, id: int, status: InboxStatus, request_id: str | None = None, seq: int = 0
) -> bool:
    """Staff have dealt with such a message; False if somebody else had before."""
    values = {"row_id": id, "status": status, "request_id": request_id, "seq": seq}
    return connection.execute(_SETTLE, values).rowcount == 1


def _row(row: Any) -> InboxRow:
    return InboxRow(**{**row, "result": load(row["result"]), "body": load(row["body"])})


def remembered(connection: Connection, library: str, actor: str, key: str, digest: str) -> Any | None:
    """What the same actor's earlier call with this idempotency key gave; None if there was none.

    Invalid if that call asked for something else (``digest`` is over what was asked).
    """
    found = connection.execute(_REMEMBERED, {"library": library, "actor": actor, "key": key}).first()
    if found is None:
        return None
    if found.digest != digest:
        raise Invalid(f"the idempotency key {key!r} was used before for something else; use a new key")
    return load(found.result)


def remember(
    connection: Connection, library: str, actor: str, key: str, digest: str, result: Any, now: datetime
) -> None:
    """Keep the result for the next call with this key, in the same commit. Conflict if that call runs right now."""
    row = {"library": library, "actor": actor, "key": key, "digest": digest, "result": dump(result), "at": now}
    try:
        connection.execute(_REMEMBER, row)
    except IntegrityError as error:
        raise Conflict(f"another call with the idempotency key {key!r} runs at this moment") from error


def forget_keys(connection: Connection, before: datetime) -> int:
    """Drop idempotency keys that are older; returns how many."""
    return connection.execute(_FORGET, {"before": before}).rowcount
