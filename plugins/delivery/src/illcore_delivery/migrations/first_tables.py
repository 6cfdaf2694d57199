"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False, server_default="") for name in names]


def _count(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, _NUMBER, nullable=False, server_default="0") for name in names]


def _instant(name: str, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "delivery_link",
        sa.Column("id", sa.Integer, nullable=False),
        *_text("library", "key", "request_id"),
        sa.Column("token_hash", sa.Text, nullable=False),
        *_text("file", "name", "media_type", "notices", "salt", "password_hash"),
        *_count("size", "confirm", "views", "used", "business_days"),
        _instant("made_at", nullable=False),
        _instant("expires_at", nullable=False),
        _instant("first_used_at"),
        _instant("last_used_at"),
        _instant("revoked_at"),
        *_text("revoked_by"),
        *_count("tries"),
        _instant("tried_at"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_link"),
        sa.UniqueConstraint("library", "key", name="uq_delivery_link_key"),
        sa.UniqueConstraint("token_hash", name="uq_delivery_link_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_link_request", "delivery_link", ["library", "request_id"])
    op.create_table(
        "delivery_view",
        sa.Column("link", sa.Integer, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        _instant("started_at", nullable=False),
        _instant("last_at", nullable=False),
        *_count("requests", "granted", "sent"),
        sa.PrimaryKeyConstraint("link", "n", name="pk_delivery_view"),
        sa.ForeignKeyConstraint(["link"], ["delivery_link.id"], name="fk_delivery_view_link"),
    )
    op.create_table(
        "delivery_print",
        sa.Column("id", sa.Integer, nullable=False),
        *_text("library", "key", "request_id", "file", "name"),
        *_count("pages"),
        _instant("made_at", nullable=False),
        _instant("printed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_print"),
        sa.UniqueConstraint("library", "key", name="uq_delivery_print_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_print_request", "delivery_print", ["library", "request_id"])


def downgrade() -> None:
    for name in ("delivery_print", "delivery_view", "delivery_link"):
        op.drop_table(name)
