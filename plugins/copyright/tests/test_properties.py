"""What holds for every policy, whatever the request."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from illcore.hooktypes import RESTRICTIVENESS, Verdict
from illcore_copyright.policies import POLICIES
from illcore_copyright.texts import KINDS, TEXTS, policy_of

Ask = Callable[..., Verdict]
ALL = sorted(POLICIES)
TABLE = {
    "rules": [
        {"name": "no newspapers", "types": ["Newspaper"], "decision": "deny"},
        {"name": "recent", "younger_than_years": 3, "decision": "allow", "count": {"limit": 3}},
        {"name": "shares", "share_over": "1/4", "decision": "deny"},
        {"name": "rest", "decision": "allow", "count": {"limit": 5, "by": "item", "per_reader": True, "over": "deny"}},
    ]
}
DECLARED = ("uk-s42a-1", "cn-study-1", "au-s49-1")

citations = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Nature", "三体", "The history of copying"]),
        "issn": st.sampled_from(["0028-0836", "00280836", "1234-5678", "junk"]),
        "isbn": st.sampled_from(["9780306406157", "junk"]),
        "doi": st.just("10.1000/182"),
        "title_of_component": st.sampled_from(["On copying", "第一章"]),
        "volume": st.sampled_from(["1", "Vol. 600"]),
        "issue": st.sampled_from(["7", "第7期", "Suppl 1"]),
        "year": st.sampled_from(["2026", "2021", "2021-07", "2019-01-01", "1920", "民国36年", "in press", "2021?"]),
        "pages": st.sampled_from(["12-19", "1-20", "1-200", "e12", "5", "all", "xii-xx", "12ff"]),
        "total_pages": st.sampled_from(["200", "xii, 188 p.", "2 v.", "8"]),
        "publication_type": st.sampled_from(["Article", "Chapter", "Book", "Newspaper", "MusicScore", "Thesis", "Odd"]),
    },
)
views = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["requester", "supplier"]),
        "service_type": st.sampled_from(["copy", "copy_or_loan"]),
        "reader": st.sampled_from(["", "R1"]),
        "reader_department": st.sampled_from(["", "Chemistry"]),
        "purpose": st.sampled_from(["", "study", "commercial"]),
        "compliance": st.sampled_from(["", "US-CCG", "UK-FairDealing", "AU-CopyrightActS49", "junk"]),
        "electronic": st.booleans(),
        "holds": st.sampled_from(["", "subscribed", "owned", "none"]),
        "licence": st.sampled_from(["", "ill", "print", "none"]),
        "declared": st.sampled_from([(), DECLARED]),
        "partner": st.sampled_from(["", "ISIL:US-1"]),
    }
)
quick = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def config_of(policy: str) -> dict[str, Any]:
    return TABLE if policy == "rules" else {}


@pytest.mark.parametrize("policy", ALL)
@quick
@given(citation=citations, view=views, used=st.integers(0, 8), more=st.integers(0, 8))
def test_more_use_never_makes_a_verdict_laxer(
    ask: Ask, policy: str, citation: dict[str, str], view: dict[str, Any], used: int, more: int
) -> None:
    few = ask(policy, only=citation, used=used, config=config_of(policy), **view)
    many = ask(policy, only=citation, used=used + more, config=config_of(policy), **view)
    assert RESTRICTIVENESS[many.decision] >= RESTRICTIVENESS[few.decision]


@pytest.mark.parametrize("policy", ALL)
@quick
@given(citation=citations, view=views, used=st.integers(0, 6))
def test_a_verdict_is_whole_and_the_same_for_the_same(
    ask: Ask, policy: str, citation: dict[str, str], view: dict[str, Any], used: int
) -> None:
    verdict = ask(policy, only=citation, used=used, config=config_of(policy), **view)
    assert verdict == ask(policy, only=citation, used=used, config=config_of(policy), **view)
    assert verdict.reasons
    assert all(reason.en and reason.zh and "{" not in reason.en + reason.zh for reason in verdict.reasons)
    assert not verdict.compliance or verdict.decision in ("allow", "allow_with_fee")
    assert len({claim.key for claim in verdict.claims}) == len(verdict.claims)
    assert all(each.version for each in verdict.obligations if each.code == "declaration")
    assert not [claim for claim in verdict.claims if "R1" in claim.key or "Chemistry" in claim.key]


@pytest.mark.parametrize("policy", ALL)
@quick
@given(citation=citations, view=views)
def test_what_claims_a_place_passes_below_the_limit_and_not_at_it(
    ask: Ask, policy: str, citation: dict[str, str], view: dict[str, Any]
) -> None:
    verdict = ask(policy, only=citation, config=config_of(policy), **view)
    for claim in verdict.claims:
        if claim.limit is not None:
            full = {(claim.key, claim.year): claim.limit}
            assert ask(policy, only=citation, used=full, config=config_of(policy), **view).decision in (
                "review",
                "deny",
            )


@quick
@given(citation=citations, view=views)
def test_a_date_that_is_unknown_never_makes_an_article_free_in_the_united_states(
    ask: Ask, citation: dict[str, str], view: dict[str, Any]
) -> None:
    unknown = {**citation, "year": "n.d.", "publication_type": "Article"}
    verdict = ask("us", only=unknown, **{**view, "role": "requester", "holds": "", "licence": ""})
    assert verdict.decision in ("review", "deny")


@pytest.mark.parametrize("policy", ["us", "de", "cn"])
@quick
@given(citation=citations, view=views)
def test_pages_or_extent_that_are_unknown_never_let_part_of_a_book_pass(
    ask: Ask, policy: str, citation: dict[str, str], view: dict[str, Any]
) -> None:
    unknown = {**citation, "publication_type": "Chapter", "pmid": "", "total_pages": "?", "year": "2020"}
    verdict = ask(policy, only=unknown, **{**view, "role": "requester", "holds": "", "licence": ""})
    assert verdict.decision in ("review", "deny")


@quick
@given(published=st.dates(date(2015, 1, 1), date(2027, 1, 1)), days=st.integers(0, 3000))
def test_what_is_known_more_exactly_is_never_counted_where_the_year_alone_is_not(
    ask: Ask, published: date, days: int
) -> None:
    today = date(2019, 1, 1) + timedelta(days=days)
    exact = ask("us", {"year": published.isoformat()}, today=today)
    vague = ask("us", {"year": str(published.year)}, today=today)
    assert (exact.compliance, vague.compliance) != ("US-CCG", "US-CCL")


def test_every_text_is_in_both_languages_and_belongs_to_a_policy() -> None:
    assert set(KINDS) == set(TEXTS)
    for version, text in TEXTS.items():
        assert text.en
        assert text.zh
        assert policy_of(version) in POLICIES
