"""The plain table of rules, case by case."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from illcore.hooktypes import Verdict

Ask = Callable[..., Verdict]


def table(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"rules": [{"name": f"rule {number}", **rule} for number, rule in enumerate(rules, 1)], **more}


YES = {"decision": "allow"}
NO = {"decision": "deny"}
LOOK = {"decision": "review"}

CASES: list[Any] = [
    pytest.param({}, table(), "review", id="no rules at all"),
    pytest.param({}, table(default="allow"), "allow", id="a default"),
    pytest.param({}, table(YES), "allow", id="a rule without conditions"),
    pytest.param({}, table(NO, YES), "deny", id="the first rule decides"),
    pytest.param({}, table({**NO, "kinds": ["whole"]}, YES), "allow", id="a rule about something else is passed over"),
    pytest.param({"citation": {"pages": "all"}}, table({**NO, "kinds": ["whole"]}, YES), "deny", id="a whole issue"),
    pytest.param({"service_type": "loan"}, table({**YES, "kinds": ["loan"]}, NO), "allow", id="loans"),
    pytest.param({"only": {"title": "X"}}, table({**NO, "kinds": ["whole"]}, YES), "review", id="kind unknown"),
    pytest.param({"only": {"title": "X"}}, table({**NO, "kinds": ["unknown"]}, YES), "deny", id="unknown, and named"),
    pytest.param({"citation": {"year": "2024-07-10"}}, table({**NO, "younger_than_years": 2}, YES), "deny", id="young"),
    pytest.param(
        {"citation": {"year": "2024-07-09"}}, table({**NO, "younger_than_years": 2}, YES), "allow", id="older"
    ),
    pytest.param(
        {"citation": {"year": "2024"}}, table({**NO, "younger_than_years": 2}, YES), "review", id="boundary year"
    ),
    pytest.param({"citation": {"year": ""}}, table({**NO, "younger_than_years": 2}, YES), "review", id="date unknown"),
    pytest.param({"citation": {"year": ""}}, table({**NO, "younger_than_years": 2}, NO), "deny", id="no difference"),
    pytest.param(
        {"citation": {"year": "2016-07-09"}}, table({**YES, "older_than_years": 10}, NO), "allow", id="old enough"
    ),
    pytest.param(
        {"citation": {"year": "2016-07-10"}}, table({**YES, "older_than_years": 10}, NO), "deny", id="not quite"
    ),
    pytest.param({"chapter": {}}, table({**NO, "share_over": "10%"}, YES), "allow", id="exactly the share"),
    pytest.param(
        {"chapter": {"pages": "11-31"}}, table({**NO, "share_over": 0.1}, YES), "deny", id="more than the share"
    ),
    pytest.param(
        {"chapter": {"total_pages": ""}}, table({**NO, "share_over": "1/10"}, YES), "review", id="share unknown"
    ),
    pytest.param(
        {"citation": {"pages": "1-50"}}, table({**NO, "pages_over": 50}, YES), "allow", id="exactly the pages"
    ),
    pytest.param({"citation": {"pages": "1-51"}}, table({**NO, "pages_over": 50}, YES), "deny", id="more pages"),
    pytest.param({"purpose": "commercial"}, table({**NO, "purposes": ["commercial"]}, YES), "deny", id="a purpose"),
    pytest.param({"purpose": ""}, table({**NO, "purposes": ["commercial"]}, YES), "review", id="no purpose"),
    pytest.param({"purpose": ""}, table({**YES, "purposes": ["", "study"]}, NO), "allow", id="no purpose, and named"),
    pytest.param({"holds": "owned"}, table({**YES, "holds": ["owned"]}, NO), "allow", id="owned"),
    pytest.param({}, table({**YES, "holds": ["owned"]}, NO), "review", id="nothing known of holdings"),
    pytest.param({"licence": "none"}, table({**NO, "licences": ["none"]}, YES), "deny", id="a licence"),
    pytest.param({"partner": "ISIL:DE-1"}, table({**NO, "partners": ["ISIL:DE-"]}, YES), "deny", id="a partner"),
    pytest.param(
        {"reader_category": "guest"}, table({**NO, "reader_categories": ["guest"]}, YES), "deny", id="a category"
    ),
    pytest.param({}, table({**NO, "titles": ["0028-0836"]}, YES), "deny", id="a title by ISSN"),
    pytest.param({"citation": {"issn": ""}}, table({**NO, "titles": ["Nature"]}, YES), "deny", id="a title by name"),
    pytest.param({"electronic": False}, table({**NO, "electronic": True}, YES), "allow", id="on paper"),
    pytest.param({"open_access": True}, table({**YES, "open_access": True}, NO), "allow", id="open access"),
    pytest.param({"role": "supplier"}, table({**NO, "roles": ["supplier"]}, YES), "deny", id="lending"),
    pytest.param(
        {"citation": {"publication_type": "article"}}, table({**NO, "types": ["Article"]}, YES), "deny", id="type"
    ),
    pytest.param({}, table({**NO, "types": ["Map"]}, LOOK), "review", id="review by rule"),
]


@pytest.mark.parametrize(("case", "config", "decision"), CASES)
def test_what_a_table_says(ask: Ask, case: dict[str, Any], config: dict[str, Any], decision: str) -> None:
    verdict = ask("rules", config=config, **case)
    assert verdict.decision == decision
    assert all(reason.en and reason.zh for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("count", "used", "decision"),
    [
        pytest.param({"limit": 3}, 2, "allow", id="the last place"),
        pytest.param({"limit": 3}, 3, "review", id="beyond the limit"),
        pytest.param({"limit": 3, "over": "deny"}, 3, "deny", id="refused"),
        pytest.param({"limit": 3, "over": "allow_with_fee"}, 3, "allow_with_fee", id="for a fee"),
        pytest.param({"limit": 1, "by": "issue", "per_reader": True}, 1, "review", id="by issue and reader"),
    ],
)
def test_a_rule_may_count(ask: Ask, count: dict[str, Any], used: int, decision: str) -> None:
    assert ask("rules", used=used, config=table({**YES, "count": count})).decision == decision


@pytest.mark.parametrize(
    ("period", "year", "until"), [("year", 2026, None), ("always", 0, None), (30, 0, date(2026, 8, 9))]
)
def test_a_count_has_its_period(ask: Ask, period: Any, year: int, until: date | None) -> None:
    (claim,) = ask("rules", config=table({**YES, "count": {"limit": 3, "period": period}})).claims
    assert (claim.year, claim.until, claim.limit) == (year, until, 3)


@pytest.mark.parametrize(
    ("case", "count"),
    [
        pytest.param({"citation": {"issue": ""}}, {"limit": 1, "by": "issue"}, id="no issue"),
        pytest.param({"citation": {"title": "", "issn": ""}}, {"limit": 1}, id="no title"),
        pytest.param({"reader": ""}, {"limit": 1, "per_reader": True}, id="no reader"),
    ],
)
def test_what_cannot_be_counted_is_for_review(ask: Ask, case: dict[str, Any], count: dict[str, Any]) -> None:
    assert ask("rules", config=table({**YES, "count": count}), **case).decision == "review"


def test_a_rule_says_everything_else_that_follows(ask: Ask) -> None:
    rule = {
        "decision": "allow_with_fee",
        "reason": {"en": "By contract.", "zh": "依合同。"},
        "compliance": "Other",
        "fee": {"amount": "5", "currency": "CHF"},
        "obligations": [{"code": "link_days", "number": 7}],
        "retention_years": 2,
    }
    verdict = ask("rules", config=table(rule))
    assert verdict.reasons[0].zh == "依合同。"
    assert (verdict.compliance, str(verdict.fees[0].amount), verdict.obligations[0].number) == ("Other", "5", 7)
    assert verdict.retention_until == date(2028, 12, 31)


def test_a_rule_may_ask_for_a_declaration_of_the_librarys_own(ask: Ask) -> None:
    config = table({**YES, "declaration": "ours-1"}, texts={"ours-1": {"en": "I declare.", "zh": "本人声明。"}})
    assert ask("rules", config=config).decision == "review"
    assert ask("rules", config=config, declared=("ours-1",)).decision == "allow"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"rules": [{"name": "a", **YES}, {"name": "a", **NO}]}, "two are named a"),
        ({"rules": [{"name": "a", **YES, "declaration": "ours-1"}]}, "names a declaration ours-1"),
    ],
    ids=["a name twice", "a text that is missing"],
)
def test_a_table_that_makes_no_sense_is_refused(ask: Ask, config: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ask("rules", config=config)
