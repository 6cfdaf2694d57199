"""China: the law and the practice of the document delivery services, case by case."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from illcore.hooktypes import Verdict

Ask = Callable[..., Verdict]
DECLARED = {"declared": ("cn-study-1",)}
CNY = {"page_fee": {"amount": "0.30", "currency": "CNY"}, "urgent_fee": {"amount": "10", "currency": "CNY"}}
BOOK = {"title_of_component": "", "publication_type": "Book"}

CASES: list[Any] = [
    pytest.param({}, 0, "allow", id="an article"),
    pytest.param({}, 3, "allow", id="the fourth of the issue"),
    pytest.param({}, 4, "deny", id="the fifth of the issue"),
    pytest.param({"config": {"over_articles": "review"}}, 4, "review", id="the fifth is looked at"),
    pytest.param({"config": {"articles": 0}}, 99, "allow", id="no limit"),
    pytest.param({"config": {"articles": 5}}, 4, "allow", id="another limit"),
    pytest.param({"citation": {"issue": ""}}, 0, "review", id="no issue is named"),
    pytest.param(
        {"citation": {"issue": ""}, "config": {"articles_of": "title"}}, 0, "allow", id="by title none is needed"
    ),
    pytest.param({"config": {"articles_of": "title"}}, 4, "deny", id="the fifth of the title"),
    pytest.param({"citation": {"issue": "", "year": "2025年3月"}}, 0, "allow", id="the month names the issue"),
    pytest.param({"citation": {"title": "", "issn": ""}}, 0, "review", id="no periodical"),
    pytest.param({"reader": ""}, 0, "review", id="no reader"),
    pytest.param({"reader": "", "role": "supplier", "partner": "ISIL:CN-2"}, 99, "allow", id="for a partner"),
    pytest.param({"declared": ()}, 0, "review", id="no declaration"),
    pytest.param({"declared": (), "config": {"declaration": ""}}, 0, "allow", id="a library that asks for none"),
    pytest.param(
        {"declared": (), "role": "supplier", "partner": "ISIL:CN-2"}, 0, "allow", id="the partner asks its own"
    ),
    pytest.param({"purpose": "commercial"}, 0, "deny", id="commercial"),
    pytest.param({"purpose": "teaching"}, 0, "allow", id="teaching"),
    pytest.param({"purpose": ""}, 0, "allow", id="no purpose, but declared"),
    pytest.param({"chapter": {**BOOK, "pages": "1-66", "total_pages": "198"}}, 0, "allow", id="exactly a third"),
    pytest.param(
        {"chapter": {**BOOK, "pages": "1-67", "total_pages": "198"}}, 0, "deny", id="a page more than a third"
    ),
    pytest.param({"chapter": {**BOOK, "pages": "第1～66页", "total_pages": "198页"}}, 0, "allow", id="in Chinese"),
    pytest.param({"chapter": {**BOOK, "total_pages": ""}}, 0, "review", id="extent unknown"),
    pytest.param({"chapter": {**BOOK, "pages": "前三章"}}, 0, "review", id="pages unknown"),
    pytest.param({"chapter": {**BOOK, "pages": "全书"}}, 0, "deny", id="the whole book"),
    pytest.param({"only": {"title": "红楼梦"}}, 0, "review", id="nothing but a title"),
    pytest.param({"service_type": "loan", "declared": ()}, 99, "allow", id="a loan"),
    pytest.param({"open_access": True, "declared": ()}, 99, "allow", id="open access"),
]


@pytest.mark.parametrize(("case", "used", "decision"), CASES)
def test_what_the_law_and_practice_say(ask: Ask, case: dict[str, Any], used: int, decision: str) -> None:
    verdict = ask("cn", used=used, **{**DECLARED, **case})
    assert verdict.decision == decision
    assert all(reason.en and reason.zh for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("case", "same"),
    [
        pytest.param({}, True, id="the same reader and issue"),
        pytest.param({"reader": "R2"}, False, id="another reader"),
        pytest.param({"citation": {"issue": "8"}}, False, id="another issue"),
        pytest.param({"citation": {"issue": "第7期", "volume": "第600卷"}}, True, id="written in Chinese"),
    ],
)
def test_articles_count_by_reader_and_issue(ask: Ask, case: dict[str, Any], same: bool) -> None:
    (first,), (second,) = ask("cn").claims, ask("cn", **case).claims
    assert (first.key == second.key) is same
    assert "R1" not in first.key


def test_an_article_counts_for_so_many_days(ask: Ask) -> None:
    assert ask("cn").claims[0].until is None
    assert ask("cn", config={"period_days": 30}).claims[0].until == date(2026, 8, 9)


@pytest.mark.parametrize(
    ("case", "amount"),
    [
        pytest.param({}, "2.40", id="by the page"),
        pytest.param({"needed_by": date(2026, 7, 12)}, "12.40", id="urgent: in two days"),
        pytest.param({"needed_by": date(2026, 7, 13)}, "2.40", id="not urgent: in three days"),
        pytest.param({"citation": {"pages": "5, 7-9"}}, "1.20", id="of several ranges"),
    ],
)
def test_fees_are_by_the_page_and_for_urgency(ask: Ask, case: dict[str, Any], amount: str) -> None:
    verdict = ask("cn", **DECLARED, config=CNY, **case)
    assert verdict.decision == "allow_with_fee"
    assert [(str(fee.amount), fee.currency) for fee in verdict.fees] == [(amount, "CNY")]


def test_a_fee_for_pages_that_nobody_knows_is_told_by_the_page(ask: Ask) -> None:
    verdict = ask("cn", {"pages": ""}, **DECLARED, config=CNY)
    assert (verdict.decision, verdict.fees) == ("allow_with_fee", ())
    assert "CNY 0.30" in verdict.reasons[0].en


def test_nothing_is_charged_unless_a_fee_is_set(ask: Ask) -> None:
    assert ask("cn", **DECLARED).fees == ()


def test_a_file_bears_a_watermark_and_its_link_ends(ask: Ask) -> None:
    duties = {each.code: each.number for each in ask("cn", **DECLARED, config={"link_views": 3}).obligations}
    assert duties == {"notice": None, "watermark": None, "link_days": 10, "link_views": 3}
    assert [each.code for each in ask("cn", **DECLARED, electronic=False).obligations] == ["notice"]


def test_the_declaration_is_in_both_languages(ask: Ask) -> None:
    declaration = next(each for each in ask("cn").obligations if each.code == "declaration")
    assert "第二十四条" in declaration.text.zh
    assert "article 24" in declaration.text.en
