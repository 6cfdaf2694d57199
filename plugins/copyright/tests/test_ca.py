"""Canada, section 30.2, case by case."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from illcore.hooktypes import Verdict

Ask = Callable[..., Verdict]


def paper(year: str) -> dict[str, Any]:
    return {"citation": {"publication_type": "Newspaper", "title": "The Globe", "issn": "", "year": year}}


CASES: list[Any] = [
    pytest.param({}, "allow", id="an article of a scholarly periodical"),
    pytest.param({"citation": {"year": "2026-07-09"}}, "allow", id="published yesterday"),
    pytest.param({"citation": {"year": ""}}, "allow", id="its date does not matter"),
    pytest.param(paper("2025-07-09"), "allow", id="a newspaper more than a year old"),
    pytest.param(paper("2025-07-10"), "deny", id="a newspaper exactly a year old"),
    pytest.param(paper("2026-07-09"), "deny", id="yesterday's newspaper"),
    pytest.param(paper("2024"), "allow", id="a newspaper of the year before last"),
    pytest.param(paper("2025"), "review", id="a newspaper of last year, month unknown"),
    pytest.param(paper("2025-07"), "review", id="a newspaper of the month of the boundary"),
    pytest.param(paper("2025-06"), "allow", id="a newspaper of the month before"),
    pytest.param(paper("2026"), "deny", id="a newspaper of this year"),
    pytest.param(paper(""), "review", id="a newspaper of unknown date"),
    pytest.param({**paper("2026-07-09"), "config": {"age_years": 0}}, "allow", id="no age is asked for"),
    pytest.param({**paper("2024-07-09"), "config": {"age_years": 2}}, "allow", id="two years"),
    pytest.param({**paper("2024-07-10"), "config": {"age_years": 2}}, "deny", id="not quite two years"),
    pytest.param(
        {"citation": {"year": "2026"}, "config": {"not_scholarly": ["Nature", "0028-0836"]}}, "deny", id="a magazine"
    ),
    pytest.param({"citation": {"year": "2026"}, "config": {"scholarly": "listed"}}, "deny", id="not on the list"),
    pytest.param(
        {"citation": {"year": "2026"}, "config": {"scholarly": "listed", "scholarly_titles": ["0028-0836"]}},
        "allow",
        id="on the list",
    ),
    pytest.param({"citation": {"title": "", "issn": ""}}, "review", id="no periodical"),
    pytest.param({"citation": {"publication_type": "MusicScore"}}, "review", id="music"),
    pytest.param({"chapter": {"total_pages": ""}}, "allow", id="one chapter"),
    pytest.param({"chapter": {"total_pages": ""}, "config": {"one_chapter": False}}, "review", id="shares alone"),
    pytest.param({"chapter": {"pages": "1-200"}}, "review", id="the whole book"),
    pytest.param({"purpose": "commercial"}, "review", id="commercial"),
    pytest.param({"role": "supplier", "partner": "ISIL:CA-1", "reader": ""}, "allow", id="for a partner's reader"),
    pytest.param({**paper("2026"), "role": "supplier", "partner": "ISIL:CA-1"}, "deny", id="a new paper for a partner"),
    pytest.param({**paper("2026"), "service_type": "loan"}, "allow", id="a loan"),
    pytest.param({**paper("2026"), "open_access": True}, "allow", id="open access"),
]


@pytest.mark.parametrize(("case", "decision"), CASES)
def test_what_section_30_2_says(ask: Ask, case: dict[str, Any], decision: str) -> None:
    verdict = ask("ca", **case)
    assert (verdict.decision, verdict.claims) == (decision, ())
    assert all(reason.en and reason.zh for reason in verdict.reasons)


def test_a_digital_copy_ends_five_business_days_after_its_first_use(ask: Ask) -> None:
    duties = {each.code: each.number for each in ask("ca").obligations}
    assert duties == {"notice": None, "link_business_days": 5, "print_once": None, "no_forwarding": None}


def test_paper_has_no_link(ask: Ask) -> None:
    assert [each.code for each in ask("ca", electronic=False).obligations] == ["notice"]


def test_what_a_library_does_not_want_is_left_out(ask: Ask) -> None:
    config = {"link_business_days": 0, "print_once": False, "no_forwarding": False, "notice": ""}
    assert ask("ca", config=config).obligations == ()


def test_records_are_kept_three_years(ask: Ask) -> None:
    assert ask("ca").retention_until == date(2029, 12, 31)
