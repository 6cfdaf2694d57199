"""17 USC 108 and CONTU, case by case."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from illcore.hooktypes import Claim, Verdict

Ask = Callable[..., Verdict]
KEY = "us:contu:0028-0836"
BOOK = "us:work:isbn|9780306406157|"
ROYALTY = {"amount": "34.50", "currency": "USD"}

CASES: list[Any] = [
    # the count of one year
    pytest.param({}, "allow", "US-CCG", id="the first article counts"),
    pytest.param({"used": {(KEY, 2026): 4}}, "allow", "US-CCG", id="the fifth article is still free"),
    pytest.param({"used": {(KEY, 2026): 5}}, "review", "", id="the sixth article is for review"),
    pytest.param({"used": {(KEY, 2026): 50}}, "review", "", id="far beyond the limit too"),
    pytest.param({"used": {(KEY, 2025): 5}}, "allow", "US-CCG", id="last year's five do not count"),
    pytest.param(
        {"used": {("us:contu:1476-4687", 2026): 5}}, "allow", "US-CCG", id="another periodical's do not count"
    ),
    pytest.param(
        {"used": {(KEY, 2026): 5}, "today": date(2026, 12, 31)}, "review", "", id="the sixth on the year's last day"
    ),
    pytest.param(
        {"used": {(KEY, 2026): 5}, "today": date(2027, 1, 1)}, "allow", "US-CCG", id="a new year begins on 1 January"
    ),
    pytest.param({"config": {"limit": 0}}, "review", "", id="a limit of none"),
    pytest.param({"config": {"limit": 6}, "used": {(KEY, 2026): 5}}, "allow", "US-CCG", id="another limit"),
    pytest.param({"config": {"contu": False}, "used": 99}, "allow", "US-CCL", id="without the guidelines no limit"),
    pytest.param(
        {"config": {"over_limit": "deny"}, "used": {(KEY, 2026): 5}}, "deny", "", id="a library that pays no royalties"
    ),
    pytest.param(
        {"config": {"over_limit": "fee", "royalty": ROYALTY}, "used": {(KEY, 2026): 5}},
        "allow_with_fee",
        "US-CCL",
        id="a library that pays",
    ),
    pytest.param(
        {"config": {"over_limit": "fee", "paid_compliance": "US-CCG"}, "used": {(KEY, 2026): 5}},
        "allow_with_fee",
        "US-CCG",
        id="a library that pays and sends CCG",
    ),
    # the window
    pytest.param({"citation": {"year": "2021-07-10"}}, "allow", "US-CCG", id="published five years ago to the day"),
    pytest.param({"citation": {"year": "2021-07-09"}}, "allow", "US-CCL", id="published a day earlier"),
    pytest.param({"citation": {"year": "2021-07"}}, "allow", "US-CCG", id="the month of the boundary counts as within"),
    pytest.param({"citation": {"year": "2021-06"}}, "allow", "US-CCL", id="the month before is older"),
    pytest.param({"citation": {"year": "2021"}}, "allow", "US-CCG", id="the year of the boundary counts as within"),
    pytest.param(
        {"citation": {"year": "2021"}, "used": {(KEY, 2026): 5}}, "review", "", id="the year of the boundary, sixth"
    ),
    pytest.param(
        {"citation": {"year": "2021"}, "config": {"boundary": "review"}},
        "review",
        "",
        id="a library that looks at the year of the boundary",
    ),
    pytest.param({"citation": {"year": "2020"}}, "allow", "US-CCL", id="the year before the boundary is older"),
    pytest.param(
        {"citation": {"year": "2021"}, "today": date(2026, 12, 31)}, "allow", "US-CCG", id="the boundary on 31 December"
    ),
    pytest.param(
        {"citation": {"year": "2021"}, "today": date(2027, 1, 1)}, "allow", "US-CCL", id="and on 1 January it is older"
    ),
    pytest.param(
        {"citation": {"year": "2021-02-01"}, "config": {"window_mode": "calendar"}},
        "allow",
        "US-CCG",
        id="by calendar years all of 2021 is within",
    ),
    pytest.param(
        {"citation": {"year": "2021"}, "config": {"window_mode": "calendar", "boundary": "review"}},
        "allow",
        "US-CCG",
        id="by calendar years nothing is in doubt",
    ),
    pytest.param(
        {"citation": {"year": "2020-12-31"}, "config": {"window_mode": "calendar"}},
        "allow",
        "US-CCL",
        id="by calendar years 2020 is older",
    ),
    pytest.param({"citation": {"year": "2027"}}, "allow", "US-CCG", id="published ahead of its date"),
    pytest.param({"citation": {"year": "2020/2021"}}, "allow", "US-CCG", id="a double volume counts by its later year"),
    pytest.param({"citation": {"year": ""}}, "review", "", id="no date"),
    pytest.param({"citation": {"year": "民国36年"}}, "review", "", id="a date of another calendar"),
    pytest.param({"citation": {"year": "in press"}}, "review", "", id="in press"),
    pytest.param({"citation": {"year": "2010?"}}, "review", "", id="a date in doubt, though it would be old"),
    # held, free, not counted
    pytest.param({"holds": "subscribed", "used": 99}, "allow", "US-CCL", id="subscribed"),
    pytest.param({"holds": "on_order", "used": 99}, "allow", "US-CCL", id="on order"),
    pytest.param({"holds": "owned", "citation": {"year": ""}}, "allow", "US-CCL", id="owned, date unknown"),
    pytest.param({"holds": "none", "used": {(KEY, 2026): 5}}, "review", "", id="known not to be held"),
    pytest.param({"licence": "ill", "used": 99}, "allow", "US-CCL", id="licensed"),
    pytest.param({"open_access": True, "used": 99}, "allow", "", id="open access"),
    pytest.param({"service_type": "loan", "used": 99}, "allow", "", id="the loan of the issue"),
    pytest.param(
        {"service_type": "copy_or_loan", "supplied_as": "loan", "used": 99}, "allow", "", id="lent in the end"
    ),
    pytest.param(
        {"service_type": "copy_or_loan", "used": {(KEY, 2026): 5}}, "review", "", id="copy or loan is looked at as copy"
    ),
    pytest.param(
        {"partner": "OCLC:CCC", "config": {"royalty_paid_suppliers": ["OCLC:CCC"]}, "used": 99},
        "allow",
        "",
        id="a supplier that pays the royalties",
    ),
    pytest.param({"citation": {"year": "1929"}, "used": 99}, "allow", "US-CCL", id="in the public domain"),
    # what is wanted
    pytest.param({"citation": {"title": "", "issn": ""}}, "review", "", id="no periodical is named"),
    pytest.param({"citation": {"pages": "all"}}, "review", "", id="the whole issue"),
    pytest.param({"citation": {"publication_type": "MusicScore"}}, "review", "", id="music (108(i))"),
    pytest.param({"purpose": "commercial"}, "review", "", id="a commercial purpose"),
    pytest.param({"purpose": ""}, "allow", "US-CCG", id="no purpose is named"),
    pytest.param({"only": {"title": "Nature"}}, "review", "", id="nothing but a title"),
    # parts of books
    pytest.param({"chapter": {}}, "allow", "US-CCG", id="exactly a tenth of a book"),
    pytest.param({"chapter": {"pages": "11-31"}}, "review", "", id="a page more than a tenth"),
    pytest.param({"chapter": {}, "used": {(BOOK, 0): 4}}, "allow", "US-CCG", id="the fifth part of a book"),
    pytest.param({"chapter": {}, "used": {(BOOK, 0): 5}}, "review", "", id="the sixth part of a book"),
    pytest.param({"chapter": {"total_pages": ""}}, "review", "", id="a chapter without the extent of the book"),
    pytest.param({"chapter": {"pages": "12-9x"}}, "review", "", id="pages that cannot be read"),
    pytest.param({"chapter": {"pages": "11"}}, "review", "", id="only the page on which the chapter begins"),
    pytest.param({"chapter": {"pages": "1-200"}}, "review", "", id="all pages of a book"),
    pytest.param({"chapter": {"year": ""}}, "allow", "US-CCG", id="a book needs no date"),
    pytest.param({"chapter": {"total_pages": ""}, "holds": "owned"}, "allow", "US-CCL", id="a chapter of an own book"),
    pytest.param(
        {"only": {"title": "A book", "isbn": "9780306406157", "publication_type": "Book"}},
        "review",
        "",
        id="a whole book",
    ),
    # for others
    pytest.param(
        {"library": "ISIL:DE-1", "config": {"libraries": ["ISIL:US-1"]}, "used": 99}, "allow", "", id="another's"
    ),
]


@pytest.mark.parametrize(("case", "decision", "compliance"), CASES)
def test_what_section_108_and_contu_say(ask: Ask, case: dict[str, Any], decision: str, compliance: str) -> None:
    verdict = ask("us", **case)
    assert (verdict.decision, verdict.compliance) == (decision, compliance)
    assert all(reason.en and reason.zh for reason in verdict.reasons)


LENDING: list[Any] = [
    pytest.param({"compliance": "US-CCG"}, "allow", id="CCG"),
    pytest.param({"compliance": "US-CCL"}, "allow", id="CCL"),
    pytest.param({"compliance": "ccg"}, "allow", id="ccg in small letters without a country"),
    pytest.param({"compliance": ""}, "review", id="no flag"),
    pytest.param({"compliance": "UK-FairDealing"}, "review", id="another country's flag"),
    pytest.param({"compliance": "", "config": {"without_flag": "deny"}}, "deny", id="no flag, and the library refuses"),
    pytest.param({"partner": "ISIL:CA-1", "config": {"flag_not_needed": ["ISIL:CA-"]}}, "allow", id="abroad"),
    pytest.param({"partner": "ISIL:US-1", "config": {"flag_not_needed": ["ISIL:CA-"]}}, "review", id="not abroad"),
    pytest.param({"compliance": "US-CCG", "used": 99}, "allow", id="the borrower's five are not counted again"),
    pytest.param({"compliance": "US-CCG", "citation": {"pages": "whole"}}, "review", id="a whole issue"),
    pytest.param({"service_type": "loan"}, "allow", id="a loan needs no flag"),
    pytest.param({"citation": {"year": "1929"}}, "allow", id="the public domain needs no flag"),
    pytest.param({"compliance": "US-CCG", "purpose": "commercial"}, "review", id="notice of a commercial purpose"),
]


@pytest.mark.parametrize(("case", "decision"), LENDING)
def test_what_a_lender_needs_from_the_borrower(ask: Ask, case: dict[str, Any], decision: str) -> None:
    verdict = ask("us", **{"role": "supplier", "partner": "ISIL:US-1", "reader": "", **case})
    assert (verdict.decision, verdict.compliance, verdict.claims) == (decision, "", ())


def test_the_place_is_claimed_under_the_title_and_the_year_of_the_request(ask: Ask) -> None:
    assert ask("us").claims == (Claim(key=KEY, year=2026, limit=5, title="Nature", issn="0028-0836"),)


def test_a_request_of_december_that_is_sent_in_january_counts_for_december(ask: Ask) -> None:
    (claim,) = ask("us", today=date(2027, 1, 3), requested_on=date(2026, 12, 30)).claims
    assert (claim.year, claim.year_of) == (2026, "request")


def test_where_the_fill_counts_a_claim_moves_with_it(ask: Ask) -> None:
    (claim,) = ask("us", today=date(2026, 12, 30), config={"year_of": "fill"}).claims
    assert (claim.year, claim.year_of) == (2026, "fill")
    (claim,) = ask("us", today=date(2027, 1, 3), requested_on=date(2026, 12, 30), config={"year_of": "fill"}).claims
    assert claim.year == 2027


def test_a_library_that_counts_what_it_asks_for_keeps_the_claim(ask: Ask) -> None:
    assert ask("us", config={"count_on": "requested"}).claims[0].count_on == "requested"


def test_a_resend_is_asked_again_with_its_own_claim_left_out_and_says_the_same(ask: Ask) -> None:
    before = ask("us", used={(KEY, 2026): 4})
    assert ask("us", used={(KEY, 2026): 4}) == before


def test_the_window_is_counted_from_the_request_not_from_the_sending(ask: Ask) -> None:
    late = {"today": date(2026, 8, 1), "requested_on": date(2026, 7, 10)}
    assert ask("us", {"year": "2021-07-15"}, **late).compliance == "US-CCG"


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"issn": "1476-4687"}, id="the online ISSN"),
        pytest.param({"issn": "00280836"}, id="without hyphen"),
        pytest.param({"issn": "", "title": "NATURE."}, id="the title alone"),
        pytest.param({"issn": "0028-0837", "title": "The Nature"}, id="an ISSN with a mistyped digit"),
        pytest.param({"issn": "", "title": "Nature (London)"}, id="a former title"),
    ],
)
def test_all_forms_and_former_titles_of_a_periodical_count_together(ask: Ask, named: dict[str, str]) -> None:
    table = {"1476-4687": "0028-0836", "Nature": "0028-0836", "Nature (London)": "00280836"}
    verdict = ask("us", named, config={"issn_l": table}, used={(KEY, 2026): 5})
    assert (verdict.decision, verdict.claims[0].key) == ("review", KEY)


def test_beyond_the_limit_the_claim_is_counted_without_a_limit(ask: Ask) -> None:
    (claim,) = ask("us", used={(KEY, 2026): 5}).claims
    assert (claim.key, claim.limit) == (KEY, None)


def test_the_royalty_stands_in_verdict_and_claim(ask: Ask) -> None:
    verdict = ask("us", used={(KEY, 2026): 5}, config={"over_limit": "fee", "royalty": ROYALTY})
    assert [str(fee.amount) for fee in verdict.fees] == ["34.50"]
    assert verdict.claims[0].fee == verdict.fees[0]
    assert ask("us", used={(KEY, 2026): 4}, config={"over_limit": "fee", "royalty": ROYALTY}).fees == ()


def test_a_royalty_that_is_not_known_is_to_be_looked_up(ask: Ask) -> None:
    verdict = ask("us", used={(KEY, 2026): 5}, config={"over_limit": "fee"})
    assert [each.code for each in verdict.obligations] == ["notice", "fee"]


@pytest.mark.parametrize(
    ("issue", "used", "decision"),
    [("7", 0, "allow"), ("7", 1, "review"), ("8", 1, "allow"), ("", 0, "review")],
    ids=["the first of the issue", "the second of the issue", "another issue", "no issue is named"],
)
def test_a_stricter_library_takes_one_article_of_an_issue(ask: Ask, issue: str, used: int, decision: str) -> None:
    taken = {("us:issue:0028-0836|600|7|", 0): used}
    verdict = ask("us", {"issue": issue}, used=taken, config={"articles_per_issue": 1})
    assert verdict.decision == decision


def test_records_are_kept_to_the_end_of_the_third_year(ask: Ask) -> None:
    assert ask("us").retention_until == date(2029, 12, 31)
    assert ask("us", today=date(2026, 12, 31)).retention_until == date(2029, 12, 31)
    assert ask("us", service_type="loan").retention_until is None


def test_readers_see_the_warning_that_the_regulation_prescribes(ask: Ask) -> None:
    (notice,) = ask("us").obligations
    assert notice.code == "notice"
    assert "private study, scholarship, or research" in notice.text.en
    assert "《美国法典》第 17 编" in notice.text.zh


def test_a_lender_stamps_the_legend(ask: Ask) -> None:
    (legend,) = ask("us", role="supplier", partner="ISIL:US-1", compliance="US-CCL").obligations
    assert (legend.code, "Title 17" in legend.text.en) == ("legend", True)
