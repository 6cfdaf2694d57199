"""Holds, what is still to be erased, the journal of who looked, checkpoints over all logs."""

from sqlalchemy import Column, Index, Integer, Table, Text

from illcore.tables.columns import key, metadata, number, text, texts, when

hold = Table(
    "ill_hold",
    metadata,
    key("library"),
    key("kind"),
    key("subject"),
    *texts("reason actor_id"),
    when("at", required=True),
)
"""What must not be erased: ``kind`` request or reader, ``subject`` its id or the reader's key."""

unerased = Table(
    "ill_unerased",
    metadata,
    key("part"),
    key("request_id"),
    text("library"),
    when("at", required=True),
)
"""What a plugin could not erase with the rest of a request; tried again with every run."""

journal = Table(
    "ill_audit",
    metadata,
    key("library"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    when("at", required=True),
    *texts("actor_kind actor_id actor_role action reader"),
    Column("data", Text, nullable=False),
    *texts("prev_hash hash"),
)
Index("ix_ill_audit_reader", journal.c.library, journal.c.reader)

checkpoint = Table(
    "ill_checkpoint",
    metadata,
    key("library"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    when("at", required=True),
    number("requests"),
    text("root"),
    number("journal"),
    *texts("journal_hash prev_hash hash"),
)

sealed = Table(
    "ill_checkpoint_head",
    metadata,
    key("request_id"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    text("library"),
    Column("number", Integer, nullable=False),
    text("hash"),
)
"""The heads that a checkpoint saw for the first time. No foreign key: they outlive what they tell of."""
Index("ix_ill_checkpoint_head_number", sealed.c.library, sealed.c.number, sealed.c.request_id)
