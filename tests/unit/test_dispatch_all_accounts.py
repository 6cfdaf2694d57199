"""Hooks that ask every account: searching and copyright."""

import itertools
import time
from datetime import UTC, date, datetime

import pytest

from illcore.clock import SystemClock
from illcore.dispatch import Dispatch, most_restrictive
from illcore.errors import Misconfigured, Refused, TryLater, Unknown
from illcore.hookthreads import HookThreads, Inline
from illcore.hooktypes import Claim, Obligation, RequestView, Usage, Verdict
from illcore.model import BilingualText, Citation, Holding, Money, Query
from illcore.plugins import Plugins
from illcore.request import Request
from illcore.testing.fakes import FakeClock, FakeHost, FakePlugin, Hang, Junk, fake_secrets, given

QUERY = Query(isbn="9787020002207", maximum=2)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VIEW = RequestView.of(
    Request("r1", "ISIL:CN-1", "requester", "copy", NOW, NOW, NOW, Citation(title="t"), reader_id="17"),
    "staff",
)
USAGE = Usage("ISIL:CN-1", date(2026, 3, 2))


@pytest.fixture
def fake():
    plugin = FakePlugin()
    yield plugin
    plugin.release()


def over(fake, labels, clock=None, executor=None):
    clock = clock or FakeClock()
    plugins = Plugins([given(fake)])
    plugins.build({f"fake:{label}": {"label": label} for label in labels}, FakeHost(clock), fake_secrets({}))
    return Dispatch(plugins, clock, executor or Inline())


def test_a_search_merges_what_came_and_names_what_did_not(fake):
    dispatch = over(fake, "abcdefg")
    fake.script("a", "search", [Holding(title="甲", account="somebody else"), Holding(title="乙"), Holding(title="丙")])
    fake.script("b", "search", ValueError("boom"))
    fake.script("c", "search", Junk(None))
    fake.script("d", "search", Junk([Holding(title="x"), {"title": "y"}]))
    fake.script("e", "search", Unknown("no answer"))
    fake.script("f", "search", Refused("no permission", "23"))
    fake.script("g", "search", Misconfigured("no such database"))
    holdings, reports = dispatch.search(QUERY, 10)
    assert [(holding.account, holding.title) for holding in holdings] == [("fake:a", "甲"), ("fake:a", "乙")]
    assert [(report.name, report.status, report.hits) for report in reports] == [
        ("fake:a", "ok", 2),
        ("fake:b", "failed", 0),
        ("fake:c", "failed", 0),
        ("fake:d", "failed", 0),
        ("fake:e", "late", 0),
        ("fake:f", "refused", 0),
        ("fake:g", "misconfigured", 0),
    ]
    errors = {report.name: report.error for report in reports}
    assert "returned None, not a list (an empty one means: nothing found)" in errors["fake:c"]
    assert "returned a dict as item 2 not a Holding" in errors["fake:d"].replace(",", "")
    assert errors["fake:f"] == "no permission"


def test_who_is_still_waited_for_is_told_whenever_one_has_ended(fake):
    dispatch = over(fake, "abc")
    fake.script("a", "search", [Holding(title="甲")])
    fake.script("b", "search", ValueError("boom"))
    told = []
    dispatch.search(QUERY, 10, waiting=told.append)
    assert told == [("fake:a", "fake:b", "fake:c"), ("fake:b", "fake:c"), ("fake:c",), ()]


def test_an_account_that_hangs_delays_a_search_by_no_more_than_the_deadline(fake):
    dispatch = over(fake, "ab", SystemClock(), HookThreads())
    fake.script("a", "search", Hang())
    fake.script("b", "search", [Holding(title="乙")])
    begun = time.monotonic()
    holdings, reports = dispatch.search(QUERY, 0.3)
    assert time.monotonic() - begun < 10
    assert [holding.title for holding in holdings] == ["乙"]
    assert [report.status for report in reports] == ["late", "ok"]


