"""UrhG § 60e(5) and interlibrary loan in Germany, case by case."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from illcore.hooktypes import Verdict

Ask = Callable[..., Verdict]
PAGES = {"title_of_component": "", "publication_type": "Book"}
IN = {"opted_in": ["2026-07/2026-08"]}

CASES: list[Any] = [
    pytest.param({}, "allow", id="an article of a journal"),
    pytest.param({"citation": {"pages": "1-400", "total_pages": "400"}}, "allow", id="an article is no share"),
    pytest.param({"citation": {"year": ""}}, "allow", id="the date does not matter"),
    pytest.param({"citation": {"title": "", "issn": ""}}, "review", id="no periodical"),
    pytest.param({"citation": {"publication_type": "Newspaper"}}, "review", id="a newspaper"),
    pytest.param(
        {"citation": {"publication_type": "Newspaper"}, "config": {"not_scholarly_is": "deny"}}, "deny", id="refused"
    ),
    pytest.param({"config": {"not_scholarly": ["0028-0836"]}}, "review", id="a magazine, by ISSN"),
    pytest.param({"citation": {"issn": ""}, "config": {"not_scholarly": ["nature"]}}, "review", id="by title"),
    pytest.param({"config": {"not_scholarly": ["Der Spiegel"]}}, "allow", id="another magazine"),
    pytest.param({"chapter": {}}, "allow", id="exactly a tenth"),
    pytest.param({"chapter": {"pages": "11-31"}}, "deny", id="a page more than a tenth"),
    pytest.param({"chapter": {"pages": "11-31"}, "config": {"over_share": "review"}}, "review", id="more is looked at"),
    pytest.param({"chapter": {"pages": "11-31"}, "config": {"part_share": "15%"}}, "allow", id="another share"),
    pytest.param({"chapter": {"total_pages": ""}}, "review", id="extent unknown"),
    pytest.param({"chapter": {"pages": "12ff"}}, "review", id="pages unknown"),
    pytest.param({"chapter": {**PAGES, "pages": "i-x, 1-10"}}, "allow", id="two ranges that are a tenth"),
    pytest.param({"chapter": {**PAGES, "pages": "i-x, 1-11"}}, "deny", id="two ranges that are more"),
    pytest.param({"chapter": {"pages": "1-200"}}, "deny", id="the whole book"),
    pytest.param({"only": {"title": "Ein Buch", "publication_type": "Book"}}, "deny", id="a book without pages"),
    pytest.param({"only": {"title": "Ein Buch"}}, "review", id="nothing but a title"),
    pytest.param({"purpose": "commercial"}, "deny", id="commercial"),
    pytest.param({"purpose": ""}, "allow", id="no purpose is named"),
    pytest.param({"service_type": "loan"}, "allow", id="a loan"),
    pytest.param({"open_access": True}, "allow", id="open access"),
    # the file
    pytest.param({"config": IN}, "allow_with_fee", id="the library takes part this month"),
    pytest.param({"config": {"opted_in": ["2026-07"]}}, "allow_with_fee", id="in this month alone"),
    pytest.param({"config": {"opted_in": ["2026-01/"]}}, "allow_with_fee", id="since January"),
    pytest.param({"config": {"opted_in": ["2026-01/2026-06", "2026-08/"]}}, "allow", id="not this month"),
    pytest.param({"config": IN, "today": date(2026, 6, 30)}, "allow", id="the day before it begins"),
    pytest.param({"config": IN, "today": date(2026, 7, 1)}, "allow_with_fee", id="the day on which it begins"),
    pytest.param({"config": IN, "today": date(2026, 8, 31)}, "allow_with_fee", id="the last day"),
    pytest.param({"config": IN, "today": date(2026, 9, 1)}, "allow", id="the day after"),
    pytest.param({"config": IN, "electronic": False}, "allow", id="the reader wants paper"),
    pytest.param({"config": {"channel": "direct"}}, "allow_with_fee", id="ordered directly"),
    pytest.param({"config": {**IN, "tariffs": []}}, "review", id="no tariff"),
    pytest.param({"config": IN, "purpose": "commercial"}, "deny", id="commercial, whatever the form"),
]


@pytest.mark.parametrize(("case", "decision"), CASES)
def test_what_section_60e_says(ask: Ask, case: dict[str, Any], decision: str) -> None:
    verdict = ask("de", **case)
    assert (verdict.decision, verdict.compliance) == (decision, "")
    assert all(reason.en and reason.zh for reason in verdict.reasons)


def test_the_reader_gets_paper(ask: Ask) -> None:
    verdict = ask("de")
    assert [each.code for each in verdict.obligations] == ["notice", "print_and_destroy", "paper_only"]
    assert (verdict.claims, verdict.fees) == ((), ())


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2026, 6, 30), "de:60e5:2026-H1:0028-0836"),
        (date(2026, 7, 1), "de:60e5:2026-H2:0028-0836"),
        (date(2026, 12, 31), "de:60e5:2026-H2:0028-0836"),
        (date(2027, 1, 1), "de:60e5:2027-H1:0028-0836"),
    ],
)
def test_a_file_costs_and_is_reported_by_half_years(ask: Ask, day: date, key: str) -> None:
    verdict = ask("de", today=day, config={"opted_in": ["2026-01/"]})
    (claim,) = verdict.claims
    assert (claim.key, claim.year, claim.limit) == (key, day.year, None)
    assert [(str(fee.amount), fee.currency) for fee in verdict.fees] == [("3.27", "EUR")]
    assert claim.fee == verdict.fees[0]
    assert "paper_only" not in [each.code for each in verdict.obligations]
    assert verdict.retention_until == date(day.year + 3, 12, 31)


@pytest.mark.parametrize(("day", "amount"), [(date(2026, 12, 31), "3.27"), (date(2027, 1, 1), "3.50")])
def test_the_tariff_of_the_day_holds(ask: Ask, day: date, amount: str) -> None:
    tariffs = [
        {"since": "2027-01-01", "fee": {"amount": "3.50", "currency": "EUR"}},
        {"since": "2024-01-01", "fee": {"amount": "3.27", "currency": "EUR"}},
    ]
    verdict = ask("de", today=day, config={"opted_in": ["2026-01/"], "tariffs": tariffs})
    assert str(verdict.fees[0].amount) == amount


@pytest.mark.parametrize("span", ["2026-13", "2026", "2026-08/2026-07", "2026-7/", "/2026-07"])
def test_months_that_are_none_are_refused(ask: Ask, span: str) -> None:
    with pytest.raises(ValueError, match="write a month or a span of months"):
        ask("de", config={"opted_in": [span]})


def test_a_lender_looks_at_the_amount_alone(ask: Ask) -> None:
    lending = {"role": "supplier", "partner": "ISIL:DE-1", "config": IN}
    verdict = ask("de", **lending)
    assert (verdict.decision, verdict.claims, [each.code for each in verdict.obligations]) == ("allow", (), ["notice"])
    assert ask("de", chapter={"pages": "11-31"}, **lending).decision == "deny"
