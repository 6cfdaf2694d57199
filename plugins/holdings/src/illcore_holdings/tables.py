"""The plugin's own tables: sets of loaded records, the records, and the keys that find them.

A set is one load of one source. Its records become findable together, when its status turns to `visible`. A record's
id is its set's id and its number in the set, so that sets need no column and are deleted by ranges.

Beside these there is `holdings_words`: on SQLite an FTS5 table (rowid, words), on PostgreSQL a table (id, words
tsvector) with a GIN index. Both hold the words that `words.py` makes, so that both find the same.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text, text

from illcore.tables import Instant

LOADING, VISIBLE, DROPPED = "loading", "visible", "dropped"
SHIFT = 32
LIVE = text("status IN ('loading', 'visible')")

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")

sets = Table(
    "holdings_set",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("library", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("terms", Text, nullable=False),
    Column("progress", Text, nullable=False),
    Column("records", Integer, nullable=False, server_default="0"),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Index("ix_holdings_set_live", "library", "source", "status", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    sqlite_autoincrement=True,
)
"""`terms` and `progress` are JSON: what a source says for all its records; how far a load has come."""

records = Table(
    "holdings_record", metadata, Column("id", _Number, primary_key=True, autoincrement=False), Column("body", Text)
)

keys = Table(
    "holdings_key",
    metadata,
    Column("key", _Number, nullable=False),
    Column("record", _Number, nullable=False),
    PrimaryKeyConstraint("key", "record", name="pk_holdings_key"),
    Index("ix_holdings_key_record", "record"),
    sqlite_with_rowid=False,
)
"""ISBN, ISSN and whole titles as numbers (`words.py`)."""


def first_id(set_id: int) -> int:
    """The smallest id that a record of this set may have."""
    return set_id << SHIFT


def set_of(record_id: int) -> int:
    """The set of a record."""
    return record_id >> SHIFT
