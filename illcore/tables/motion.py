"""What moves: outbox, lanes, inbox, idempotency keys, guard rows, the state of accounts."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from illcore.tables.columns import key, literal, metadata, number, of_request, text, texts, when, where

outbox = Table(
    "ill_outbox",
    metadata,
    key("key"),
    of_request(),
    Column("seq", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    *texts("library lane kind name"),
    number("attempt"),
    Column("payload", Text, nullable=False),
    text("status"),
    number("tries"),
    text("known"),
    when("due", required=True),
    when("first_due", required=True),
    text("claimed_by"),
    text("last_error"),
    when("done_at"),
)
UNFINISHED = outbox.c.status.in_((literal("pending"), literal("claimed")))
DEAD = outbox.c.status == literal("dead")
Index("ix_ill_outbox_request_id", outbox.c.request_id, outbox.c.seq, outbox.c.n)
where("ix_ill_outbox_lane", outbox.c.lane, outbox.c.due, condition=UNFINISHED)
where("ix_ill_outbox_dead", outbox.c.lane, outbox.c.request_id, condition=DEAD)

lane = Table(
    "ill_lane",
    metadata,
    key("name"),
    when("lease_until"),
    text("token"),
    number("failures"),
    when("open_until"),
    Column("probe_wait", Float, nullable=False, server_default="0"),
)

inbox = Table(
    "ill_inbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *texts("library partner digest kind status"),
    when("received_at", required=True),
    Column("request_id", Text, ForeignKey("ill_request.id")),
    number("seq"),
    Column("result", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("library", "partner", "digest"),
)
UNMATCHED = inbox.c.status == literal("unmatched")
where("ix_ill_inbox_unmatched", inbox.c.library, inbox.c.id, condition=UNMATCHED)

idempotency = Table(
    "ill_idempotency",
    metadata,
    key("library"),
    key("actor"),
    key("key"),
    Column("digest", Text, nullable=False),
    Column("result", Text, nullable=False),
    when("at", required=True),
)
Index("ix_ill_idempotency_at", idempotency.c.at)

guard = Table("ill_guard", metadata, key("library"), key("reader_id"))

account_state = Table(
    "ill_account_state",
    metadata,
    key("name"),
    Column("cursor", Text),
    text("paused_reason"),
    when("paused_at"),
    when("updated_at", required=True),
)
