"""Requests with their attempts, items, conditions, match keys and waits."""

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, and_, or_

from illcore.tables.columns import flag, key, literal, metadata, number, of_request, text, texts, when, where

request = Table(
    "ill_request",
    metadata,
    key("id"),
    *texts("library role service_type supplied_as state outcome"),
    number("version"),
    text("partner"),
    number("attempt"),
    *texts("reader_id title title_key requesting_agency_request_id"),
    number("needs_attention"),
    text("queue"),
    Column("due_date", Text),
    Column("needed_by", Text),
    flag("not_wanted"),
    text("publication_type"),
    text("parent_id"),
    when("created_at", required=True),
    when("updated_at", required=True),
    when("state_since", required=True),
    when("sent_at"),
    when("answered_at"),
    when("shipped_at"),
    when("received_at"),
    when("closed_at"),
    *texts("reader_category reader_department"),
    when("anonymised_at"),
    Column("body", Text, nullable=False),
)
ATTENTION = request.c.needs_attention == literal(1)
HAS_READER = request.c.reader_id != literal("")
HAS_PARENT = request.c.parent_id != literal("")
Index("ix_ill_request_newest", request.c.library, request.c.id)
Index("ix_ill_request_state", request.c.library, request.c.role, request.c.state, request.c.id)
Index("ix_ill_request_partner", request.c.library, request.c.partner, request.c.id)
where(
    "ix_ill_request_reader", request.c.library, request.c.reader_id, request.c.id, condition=request.c.reader_id != ""
)
where("ix_ill_request_attention", request.c.library, request.c.needs_attention, request.c.id, condition=ATTENTION)
where("ix_ill_request_parent", request.c.parent_id, condition=HAS_PARENT)
ENDED_WITH_DATA = and_(
    request.c.closed_at.is_not(None),
    or_(request.c.anonymised_at.is_(None), request.c.updated_at > request.c.anonymised_at),
)
"""Requests that have ended and still hold what is personal, or hold it again."""
where("ix_ill_request_privacy", request.c.library, request.c.closed_at, request.c.id, condition=ENDED_WITH_DATA)

attempt = Table(
    "ill_attempt",
    metadata,
    of_request(key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    *texts("library role partner"),
    Column("requesting_agency_request_id", Text),
    *texts("supplying_agency_request_id status outcome reason"),
    flag("shipped"),
    when("started_at"),
    when("answered_at"),
    when("ended_at"),
    UniqueConstraint("library", "role", "requesting_agency_request_id", "partner"),
)

item = Table(
    "ill_item",
    metadata,
    of_request(key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    *texts("library label barcode call_number location"),
    Column("due_date", Text),
    text("condition"),
    when("sent_at"),
    when("received_at"),
    when("returned_at"),
)
where("ix_ill_item_barcode", item.c.library, item.c.barcode, condition=item.c.barcode != literal(""))

condition = Table(
    "ill_condition",
    metadata,
    of_request(key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    text("code"),
    text("text"),
    Column("cost", Text),
    Column("currency", Text),
    when("asked_at"),
    text("answer"),
    when("answered_at"),
)

match_key = Table(
    "ill_match_key",
    metadata,
    of_request(key=True),
    key("key"),
    text("library"),
    when("at", required=True),
)
Index("ix_ill_match_key_key", match_key.c.library, match_key.c.key)

timer = Table(
    "ill_timer",
    metadata,
    of_request(key=True),
    key("kind"),
    text("library"),
    when("due", required=True),
)
Index("ix_ill_timer_due", timer.c.due)
