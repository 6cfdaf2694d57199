"""CDPA s.41 and s.42A, case by case."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from illcore.hooktypes import Verdict

Ask = Callable[..., Verdict]
DECLARED = {"declared": ("uk-s42a-1",)}


def keys(verdict: Verdict) -> dict[str, str]:
    """The keys that a verdict claims, by their second part."""
    return {claim.key.split(":")[1]: claim.key for claim in verdict.claims}


def used(ask: Ask, which: str, **case: Any) -> dict[tuple[str, int], int]:
    """The ledger after a request like this was sent, under one of its keys."""
    return {(keys(ask("uk", **case))[which], 0): 1}


CASES: list[Any] = [
    pytest.param({**DECLARED}, "allow", "UK-FairDealing", id="an article for a reader who declared"),
    pytest.param({}, "review", "", id="no declaration"),
    pytest.param({"declared": ("uk-s42a-0",)}, "review", "", id="an older declaration"),
    pytest.param({"config": {"declaration": ""}}, "allow", "UK-FairDealing", id="a library that asks for none"),
    pytest.param({**DECLARED, "purpose": "commercial"}, "allow_with_fee", "UK-CopyRFeePaid", id="commercial"),
    pytest.param({"purpose": "commercial"}, "allow_with_fee", "UK-CopyRFeePaid", id="fee paid needs no declaration"),
    pytest.param({"purpose": "commercial", "config": {"commercial": "deny"}}, "deny", "", id="commercial is refused"),
    pytest.param({**DECLARED, "reader": ""}, "review", "", id="no reader"),
    pytest.param({**DECLARED, "citation": {"issue": ""}}, "review", "", id="no issue is named"),
    pytest.param(
        {**DECLARED, "citation": {"issue": "", "year": "2025-03"}}, "allow", "UK-FairDealing", id="the month names it"
    ),
    pytest.param({**DECLARED, "citation": {"title": "", "issn": ""}}, "review", "", id="no periodical"),
    pytest.param({**DECLARED, "citation": {"pages": "all"}}, "review", "", id="a whole issue"),
    pytest.param({**DECLARED, "chapter": {}}, "allow", "UK-FairDealing", id="one chapter"),
    pytest.param(
        {**DECLARED, "chapter": {"total_pages": ""}}, "allow", "UK-FairDealing", id="one chapter, extent unknown"
    ),
    pytest.param({**DECLARED, "chapter": {"pages": "11-100"}}, "allow", "UK-FairDealing", id="one long chapter"),
    pytest.param(
        {**DECLARED, "chapter": {"pages": "11-100"}, "config": {"one_chapter": False}}, "review", "", id="shares alone"
    ),
    pytest.param(
        {**DECLARED, "chapter": {"title_of_component": "", "publication_type": "Book"}},
        "allow",
        "UK-FairDealing",
        id="pages that are exactly a tenth",
    ),
    pytest.param(
        {**DECLARED, "chapter": {"title_of_component": "", "publication_type": "Book", "pages": "11-31"}},
        "review",
        "",
        id="pages that are more than a tenth",
    ),
    pytest.param(
        {**DECLARED, "chapter": {"title_of_component": "", "publication_type": "Book", "total_pages": ""}},
        "review",
        "",
        id="pages of a book of unknown extent",
    ),
    pytest.param(
        {**DECLARED, "only": {"title": "A book", "isbn": "9780306406157", "publication_type": "Book"}},
        "review",
        "",
        id="a whole book",
    ),
    pytest.param({"service_type": "loan"}, "allow", "", id="a loan"),
    pytest.param({"open_access": True}, "allow", "", id="open access"),
]


@pytest.mark.parametrize(("case", "decision", "compliance"), CASES)
def test_what_section_42a_says(ask: Ask, case: dict[str, Any], decision: str, compliance: str) -> None:
    verdict = ask("uk", **case)
    assert (verdict.decision, verdict.compliance) == (decision, compliance)
    assert all(reason.en and reason.zh for reason in verdict.reasons)


OTHER = {"citation": {"title_of_component": "Another article", "pages": "30-39"}}
SAME_ISSUE: list[Any] = [
    pytest.param(OTHER, "deny", id="a second article of the issue"),
    pytest.param({**OTHER, "config": {"second_article": "review"}}, "review", id="a library that looks at it"),
    pytest.param({**OTHER, "config": {"articles_per_issue": 2}}, "allow", id="a library that permits two"),
    pytest.param({**OTHER, "reader": "R2"}, "allow", id="another reader"),
    pytest.param({"citation": {**OTHER["citation"], "issue": "8"}}, "allow", id="another issue"),
    pytest.param({"citation": {**OTHER["citation"], "issue": "No. 07"}}, "deny", id="the issue written otherwise"),
    pytest.param({"citation": {**OTHER["citation"], "volume": "601"}}, "allow", id="another volume"),
    pytest.param({"citation": {**OTHER["citation"], "issue": "7 Suppl 1"}}, "allow", id="its supplement"),
]


@pytest.mark.parametrize(("case", "decision"), SAME_ISSUE)
def test_one_article_of_an_issue_for_one_reader(ask: Ask, case: dict[str, Any], decision: str) -> None:
    assert ask("uk", **DECLARED, used=used(ask, "issue"), **case).decision == decision


def test_the_same_article_is_not_supplied_to_a_reader_twice(ask: Ask) -> None:
    assert ask("uk", **DECLARED, used=used(ask, "item")).decision == "deny"


def test_a_second_part_of_a_book_is_looked_at(ask: Ask) -> None:
    taken = used(ask, "work", chapter={})
    verdict = ask("uk", **DECLARED, used=taken, chapter={"title_of_component": "Nuns", "pages": "40-50"})
    assert verdict.decision == "review"


@pytest.mark.parametrize(
    ("case", "decision"),
    [
        pytest.param({"reader": "R2", "reader_department": "Chemistry"}, "review", id="a colleague"),
        pytest.param({"reader": "R2", "reader_department": "History"}, "allow", id="another department"),
        pytest.param(
            {"reader": "R2", "reader_department": ""}, "allow", id="department unknown: the reader declares it"
        ),
        pytest.param(
            {"reader": "R2", "reader_department": "Chemistry", "config": {"related_days": 0}},
            "allow",
            id="not looked at",
        ),
    ],
)
def test_colleagues_who_ask_for_the_same_are_looked_at(ask: Ask, case: dict[str, Any], decision: str) -> None:
    taken = used(ask, "related", reader_department="Chemistry")
    assert ask("uk", **DECLARED, used=taken, **case).decision == decision


def test_a_related_request_counts_for_so_many_days(ask: Ask) -> None:
    claims = {claim.key.split(":")[1]: claim for claim in ask("uk", reader_department="Chemistry").claims}
    assert claims["related"].until == date(2026, 8, 9)
    assert claims["related"].limit is None


@pytest.mark.parametrize(
    ("case", "decision", "compliance"),
    [
        pytest.param({}, "allow", "", id="an article under s.41"),
        pytest.param({"chapter": {}}, "review", "", id="a chapter for the partner's collection"),
        pytest.param(
            {"chapter": {}, "compliance": "UK-FairDealing"}, "allow", "", id="a chapter for a declared reader"
        ),
        pytest.param({"compliance": "uk-fairdealing", "citation": {"pages": "all"}}, "review", "", id="a whole issue"),
        pytest.param({"compliance": "UK-CopyRFeePaid"}, "allow_with_fee", "UK-CopyRFeePaid", id="fee paid"),
        pytest.param({"purpose": "commercial"}, "allow_with_fee", "UK-CopyRFeePaid", id="commercial"),
        pytest.param({"service_type": "loan"}, "allow", "", id="a loan"),
    ],
)
def test_what_a_partner_is_supplied(ask: Ask, case: dict[str, Any], decision: str, compliance: str) -> None:
    verdict = ask("uk", **{"role": "supplier", "partner": "ISIL:GB-1", "reader": "", "purpose": "", **case})
    assert (verdict.decision, verdict.compliance, verdict.claims) == (decision, compliance, ())


def test_the_missing_declaration_is_named_with_its_text(ask: Ask) -> None:
    verdict = ask("uk")
    (wanted,) = verdict.obligations
    assert (wanted.code, wanted.version) == ("declaration", "uk-s42a-1")
    assert "private study" in wanted.text.en
    assert "个人学习" in wanted.text.zh
    assert "uk-s42a-1" in verdict.reasons[0].en


def test_a_library_may_have_its_own_wording(ask: Ask) -> None:
    config = {"declaration": "ours-2", "texts": {"ours-2": {"en": "I declare.", "zh": "本人声明。"}}}
    assert ask("uk", declared=("uk-s42a-1",), config=config).obligations[0].text.en == "I declare."
    assert ask("uk", declared=("ours-2",), config=config).decision == "allow"


def test_a_declaration_without_a_text_is_refused(ask: Ask) -> None:
    with pytest.raises(ValueError, match="there is no text ours-9"):
        ask("uk", config={"declaration": "ours-9"})


def test_keys_name_neither_reader_nor_department(ask: Ask) -> None:
    verdict = ask("uk", reader="wang.fang", reader_department="Chemistry")
    assert len(verdict.claims) == 3
    assert not [claim for claim in verdict.claims if "wang" in claim.key.casefold() or "chem" in claim.key.casefold()]


def test_declarations_are_kept_six_years(ask: Ask) -> None:
    assert ask("uk", **DECLARED).retention_until == date(2032, 7, 10)
    assert ask("uk", **DECLARED, today=date(2028, 2, 29)).retention_until == date(2034, 2, 28)


def test_the_copy_may_have_to_be_printed_and_deleted(ask: Ask) -> None:
    verdict = ask("uk", **DECLARED, config={"print_and_destroy": True})
    assert [each.code for each in verdict.obligations] == ["print_and_destroy"]
    assert ask("uk", **DECLARED, config={"print_and_destroy": True}, electronic=False).obligations == ()
