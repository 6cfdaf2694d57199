"""The columns of which all tables are made, their common metadata, and the instant as a number."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    literal_column,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """Microseconds since the epoch; ValueError without a time zone, whose meaning would be a guess."""
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {at.isoformat()}")
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class Instant(TypeDecorator[datetime]):
    """A point in time, exact to the microsecond and comparable as a number."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def text(name: str, **options: Any) -> Column[str]:
    """A text, empty unless set."""
    return Column(name, Text, nullable=False, server_default="", **options)


def texts(names: str) -> tuple[Column[str], ...]:
    """Several of them, named in one string."""
    return tuple(text(name) for name in names.split())


def number(name: str) -> Column[int]:
    """A whole number, 0 unless set."""
    return Column(name, Integer, nullable=False, server_default="0")


def flag(name: str) -> Column[bool]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False)


def key(name: str) -> Column[str]:
    """A text that is (part of) the primary key."""
    return Column(name, Text, primary_key=True)


def when(name: str, *, required: bool = False) -> Column[datetime]:
    """An instant."""
    return Column(name, Instant, nullable=not required)


def of_request(*, key: bool = False) -> Column[str]:
    """The request that the row belongs to."""
    return Column("request_id", Text, ForeignKey("ill_request.id"), primary_key=key, nullable=False)


def literal(text: str | int) -> ColumnElement[Any]:
    """A constant written into the statement: a partial index serves only queries that repeat its condition so."""
    return literal_column(f"'{text}'" if isinstance(text, str) else str(text))


def where(name: str, *columns: Any, condition: Any) -> Index:
    """A partial index."""
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)
