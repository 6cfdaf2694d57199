"""Privacy and the audit trail: when a request was anonymised, holds, who looked at readers' data, checkpoints."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ENDED_WITH_DATA = sa.text("closed_at IS NOT NULL AND (anonymised_at IS NULL OR updated_at > anonymised_at)")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade() -> None:
    op.add_column("ill_request", _text("reader_category"))
    op.add_column("ill_request", _text("reader_department"))
    op.add_column("ill_request", sa.Column("anonymised_at", sa.BigInteger))
    op.create_index(
        "ix_ill_request_privacy",
        "ill_request",
        ["library", "closed_at", "id"],
        sqlite_where=ENDED_WITH_DATA,
        postgresql_where=ENDED_WITH_DATA,
    )
    op.add_column("ill_reader", _text("department"))
    _fill_departments()
    op.create_table(
        "ill_hold",
        *(_key(name) for name in ("library", "kind", "subject")),
        *(_text(name) for name in ("reason", "actor_id")),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("library", "kind", "subject", name="pk_ill_hold"),
    )
    op.create_table(
        "ill_unerased",
        *(_key(name) for name in ("part", "request_id")),
        _text("library"),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("part", "request_id", name="pk_ill_unerased"),
    )
    op.create_table(
        "ill_audit",
        _key("library"),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(_text(name) for name in ("actor_kind", "actor_id", "actor_role", "action", "reader")),
        sa.Column("data", sa.Text, nullable=False),
        *(_text(name) for name in ("prev_hash", "hash")),
        sa.PrimaryKeyConstraint("library", "number", name="pk_ill_audit"),
    )
    op.create_index("ix_ill_audit_reader", "ill_audit", ["library", "reader"])
    op.create_table(
        "ill_checkpoint",
        _key("library"),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        _number("requests"),
        _text("root"),
        _number("journal"),
        *(_text(name) for name in ("journal_hash", "prev_hash", "hash")),
        sa.PrimaryKeyConstraint("library", "number", name="pk_ill_checkpoint"),
    )
    op.create_table(
        "ill_checkpoint_head",
        _key("request_id"),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        _text("library"),
        sa.Column("number", sa.Integer, nullable=False),
        _text("hash"),
        sa.PrimaryKeyConstraint("request_id", "seq", name="pk_ill_checkpoint_head"),
    )
    op.create_index("ix_ill_checkpoint_head_number", "ill_checkpoint_head", ["library", "number", "request_id"])


def _fill_departments() -> None:
    reader = sa.table("ill_reader", sa.column("number"), sa.column("body"), sa.column("department"))
    connection = op.get_bind()
    for number, body in connection.execute(sa.select(reader.c.number, reader.c.body)).all():
        department = json.loads(body).get("department", "")
        if department:
            connection.execute(sa.update(reader).where(reader.c.number == number).values(department=department))


def downgrade() -> None:
    for name in ("ill_checkpoint_head", "ill_checkpoint", "ill_audit", "ill_unerased", "ill_hold"):
        op.drop_table(name)
    op.drop_index("ix_ill_request_privacy", "ill_request")
    with op.batch_alter_table("ill_request") as table:
        for name in ("anonymised_at", "reader_department", "reader_category"):
            table.drop_column(name)
    with op.batch_alter_table("ill_reader") as table:
        table.drop_column("department")
