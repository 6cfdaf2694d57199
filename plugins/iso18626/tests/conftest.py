"""The schema and samples of the standard (outside the project), and complete messages to start from."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from illcore.message import Message as CoreMessage
from illcore_iso18626.model import SchemeValue
from illcore_iso18626.table import Kind, Row, Table, table_of

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("ILL_STANDARDS", ROOT.parent / "shared" / "standards")) / "iso18626"


@pytest.fixture(scope="session")
def standard() -> Path:
    """The folder with the schema and the samples; set ILL_STANDARDS to the folder that holds `iso18626`."""
    if not FOLDER.is_dir():
        pytest.skip(f"the ISO 18626 schema and samples are not at {FOLDER} (set ILL_STANDARDS)")
    return FOLDER


@pytest.fixture(scope="session")
def schema(standard: Path) -> etree.XMLSchema:
    return _schema()


def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(FOLDER / "ISO-18626-v1_2.xsd")))


@pytest.fixture(scope="session")
def assert_valid(schema: etree.XMLSchema) -> Callable[[bytes], None]:
    """Fails with the schema's complaint if the bytes are not valid 1.2."""

    def check(data: bytes) -> None:
        schema.assertValid(etree.fromstring(data))

    return check


@pytest.fixture(scope="session")
def assert_valid_if_known() -> Callable[[bytes], None]:
    """As `assert_valid`, for tests that say enough where the schema is missing."""
    schema = _schema() if FOLDER.is_dir() else None

    def check(data: bytes) -> None:
        if schema is not None:
            schema.assertValid(etree.fromstring(data))

    return check


def _value(row: Row, number: int) -> Any:
    if row.table is not None:
        return _full(row.table)
    return {
        Kind.TEXT: f"{row.name} {number} 馆际互借 𠀀𪚥 & <b> ]]>",
        Kind.PAIR: SchemeValue(f"code {number}", "http://example.org/list?a=1&b=2#x"),
        Kind.CODE: next((code for code in row.type or () if code in row.allowed), None) if row.allowed else None,
        Kind.TIME: datetime(2025, 3, number, 9, 30, 47, 120_000, tzinfo=UTC),
        Kind.INTEGER: number,
        Kind.DECIMAL: Decimal("12.50"),
        Kind.BOOLEAN: True,
    }[row.kind]


def _full(table: Table) -> Any:
    values: dict[str, Any] = {}
    for row in table.rows:
        if row.wire.only_2021 or (table.choice and values):
            continue
        value = _value(row, 1)
        if row.many:
            values[row.name] = tuple(_value(row, number) for number in range(1, (row.limit or 2) + 1))
        else:
            values[row.name] = value
    return table.cls(**values)


@pytest.fixture(scope="session")
def full() -> Callable[[type], Any]:
    """Builds a message in which every element of version 1.2 has a value."""
    return lambda cls: _full(table_of(cls))


def peer_message(kind: str, **changes: Any) -> CoreMessage:
    """A core message from ISIL:CN-110001 (requesting) or ISIL:CN-320006 (supplying)."""
    values: dict[str, Any] = {
        "kind": kind,
        "requesting_agency": "ISIL:CN-110001",
        "supplying_agency": "ISIL:CN-320006",
        "requesting_agency_request_id": "R-1",
        "timestamp": datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
    }
    return CoreMessage(**(values | changes))


@pytest.fixture(scope="session")
def core() -> Callable[..., CoreMessage]:
    """Builds a core message of a kind, with changes."""
    return peer_message
