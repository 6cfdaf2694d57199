"""The plugin's own tables: links, each download of one, and copies that must be handed over on paper.

No table holds who a reader is, nor an internet address.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint

from illcore.tables import Instant

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _count(name: str) -> Column[int]:
    return Column(name, _Number, nullable=False, server_default="0")


links = Table(
    "delivery_link",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *(_text(name) for name in ("library", "key", "request_id")),
    Column("token_hash", Text, nullable=False),
    *(_text(name) for name in ("file", "name", "media_type", "notices", "salt", "password_hash")),
    _count("size"),
    _count("confirm"),
    _count("views"),
    _count("used"),
    _count("business_days"),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("first_used_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    _text("revoked_by"),
    _count("tries"),
    Column("tried_at", Instant),
    UniqueConstraint("library", "key", name="uq_delivery_link_key"),
    UniqueConstraint("token_hash", name="uq_delivery_link_token_hash"),
    Index("ix_delivery_link_request", "library", "request_id"),
    sqlite_autoincrement=True,
)
"""`token_hash` is SHA-256 of the token, in hexadecimal; `file` the name in the account's folder; `notices` a JSON list
of {en, zh} to accept before a download. `tries` counts wrong passwords since `tried_at`."""

views = Table(
    "delivery_view",
    metadata,
    Column("link", Integer, ForeignKey("delivery_link.id", name="fk_delivery_view_link"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    _count("requests"),
    _count("granted"),
    _count("sent"),
)
"""A view is one download with all its ranges; `granted` and `sent` are bytes asked for and bytes that went out."""

prints = Table(
    "delivery_print",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *(_text(name) for name in ("library", "key", "request_id", "file", "name")),
    _count("pages"),
    Column("made_at", Instant, nullable=False),
    Column("printed_at", Instant),
    UniqueConstraint("library", "key", name="uq_delivery_print_key"),
    Index("ix_delivery_print_request", "library", "request_id"),
    sqlite_autoincrement=True,
)
"""What copyright allows on paper only: printed by the desk, then its file is deleted."""
