"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    op.create_table(
        "ill_account_state",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("cursor", sa.Text),
        sa.Column("paused_reason", sa.Text, nullable=False, server_default=""),
        sa.Column("paused_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ill_account_state"),
    )
    op.create_table(
        "ill_calendar",
        sa.Column("library", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("library", "name", name="pk_ill_calendar"),
    )
    op.create_table(
        "ill_guard",
        sa.Column("library", sa.Text, nullable=False),
        sa.Column("reader_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("library", "reader_id", name="pk_ill_guard"),
    )
    op.create_table(
        "ill_idempotency",
        sa.Column("library", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("library", "actor", "key", name="pk_ill_idempotency"),
    )
    op.create_index("ix_ill_idempotency_at", "ill_idempotency", ["at"])
    op.create_table(
        "ill_lane",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("token", sa.Text, nullable=False, server_default=""),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("open_until", sa.BigInteger),
        sa.Column("probe_wait", sa.Float, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("name", name="pk_ill_lane"),
    )
    op.create_table(
        "ill_library",
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("calendar", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("symbol", name="pk_ill_library"),
    )
    op.create_table(
        "ill_partner",
        sa.Column("library", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, server_default=""),
        sa.Column("status", sa.Text, nullable=False, server_default=""),
        sa.Column("account", sa.Text, nullable=False, server_default=""),
        sa.Column("name_en", sa.Text, nullable=False, server_default=""),
        sa.Column("name_zh", sa.Text, nullable=False, server_default=""),
        sa.Column("calendar", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("library", "symbol", name="pk_ill_partner"),
    )
    op.create_index("ix_ill_partner_status", "ill_partner", ["library", "status"])
    op.create_table(
        "ill_partner_stats",
        sa.Column("library", sa.Text, nullable=False),
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("service_type", sa.Text, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False, server_default="0"),
        sa.Column("filled", sa.Integer, nullable=False, server_default="0"),
        sa.Column("unfilled", sa.Integer, nullable=False, server_default="0"),
        sa.Column("days_total", sa.Float, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("library", "partner", "service_type", name="pk_ill_partner_stats"),
    )
    op.create_table(
        "ill_partner_symbol",
        sa.Column("library", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("partner", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("library", "symbol", name="pk_ill_partner_symbol"),
    )
    op.create_index("ix_ill_partner_symbol_partner", "ill_partner_symbol", ["library", "partner"])
    op.create_table(
        "ill_reader",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True),
        sa.Column("library", sa.Text, nullable=False, server_default=""),
        sa.Column("id", sa.Text, nullable=False, server_default=""),
        sa.Column("category", sa.Text, nullable=False, server_default=""),
        sa.Column("blocked", sa.Text, nullable=False, server_default=""),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ill_reader"),
        sa.UniqueConstraint("library", "id", name="uq_ill_reader_library"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ill_request",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("library", sa.Text, nullable=False, server_default=""),
        sa.Column("role", sa.Text, nullable=False, server_default=""),
        sa.Column("service_type", sa.Text, nullable=False, server_default=""),
        sa.Column("supplied_as", sa.Text, nullable=False, server_default=""),
        sa.Column("state", sa.Text, nullable=False, server_default=""),
        sa.Column("outcome", sa.Text, nullable=False, server_default=""),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("partner", sa.Text, nullable=False, server_default=""),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reader_id", sa.Text, nullable=False, server_default=""),
        sa.Column("title", sa.Text, nullable=False, server_default=""),
        sa.Column("title_key", sa.Text, nullable=False, server_default=""),
        sa.Column("requesting_agency_request_id", sa.Text, nullable=False, server_default=""),
        sa.Column("needs_attention", sa.Integer, nullable=False, server_default="0"),
        sa.Column("queue", sa.Text, nullable=False, server_default=""),
        sa.Column("due_date", sa.Text),
        sa.Column("needed_by", sa.Text),
        sa.Column("not_wanted", sa.Boolean, nullable=False),
        sa.Column("publication_type", sa.Text, nullable=False, server_default=""),
        sa.Column("parent_id", sa.Text, nullable=False, server_default=""),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("state_since", sa.BigInteger, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("shipped_at", sa.BigInteger),
        sa.Column("received_at", sa.BigInteger),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ill_request"),
    )
    _partial("ix_ill_request_attention", "ill_request", ["library", "needs_attention", "id"], "needs_attention = 1")
    op.create_index("ix_ill_request_newest", "ill_request", ["library", "id"])
    _partial("ix_ill_request_parent", "ill_request", ["parent_id"], "parent_id != ''")
    op.create_index("ix_ill_request_partner", "ill_request", ["library", "partner", "id"])
    _partial("ix_ill_request_reader", "ill_request", ["library", "reader_id", "id"], "reader_id != ''")
    op.create_index("ix_ill_request_state", "ill_request", ["library", "role", "state", "id"])
    op.create_table(
        "ill_attempt",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("library", sa.Text, nullable=False, server_default=""),
        sa.Column("role", sa.Text, nullable=False, server_default=""),
        sa.Column("partner", sa.Text, nullable=False, server_default=""),
        sa.Column("requesting_agency_request_id", sa.Text),
        sa.Column("supplying_agency_request_id", sa.Text, nullable=False, server_default=""),
        sa.Column("status", sa.Text, nullable=False, server_default=""),
        sa.Column("outcome", sa.Text, nullable=False, server_default=""),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("shipped", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_attempt_request_id"),
        sa.PrimaryKeyConstraint("request_id", "n", name="pk_ill_attempt"),
        sa.UniqueConstraint(
            "library", "role", "requesting_agency_request_id", "partner", name="uq_ill_attempt_library"
        ),
    )
    op.create_table(
        "ill_condition",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("code", sa.Text, nullable=False, server_default=""),
        sa.Column("text", sa.Text, nullable=False, server_default=""),
        sa.Column("cost", sa.Text),
        sa.Column("currency", sa.Text),
        sa.Column("asked_at", sa.BigInteger),
        sa.Column("answer", sa.Text, nullable=False, server_default=""),
        sa.Column("answered_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_condition_request_id"),
        sa.PrimaryKeyConstraint("request_id", "attempt", "number", name="pk_ill_condition"),
    )
    op.create_table(
        "ill_inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True),
        sa.Column("library", sa.Text, nullable=False, server_default=""),
        sa.Column("partner", sa.Text, nullable=False, server_default=""),
        sa.Column("digest", sa.Text, nullable=False, server_default=""),
        sa.Column("kind", sa.Text, nullable=False, server_default=""),
        sa.Column("status", sa.Text, nullable=False, server_default=""),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_inbox_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ill_inbox"),
        sa.UniqueConstraint("library", "partner", "digest", name="uq_ill_inbox_library"),
    )
    _partial("ix_ill_inbox_unmatched", "ill_inbox", ["library", "id"], "status = 'unmatched'")
    op.create_table(
        "ill_item",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("library", sa.Text, nullable=False, server_default=""),
        sa.Column("label", sa.Text, nullable=False, server_default=""),
        sa.Column("barcode", sa.Text, nullable=False, server_default=""),
        sa.Column("call_number", sa.Text, nullable=False, server_default=""),
        sa.Column("location", sa.Text, nullable=False, server_default=""),
        sa.Column("due_date", sa.Text),
        sa.Column("condition", sa.Text, nullable=False, server_default=""),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("received_at", sa.BigInteger),
        sa.Column("returned_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_item_request_id"),
        sa.PrimaryKeyConstraint("request_id", "n", name="pk_ill_item"),
    )
    _partial("ix_ill_item_barcode", "ill_item", ["library", "barcode"], "barcode != ''")
    op.create_table(
        "ill_match_key",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("library", sa.Text, nullable=False, server_default=""),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_match_key_request_id"),
        sa.PrimaryKeyConstraint("request_id", "key", name="pk_ill_match_key"),
    )
    op.create_index("ix_ill_match_key_key", "ill_match_key", ["library", "key"])
    op.create_table(
        "ill_outbox",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("library", sa.Text, nullable=False, server_default=""),
        sa.Column("lane", sa.Text, nullable=False, server_default=""),
        sa.Column("kind", sa.Text, nullable=False, server_default=""),
        sa.Column("name", sa.Text, nullable=False, server_default=""),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default=""),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("known", sa.Text, nullable=False, server_default=""),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("first_due", sa.BigInteger, nullable=False),
        sa.Column("claimed_by", sa.Text, nullable=False, server_default=""),
        sa.Column("last_error", sa.Text, nullable=False, server_default=""),
        sa.Column("done_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_outbox_request_id"),
        sa.PrimaryKeyConstraint("key", name="pk_ill_outbox"),
    )
    _partial("ix_ill_outbox_dead", "ill_outbox", ["lane", "request_id"], "status = 'dead'")
    _partial("ix_ill_outbox_lane", "ill_outbox", ["lane", "due"], "status IN ('pending', 'claimed')")
    op.create_index("ix_ill_outbox_request_id", "ill_outbox", ["request_id", "seq", "n"])
    op.create_table(
        "ill_payload",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("erased_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_payload_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ill_payload"),
    )
    op.create_index("ix_ill_payload_request_id", "ill_payload", ["request_id"])
    op.create_table(
        "ill_timer",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("library", sa.Text, nullable=False, server_default=""),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_timer_request_id"),
        sa.PrimaryKeyConstraint("request_id", "kind", name="pk_ill_timer"),
    )
    op.create_index("ix_ill_timer_due", "ill_timer", ["due"])
    op.create_table(
        "ill_event",
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False, server_default=""),
        sa.Column("actor_kind", sa.Text, nullable=False, server_default=""),
        sa.Column("actor_id", sa.Text, nullable=False, server_default=""),
        sa.Column("actor_role", sa.Text, nullable=False, server_default=""),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("effect", sa.Text, nullable=False, server_default=""),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.Column("refused", sa.Text, nullable=False, server_default=""),
        sa.Column("state", sa.Text, nullable=False, server_default=""),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("payload_id", sa.Text),
        sa.Column("payload_sha", sa.Text, nullable=False, server_default=""),
        sa.Column("prev_hash", sa.Text, nullable=False, server_default=""),
        sa.Column("hash", sa.Text, nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["request_id"], ["ill_request.id"], name="fk_ill_event_request_id"),
        sa.ForeignKeyConstraint(["payload_id"], ["ill_payload.id"], name="fk_ill_event_payload_id"),
        sa.PrimaryKeyConstraint("request_id", "seq", name="pk_ill_event"),
    )


def downgrade() -> None:
    for table in (
        "ill_event",
        "ill_timer",
        "ill_payload",
        "ill_outbox",
        "ill_match_key",
        "ill_item",
        "ill_inbox",
        "ill_condition",
        "ill_attempt",
        "ill_request",
        "ill_reader",
        "ill_partner_symbol",
        "ill_partner_stats",
        "ill_partner",
        "ill_library",
        "ill_lane",
        "ill_idempotency",
        "ill_guard",
        "ill_calendar",
        "ill_account_state",
    ):
        op.drop_table(table)
