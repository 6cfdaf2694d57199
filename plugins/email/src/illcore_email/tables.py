"""The plugin's own tables: what was sent, what came, polite answers that wait, and each mailbox's own facts."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

from illcore.tables import Instant

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


boxes = Table(
    "email_box",
    metadata,
    Column("mailbox", Text, primary_key=True),
    _text("token_key"),
    _text("library"),
)
"""`token_key` is hexadecimal; `library` the one that the mailbox belongs to where nothing else says so."""

sent = Table(
    "email_sent",
    metadata,
    Column("mailbox", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    *(_text(name) for name in ("message_id", "ref", "library", "role", "partner", "number", "tag", "recipient")),
    Column("raw", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("ix_email_sent_message_id", "mailbox", "message_id"),
    Index("ix_email_sent_ref", "mailbox", "ref", "made_at"),
    Index("ix_email_sent_tag", "mailbox", "tag"),
)

mails = Table(
    "email_mail",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    *(_text(name) for name in ("mailbox", "library", "digest", "message_id", "sender", "subject")),
    Column("received_at", Instant, nullable=False),
    Column("size", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    *(_text(name) for name in ("status", "kind", "reason", "ref", "role", "partner", "number")),
    *(_text(name) for name in ("messages", "undelivered", "suggestion", "attachments")),
    _text("folder"),
    Column("validity", _Number, nullable=False, server_default="0"),
    Column("uid", _Number, nullable=False, server_default="0"),
    Column("marked", Integer, nullable=False, server_default="1"),
    UniqueConstraint("mailbox", "digest", name="uq_email_mail_digest"),
    Index("ix_email_mail_ref", "mailbox", "ref"),
    Index("ix_email_mail_kind", "library", "kind", "status", "id"),
    Index("ix_email_mail_place", "mailbox", "folder", "marked", "uid"),
    sqlite_autoincrement=True,
)
"""`status`: stored (raw alone), understood, matched or discarded (by staff). `kind` is the class of the mail.
`messages`, `undelivered`, `suggestion` and `attachments` are JSON. `marked` is 0 until the mail server was told that
it was seen."""

answers = Table(
    "email_answer",
    metadata,
    Column("mailbox", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    _text("recipient"),
    Column("raw", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    _text("error"),
    Column("done_at", Instant),
)
"""Answers to incomplete requests, sent with the next poll."""
