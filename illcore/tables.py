"""The database schema: SQLAlchemy Core tables, the same on SQLite and PostgreSQL.

Table names start with ``ill_``, because a host application keeps its own tables in the same database. Instants are
microseconds since 1970-01-01 UTC, dates ISO 8601 text, money and JSON text.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    literal_column,
    or_,
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


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="", **options)


def _texts(names: str) -> tuple[Column[str], ...]:
    return tuple(_text(name) for name in names.split())


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _when(name: str, *, required: bool = False) -> Column[datetime]:
    return Column(name, Instant, nullable=not required)


def _of_request(*, key: bool = False) -> Column[str]:
    return Column("request_id", Text, ForeignKey("ill_request.id"), primary_key=key, nullable=False)


def literal(text: str | int) -> ColumnElement[Any]:
    """A constant written into the statement: a partial index serves only queries that repeat its condition so."""
    return literal_column(f"'{text}'" if isinstance(text, str) else str(text))


def _where(name: str, *columns: Any, condition: Any) -> Index:
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


# --- requests ------------------------------------------------------------------------------------------------------

request = Table(
    "ill_request",
    metadata,
    _key("id"),
    *_texts("library role service_type supplied_as state outcome"),
    _number("version"),
    _text("partner"),
    _number("attempt"),
    *_texts("reader_id title title_key requesting_agency_request_id"),
    _number("needs_attention"),
    _text("queue"),
    Column("due_date", Text),
    Column("needed_by", Text),
    _flag("not_wanted"),
    _text("publication_type"),
    _text("parent_id"),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    _when("state_since", required=True),
    _when("sent_at"),
    _when("answered_at"),
    _when("shipped_at"),
    _when("received_at"),
    _when("closed_at"),
    Column("body", Text, nullable=False),
)
ATTENTION = request.c.needs_attention == literal(1)
HAS_READER = request.c.reader_id != literal("")
HAS_PARENT = request.c.parent_id != literal("")
Index("ix_ill_request_newest", request.c.library, request.c.id)
Index("ix_ill_request_state", request.c.library, request.c.role, request.c.state, request.c.id)
Index("ix_ill_request_partner", request.c.library, request.c.partner, request.c.id)
_where(
    "ix_ill_request_reader", request.c.library, request.c.reader_id, request.c.id, condition=request.c.reader_id != ""
)
_where("ix_ill_request_attention", request.c.library, request.c.needs_attention, request.c.id, condition=ATTENTION)
_where("ix_ill_request_parent", request.c.parent_id, condition=HAS_PARENT)

attempt = Table(
    "ill_attempt",
    metadata,
    _of_request(key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    *_texts("library role partner"),
    Column("requesting_agency_request_id", Text),
    *_texts("supplying_agency_request_id status outcome reason"),
    _flag("shipped"),
    _when("started_at"),
    _when("answered_at"),
    _when("ended_at"),
    UniqueConstraint("library", "role", "requesting_agency_request_id", "partner"),
)

item = Table(
    "ill_item",
    metadata,
    _of_request(key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    *_texts("library label barcode call_number location"),
    Column("due_date", Text),
    _text("condition"),
    _when("sent_at"),
    _when("received_at"),
    _when("returned_at"),
)
_where("ix_ill_item_barcode", item.c.library, item.c.barcode, condition=item.c.barcode != literal(""))

condition = Table(
    "ill_condition",
    metadata,
    _of_request(key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("code"),
    _text("text"),
    Column("cost", Text),
    Column("currency", Text),
    _when("asked_at"),
    _text("answer"),
    _when("answered_at"),
)

match_key = Table(
    "ill_match_key",
    metadata,
    _of_request(key=True),
    _key("key"),
    _text("library"),
    _when("at", required=True),
)
Index("ix_ill_match_key_key", match_key.c.library, match_key.c.key)

timer = Table(
    "ill_timer",
    metadata,
    _of_request(key=True),
    _key("kind"),
    _text("library"),
    _when("due", required=True),
)
Index("ix_ill_timer_due", timer.c.due)

# --- the log -------------------------------------------------------------------------------------------------------

payload = Table(
    "ill_payload",
    metadata,
    _key("id"),
    _of_request(),
    Column("salt", Text, nullable=False),
    Column("body", Text),
    _when("at", required=True),
    _when("erased_at"),
)
Index("ix_ill_payload_request_id", payload.c.request_id)

event = Table(
    "ill_event",
    metadata,
    _of_request(key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _when("at", required=True),
    *_texts("type actor_kind actor_id actor_role"),
    _number("attempt"),
    _text("effect"),
    _flag("by_hand"),
    _text("refused"),
    _text("state"),
    Column("data", Text, nullable=False),
    Column("payload_id", Text, ForeignKey("ill_payload.id")),
    *_texts("payload_sha prev_hash hash"),
)

# --- motion --------------------------------------------------------------------------------------------------------

outbox = Table(
    "ill_outbox",
    metadata,
    _key("key"),
    _of_request(),
    Column("seq", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    *_texts("library lane kind name"),
    _number("attempt"),
    Column("payload", Text, nullable=False),
    _text("status"),
    _number("tries"),
    _text("known"),
    _when("due", required=True),
    _when("first_due", required=True),
    _text("claimed_by"),
    _text("last_error"),
    _when("done_at"),
)
UNFINISHED = outbox.c.status.in_((literal("pending"), literal("claimed")))
DEAD = outbox.c.status == literal("dead")
Index("ix_ill_outbox_request_id", outbox.c.request_id, outbox.c.seq, outbox.c.n)
_where("ix_ill_outbox_lane", outbox.c.lane, outbox.c.due, condition=UNFINISHED)
_where("ix_ill_outbox_dead", outbox.c.lane, outbox.c.request_id, condition=DEAD)

lane = Table(
    "ill_lane",
    metadata,
    _key("name"),
    _when("lease_until"),
    _text("token"),
    _number("failures"),
    _when("open_until"),
    Column("probe_wait", Float, nullable=False, server_default="0"),
)

inbox = Table(
    "ill_inbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *_texts("library partner digest kind status"),
    _when("received_at", required=True),
    Column("request_id", Text, ForeignKey("ill_request.id")),
    _number("seq"),
    Column("result", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("library", "partner", "digest"),
)
UNMATCHED = inbox.c.status == literal("unmatched")
_where("ix_ill_inbox_unmatched", inbox.c.library, inbox.c.id, condition=UNMATCHED)

idempotency = Table(
    "ill_idempotency",
    metadata,
    _key("library"),
    _key("actor"),
    _key("key"),
    Column("digest", Text, nullable=False),
    Column("result", Text, nullable=False),
    _when("at", required=True),
)
Index("ix_ill_idempotency_at", idempotency.c.at)

guard = Table("ill_guard", metadata, _key("library"), _key("reader_id"))

account_state = Table(
    "ill_account_state",
    metadata,
    _key("name"),
    Column("cursor", Text),
    _text("paused_reason"),
    _when("paused_at"),
    _when("updated_at", required=True),
)

# --- documents and copyright -----------------------------------------------------------------------------------------

document = Table(
    "ill_document",
    metadata,
    _key("id"),
    _of_request(),
    *_texts("library sha256 name media_type source origin"),
    Column("size", BigInteger, nullable=False),
    _when("created_at", required=True),
    _when("erased_at"),
)
Index("ix_ill_document_request_id", document.c.request_id)

claim = Table(
    "ill_copyright_claim",
    metadata,
    _of_request(key=True),
    _key("key"),
    _text("library"),
    _number("year"),
    Column("claim_limit", Integer),
    Column("until", Text),
    *_texts("status title issn"),
    Column("fee", Text),
    _text("currency"),
    Column("retention_until", Text),
    _when("taken_at", required=True),
    _when("changed_at", required=True),
)
LIVE_CLAIM = claim.c.status.in_((literal("reserved"), literal("final")))
_where("ix_ill_copyright_claim_live", claim.c.library, claim.c.key, claim.c.year, condition=LIVE_CLAIM)

declaration = Table(
    "ill_declaration",
    metadata,
    _of_request(key=True),
    _key("version"),
    *_texts("library reader_id actor_kind actor_id language text_sha"),
    Column("text", Text, nullable=False),
    _when("at", required=True),
)
Index("ix_ill_declaration_reader_id", declaration.c.library, declaration.c.reader_id)

# --- records -------------------------------------------------------------------------------------------------------

library = Table(
    "ill_library",
    metadata,
    _key("symbol"),
    Column("calendar", Text),
    Column("body", Text, nullable=False),
    _number("version"),
    _when("updated_at", required=True),
)

calendar = Table(
    "ill_calendar",
    metadata,
    _key("library"),
    _key("name"),
    Column("body", Text, nullable=False),
    _when("updated_at", required=True),
)

partner = Table(
    "ill_partner",
    metadata,
    _key("library"),
    _key("symbol"),
    *_texts("kind status account name_en name_zh"),
    Column("calendar", Text),
    Column("body", Text, nullable=False),
    _number("version"),
    _when("updated_at", required=True),
)
Index("ix_ill_partner_status", partner.c.library, partner.c.status)

partner_symbol = Table(
    "ill_partner_symbol",
    metadata,
    _key("library"),
    _key("symbol"),
    Column("partner", Text, nullable=False),
)
Index("ix_ill_partner_symbol_partner", partner_symbol.c.library, partner_symbol.c.partner)

partner_stats = Table(
    "ill_partner_stats",
    metadata,
    _key("library"),
    _key("partner"),
    _key("service_type"),
    _number("asked"),
    _number("filled"),
    _number("unfilled"),
    *(
        Column(name, Float, nullable=False, server_default="0")
        for name in "days_total tries_weight fills_weight days_weight lent_weight".split()
    ),
)

reader = Table(
    "ill_reader",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *_texts("library id category blocked"),
    Column("body", Text, nullable=False),
    _when("created_at", required=True),
    _when("updated_at", required=True),
    UniqueConstraint("library", "id"),
    sqlite_autoincrement=True,  # the number of an erased reader never comes back
)

# --- privacy -------------------------------------------------------------------------------------------------------

for _name in ("reader_category", "reader_department"):
    request.append_column(_text(_name))
request.append_column(_when("anonymised_at"))
ENDED_WITH_DATA = and_(
    request.c.closed_at.is_not(None),
    or_(request.c.anonymised_at.is_(None), request.c.updated_at > request.c.anonymised_at),
)
"""Requests that have ended and still hold what is personal, or hold it again."""
_where("ix_ill_request_privacy", request.c.library, request.c.closed_at, request.c.id, condition=ENDED_WITH_DATA)

reader.append_column(_text("department"))

hold = Table(
    "ill_hold",
    metadata,
    _key("library"),
    _key("kind"),
    _key("subject"),
    *_texts("reason actor_id"),
    _when("at", required=True),
)
"""What must not be erased: ``kind`` request or reader, ``subject`` its id or the reader's key."""

unerased = Table(
    "ill_unerased",
    metadata,
    _key("part"),
    _key("request_id"),
    _text("library"),
    _when("at", required=True),
)
"""What a plugin could not erase with the rest of a request; tried again with every run."""

journal = Table(
    "ill_audit",
    metadata,
    _key("library"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _when("at", required=True),
    *_texts("actor_kind actor_id actor_role action reader"),
    Column("data", Text, nullable=False),
    *_texts("prev_hash hash"),
)
Index("ix_ill_audit_reader", journal.c.library, journal.c.reader)

checkpoint = Table(
    "ill_checkpoint",
    metadata,
    _key("library"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _when("at", required=True),
    _number("requests"),
    _text("root"),
    _number("journal"),
    *_texts("journal_hash prev_hash hash"),
)

sealed = Table(
    "ill_checkpoint_head",
    metadata,
    _key("request_id"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("library"),
    Column("number", Integer, nullable=False),
    _text("hash"),
)
"""The heads that a checkpoint saw for the first time. No foreign key: they outlive what they tell of."""
Index("ix_ill_checkpoint_head_number", sealed.c.library, sealed.c.number, sealed.c.request_id)
