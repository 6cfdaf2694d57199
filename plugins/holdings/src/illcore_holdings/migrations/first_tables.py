"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "holdings_set",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("library", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("records", sa.Integer, nullable=False, server_default="0"),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_holdings_set"),
        sqlite_autoincrement=True,
    )
    live = sa.text("status IN ('loading', 'visible')")
    op.create_index(
        "ix_holdings_set_live",
        "holdings_set",
        ["library", "source", "status"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "holdings_record",
        sa.Column("id", number, nullable=False, autoincrement=False),
        sa.Column("body", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_holdings_record"),
    )
    op.create_table(
        "holdings_key",
        sa.Column("key", number, nullable=False),
        sa.Column("record", number, nullable=False),
        sa.PrimaryKeyConstraint("key", "record", name="pk_holdings_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_holdings_key_record", "holdings_key", ["record"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE holdings_words USING fts5("
            "words, tokenize = \"ascii tokenchars '+#'\", detail = 'none', columnsize = 0)"
        )
    else:
        op.execute("CREATE TABLE holdings_words (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_holdings_words_words ON holdings_words USING gin (words)")


def downgrade() -> None:
    for name in ("holdings_words", "holdings_key", "holdings_record", "holdings_set"):
        op.drop_table(name)
