"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oclc_stub_request",
        sa.Column("institution", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("library", sa.Text, nullable=False),
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("institution", "number", name="pk_oclc_stub_request"),
    )
    op.create_index("ix_oclc_stub_request_id", "oclc_stub_request", ["institution", "request_id"])
    op.create_index("ix_oclc_stub_request_asked", "oclc_stub_request", ["institution", "asked_at"])
    op.create_table(
        "oclc_stub_spent",
        sa.Column("wskey", sa.Text, nullable=False),
        sa.Column("slot", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("wskey", "slot", name="pk_oclc_stub_spent"),
    )
    op.create_table(
        "oclc_stub_pace",
        sa.Column("wskey", sa.Text, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("closed_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("wskey", name="pk_oclc_stub_pace"),
    )


def downgrade() -> None:
    for name in ("oclc_stub_pace", "oclc_stub_spent", "oclc_stub_request"):
        op.drop_table(name)
