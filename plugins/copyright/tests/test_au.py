"""Australia, s.49, s.50 and s.183, case by case."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from illcore.hooktypes import Verdict

Ask = Callable[..., Verdict]
DECLARED = {"declared": ("au-s49-1",)}
BOTH = {"declared": ("au-s49-1", "au-officer-1")}
BOOK = {"title_of_component": "", "publication_type": "Book"}
S50, S49, S7A = "AU-CopyrightActS50-1", "AU-CopyrightActS49", "AU-CopyrightActS50-7A"

CASES: list[Any] = [
    pytest.param(DECLARED, "allow", S50, id="an article for a reader who declared"),
    pytest.param({}, "review", "", id="no declaration"),
    pytest.param({**DECLARED, "config": {"reader_code": S49}}, "allow", S49, id="asked for under s.49"),
    pytest.param({**DECLARED, "reader": ""}, "review", "", id="no reader"),
    pytest.param({"reader": "", "config": {"without_reader": "collection"}}, "allow", S50, id="for the collection"),
    pytest.param({**DECLARED, "citation": {"issue": ""}}, "review", "", id="no issue is named"),
    pytest.param({**DECLARED, "used": 1}, "review", "", id="a second article of the issue"),
    pytest.param({**DECLARED, "chapter": {}}, "allow", S50, id="one chapter"),
    pytest.param({**DECLARED, "chapter": {"pages": "11-100"}}, "allow", S50, id="one chapter of any length"),
    pytest.param({**DECLARED, "chapter": {"total_pages": ""}}, "allow", S50, id="one chapter, extent unknown"),
    pytest.param({**DECLARED, "chapter": {**BOOK, "pages": "1-20"}}, "allow", S50, id="exactly a tenth"),
    pytest.param({**DECLARED, "chapter": {**BOOK, "pages": "1-21"}}, "review", "", id="a page more than a tenth"),
    pytest.param({**BOTH, "chapter": {**BOOK, "pages": "1-21"}}, "allow", S7A, id="more, and the officer declared"),
    pytest.param({**DECLARED, "chapter": {**BOOK, "total_pages": ""}}, "review", "", id="extent unknown"),
    pytest.param(
        {**BOTH, "chapter": {**BOOK, "total_pages": ""}}, "review", "", id="extent unknown to the officer too"
    ),
    pytest.param({**DECLARED, "chapter": {**BOOK, "pages": "all"}}, "review", "", id="a whole book"),
    pytest.param({**BOTH, "chapter": {**BOOK, "pages": "all"}}, "allow", S7A, id="a whole book that cannot be bought"),
    pytest.param(
        {**BOTH, "chapter": {**BOOK, "pages": "all"}, "config": {"officer_code": "AU-CopyrightActS50-7B"}},
        "allow",
        "AU-CopyrightActS50-7B",
        id="an electronic one",
    ),
    pytest.param(
        {**DECLARED, "chapter": {**BOOK, "pages": "1-21"}, "config": {"officer_statement": ""}},
        "review",
        "",
        id="a library without officers",
    ),
    pytest.param({"config": {"crown": "commonwealth"}, "used": 9}, "allow", "AU-CopyRCatS183ComW", id="Commonwealth"),
    pytest.param({"config": {"crown": "state"}, "used": 9}, "allow", "AU-CopyRCatS183State", id="a State"),
    pytest.param({**DECLARED, "purpose": "commercial"}, "review", "", id="commercial"),
    pytest.param({**DECLARED, "only": {"title": "Nature"}}, "review", "", id="nothing but a title"),
    pytest.param({"service_type": "loan"}, "allow", "", id="a loan"),
    pytest.param({"open_access": True}, "allow", "", id="open access"),
]


@pytest.mark.parametrize(("case", "decision", "compliance"), CASES)
def test_what_the_act_says(ask: Ask, case: dict[str, Any], decision: str, compliance: str) -> None:
    verdict = ask("au", **case)
    assert (verdict.decision, verdict.compliance) == (decision, compliance)
    assert all(reason.en and reason.zh for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("case", "decision"),
    [
        pytest.param({"compliance": "AU-CopyrightActS50-1"}, "allow", id="s.50"),
        pytest.param({"compliance": "au-copyrightacts49"}, "allow", id="s.49 in small letters"),
        pytest.param({"compliance": ""}, "review", id="no section is named"),
        pytest.param({"compliance": "", "config": {"without_flag": "deny"}}, "deny", id="and the library refuses"),
        pytest.param({"compliance": "US-CCG"}, "review", id="another country's"),
        pytest.param({"compliance": S50, "chapter": {**BOOK, "pages": "1-21"}}, "review", id="more than a portion"),
        pytest.param({"compliance": S7A, "chapter": {**BOOK, "pages": "all"}}, "allow", id="the partner's officer"),
        pytest.param({"compliance": "AU-CopyRCatS183State", "chapter": {**BOOK, "pages": "all"}}, "allow", id="s.183"),
    ],
)
def test_what_a_partner_is_supplied(ask: Ask, case: dict[str, Any], decision: str) -> None:
    verdict = ask("au", **{"role": "supplier", "partner": "ISIL:AU-1", "reader": "", **case})
    assert (verdict.decision, verdict.claims) == (decision, ())


def test_the_officer_is_asked_with_the_text_to_declare(ask: Ask) -> None:
    verdict = ask("au", **DECLARED, chapter={**BOOK, "pages": "all"})
    assert [each.version for each in verdict.obligations if each.code == "declaration"] == ["au-officer-1"]


def test_declarations_are_kept_four_years_and_copies_are_marked(ask: Ask) -> None:
    verdict = ask("au", **DECLARED)
    assert verdict.retention_until == date(2030, 7, 10)
    assert [each.code for each in verdict.obligations] == ["legend"]


def test_keys_do_not_name_the_reader(ask: Ask) -> None:
    claims = ask("au", reader="wang.fang").claims
    assert [claim.key.split(":")[1] for claim in claims] == ["item", "issue"]
    assert not [claim for claim in claims if "wang" in claim.key]
