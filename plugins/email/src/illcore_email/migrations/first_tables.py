"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "email_box",
        sa.Column("mailbox", sa.Text, nullable=False),
        _text("token_key"),
        _text("library"),
        sa.PrimaryKeyConstraint("mailbox", name="pk_email_box"),
    )
    op.create_table(
        "email_sent",
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        *(_text(name) for name in ("message_id", "ref", "library", "role", "partner", "number", "tag", "recipient")),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "key", name="pk_email_sent"),
    )
    op.create_index("ix_email_sent_message_id", "email_sent", ["mailbox", "message_id"])
    op.create_index("ix_email_sent_ref", "email_sent", ["mailbox", "ref", "made_at"])
    op.create_index("ix_email_sent_tag", "email_sent", ["mailbox", "tag"])
    op.create_table(
        "email_mail",
        sa.Column("id", number, nullable=False, autoincrement=True),
        *(_text(name) for name in ("mailbox", "library", "digest", "message_id", "sender", "subject")),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        *(_text(name) for name in ("status", "kind", "reason", "ref", "role", "partner", "number")),
        *(_text(name) for name in ("messages", "suggestion", "attachments")),
        _text("folder"),
        sa.Column("validity", number, nullable=False, server_default="0"),
        sa.Column("uid", number, nullable=False, server_default="0"),
        sa.Column("marked", sa.Integer, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id", name="pk_email_mail"),
        sa.UniqueConstraint("mailbox", "digest", name="uq_email_mail_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_email_mail_ref", "email_mail", ["mailbox", "ref"])
    op.create_index("ix_email_mail_kind", "email_mail", ["library", "kind", "status", "id"])
    op.create_index("ix_email_mail_place", "email_mail", ["mailbox", "folder", "marked", "uid"])
    op.create_table(
        "email_answer",
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        _text("recipient"),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        _text("error"),
        sa.Column("done_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("mailbox", "key", name="pk_email_answer"),
    )


def downgrade() -> None:
    for name in ("email_answer", "email_mail", "email_sent", "email_box"):
        op.drop_table(name)
