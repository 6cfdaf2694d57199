"""Any message that can be written is valid and is read back as it was."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from illcore_iso18626.codes import canonical
from illcore_iso18626.model import MESSAGES, SchemeValue
from illcore_iso18626.reader import Unparseable, read_message
from illcore_iso18626.table import Kind, Row, Table, table_of
from illcore_iso18626.writer import write_message

LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from(
    "馆际互借𠀀𪚥𬺓&<>\"'\n\t\r]"
)
TEXT = st.text(LETTERS, min_size=1, max_size=30).map(str.strip).filter(bool)
SCHEME = st.none() | st.sampled_from(["http://example.org/a?b&c", "RESHARE", "urn:x:y"])
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FIRST, LAST = datetime(2, 1, 1), datetime(9999, 12, 30)  # noqa: DTZ001
TIME = st.datetimes(FIRST, LAST, timezones=ZONES | st.just(UTC))


def _values(row: Row) -> st.SearchStrategy[Any]:
    if row.table is not None:
        return _groups(row.table)
    if row.kind is Kind.CODE:
        return st.sampled_from(sorted(row.allowed))
    pair = st.builds(lambda value, scheme: SchemeValue(canonical(row.element, value), scheme), TEXT, SCHEME)
    return {
        Kind.TEXT: TEXT,
        Kind.PAIR: pair,
        Kind.TIME: TIME,
        Kind.INTEGER: st.integers(-(10**17), 10**17),
        Kind.DECIMAL: st.decimals(-(10**15), 10**15, allow_nan=False, places=2) | st.decimals(0, 9, places=9),
        Kind.BOOLEAN: st.booleans(),
    }[row.kind]


def _groups(table: Table) -> st.SearchStrategy[Any]:
    rows = [row for row in table.rows if not row.wire.only_2021]
    if table.choice:
        return st.one_of([st.builds(table.cls, **{row.name: _values(row)}) for row in rows])
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for row in rows:
        value = _values(row)
        if row.many:
            fields[row.name] = st.lists(value, max_size=row.limit or 3).map(tuple)
        else:
            fields[row.name] = value if row.required else st.none() | value
    built = st.builds(table.cls, **fields)
    return built.filter(lambda group: any(getattr(group, row.name) not in (None, ()) for row in rows))


@pytest.mark.parametrize("cls", MESSAGES.values(), ids=list(MESSAGES))
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=40, suppress_health_check=list(HealthCheck))
def test_what_was_written_is_read_back(cls: type, assert_valid: Callable[[bytes], None], data: st.DataObject) -> None:
    message = data.draw(_groups(table_of(cls)))
    written = write_message(message)
    assert_valid(written)
    parsed = read_message(written)
    assert parsed.message == message
    assert (parsed.version, parsed.warnings, parsed.problems) == ("1.2", (), ())
    assert write_message(parsed.message) == written


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_noise_is_refused_in_one_sentence(noise: bytes) -> None:
    with pytest.raises(Unparseable) as refused:
        read_message(noise)
    assert refused.value.reason


@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=200)
def test_a_damaged_message_is_read_or_refused_but_never_crashes(data: st.DataObject) -> None:
    whole = (
        b'<ISO18626Message version="1.2"><supplyingAgencyMessage><header><timestamp>2025-01-01T00:00:00Z</timestamp>'
        b"</header><messageInfo><offeredCosts><monetaryValue>1</monetaryValue></offeredCosts></messageInfo>"
        b"<statusInfo><status>Loaned</status></statusInfo></supplyingAgencyMessage></ISO18626Message>"
    )
    at = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 12))
    piece = data.draw(st.binary(max_size=4) | st.sampled_from([b"<a>", b"</a>", b"9", b"Z", b"&#13;", b"\xe9\xa6\x86"]))
    try:
        parsed = read_message(whole[:at] + piece + whole[at + cut :])
    except Unparseable:
        return
    assert type(parsed.message) in MESSAGES.values()
