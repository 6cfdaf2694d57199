"""Dates of publication as citations have them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore_copyright.dates import Published, published, years_before


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021", "2021-01-01", "2021-12-31"),
        ("2021-05", "2021-05-01", "2021-05-31"),
        ("2021-05-03", "2021-05-03", "2021-05-03"),
        ("2021-05-03T00:00:00Z", "2021-05-03", "2021-05-03"),
        ("202105", "2021-05-01", "2021-05-31"),
        ("20210503", "2021-05-03", "2021-05-03"),
        ("2021/5", "2021-05-01", "2021-05-31"),
        ("2021.02", "2021-02-01", "2021-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("May 2021", "2021-05-01", "2021-05-31"),
        ("Sept. 2021", "2021-09-01", "2021-09-30"),
        ("3 May 2021", "2021-05-03", "2021-05-03"),
        ("May 3rd, 2021", "2021-05-03", "2021-05-03"),
        ("2021 May 3", "2021-05-03", "2021-05-03"),
        ("2021年5月", "2021-05-01", "2021-05-31"),
        ("2021年5月3日", "2021-05-03", "2021-05-03"),
        ("２０２１", "2021-01-01", "2021-12-31"),
        ("c2021", "2021-01-01", "2021-12-31"),
        ("[2021]", "2021-01-01", "2021-12-31"),
        ("Spring 2021", "2021-01-01", "2021-12-31"),
        ("2021年", "2021-01-01", "2021-12-31"),
        ("03/05/2021", "2021-01-01", "2021-12-31"),
        ("2021-02-30", "2021-01-01", "2021-12-31"),
        ("2019/20", "2019-01-01", "2020-12-31"),
        ("2019/2020", "2019-01-01", "2020-12-31"),
        ("2021, reprinted 2023", "2021-01-01", "2023-12-31"),
    ],
)
def test_a_date_is_read_as_exactly_as_it_is_given(text: str, first: str, last: str) -> None:
    assert published(text) == Published(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "民国36年",
        "令和3年",
        "n.d.",
        "in press",
        "2021?",
        "ca. 2021",
        "约2021年",
        "21",
        "0000",
        "1234",
        "20215",
        "9999",
    ],
)
def test_a_date_that_is_in_doubt_is_unknown(text: str) -> None:
    assert published(text) is None


def test_five_years_before_a_leap_day_is_the_28th() -> None:
    assert years_before(date(2028, 2, 29), 5) == date(2023, 2, 28)
    assert years_before(date(2028, 2, 29), 4) == date(2024, 2, 29)


@given(st.text(max_size=40))
def test_whatever_is_written_is_a_span_or_unknown(text: str) -> None:
    found = published(text)
    assert found is None or found.first <= found.last


@given(st.dates(date(1400, 1, 1), date(2199, 12, 31)))
def test_an_iso_date_is_that_day(day: date) -> None:
    assert published(day.isoformat()) == published(day.strftime("%Y%m%d")) == Published(day, day)
