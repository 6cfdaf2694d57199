"""Lists of requests, newest first, a page at a time; and the ways to a request from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, bindparam, exists, func, or_, select

from illcore.model import Role
from illcore.store.codec import plain, search_key
from illcore.tables import ATTENTION, HAS_READER, attempt, request, timer

_SHOWN = [column for column in request.c if column.name not in ("body", "title_key")]
_ENDED = ("completed", "unfilled", "cancelled", "closed")


@dataclass(slots=True, frozen=True)
class Filter:
    """Which requests to list; what is left empty does not matter.

    ``partner`` is the one of the current attempt. ``text`` is part of the title, or an id: ours, or the one that the
    requesting library gave.
    """

    role: Role | None = None
    states: tuple[str, ...] = ()
    open: bool | None = None
    partner: str = ""
    attention: bool | None = None
    outcome: str = ""
    service_type: str = ""
    queue: str = ""
    reader_id: str = ""
    parent_id: str = ""
    not_wanted: bool | None = None
    text: str = ""


def find(
    connection: Connection, library: str, filter: Filter | None = None, limit: int | None = None, after: str = ""
) -> list[dict[str, Any]]:
    """The rows of a library's requests, newest first: the columns of the request table without the aggregate.

    ``after`` is the id of the last row of the page before.
    """
    asked = filter or Filter()
    values: dict[str, Any] = {"library": library}
    shape = tuple(name for name in Filter.__dataclass_fields__ if getattr(asked, name) not in (None, "", ()))
    values.update((name, getattr(asked, name)) for name in shape)
    if asked.text:
        words = search_key(asked.text)
        values["title"] = f"%{_escaped(words or plain(asked.text))}%"
        values["text"] = asked.text.strip()
        values["text_upper"] = asked.text.strip().upper()
    statement = _statement(shape, asked.open, asked.attention, bool(after), limit is not None)
    values |= {"after": after} if after else {}
    values |= {"limit": limit} if limit is not None else {}
    return [
        {**row, "needs_attention": bool(row["needs_attention"])}
        for row in connection.execute(statement, values).mappings()
    ]


def _escaped(words: str) -> str:
    for sign in "\\%_":
        words = words.replace(sign, f"\\{sign}")
    return words


@lru_cache(maxsize=512)
def _statement(
    shape: tuple[str, ...], open: bool | None, attention: bool | None, paged: bool, limited: bool
) -> Select[Any]:
    statement = select(*_SHOWN).where(request.c.library == bindparam("library")).order_by(request.c.id.desc())
    for name in shape:
        statement = statement.where(_condition(name, open, attention))
    if paged:
        statement = statement.where(request.c.id < bindparam("after"))
    return statement.limit(bindparam("limit", type_=Integer)) if limited else statement


def _condition(name: str, open: bool | None, attention: bool | None) -> ColumnElement[bool]:
    if name == "states":
        return request.c.state.in_(bindparam("states", expanding=True))
    if name == "open":
        return request.c.state.not_in(_ENDED) if open else request.c.state.in_(_ENDED)
    if name == "attention":
        return ATTENTION if attention else request.c.needs_attention == 0
    if name == "reader_id":
        return and_(HAS_READER, request.c.reader_id == bindparam("reader_id"))
    if name == "text":
        asked_as = exists().where(
            attempt.c.request_id == request.c.id, attempt.c.requesting_agency_request_id == bindparam("text")
        )
        in_title = request.c.title_key.like(bindparam("title"), escape="\\")
        return or_(in_title, request.c.id == bindparam("text_upper"), asked_as)
    return request.c[name] == bindparam(name)


_MATCH = select(attempt.c.request_id, attempt.c.n).where(
    attempt.c.library == bindparam("library"),
    attempt.c.role == bindparam("role"),
    attempt.c.partner.in_(bindparam("partners", expanding=True)),
    attempt.c.requesting_agency_request_id == bindparam("id"),
)
_LIBRARY_OF = select(request.c.library).where(request.c.id == bindparam("id"))
_DUE = (
    select(timer.c.request_id, timer.c.library, timer.c.kind, timer.c.due)
    .where(timer.c.due <= bindparam("now"))
    .order_by(timer.c.due, timer.c.request_id, timer.c.kind)
    .limit(bindparam("limit", type_=Integer))
)
_NEXT_TIMER = select(func.min(timer.c.due))
_QUEUED = (
    select(request.c.id)
    .where(
        request.c.library == bindparam("library"),
        HAS_READER,
        request.c.reader_id == bindparam("reader_id"),
        request.c.state == "queued",
    )
    .order_by(request.c.id)
    .limit(1)
)


@dataclass(slots=True, frozen=True)
class Match:
    """The attempt that an incoming message belongs to."""

    request_id: str
    attempt: int


@dataclass(slots=True, frozen=True)
class DueTimer:
    """A wait that has run out; ``kind`` without the prefix that its event carries."""

    request_id: str
    library: str
    kind: str
    due: datetime


def match_attempt(
    connection: Connection, library: str, role: Role, partner_symbols: Sequence[str], requesting_agency_request_id: str
) -> Match | None:
    """The attempt under this id with a partner that goes by these symbols; the same id from another is another."""
    values = {"library": library, "role": role, "partners": list(partner_symbols), "id": requesting_agency_request_id}
    found = connection.execute(_MATCH, values).first()
    return None if found is None else Match(found.request_id, found.n)


def library_of(connection: Connection, request_id: str) -> str | None:
    """The library that a request belongs to; None if there is no such request."""
    return connection.execute(_LIBRARY_OF, {"id": request_id}).scalar()


def due_timers(connection: Connection, now: datetime, limit: int) -> list[DueTimer]:
    """Waits that have run out, the longest ago first."""
    return [DueTimer(*row) for row in connection.execute(_DUE, {"now": now, "limit": limit})]


def next_timer(connection: Connection) -> datetime | None:
    """When the next wait runs out, be it past; None if nothing waits."""
    return connection.execute(_NEXT_TIMER).scalar()


def oldest_queued(connection: Connection, library: str, reader_id: str) -> str | None:
    """The request of this reader that has waited longest for a free place."""
    return connection.execute(_QUEUED, {"library": library, "reader_id": reader_id}).scalar()
