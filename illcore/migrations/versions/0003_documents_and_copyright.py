"""Documents of requests, the copyright ledger, and declarations that readers made."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def upgrade() -> None:
    op.create_table(
        "ill_document",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        *(_text(name) for name in "library sha256 name media_type source origin".split()),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("erased_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_ill_document"),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_document_request_id"),
    )
    op.create_index("ix_ill_document_request_id", "ill_document", ["request_id"])
    op.create_table(
        "ill_copyright_claim",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        _text("library"),
        sa.Column("year", sa.Integer, nullable=False, server_default="0"),
        sa.Column("claim_limit", sa.Integer),
        sa.Column("until", sa.Text),
        *(_text(name) for name in "status title issn".split()),
        sa.Column("fee", sa.Text),
        _text("currency"),
        sa.Column("retention_until", sa.Text),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "key", name="pk_ill_copyright_claim"),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_copyright_claim_request_id"),
    )
    live = sa.text("status IN ('reserved', 'final')")
    op.create_index(
        "ix_ill_copyright_claim_live",
        "ill_copyright_claim",
        ["library", "key", "year"],
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "ill_declaration",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        *(_text(name) for name in "library reader_id actor_kind actor_id language text_sha".split()),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "version", name="pk_ill_declaration"),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_declaration_request_id"),
    )
    op.create_index("ix_ill_declaration_reader_id", "ill_declaration", ["library", "reader_id"])


def downgrade() -> None:
    for name in ("ill_declaration", "ill_copyright_claim", "ill_document"):
        op.drop_table(name)
