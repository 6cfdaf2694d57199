"""The log of requests, and the personal texts that stand apart from it."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from illcore.tables.columns import flag, key, metadata, number, of_request, text, texts, when

payload = Table(
    "ill_payload",
    metadata,
    key("id"),
    of_request(),
    Column("salt", Text, nullable=False),
    Column("body", Text),
    when("at", required=True),
    when("erased_at"),
)
Index("ix_ill_payload_request_id", payload.c.request_id)

event = Table(
    "ill_event",
    metadata,
    of_request(key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    when("at", required=True),
    *texts("type actor_kind actor_id actor_role"),
    number("attempt"),
    text("effect"),
    flag("by_hand"),
    text("refused"),
    text("state"),
    Column("data", Text, nullable=False),
    Column("payload_id", Text, ForeignKey("ill_payload.id")),
    *texts("payload_sha prev_hash hash"),
)
