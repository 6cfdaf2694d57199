"""The raw driver's turn: the statements that the engine executed, written down once, executed again without it.

The same SQL with the same values in the same transactions, rows fetched where there are any: what is left out is the
engine itself and SQLAlchemy. It is the most that any engine with these tables could reach with one connection.

Played ``with_decisions`` it also does what a program written by hand around the raw driver could not leave out: every
request that is read becomes a record, is decided upon by the same table, and becomes a row again.
"""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event, make_url

from illcore.decide import decide
from illcore.store import Database
from illcore.store.codec import load_request, request_columns

COMMIT = "COMMIT"
ROLLBACK = "ROLLBACK"
BEGIN = ("BEGIN", "BEGIN IMMEDIATE")


@dataclass(slots=True, frozen=True)
class Statement:
    """One execution; ``many`` has a sequence of rows for its values."""

    text: str
    values: Any = ()
    many: bool = False


@dataclass(slots=True, frozen=True)
class Thought:
    """One decision: what ``decide`` was asked."""

    asked: tuple[Any, ...]

    def again(self) -> None:
        """Decide again, and make the row again."""
        request_columns(decide(*self.asked).request)


Step = Statement | Thought
_READS_REQUESTS = "SELECT ill_request.body"


@dataclass(slots=True)
class Recording:
    """What a database was told and what was decided, in order. ``mark()`` gives the place that is next."""

    statements: list[Step] = field(default_factory=list)

    def mark(self) -> int:
        return len(self.statements)


@contextmanager
def recording(database: Database) -> Iterator[Recording]:
    """Write down everything that is executed and decided. Only one thread may use the database meanwhile."""
    tape = Recording()

    def executed(_c: Connection, _cursor: Any, text: str, values: Any, _context: Any, many: bool) -> None:
        tape.statements.append(Statement(text, list(values) if many else values, many))

    def committed(_connection: Connection) -> None:
        tape.statements.append(Statement(COMMIT))

    def undone(_connection: Connection) -> None:
        tape.statements.append(Statement(ROLLBACK))

    def decided(*asked: Any) -> Any:
        tape.statements.append(Thought(asked))
        return decide(*asked)

    listeners = {"before_cursor_execute": executed, "commit": committed, "rollback": undone}
    for name, listener in listeners.items():
        event.listen(database.engine, name, listener)
    where = sys.modules["illcore.store.apply"]  # as an attribute of its package it is the function of that name
    where.decide = decided  # type: ignore[attr-defined]
    try:
        yield tape
    finally:
        where.decide = decide  # type: ignore[attr-defined]
        for name, listener in listeners.items():
            event.remove(database.engine, name, listener)


def _taken(one: Statement, rows: Sequence[Any], with_decisions: bool) -> None:
    if with_decisions and one.text.startswith(_READS_REQUESTS):
        for (body,) in rows:
            load_request(body)


class RawSqlite:
    """sqlite3 with the engine's own settings of the connection."""

    def __init__(self, url: str, synchronous: str) -> None:
        path = make_url(url).database
        assert path is not None
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA synchronous = {synchronous}")

    def play(self, steps: Sequence[Step], with_decisions: bool = False) -> None:
        """Execute all of it."""
        connection = self._connection
        for one in steps:
            if isinstance(one, Thought):
                if with_decisions:
                    one.again()
            elif one.many:
                connection.executemany(one.text, one.values)
            else:
                cursor = connection.execute(one.text, one.values)
                if cursor.description:
                    _taken(one, cursor.fetchall(), with_decisions)

    def close(self) -> None:
        self._connection.close()


class RawPostgres:
    """psycopg as it comes: a transaction begins with its first statement."""

    def __init__(self, url: str) -> None:
        import psycopg

        self._connection = psycopg.connect(url)

    def play(self, steps: Sequence[Step], with_decisions: bool = False) -> None:
        """Execute all of it."""
        connection = self._connection
        for one in steps:
            if isinstance(one, Thought):
                if with_decisions:
                    one.again()
            elif one.text == COMMIT:
                connection.commit()
            elif one.text == ROLLBACK:
                connection.rollback()
            elif one.many:
                with connection.cursor() as cursor:
                    cursor.executemany(one.text, one.values)
            else:
                with connection.cursor() as cursor:
                    cursor.execute(one.text, one.values)
                    if cursor.description:
                        _taken(one, cursor.fetchall(), with_decisions)

    def close(self) -> None:
        self._connection.close()


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    from sqlalchemy import func, select

    from illcore.tables import metadata

    with database.read() as connection:
        return {
            one.name: connection.execute(select(func.count()).select_from(one)).scalar_one()
            for one in metadata.sorted_tables
        }
