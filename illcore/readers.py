"""The readers of a library: the only place of personal data. Requests and events know a reader by a key alone."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from illcore.errors import Conflict, NotFound
from illcore.model import Reader
from illcore.store.codec import plain
from illcore.tables import reader

_READER: TypeAdapter[Reader] = TypeAdapter(Reader)
_BY_ID = select(reader.c.number, reader.c.body).where(
    reader.c.library == bindparam("library"), reader.c.id == bindparam("id")
)
_KEPT = _BY_ID.with_for_update(read=True, key_share=True)  # nobody erases the reader before the request is there
_BY_NUMBER = select(reader.c.body).where(
    reader.c.library == bindparam("library"), reader.c.number == bindparam("number")
)
_ADD = insert(reader).returning(reader.c.number)
_CHANGE = (
    update(reader)
    .where(reader.c.number == bindparam("row"))
    .values(
        body=bindparam("content"),
        category=bindparam("in_category"),
        department=bindparam("in_department"),
        updated_at=bindparam("now"),
    )
)
_BLOCK = (
    update(reader)
    .where(reader.c.library == bindparam("of_library"), reader.c.id == bindparam("of_reader"))
    .values(blocked=bindparam("why"), updated_at=bindparam("now"))
)
_ERASE = delete(reader).where(reader.c.library == bindparam("of_library"), reader.c.id == bindparam("of_reader"))
_ALL = (
    select(reader.c.body)
    .where(reader.c.library == bindparam("library"), reader.c.id > bindparam("after"))
    .order_by(reader.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_COUNT = select(func.count()).select_from(reader).where(reader.c.library == bindparam("library"))
_TELLING = ("name", "email", "category", "department", "language")


def record(connection: Connection, library: str, given: Reader, now: datetime) -> str:
    """Remember a reader who asks for something; gives the key that stands in requests.

    Fields that are empty now keep what was known. A key says nothing about the reader and is never given twice, so
    erasing the reader makes all requests of that reader anonymous.
    """
    row = connection.execute(_KEPT, {"library": library, "id": plain(given.id)}).first()
    if row is not None:
        before = _READER.validate_json(row.body)
        told = {name: getattr(given, name) for name in _TELLING if getattr(given, name)}
        after = before.model_copy(update=told)
        if after != before:
            connection.execute(_CHANGE, {"row": row.number, **_content(after, now)})
        return str(row.number)
    content = _content(given, now)
    values: dict[str, Any] = {
        "library": library,
        "id": plain(given.id),
        "category": plain(given.category),
        "department": plain(given.department),
        "body": content["content"],
        "created_at": now,
        "updated_at": now,
    }
    try:
        return str(connection.execute(_ADD, values).scalar_one())
    except IntegrityError as error:
        raise Conflict(f"the reader {given.id} was recorded at this moment; try again") from error


def _content(one: Reader, now: datetime) -> dict[str, Any]:
    return {
        "content": one.model_dump_json(exclude_defaults=True),
        "in_category": plain(one.category),
        "in_department": plain(one.department),
        "now": now,
    }


def key_of(connection: Connection, library: str, id: str) -> str | None:
    """The key of a reader by the reader's own id; None if this reader never asked for anything."""
    row = connection.execute(_BY_ID, {"library": library, "id": plain(id)}).first()
    return None if row is None else str(row.number)


def by_key(connection: Connection, library: str, key: str) -> Reader | None:
    """The reader behind the key in a request; None if there is none, or was erased."""
    if not (key.isdecimal() and len(key) < 19):
        return None
    body = connection.execute(_BY_NUMBER, {"library": library, "number": int(key)}).scalar()
    return None if body is None else _READER.validate_json(body)


def get(connection: Connection, library: str, id: str) -> Reader:
    """A reader by the reader's own id; NotFound if this reader never asked for anything."""
    row = connection.execute(_BY_ID, {"library": library, "id": plain(id)}).first()
    if row is None:
        raise NotFound(f"there is no reader {id} in {library}")
    return _READER.validate_json(row.body)


def listed(connection: Connection, library: str, limit: int = 100, after: str = "") -> list[Reader]:
    """Readers by id, a page at a time; ``after`` is the last id of the page before."""
    values = {"library": library, "limit": limit, "after": after}
    return [_READER.validate_json(body) for body in connection.execute(_ALL, values).scalars()]


def count(connection: Connection, library: str) -> int:
    """How many readers are known."""
    return int(connection.execute(_COUNT, {"library": library}).scalar_one())


def block(connection: Connection, library: str, id: str, why: str, now: datetime) -> None:
    """Note why a reader may not ask (one sentence), or lift it with an empty text. NotFound if unknown."""
    values = {"of_library": library, "of_reader": plain(id), "why": plain(why), "now": now}
    if connection.execute(_BLOCK, values).rowcount != 1:
        raise NotFound(f"there is no reader {id} in {library}")


def erase(connection: Connection, library: str, id: str) -> bool:
    """Forget a reader for good; requests keep the key, which leads nowhere. False if there was none."""
    return connection.execute(_ERASE, {"of_library": library, "of_reader": plain(id)}).rowcount == 1
