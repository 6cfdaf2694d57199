"""Legal holds: while one stands, nothing of that request, or of any request of that reader, is erased."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, delete, insert, or_, select

from illcore import audit, readers
from illcore.errors import Invalid, NotAllowed, NotFound
from illcore.events import Actor
from illcore.store.codec import plain
from illcore.store.requests import lock_one
from illcore.tables import hold as table
from illcore.tables import request

Kind = Literal["request", "reader"]

_ONE = (
    table.c.library == bindparam("of_library"),
    table.c.kind == bindparam("of_kind"),
    table.c.subject == bindparam("of_subject"),
)
_GET = select(table.c.reason).where(*_ONE)
_DROP = delete(table).where(*_ONE)
_ALL = select(table).where(table.c.library == bindparam("library")).order_by(table.c.at, table.c.kind, table.c.subject)
_LOCK_REQUESTS = (
    select(request.c.id)
    .where(request.c.library == bindparam("library"), request.c.reader_id == bindparam("reader"))
    .order_by(request.c.id)
    .with_for_update()
)
_HELD = (
    select(request.c.id)
    .where(request.c.id.in_(bindparam("ids", expanding=True)))
    .where(
        select(table.c.subject)
        .where(table.c.library == request.c.library)
        .where(
            or_(
                (table.c.kind == "request") & (table.c.subject == request.c.id),
                (table.c.kind == "reader") & (table.c.subject == request.c.reader_id),
            )
        )
        .exists()
    )
)


@dataclass(slots=True, frozen=True)
class Hold:
    """One hold. ``subject`` is a request's id or a reader's own id; ``by`` is the member of staff."""

    kind: str
    subject: str
    reason: str
    by: str
    at: datetime

    def to_json(self) -> dict[str, object]:
        """``{"kind", "subject", "reason", "by", "at"}``."""
        return {name: getattr(self, name) for name in self.__slots__}


def hold(connection: Connection, actor: Actor, kind: Kind, subject: str, reason: str, now: datetime) -> None:
    """Let nothing be erased of a request, or of a reader by the own id, until it is released.

    Raises Invalid without a reason or for an anonymised request, NotFound, NotAllowed unless for a supervisor.
    """
    may_govern(actor, "holds are for supervisors and admins")
    if not reason.strip():
        raise Invalid("a hold needs a reason; give --reason", {"reason": "is empty"})
    key = _key(connection, actor.library, kind, subject)
    if kind == "request":
        if lock_one(connection, actor.library, key).anonymised_at is not None:
            raise Invalid(f"{subject} is anonymised already; there is nothing left to hold")
    else:
        connection.execute(_LOCK_REQUESTS, {"library": actor.library, "reader": key})
    values = {"of_library": actor.library, "of_kind": kind, "of_subject": key}
    if connection.execute(_GET, values).first() is not None:
        raise Invalid(f"{kind} {subject} is held already; release it first to change the reason")
    row = {"library": actor.library, "kind": kind, "subject": key, "reason": plain(reason.strip())}
    connection.execute(insert(table), {**row, "actor_id": plain(actor.id), "at": now})
    about = {"request": key} if kind == "request" else {}
    audit.note(connection, actor.library, actor, "hold", now, "" if about else key, **about)


def release(connection: Connection, actor: Actor, kind: Kind, subject: str, now: datetime) -> None:
    """End a hold; what is overdue goes with the next run. NotFound if there is none, NotAllowed as ``hold``."""
    may_govern(actor, "holds are for supervisors and admins")
    key = _key(connection, actor.library, kind, subject)
    values = {"of_library": actor.library, "of_kind": kind, "of_subject": key}
    if connection.execute(_DROP, values).rowcount != 1:
        raise NotFound(f"{kind} {subject} is not held; see what is with: ill privacy holds")
    about = {"request": key} if kind == "request" else {}
    audit.note(connection, actor.library, actor, "release", now, "" if about else key, **about)


def holds(connection: Connection, library: str) -> list[Hold]:
    """All holds of a library, the oldest first."""
    found = []
    for row in connection.execute(_ALL, {"library": library}):
        known = readers.by_key(connection, library, row.subject) if row.kind == "reader" else None
        found.append(Hold(row.kind, known.id if known else row.subject, row.reason, row.actor_id, row.at))
    return found


def held_reader(connection: Connection, library: str, key: str) -> str | None:
    """Why a reader, by key, is held; None if not."""
    values = {"of_library": library, "of_kind": "reader", "of_subject": key}
    return connection.execute(_GET, values).scalar()


def held_among(connection: Connection, ids: list[str]) -> set[str]:
    """Those of the requests that are held, themselves or by their reader."""
    return set(connection.execute(_HELD, {"ids": ids}).scalars()) if ids else set()


def may_govern(actor: Actor, why: str) -> None:
    """NotAllowed unless a supervisor, an admin or the engine itself acts."""
    if actor.kind == "system" or (actor.kind == "staff" and actor.role in ("supervisor", "admin")):
        return
    raise NotAllowed(why)


def _key(connection: Connection, library: str, kind: Kind, subject: str) -> str:
    if kind == "request":
        return lock_one(connection, library, subject).id
    key = readers.key_of(connection, library, subject)
    if key is None:
        raise NotFound(f"there is no reader {subject} in {library}")
    return key
