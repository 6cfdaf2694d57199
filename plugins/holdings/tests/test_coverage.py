"""Whether a cited year, volume and issue is within what a licence covers."""

from datetime import date

import pytest

from illcore_holdings.coverage import Coverage, WrongCoverage

TODAY = date(2026, 3, 15)
BOUNDED = Coverage("1995", "12", "3", "2004", "21", "4")


@pytest.mark.parametrize(
    ("year", "volume", "issue", "held"),
    [
        ("1994", "", "", False),
        ("1994", "12", "3", False),
        ("1995", "", "", None),
        ("1995", "12", "", None),
        ("1995", "12", "2", False),
        ("1995", "12", "3", True),
        ("1995", "11", "", False),
        ("1995", "Vol. 12", "no. 4", True),
        ("1996", "", "", True),
        ("1996", "1", "1", True),
        ("2004", "21", "4", True),
        ("2004", "21", "5", False),
        ("2004", "22", "1", False),
        ("2004", "第21卷", "第4期", True),
        ("2005", "", "", False),
        ("", "13", "", True),
        ("", "11", "", False),
        ("", "22", "", False),
        ("", "12", "2", False),
        ("", "", "", None),
        ("0000", "13", "", True),
        ("[1996?]", "", "", True),
    ],
)
def test_a_range_with_volumes_and_issues(year: str, volume: str, issue: str, held: bool | None) -> None:
    assert BOUNDED.holds(year, volume, issue, TODAY) is held


@pytest.mark.parametrize(
    ("coverage", "year", "held"),
    [
        (Coverage("1995"), "1995", True),
        (Coverage("1995"), "2025", True),
        (Coverage("1995-01-01"), "1995", True),
        (Coverage("1995-07"), "1995", None),
        (Coverage("1995-07"), "1996", True),
        (Coverage(last_date="2004-06"), "2004", None),
        (Coverage(last_date="2004-12"), "2004", True),
        (Coverage(last_date="2004-12-31"), "2004", True),
        (Coverage(last_date="2004"), "1800", True),
        (Coverage("1995", first_volume="1", first_issue="1"), "1995", True),
        (Coverage("1990", embargo="P1Y"), "2026", False),
        (Coverage("1990", embargo="P1Y"), "2025", None),
        (Coverage("1990", embargo="P1Y"), "2024", True),
        (Coverage("1990", embargo="P18M"), "2024", None),
        (Coverage("1990", embargo="P1Y"), "1989", False),
        (Coverage(embargo="R10Y"), "2015", False),
        (Coverage(embargo="R10Y"), "2016", None),
        (Coverage(embargo="R10Y"), "2017", True),
        (Coverage(embargo="R10Y;P30D"), "2026", None),
        (Coverage(embargo="R10Y;P30D"), "2020", True),
    ],
)
def test_years_and_embargoes(coverage: Coverage, year: str, held: bool | None) -> None:
    assert coverage.holds(year, "", "", TODAY) is held


def test_a_volume_in_an_embargoed_year_is_not_promised() -> None:
    assert Coverage("1990", "1", embargo="P1Y").holds("2025", "36", "1", TODAY) is None


@pytest.mark.parametrize(
    "wrong",
    [
        Coverage("1995", last_date="1990"),
        Coverage("95"),
        Coverage("01/02/1995"),
        Coverage("1995-13"),
        Coverage("1995-02-30"),
        Coverage(embargo="1 year"),
    ],
)
def test_what_cannot_be_understood_is_said_to_be_wrong(wrong: Coverage) -> None:
    with pytest.raises(WrongCoverage):
        wrong.check()


def test_a_range_reads_like_one() -> None:
    assert str(BOUNDED) == "1995 v.12 no.3–2004 v.21 no.4"
    assert str(Coverage("1990", embargo="P1Y")) == "1990– (P1Y)"
