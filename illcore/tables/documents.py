"""Documents, the copyright ledger, declarations."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from illcore.tables.columns import key, literal, metadata, number, of_request, text, texts, when, where

document = Table(
    "ill_document",
    metadata,
    key("id"),
    of_request(),
    *texts("library sha256 name media_type source origin"),
    Column("size", BigInteger, nullable=False),
    when("created_at", required=True),
    when("erased_at"),
)
Index("ix_ill_document_request_id", document.c.request_id)

claim = Table(
    "ill_copyright_claim",
    metadata,
    of_request(key=True),
    key("key"),
    text("library"),
    number("year"),
    Column("claim_limit", Integer),
    Column("until", Text),
    *texts("status title issn"),
    Column("fee", Text),
    text("currency"),
    Column("retention_until", Text),
    when("taken_at", required=True),
    when("changed_at", required=True),
)
LIVE_CLAIM = claim.c.status.in_((literal("reserved"), literal("final")))
where("ix_ill_copyright_claim_live", claim.c.library, claim.c.key, claim.c.year, condition=LIVE_CLAIM)

declaration = Table(
    "ill_declaration",
    metadata,
    of_request(key=True),
    key("version"),
    *texts("library reader_id actor_kind actor_id language text_sha"),
    Column("text", Text, nullable=False),
    when("at", required=True),
)
Index("ix_ill_declaration_reader_id", declaration.c.library, declaration.c.reader_id)