def test_many_accounts_are_searched_side_by_side(fake):
    labels = [f"t{number:03}" for number in range(100)]
    dispatch = over(fake, labels, SystemClock(), HookThreads())
    for label in labels:
        fake.script(label, "search", lambda query: time.sleep(0.5) or [Holding(title="x")])
    holdings, reports = dispatch.search(QUERY, 45)
    assert len(holdings) == 100
    assert all(report.status == "ok" for report in reports)


def test_only_the_named_accounts_are_searched_and_a_wrong_name_is_reported(fake):
    dispatch = over(fake, "ab")
    _, reports = dispatch.search(QUERY, 10, ["fake:b", "fake:zzz"])
    assert [(report.name, report.status) for report in reports] == [("fake:b", "ok"), ("fake:zzz", "misconfigured")]
    assert fake.calls_of("search", "a") == []


def said(text):
    return BilingualText(en=text)


def verdict(decision, **more):
    return Verdict(decision=decision, **more)


def test_without_a_policy_a_copy_is_allowed():
    dispatch = over(FakePlugin(hooks=["search"]), "a")
    assert dispatch.copyright(VIEW, USAGE, 5) == (verdict("allow"), ())


def test_the_most_restrictive_policy_wins_in_any_order():
    kept = date(2029, 1, 1)
    claims = (Claim(key="issn:1", limit=5, until=date(2026, 12, 31)), Claim(key="x", limit=1, until=date(2026, 6, 1)))
    fee = Money(amount="3.50", currency="CNY")
    verdicts = [
        verdict("allow", compliance="US-CCG", claims=claims[:1]),
        verdict("review", reasons=(said("date unknown"),), claims=claims, fees=(fee,), retention_until=kept),
        verdict("deny", reasons=(said("whole book"),), fees=(fee,), obligations=(Obligation(code="watermark"),)),
    ]
    for some in itertools.permutations(verdicts):
        combined = most_restrictive(some)
        assert (combined.decision, combined.reasons) == ("deny", (said("whole book"),))
        assert (combined.obligations, combined.retention_until) == ((Obligation(code="watermark"),), kept)
        assert combined.claims == claims
        assert combined.fees == (fee, fee)
    assert most_restrictive(verdicts[:2]).decision == "review"
    assert most_restrictive(verdicts[:1]) == verdicts[0]


def test_policies_that_name_different_codes_need_a_person():
    combined = most_restrictive([verdict("allow", compliance="US-CCL"), verdict("allow", compliance="US-CCG")])
    assert (combined.decision, combined.compliance) == ("review", "")
    assert [reason.en for reason in combined.reasons] == [
        "The policies name different compliance codes: US-CCG, US-CCL."
    ]


@pytest.mark.parametrize("step", [ValueError("boom"), TryLater("later"), Junk(True), Junk(None), Hang()])
def test_a_policy_that_crashes_hangs_or_returns_junk_means_review(fake, step):
    dispatch = over(fake, "ab")
    fake.script("a", "copyright", step)
    combined, reports = dispatch.copyright(VIEW, USAGE, 5)
    assert combined.decision == "review"
    assert combined.reasons[0].en.startswith("fake:a could not decide: ")
    assert [report.status for report in reports] in (["failed", "ok"], ["late", "ok"])


def test_a_policy_sees_a_pseudonym_of_the_reader_and_no_more(fake):
    dispatch = over(fake, "a")
    dispatch.copyright(VIEW, USAGE, 5)
    seen = fake.calls_of("copyright")[0]
    assert {name for name in RequestView.model_fields if "reader" in name} == {
        "reader",
        "reader_category",
        "reader_department",
    }
    assert seen.request.reader == "17"  # the number of the row that privacy erases
    assert (seen.request.reader_category, seen.usage.today) == ("staff", date(2026, 3, 2))


def test_inline_one_that_hangs_takes_no_time_from_the_next(fake):
    dispatch = over(fake, "ab")
    fake.script("a", "search", Hang())
    _, reports = dispatch.search(QUERY, 10)
    assert [report.status for report in reports] == ["late", "ok"]
