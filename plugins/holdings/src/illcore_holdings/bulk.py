"""Many records at once into the tables: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from .record import Record, dump_record
from .tables import first_id

_RECORD = "INSERT INTO holdings_record (id, body) VALUES (?, ?)"
_WORDS = "INSERT INTO holdings_words (rowid, words) VALUES (?, ?)"
_KEY = "INSERT INTO holdings_key (key, record) VALUES (?, ?)"
_CACHE_KIB = 64 * 1024
_CHECKPOINT_PAGES = 16_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record as it will stand in the tables, but for its id."""

    body: str
    words: tuple[str, ...]
    keys: tuple[int, ...]

    @classmethod
    def of(cls, record: Record) -> Prepared:
        """Ready to be inserted."""
        words, keys = record.index()
        return cls(dump_record(record), tuple(words), tuple(keys))


def insert_records(connection: Connection, set_id: int, after: int, batch: Sequence[Prepared]) -> None:
    """Insert the records of a set that follow its first `after` ones."""
    first = first_id(set_id) + after + 1
    numbered = list(enumerate(batch, first))
    found = sorted((key, number) for number, one in numbered for key in one.keys)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_RECORD, [(number, one.body) for number, one in numbered])
        connection.exec_driver_sql(_WORDS, [(number, " ".join(one.words)) for number, one in numbered])
        if found:
            connection.exec_driver_sql(_KEY, found)
        return
    _copy(connection, "COPY holdings_record (id, body) FROM STDIN", ((number, one.body) for number, one in numbered))
    words = ((number, " ".join(f"'{word}'" for word in one.words)) for number, one in numbered)
    _copy(connection, "COPY holdings_words (id, words) FROM STDIN", words)
    _copy(connection, "COPY holdings_key (key, record) FROM STDIN", found)


def prepare_connection(connection: Connection) -> None:
    """More memory for the indexes, which a load touches everywhere, and fewer checkpoints; for this connection only."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")


def settle(connection: Connection) -> None:
    """After a load: what the planner of PostgreSQL has to know, and its list of words that are not sorted in yet."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT gin_clean_pending_list('ix_holdings_words_words')"))
        for name in ("holdings_words", "holdings_key", "holdings_record"):
            connection.execute(text(f"ANALYZE {name}"))


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
