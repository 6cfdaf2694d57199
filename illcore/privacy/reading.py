"""Looking at readers' data: one, many, all that is held of one for that one, and deletion; every look is noted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Integer, bindparam, func, select
from sqlalchemy import delete as delete_from
from sqlalchemy.exc import SQLAlchemyError

from illcore import audit
from illcore.connectors import Erase, Tell
from illcore.errors import Conflict, NotAllowed, NotFound
from illcore.events import Actor
from illcore.model import Reader
from illcore.outbox import pending_for
from illcore.privacy.erasing import Erased, anonymise
from illcore.privacy.holds import held_among, held_reader, may_govern
from illcore.request import TERMINAL
from illcore.store import events_of
from illcore.store.codec import plain
from illcore.store.requests import lock
from illcore.tables import declaration, guard, outbox, reader, request

_READER = select(reader).where(reader.c.library == bindparam("library"), reader.c.id == bindparam("id"))
_LISTED = (
    select(reader)
    .where(reader.c.library == bindparam("library"), reader.c.id > bindparam("after"))
    .order_by(reader.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_OWN = (request.c.library == bindparam("library"), request.c.reader_id != "", request.c.reader_id == bindparam("key"))
_REQUESTS = select(request.c.id, request.c.body).where(*_OWN).order_by(request.c.id)
_COUNTS = (
    select(request.c.reader_id, func.count(), func.count().filter(request.c.closed_at.is_(None)))
    .where(
        request.c.library == bindparam("library"),
        request.c.reader_id != "",
        request.c.reader_id.in_(bindparam("keys", expanding=True)),
    )
    .group_by(request.c.reader_id)
)
_NOTICES = (
    select(outbox.c.request_id, outbox.c.name, outbox.c.first_due, outbox.c.status)
    .where(outbox.c.request_id.in_(bindparam("ids", expanding=True)), outbox.c.kind == "notify")
    .order_by(outbox.c.first_due)
)
_DECLARED = (
    select(
        declaration.c.request_id.label("request"),
        declaration.c.version,
        declaration.c.language,
        declaration.c.text,
        declaration.c.at,
        declaration.c.actor_kind.label("by"),
    )
    .where(declaration.c.library == bindparam("library"), declaration.c.reader_id == bindparam("key"))
    .order_by(declaration.c.at)
)
_INSIDE = frozenset({"head", "undo", "match_key", "library", "version"})
ALL_LINES = 1_000_000


def look(connection: Connection, actor: Actor, id: str, now: datetime) -> dict[str, Any]:
    """One reader: the record, how many requests, holds; noted as ``look``.

    For librarians and above, and for the reader. Raises NotFound, NotAllowed.
    """
    _may_see(actor, id)
    row = _found(connection, actor.library, id)
    audit.note(connection, actor.library, actor, "look", now, str(row.number))
    return _shown(connection, actor.library, [row])[0]


def look_through(
    connection: Connection, actor: Actor, now: datetime, limit: int = 100, after: str = ""
) -> list[dict[str, Any]]:
    """Readers by id, a page at a time; ``after`` is the last id of the page before. Noted as ``list``."""
    _may_see(actor, "")
    values = {"library": actor.library, "limit": limit, "after": after}
    rows = connection.execute(_LISTED, values).all()
    audit.note(connection, actor.library, actor, "list", now, count=len(rows))
    return _shown(connection, actor.library, rows)


def export(connection: Connection, actor: Actor, id: str, tellers: Mapping[str, Tell], now: datetime) -> dict[str, Any]:
    """All that is held of a reader, for that one (GDPR article 15, PIPL article 45); noted as ``export``.

    ``{"library", "exported_at", "reader", "requests", "declarations", "notices", "looked_at"}`` and a list for each
    plugin that holds something. Requests that were anonymised are nobody's and are not among them. For supervisors
    and the reader.
    """
    if not _is_self(actor, id):
        may_govern(actor, "a reader's data is exported by a supervisor, or by the reader")
    row = _found(connection, actor.library, id)
    key = str(row.number)
    audit.note(connection, actor.library, actor, "export", now, key)
    own = {"library": actor.library, "key": key}
    requests = connection.execute(_REQUESTS, own).all()
    ids = [each.id for each in requests]
    told = {part: _told(connection, part, tell, actor.library, ids) for part, tell in tellers.items()}
    notices = connection.execute(_NOTICES, {"ids": ids}).all() if ids else []
    return {
        "library": actor.library,
        "exported_at": now,
        "reader": _shown(connection, actor.library, [row])[0],
        "requests": [_request(connection, each.body) for each in requests],
        "declarations": [dict(each) for each in connection.execute(_DECLARED, own).mappings()],
        "notices": [
            {"request": each.request_id, "notice": each.name, "at": each.first_due, "status": each.status}
            for each in notices
        ],
        **told,
        "looked_at": [line.to_json() for line in audit.entries(connection, actor.library, key, ALL_LINES)],
    }


def delete(connection: Connection, actor: Actor, id: str, parts: Mapping[str, Erase], now: datetime) -> Erased:
    """Forget a reader for good: the requests that have ended are anonymised at once, then the record goes.

    After the commit the bytes of the documents are for the caller to delete. Raises NotAllowed while a request is
    open, a message of one is under way, a hold stands, or a declaration is kept; NotFound. For supervisors.
    """
    may_govern(actor, "a reader is deleted by a supervisor or an admin")
    row = _found(connection, actor.library, id, lock=True)
    key = str(row.number)
    why = held_reader(connection, actor.library, key)
    if why is not None:
        raise NotAllowed(f"the reader {id} is held: {why}; release it first")
    ids = [each.id for each in connection.execute(_REQUESTS, {"library": actor.library, "key": key})]
    requests = list(lock(connection, ids).values())
    still_open = [one.id for one in requests if one.state not in TERMINAL]
    if still_open:
        raise NotAllowed(f"the reader {id} has open requests: {_some(still_open)}; end them first")
    held = sorted(held_among(connection, ids))
    if held:
        raise NotAllowed(f"requests of the reader {id} are held: {_some(held)}; release them first")
    waiting = [one.id for one in requests if any(each.status != "dead" for each in pending_for(connection, one.id))]
    if waiting:
        raise NotAllowed(f"messages of {_some(waiting)} are still under way; try again when they are sent")
    declared = connection.execute(_DECLARED, {"library": actor.library, "key": key}).first()
    if declared is not None:
        raise NotAllowed(f"the reader {id} made a copyright declaration for request {declared.request}, which is kept")
    erased = anonymise(connection, actor.library, requests, parts, now)
    _drop(connection, actor.library, key)
    erased.counts["readers"] += 1
    audit.note(connection, actor.library, actor, "delete", now, key, counts=dict(sorted(erased.counts.items())))
    return erased


def _drop(connection: Connection, library: str, key: str) -> None:
    connection.execute(delete_from(reader).where(reader.c.library == library, reader.c.number == int(key)))
    connection.execute(delete_from(guard).where(guard.c.library == library, guard.c.reader_id == key))
    newer = select(request.c.id).where(
        request.c.library == library, request.c.reader_id != "", request.c.reader_id == key
    )
    if connection.execute(newer).first() is not None:
        raise Conflict("the reader asked for something at this moment; nothing was deleted")


def _found(connection: Connection, library: str, id: str, lock: bool = False) -> Any:
    statement = _READER.with_for_update() if lock else _READER
    row = connection.execute(statement, {"library": library, "id": plain(id)}).first()
    if row is None:
        raise NotFound(f"there is no reader {id} in {library}")
    return row


def _shown(connection: Connection, library: str, rows: Any) -> list[dict[str, Any]]:
    keys = [str(row.number) for row in rows]
    counted = connection.execute(_COUNTS, {"library": library, "keys": keys}) if keys else ()
    counts = {key: (count, open) for key, count, open in counted}
    return [
        {
            **Reader.model_validate_json(row.body).model_dump(),
            "blocked": row.blocked,
            "requests": counts.get(str(row.number), (0, 0))[0],
            "open_requests": counts.get(str(row.number), (0, 0))[1],
            "held": held_reader(connection, library, str(row.number)) or "",
            "recorded_at": row.created_at,
            "changed_at": row.updated_at,
        }
        for row in rows
    ]


def _request(connection: Connection, body: str) -> dict[str, Any]:
    stored = from_json(body)
    return {
        **{name: value for name, value in stored.items() if name not in _INSIDE},
        "events": [
            {
                "seq": event.seq,
                "at": event.at,
                "type": event.type,
                "by": event.actor_kind,
                "state": event.state,
                "data": event.data,
                **({"text": event.private} if event.private else {}),
            }
            for event in events_of(connection, stored["id"])
        ],
    }


def _told(connection: Connection, part: str, tell: Tell, library: str, ids: list[str]) -> Any:
    """What a plugin has; one that fails is said so in its place, and keeps nothing else from the reader."""
    try:
        with connection.begin_nested():
            return [dict(each) for each in tell(connection, library, ids)]
    except Exception as error:
        if isinstance(error, SQLAlchemyError) and connection.invalidated:
            raise
        return {"error": f"{part} could not tell what it holds: {type(error).__name__}"}


def _is_self(actor: Actor, id: str) -> bool:
    return actor.kind == "reader" and bool(id) and actor.id == id


def _may_see(actor: Actor, id: str) -> None:
    staff = actor.kind == "staff" and actor.role in ("librarian", "supervisor", "admin")
    if not (staff or actor.kind == "system" or _is_self(actor, id)):
        raise NotAllowed("readers' data is for librarians and above, and one's own for the reader")


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
