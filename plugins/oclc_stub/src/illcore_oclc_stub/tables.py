"""The plugin's own tables: requests made at OCLC, calls spent of the day's limit, the pace of all processes."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from illcore.tables import Instant

metadata = MetaData()

requests = Table(
    "oclc_stub_request",
    metadata,
    Column("institution", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, primary_key=True),
    Column("library", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("asked_at", Instant),
    Index("ix_oclc_stub_request_id", "institution", "request_id"),
    Index("ix_oclc_stub_request_asked", "institution", "asked_at"),
)
"""`number` is our requestingAgencyRequestId, `request_id` OCLC's. `asked_at`: a StatusRequest waits for its answer."""

spent = Table(
    "oclc_stub_spent",
    metadata,
    Column("wskey", Text, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("calls", Integer, nullable=False),
)
"""Calls by five minutes since 1970. `wskey` is a digest, here and below."""

paces = Table(
    "oclc_stub_pace",
    metadata,
    Column("wskey", Text, primary_key=True),
    Column("next_at", Instant, nullable=False),
    Column("closed_until", Instant, nullable=False),
)
"""`next_at`: when the next call may go out. `closed_until`: the service asked everybody to wait."""
