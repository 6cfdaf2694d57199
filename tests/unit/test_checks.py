"""What is missing, wrong or not allowed is said once, in two languages, and never rejects a reader's request."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illcore import reasons
from illcore.checks import (
    PUBLICATION_TYPES,
    approval_needed,
    check,
    completeness,
    over_limit,
    partner_completeness,
)
from illcore.facts import Facts
from illcore.model import CalendarDays, Citation, Money, ServiceType
from illcore.policy import Approval, Policy
from illcore.request import Request

steady = settings(deadline=None, derandomize=True, max_examples=150)

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)  # 3 March in Shanghai
TODAY = date(2026, 3, 3)
ISBN, ISSN = "9787020002207", "0028-0836"


def cited(publication_type: str = "", **fields: str) -> Citation:
    return Citation(publication_type=publication_type, **fields)


def found(service: ServiceType, citation: Citation) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in completeness(service, citation, TODAY)]


ARTICLE = {"title": "Nature", "year": "1953", "volume": "171", "pages": "737-738"}
CHAPTER = {"title": "Handbook", "pages": "12-30"}


@pytest.mark.parametrize(
    ("service", "citation"),
    [
        pytest.param("loan", cited("Book", title="红楼梦"), id="the loan of a book by title"),
        pytest.param("loan", cited("Book", isbn=ISBN), id="the loan of a book by ISBN alone"),
        pytest.param("loan", cited("Book", oclc="12345"), id="the loan of a book by OCLC number alone"),
        pytest.param("loan", cited(title="红楼梦"), id="the loan of something with a title"),
        pytest.param("loan", cited("Buch", title="Faust"), id="a type that the standard does not list"),
        pytest.param("copy_or_loan", cited("Book", title="红楼梦"), id="a book, copy or loan"),
        pytest.param("copy", cited("Article", **ARTICLE), id="an article"),
        pytest.param("copy", cited("article", **ARTICLE), id="the type in lower case"),
        pytest.param("copy", cited("Article", issn=ISSN, year="1953", pages="737"), id="an article by ISSN and pages"),
        pytest.param("copy", cited("Article", issn=ISSN, year="1953", volume="171"), id="an article by volume"),
        pytest.param(
            "copy", cited("Article", title="图书馆学报", year="2019", issue="3"), id="a journal without volumes"
        ),
        pytest.param("copy", cited("Article", doi="10.1038/171737a0"), id="an article by DOI alone"),
        pytest.param("copy", cited("Article", pmid="13054692"), id="an article by PMID alone"),
        pytest.param("copy_or_loan", cited("Article", **ARTICLE), id="an article, copy or loan"),
        pytest.param("copy", cited("Chapter", **CHAPTER), id="a chapter by title and pages"),
        pytest.param("copy", cited("Chapter", isbn=ISBN, pages="1-9"), id="a chapter by ISBN and pages"),
        pytest.param("copy", cited("Book", title="Handbook", pages="1-9"), id="pages of a book"),
        pytest.param("copy", cited("Book", isbn=ISBN, title_of_component="第一回"), id="a titled part of a book"),
        pytest.param("copy", cited(title="Nature", volume="171"), id="a copy of no named type with a volume"),
        pytest.param("copy", cited(doi="10.1038/171737a0"), id="a copy of no named type by DOI"),
        pytest.param("loan", cited("Journal", title="Nature", year="1953"), id="the loan of a year of a journal"),
        pytest.param("copy", cited("Newspaper", title="人民日报", year="1978-12-24", pages="1"), id="a newspaper page"),
        pytest.param("loan", cited("Newspaper", title="人民日报", year="1978"), id="a year of a newspaper"),
        pytest.param("copy", cited("ConferenceProc", title="VLDB", pages="1-12"), id="a conference paper by pages"),
        pytest.param("copy", cited("ConferenceProc", doi="10.1145/1.2"), id="a conference paper by DOI"),
        pytest.param("loan", cited("ConferenceProc", title="VLDB"), id="a volume of proceedings"),
        pytest.param("copy", cited("Thesis", title="论中国古代书院", author="王某"), id="a whole thesis"),
        pytest.param("loan", cited("Thesis", oclc="12345"), id="a thesis by OCLC number"),
        pytest.param("copy", cited("Report", title="NASA TM-1998-1"), id="a whole report"),
        pytest.param("copy", cited("Patent", title="US 4,000,000"), id="a whole patent"),
        pytest.param("loan", cited("Map", title="China 1:1,000,000"), id="a map"),
        pytest.param("loan", cited("MusicScore", title="Symphony no. 5", author="Mahler"), id="a score"),
        pytest.param("loan", cited("Movie", title="黄土地"), id="a film"),
        pytest.param("copy", cited("Manuscript", title="Voynich"), id="a copy of a whole manuscript"),
    ],
)
def test_enough_to_go_on(service: ServiceType, citation: Citation) -> None:
    assert found(service, citation) == []


ARTICLE_NEEDS = [("title", "journal_missing"), ("year", "article_year_missing"), ("volume", "article_place_missing")]


@pytest.mark.parametrize(
    ("service", "citation", "problems"),
    [
        pytest.param("loan", cited(), [("title", "item_missing")], id="a loan of nothing"),
        pytest.param("loan", cited("Book", author="曹雪芹"), [("title", "item_missing")], id="a book by author only"),
        pytest.param("copy", cited("Article"), ARTICLE_NEEDS, id="an article of which nothing is said"),
        pytest.param("copy", cited("Article", title_of_component="X"), ARTICLE_NEEDS, id="an article without journal"),
        pytest.param(
            "copy",
            cited("Article", title="Nature", pages="737"),
            [("year", "article_year_missing")],
            id="an article without year",
        ),
        pytest.param(
            "copy",
            cited("Article", title="Nature", year="1953"),
            [("volume", "article_place_missing")],
            id="an article without volume or pages",
        ),
        pytest.param("copy", cited("Journal"), ARTICLE_NEEDS, id="a copy from a journal is an article"),
        pytest.param("copy_or_loan", cited("Article"), ARTICLE_NEEDS, id="an article, copy or loan"),
        pytest.param(
            "copy", cited("Chapter", pages="1-9"), [("title", "book_missing")], id="a chapter without its book"
        ),
        pytest.param(
            "copy",
            cited("Chapter", title="Handbook", title_of_component="Glue"),
            [("pages", "chapter_pages_missing")],
            id="a chapter without pages",
        ),
        pytest.param(
            "copy_or_loan",
            cited("Chapter", isbn=ISBN),
            [("pages", "chapter_pages_missing")],
            id="a chapter, copy or loan, without pages",
        ),
        pytest.param("copy", cited("Book", isbn=ISBN), [("pages", "part_missing")], id="the copy of a whole book"),
        pytest.param("copy", cited(title="Nature"), [("pages", "part_missing")], id="a copy of who knows what"),
        pytest.param(
            "copy", cited("Buch", title="Faust"), [("pages", "part_missing")], id="a copy of a type not listed"
        ),
        pytest.param("copy", cited(pages="1-9"), [("title", "item_missing")], id="pages of nothing"),
        pytest.param(
            "loan", cited("Journal", title="Nature"), [("volume", "journal_volume_missing")], id="a whole journal"
        ),
        pytest.param(
            "loan", cited("Newspaper", title="人民日报"), [("year", "newspaper_date_missing")], id="a whole newspaper"
        ),
        pytest.param(
            "copy",
            cited("Newspaper", year="1978"),
            [("title", "newspaper_missing"), ("pages", "part_missing")],
            id="a year without newspaper",
        ),
        pytest.param(
            "copy", cited("ConferenceProc", title="VLDB"), [("pages", "paper_missing")], id="which conference paper"
        ),
        pytest.param("copy", cited("Thesis", title="X"), [("author", "thesis_author_missing")], id="whose thesis"),
        pytest.param(
            "loan", cited("MusicScore", title="Symphony no. 5"), [("author", "composer_missing")], id="whose symphony"
        ),
        pytest.param(
            "loan", cited("Article", **ARTICLE), [("publication_type", "part_on_loan")], id="the loan of an article"
        ),
        pytest.param(
            "loan", cited("Chapter", **CHAPTER), [("publication_type", "part_on_loan")], id="the loan of a chapter"
        ),
        pytest.param(
            "loan",
            cited("Book", title="X", isbn="9787020002208"),
            [("isbn", "isbn_check_digit")],
            id="a mistyped ISBN beside a title",
        ),
        pytest.param(
            "copy",
            cited("Article", **ARTICLE, issn="0028-0837", doi="171737a0"),
            [("issn", "issn_check_digit"), ("doi", "doi_form")],
            id="a mistyped ISSN and half a DOI",
        ),
        pytest.param("copy", cited("Article", doi="nature"), [("doi", "doi_form")], id="a wrong DOI alone"),
        pytest.param("copy", cited("Article", pmid="PMC1"), [("pmid", "pmid_form")], id="a PMC number for a PMID"),
        pytest.param("loan", cited("Book", title="X", oclc="?"), [("oclc", "oclc_form")], id="a wrong OCLC number"),
    ],
)
def test_what_is_missing_or_wrong(service: ServiceType, citation: Citation, problems: list[tuple[str, str]]) -> None:
    assert found(service, citation) == problems


@pytest.mark.parametrize(
    ("year", "code"),
    [
        pytest.param("1996", None, id="a year"),
        pytest.param("c1998", None, id="a copyright year"),
        pytest.param("[1998]", None, id="a guessed year"),
        pytest.param("1998-1999", None, id="two years"),
        pytest.param("1978-12-24", None, id="a date"),
        pytest.param("19781224", None, id="a date of digits"),
        pytest.param("民国36年", None, id="a year of the Republic"),
        pytest.param("康熙五十五年", None, id="a year of an emperor"),
        pytest.param("n.d.", None, id="no date"),
        pytest.param("0868", None, id="the year of the oldest printed book"),
        pytest.param("2027", None, id="next year's book is already announced"),
        pytest.param("2028", "year_future", id="the year after next"),
        pytest.param("19996", "year_form", id="a digit too many"),
        pytest.param("199", "year_form", id="a digit too few"),
        pytest.param("0099", "year_form", id="antiquity"),
    ],
)
def test_a_year_must_be_plausible(year: str, code: str | None) -> None:
    expected = [] if code is None else [("year", code)]
    assert found("loan", cited("Book", title="X", year=year)) == expected


def test_without_a_date_no_year_is_in_the_future() -> None:
    assert completeness("loan", cited(title="X", year="2999")) == []


@pytest.mark.parametrize("service", ["loan", "copy", "copy_or_loan"])
@pytest.mark.parametrize("publication_type", ["", "Unheard-of", *PUBLICATION_TYPES])
def test_every_type_asks_for_something_when_nothing_is_given(service: ServiceType, publication_type: str) -> None:
    problems = completeness(service, cited(publication_type))
    assert problems
    assert all(problem.text.en and problem.text.zh for problem in problems)
    assert all(problem.field in Citation.model_fields for problem in problems)


@steady
@given(
    st.sampled_from(["loan", "copy", "copy_or_loan"]),
    st.builds(Citation, **{name: st.text(max_size=20) for name in Citation.model_fields}),
)
def test_no_text_whatever_breaks_the_check(service: ServiceType, citation: Citation) -> None:
    for problem in completeness(service, citation, TODAY):
        assert problem.text.en.endswith(".")
        assert problem.text.zh.endswith("。")


def test_a_partner_may_say_little_but_must_name_the_item() -> None:
    assert partner_completeness(cited("Article", title_of_component="Glue")) == []
    assert partner_completeness(cited("Chapter", isbn="1234")) == []
    assert [(p.field, p.code) for p in partner_completeness(cited("Book", author="Anon"))] == [
        ("title", "partner_item_missing")
    ]


# --- the whole check -----------------------------------------------------------------------------------------------


def request(**changes) -> Request:
    plain = Request(
        id="R1",
        library="ISIL:CN-110001",
        role="requester",
        service_type="loan",
        created_at=NOW,
        updated_at=NOW,
        state_since=NOW,
        citation=cited("Book", title="红楼梦"),
        reader_id="reader-7",
    )
    return replace(plain, **changes)


def yuan(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


def euro(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def facts(policy: Policy | None = None, **changes) -> Facts:
    return Facts(policy=policy or Policy(calendar=CalendarDays(time_zone="Asia/Shanghai")), **changes)


EVERYTHING_WRONG = facts(
    Policy(
        open_requests_per_reader=3,
        over_limit="review",
        maximum_cost=yuan("50"),
        approval=Approval(all=True),
    ),
    duplicates=("R0",),
    reader_open=3,
    reader_blocked="card expired",
    locally_held="总馆 三层",
)
ALL_REASONS = ["incomplete", "invalid_reader", "duplicate", "over_limit", "locally_held", "cost", "approval"]


def wrong_request(**changes) -> Request:
    return request(citation=cited("Book"), max_cost=yuan("80"), **changes)


def test_a_good_request_has_nothing_to_review() -> None:
    assert check(request(), facts(), NOW) == []


def test_all_reasons_come_in_a_steady_order_with_both_languages_and_json_details() -> None:
    findings = check(wrong_request(), EVERYTHING_WRONG, NOW)
    assert [finding.reason for finding in findings] == ALL_REASONS
    for finding in findings:
        assert finding.text.en
        assert finding.text.zh
        assert finding.reason in reasons.REVIEW_REASONS
        assert json.loads(json.dumps(finding.detail)) == finding.detail


@pytest.mark.parametrize("reason", ALL_REASONS)
def test_a_reason_that_staff_overrode_does_not_come_back(reason: str) -> None:
    findings = check(wrong_request(overrides=(reason,)), EVERYTHING_WRONG, NOW)
    assert [finding.reason for finding in findings] == [other for other in ALL_REASONS if other != reason]


@pytest.mark.parametrize(
    ("needed_by", "problems"),
    [
        pytest.param(date(2026, 3, 2), ["needed_by"], id="yesterday in Shanghai though today in UTC"),
        pytest.param(date(2026, 3, 3), [], id="today in Shanghai"),
        pytest.param(date(9999, 12, 31), [], id="a date that means never"),
        pytest.param(None, [], id="no date"),
    ],
)
def test_needed_by_counts_in_the_library_s_time_zone(needed_by: date | None, problems: list[str]) -> None:
    findings = check(request(needed_by=needed_by), facts(), NOW)
    assert [problem["field"] for finding in findings for problem in finding.detail["problems"]] == problems


def test_a_past_date_and_a_bad_citation_are_one_reason_with_all_its_problems() -> None:
    (finding,) = check(request(citation=cited("Book"), needed_by=date(2026, 1, 1)), facts(), NOW)
    assert [problem["code"] for problem in finding.detail["problems"]] == ["item_missing", "needed_by_past"]
    assert "2026-01-01" in finding.text.en
    assert "2026-01-01" in finding.text.zh


@pytest.mark.parametrize(
    ("max_cost", "limit", "words"),
    [
        pytest.param(None, yuan("50"), None, id="no maximum cost given"),
        pytest.param(yuan("50"), None, None, id="no limit in the policy"),
        pytest.param(yuan("50"), yuan("50"), None, id="as much as allowed"),
        pytest.param(yuan("50.01"), yuan("50"), "CNY 50.01, more than", id="a cent more than allowed"),
        pytest.param(euro("1"), yuan("50"), "two currencies", id="another currency is never converted"),
        pytest.param(euro("0"), yuan("50"), None, id="nothing is nothing in every currency"),
    ],
)
def test_cost(max_cost: Money | None, limit: Money | None, words: str | None) -> None:
    findings = check(request(max_cost=max_cost), facts(Policy(maximum_cost=limit)), NOW)
    assert [finding.reason for finding in findings] == ([] if words is None else ["cost"])
    assert all(words and words in finding.text.en for finding in findings)


@pytest.mark.parametrize(
    ("limit", "open_now", "reader", "over"),
    [
        pytest.param(None, 99, "reader-7", False, id="no limit"),
        pytest.param(3, 2, "reader-7", False, id="one place free"),
        pytest.param(3, 3, "reader-7", True, id="no place free"),
        pytest.param(3, 3, "", False, id="no reader"),
    ],
)
@pytest.mark.parametrize("mode", ["queue", "review"])
def test_a_reader_s_limit(limit: int | None, open_now: int, reader: str, over: bool, mode: str) -> None:
    known = facts(Policy.model_validate({"open_requests_per_reader": limit, "over_limit": mode}), reader_open=open_now)
    asked = request(reader_id=reader)
    assert over_limit(asked, known) is over
    reviewed = ["over_limit"] if over and mode == "review" else []
    assert [finding.reason for finding in check(asked, known, NOW)] == reviewed


def test_duplicates_are_named_and_many_are_cut_short_in_the_sentence_only() -> None:
    ids = tuple(f"R{n}" for n in range(9))
    (finding,) = check(request(), facts(duplicates=ids), NOW)
    assert finding.detail == {"requests": list(ids)}
    assert "R4 …" in finding.text.en
    assert "R5" not in finding.text.en


@pytest.mark.parametrize(
    ("rules", "changes", "category", "rule"),
    [
        pytest.param(Approval(), {}, "", None, id="no rules"),
        pytest.param(Approval(all=True), {}, "", "all", id="everything"),
        pytest.param(Approval(service_types=("copy",)), {}, "", None, id="copies only, and this is a loan"),
        pytest.param(Approval(service_types=("loan",)), {}, "", "service_type", id="loans"),
        pytest.param(Approval(categories=("guest",)), {}, "guest", "category", id="guests"),
        pytest.param(Approval(categories=("guest",)), {}, "", None, id="guests, and the category is not known"),
        pytest.param(Approval(cost_above=yuan("20")), {"max_cost": yuan("20")}, "", None, id="just not too dear"),
        pytest.param(Approval(cost_above=yuan("20")), {"max_cost": yuan("21")}, "", "cost", id="too dear"),
        pytest.param(Approval(cost_above=yuan("20")), {"max_cost": euro("1")}, "", "cost", id="another currency"),
        pytest.param(Approval(cost_above=yuan("20")), {}, "", None, id="no maximum cost"),
        pytest.param(Approval(all=True), {"overrides": ("approval",)}, "", None, id="already approved"),
    ],
)
@pytest.mark.parametrize("when", ["before_locating", "after_locating"])
def test_approval(rules: Approval, changes: dict, category: str, rule: str | None, when: str) -> None:
    policy = Policy(approval=rules.model_copy(update={"when": when}))
    known, asked = facts(policy, reader_category=category), request(**changes)
    before = approval_needed(asked, known, "before_locating")
    after = approval_needed(asked, known, "after_locating")
    here, there = (before, after) if when == "before_locating" else (after, before)
    assert there is None
    assert (here and here.detail) == (None if rule is None else {"rule": rule, "when": when})
    assert [finding.reason for finding in check(asked, known, NOW)] == (["approval"] if before else [])


def test_a_partner_s_request_is_checked_for_sense_and_doubles_only() -> None:
    asked = wrong_request(role="supplier", needed_by=date(2020, 1, 1))
    assert [finding.reason for finding in check(asked, EVERYTHING_WRONG, NOW)] == ["incomplete", "duplicate"]
    article = replace(asked, service_type="loan", citation=cited("Article", title="Nature", issn="1"))
    assert [finding.reason for finding in check(article, EVERYTHING_WRONG, NOW)] == ["duplicate"]


# --- the texts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(reasons.CODES))
def test_every_sentence_stands_in_both_languages_with_the_same_values(code: str) -> None:
    english, chinese = reasons._SENTENCES[code]
    assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", chinese))
    values = {name: f"<{name}>" for name in re.findall(r"{(\w+)}", english)}
    text = reasons.sentence(code, **values)
    assert all(value in text.en and value in text.zh for value in values.values())
    assert re.search("[一-鿿]", text.zh)
    assert reasons.in_chinese(text.en) == text.zh


def test_a_stored_sentence_that_is_none_of_ours_stays_as_it_is() -> None:
    assert reasons.in_chinese("Chosen by staff.") == "Chosen by staff."


def test_braces_in_a_value_are_only_braces() -> None:
    assert "{ids}" in reasons.sentence("doi_form", value="{ids}").en
