"""Insert or update in one statement; SQLite and PostgreSQL spell it the same way."""

from collections.abc import Sequence

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects.postgresql import Insert, insert


def upsert(table: Table, keys: Sequence[str], columns: Sequence[str], *, adds: bool = False) -> Insert:
    """Insert ``keys`` and ``columns``; where the keys exist, set the columns, or with ``adds`` count them up.

    Without columns an existing row stays as it is.
    """
    names = (*keys, *columns)
    statement = insert(table).values({name: bindparam(name) for name in names})
    if not columns:
        return statement.on_conflict_do_nothing(index_elements=list(keys))
    given = statement.excluded
    changes = {name: table.c[name] + given[name] if adds else given[name] for name in columns}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changes)
