"""Copies that are handed over on paper only: kept until the desk has printed them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from .tables import prints


def order(connection: Connection, values: dict[str, Any]) -> Row[Any]:
    """Ask the desk to print a copy; the same key asks once."""
    connection.execute(upsert(prints).on_conflict_do_nothing(index_elements=["library", "key"]), values)
    found = ordered(connection, values["library"], values["key"])
    assert found is not None
    return found


def ordered(connection: Connection, library: str, key: str) -> Row[Any] | None:
    """What was asked for under an outbox key."""
    return connection.execute(select(prints).where(prints.c.library == library, prints.c.key == key)).first()


def waiting(connection: Connection, library: str, requests: Sequence[str] = ()) -> list[Row[Any]]:
    """The copies that are not printed yet, oldest first; of these requests, if any are named."""
    statement = select(prints).where(prints.c.library == library, prints.c.printed_at.is_(None)).order_by(prints.c.id)
    if requests:
        statement = statement.where(prints.c.request_id.in_(list(requests)))
    return list(connection.execute(statement))


def printed(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """The paper is there; the files are no longer needed."""
    connection.execute(update(prints).where(prints.c.id.in_(list(ids))).values(printed_at=now))
