"""The database schema: SQLAlchemy Core tables, the same on SQLite and PostgreSQL; see each module for its subject.

Table names start with ``ill_``, because a host application keeps its own tables in the same database. Instants are
microseconds since 1970-01-01 UTC, dates ISO 8601 text, money and JSON text.
"""

from illcore.tables.columns import EPOCH, Instant, literal, metadata, microseconds
from illcore.tables.documents import LIVE_CLAIM, claim, declaration, document
from illcore.tables.log import event, payload
from illcore.tables.motion import DEAD, UNFINISHED, UNMATCHED, account_state, guard, idempotency, inbox, lane, outbox
from illcore.tables.privacy import checkpoint, hold, journal, sealed, unerased
from illcore.tables.records import calendar, library, partner, partner_stats, partner_symbol, reader
from illcore.tables.requests import (
    ATTENTION,
    ENDED_WITH_DATA,
    HAS_PARENT,
    HAS_READER,
    attempt,
    condition,
    item,
    match_key,
    request,
    timer,
)

__all__ = [
    "ATTENTION",
    "DEAD",
    "ENDED_WITH_DATA",
    "EPOCH",
    "HAS_PARENT",
    "HAS_READER",
    "LIVE_CLAIM",
    "UNFINISHED",
    "UNMATCHED",
    "Instant",
    "account_state",
    "attempt",
    "calendar",
    "checkpoint",
    "claim",
    "condition",
    "declaration",
    "document",
    "event",
    "guard",
    "hold",
    "idempotency",
    "inbox",
    "item",
    "journal",
    "lane",
    "library",
    "literal",
    "match_key",
    "metadata",
    "microseconds",
    "outbox",
    "partner",
    "partner_stats",
    "partner_symbol",
    "payload",
    "reader",
    "request",
    "sealed",
    "timer",
    "unerased",
]
