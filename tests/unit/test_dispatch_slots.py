"""How many hooks run at once, and what becomes of an account whose hooks hang."""

import threading
import time
from datetime import UTC, datetime

import pytest

from illcore.calls import send_call
from illcore.clock import SystemClock
from illcore.dispatch import Dispatch
from illcore.hookthreads import HookThreads, Load, Slots
from illcore.message import Message, Receipt, Try
from illcore.model import Partner, Query
from illcore.plugins import Plugins
from illcore.testing.fakes import FakeHost, FakePlugin, Hang, encode, fake_secrets, given

MESSAGE = Message(
    kind="Request",
    requesting_agency="ISIL:REQ1",
    requesting_agency_request_id="R1",
    timestamp=datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
)
PARTNER = Partner(symbol="ISIL:SUP1")


@pytest.fixture
def fake():
    plugin = FakePlugin()
    yield plugin
    plugin.release()


@pytest.fixture
def dispatch(fake):
    plugins = Plugins([given(fake)])
    accounts = {"fake:two": {"label": "two", "slots": 2}, "fake:eight": {"label": "eight"}}
    plugins.build(accounts, FakeHost(), fake_secrets({}))
    return Dispatch(plugins, SystemClock(), HookThreads(), search_limit=2)


def call(account, number=0, seconds=30.0):
    return send_call(account, MESSAGE, PARTNER, f"k{number}", Try(), seconds)


def until(true, seconds=30.0):
    ends = time.monotonic() + seconds
    while not true() and time.monotonic() < ends:
        time.sleep(0.005)
    return true()


def test_no_more_hooks_run_at_once_than_the_account_has_slots(dispatch, fake):
    gate, running, most = threading.Lock(), [], []

    def work(**arguments):
        with gate:
            running.append(1)
            most.append(len(running))
        time.sleep(0.02)
        with gate:
            running.pop()
        return Receipt(remote_id=arguments["key"])

    for label in ("two", "eight"):
        fake.script(label, "send", *[work] * 12)
        outcomes = dispatch.all([call(f"fake:{label}", number) for number in range(12)])
        assert [outcome.result().remote_id for outcome in outcomes] == [f"k{number}" for number in range(12)]
        assert max(most) <= {"two": 2, "eight": 8}[label]
        most.clear()
    assert dispatch.load("fake:eight").limit == 8


def test_eight_hooks_of_one_account_run_side_by_side(dispatch, fake):
    together = threading.Barrier(8)
    fake.script("eight", "send", *[lambda **arguments: together.wait(30) is not None and Receipt()] * 8)
    assert all(outcome.ok for outcome in dispatch.all([call("fake:eight", number) for number in range(8)]))


def test_an_account_with_all_slots_abandoned_fails_at_once_and_others_work(dispatch, fake):
    fake.script("two", "send", Hang(), Hang())
    outcomes = dispatch.all([call("fake:two", number, 0.2) for number in range(2)])
    assert [outcome.kind for outcome in outcomes] == ["unknown", "unknown"]
    assert dispatch.load("fake:two") == Load(limit=2, running=2, abandoned=2, late=0)

    stuck = dispatch.one(call("fake:two", 3, 3600.0))
    assert (stuck.kind, stuck.code, stuck.known) == ("try_later", "stuck", "not_sent")
    assert stuck.elapsed < 60
    assert "every slot of the account holds a call that did not end in time" in stuck.reason
    assert dispatch.one(call("fake:eight")).ok
    assert len(fake.calls_of("send", "two")) == 2


def test_an_abandoned_hook_gives_its_slot_back_when_it_ends_and_its_result_is_dropped(dispatch, fake):
    fake.script("two", "send", Hang(), Hang())
    dispatch.all([call("fake:two", number, 0.2) for number in range(2)])
    fake.release()
    assert until(lambda: dispatch.load("fake:two") == Load(limit=2, running=0, abandoned=0, late=2))
    assert dispatch.one(call("fake:two")).ok


def test_a_busy_account_is_not_waited_for_longer_than_half_the_time(dispatch, fake):
    held = threading.Event()
    fake.script("two", "send", *[lambda **arguments: held.wait(60) and Receipt()] * 2)
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(dispatch.one(call("fake:two", 1, 60)))) for _ in "ab"]
    for thread in threads:
        thread.start()
    assert until(lambda: len(fake.calls_of("send", "two")) == 2)
    busy = dispatch.one(call("fake:two", 2, 0.2))
    assert (busy.kind, busy.code) == ("try_later", "busy")
    held.set()
    for thread in threads:
        thread.join()
    assert [outcome.kind for outcome in outcomes] == ["ok", "ok"]


def test_what_comes_in_is_taken_while_every_sending_slot_waits_for_an_answer(dispatch, fake):
    held = threading.Event()
    fake.script("two", "send", *[lambda **arguments: held.wait(60) and Receipt()] * 2)
    senders = [threading.Thread(target=dispatch.one, args=(call("fake:two", 1, 60),)) for _ in "ab"]
    for thread in senders:
        thread.start()
    assert until(lambda: len(fake.calls_of("send", "two")) == 2)
    assert dispatch.receive("fake:two", encode(MESSAGE), None, 30).ok
    assert dispatch.answer("fake:two", [], 30).ok
    held.set()
    for thread in senders:
        thread.join()


def test_searches_have_a_limit_of_their_own(dispatch, fake):
    fake.script("two", "search", Hang())
    fake.script("eight", "search", Hang())
    _, reports = dispatch.search(Query(title="x"), 0.3)
    assert [report.status for report in reports] == ["late", "late"]
    assert dispatch.search_load().abandoned == 2
    _, reports = dispatch.search(Query(title="x"), 3600)
    assert [report.status for report in reports] == ["busy", "busy"]
    assert dispatch.one(call("fake:two")).ok
    fake.release()
    assert until(lambda: dispatch.search_load().running == 0)
    _, reports = dispatch.search(Query(title="x"), 30)
    assert [report.status for report in reports] == ["ok", "ok"]


def test_a_refused_search_gives_the_account_slot_back(dispatch, fake):
    fake.script("two", "search", Hang(), Hang())
    dispatch.search(Query(title="x"), 0.1, ["fake:two"])
    dispatch.search(Query(title="x"), 0.1, ["fake:two"])
    assert dispatch.search_load().abandoned == 2
    for _ in range(20):
        dispatch.search(Query(title="x"), 1, ["fake:eight"])
    assert dispatch.load("fake:eight", "search").running == 0


def test_waiting_for_a_slot_ends_when_the_last_one_is_abandoned():
    slots = Slots(1)
    assert slots.take(0) is None
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(slots.take(3600)))
    waiting.start()
    slots.abandon()
    waiting.join(30)
    assert answers == ["stuck"]
    slots.free(abandoned=True, late=True)
    assert slots.load() == Load(limit=1, running=0, abandoned=0, late=1)
    assert slots.take(0) is None


def test_slots_stay_right_when_results_and_deadlines_meet(dispatch, fake):
    fake.script("eight", "send", *[lambda **arguments: time.sleep(0.005) or Receipt()] * 400)
    for _ in range(50):
        for outcome in dispatch.all([call("fake:eight", number, 0.0055) for number in range(8)]):
            assert outcome.kind in ("ok", "unknown", "try_later")
    assert until(lambda: dispatch.load("fake:eight").running == 0)
    assert dispatch.load("fake:eight").abandoned == 0
