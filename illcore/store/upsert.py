"""Insert or update in one statement; SQLite and PostgreSQL spell it the same way."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects.postgresql import Insert, insert


def upsert(table: Table, keys: Sequence[str], columns: Sequence[str], **also: Any) -> Insert:
    """Insert ``keys`` and ``columns``; where the keys exist, set the columns to what was given.

    ``also`` adds expressions for the update, by column. Without columns an existing row stays as it is.
    """
    names = (*keys, *columns)
    statement = insert(table).values({name: bindparam(name) for name in names})
    changes = {name: statement.excluded[name] for name in columns} | also
    if not changes:
        return statement.on_conflict_do_nothing(index_elements=list(keys))
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changes)
