"""The library's records: libraries, calendars, partners and their counts, readers."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text, UniqueConstraint

from illcore.tables.columns import key, metadata, number, texts, when

library = Table(
    "ill_library",
    metadata,
    key("symbol"),
    Column("calendar", Text),
    Column("body", Text, nullable=False),
    number("version"),
    when("updated_at", required=True),
)

calendar = Table(
    "ill_calendar",
    metadata,
    key("library"),
    key("name"),
    Column("body", Text, nullable=False),
    when("updated_at", required=True),
)

partner = Table(
    "ill_partner",
    metadata,
    key("library"),
    key("symbol"),
    *texts("kind status account name_en name_zh"),
    Column("calendar", Text),
    Column("body", Text, nullable=False),
    number("version"),
    when("updated_at", required=True),
)
Index("ix_ill_partner_status", partner.c.library, partner.c.status)

partner_symbol = Table(
    "ill_partner_symbol",
    metadata,
    key("library"),
    key("symbol"),
    Column("partner", Text, nullable=False),
)
Index("ix_ill_partner_symbol_partner", partner_symbol.c.library, partner_symbol.c.partner)

partner_stats = Table(
    "ill_partner_stats",
    metadata,
    key("library"),
    key("partner"),
    key("service_type"),
    number("asked"),
    number("filled"),
    number("unfilled"),
    *(
        Column(name, Float, nullable=False, server_default="0")
        for name in "days_total tries_weight fills_weight days_weight lent_weight".split()
    ),
)

reader = Table(
    "ill_reader",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *texts("library id category department blocked"),
    Column("body", Text, nullable=False),
    when("created_at", required=True),
    when("updated_at", required=True),
    UniqueConstraint("library", "id"),
    sqlite_autoincrement=True,  # the number of an erased reader never comes back
)
