"""Times, amounts, numbers and booleans as real systems write them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from illcore_iso18626 import lexical

MORNING = datetime(2014, 3, 17, 9, 30, 47, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2014-03-17T09:30:47Z", MORNING),
        ("2014-03-17T09:30:47.0Z", MORNING),
        ("2014-03-17T09:30:47z", MORNING),
        ("2014-03-17T17:30:47+08:00", MORNING),
        ("2014-03-17T17:30:47+0800", MORNING),
        ("2014-03-17T09:30:47+0000", MORNING),
        ("2014-03-17 09:30:47 +0000", MORNING),
        ("2014-03-17 09:30:47 Z", MORNING),
        ("2014-03-17T09:30:47.123456789Z", MORNING.replace(microsecond=123456)),
        ("2014-03-17T24:00:00Z", datetime(2014, 3, 18, tzinfo=UTC)),
        ("2014-03-17Z", datetime(2014, 3, 17, tzinfo=UTC)),
        ("2014-03-17+08:00", datetime(2014, 3, 16, 16, tzinfo=UTC)),
        ("0001-01-01T00:00:00.000Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_understood(text: str, time: datetime) -> None:
    assert lexical.read_time(text) == (time, "")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2014-03-17T09:30:47", MORNING),
        ("2014-03-17 09:30:47", MORNING),
        ("2014-03-17", datetime(2014, 3, 17, tzinfo=UTC)),
    ],
)
def test_a_time_without_zone_is_taken_as_utc(text: str, time: datetime) -> None:
    assert lexical.read_time(text) == (time, "no time zone, taken as UTC")


def test_the_first_moment_of_all_in_an_eastern_zone_keeps_its_year() -> None:
    time, assumed = lexical.read_time("0001-01-01T00:00:00+08:00")
    assert time == datetime(1, 1, 1, tzinfo=UTC)
    assert assumed


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "timestamp_holder",
        "17.03.2014",
        "2014-13-01",
        "2014-02-30T00:00:00Z",
        "-0044-03-15T00:00:00Z",
        "12014-01-01T00:00:00Z",
        "2014-03-17T25:00:00Z",
        "9999-12-31T24:00:00Z",
        "2" * 100,
        "二〇一四年三月",
    ],
)
def test_what_is_no_time_says_what_was_expected(text: str) -> None:
    with pytest.raises(lexical.Unreadable, match="expected a date and time such as"):
        lexical.read_time(text)


@pytest.mark.parametrize(
    ("text", "amount"), [("12.50", "12.50"), ("12,50", "12.50"), ("1", "1"), (".5", "0.5"), ("-3", "-3"), ("+1.", "1")]
)
def test_an_amount_is_understood(text: str, amount: str) -> None:
    assert lexical.read_decimal(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["free", "1,234.50", "1,234", "NaN", "1E5", "12.50 EUR", "9" * 100, "\uff11\uff12"])
def test_what_is_no_amount_says_what_was_expected(text: str) -> None:
    with pytest.raises(lexical.Unreadable, match=r"expected an amount such as 12\.50"):
        lexical.read_decimal(text)


@pytest.mark.parametrize("text", ["first", "1.5", "9" * 30])
def test_what_is_no_number_says_what_was_expected(text: str) -> None:
    with pytest.raises(lexical.Unreadable, match="expected a whole number"):
        lexical.read_integer(text)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("0", False), ("Y", True), ("No", False), ("TRUE", True)])
def test_a_boolean_is_understood(text: str, value: bool) -> None:
    assert lexical.read_boolean(text) is value


def test_what_is_no_boolean_says_what_was_expected() -> None:
    with pytest.raises(lexical.Unreadable, match="expected true or false"):
        lexical.read_boolean("perhaps")
