"""What comes back from a hook call, whatever the hook does."""

import threading
import time
from datetime import UTC, date, datetime

import pytest

from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.dispatch import Dispatch
from illcore.errors import BadMessage, Misconfigured, NotAllowed, Refused, TryLater, Unknown
from illcore.hookthreads import HookThreads, Inline
from illcore.hooktypes import (
    CirculateAction,
    Circulated,
    DeliveryOrder,
    DocumentFile,
    Enrichment,
    Notice,
)
from illcore.message import Address, IncomingDocument, Message, Receipt, Received, Result, Try
from illcore.model import Citation, Partner
from illcore.outcomes import Outcome
from illcore.plugins import Plugins
from illcore.testing.fakes import FakeClock, FakeHost, FakePlugin, Hang, Junk, encode, fake_secrets, given

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
MESSAGE = Message(
    kind="Request",
    requesting_agency="ISIL:REQ1",
    supplying_agency="ISIL:SUP1",
    requesting_agency_request_id="R1",
    timestamp=AT,
    security_code="s3cur1ty",
)
PARTNER = Partner(symbol="ISIL:SUP1", account="fake:main")


def engine_less(fake, clock, executor, accounts=None, secrets=None):
    plugins = Plugins([given(fake)])
    plugins.build(accounts or {"fake:main": {}}, FakeHost(clock), fake_secrets(secrets or {}))
    return Dispatch(plugins, clock, executor)


@pytest.fixture
def fake():
    plugin = FakePlugin()
    yield plugin
    plugin.release()


@pytest.fixture(params=["threads", "inline"])
def dispatch(request, fake):
    """The same behaviour in threads and in the calling thread."""
    return engine_less(fake, FakeClock(), HookThreads() if request.param == "threads" else Inline())


def send(dispatch, seconds=30.0, message=MESSAGE, partner=PARTNER):
    return dispatch.send("fake:main", message, partner, "r1:4:0", Try(), seconds)


def test_a_receipt_comes_back(dispatch, fake):
    outcome = send(dispatch)
    assert outcome == Outcome("ok", Receipt(remote_id="R-r1:4:0"))
    assert outcome.result().remote_id == "R-r1:4:0"
    call = fake.calls_of("send")[0]
    assert (call.message, call.partner, call.key, call.attempt) == (MESSAGE, PARTNER, "r1:4:0", Try())


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (TryLater("the server is in maintenance", after=90), Outcome("try_later", None, "", 90.0)),
        (TryLater("soon", after=float("nan")), Outcome("try_later")),
        (TryLater("in a year", after=31e6), Outcome("try_later", after=7 * 24 * 3600.0)),
        (
            Refused("we do not lend this", code="UnsupportedActionType"),
            Outcome("refused", code="UnsupportedActionType"),
        ),
        (Misconfigured("the password is wrong"), Outcome("misconfigured")),
        (Unknown("the line broke after sending"), Outcome("unknown")),
    ],
)
def test_what_a_connector_says_is_what_the_engine_hears(dispatch, fake, raised, expected):
    fake.script("main", "send", raised)
    outcome = send(dispatch)
    assert (outcome.kind, outcome.after, outcome.code) == (expected.kind, expected.after, expected.code)
    assert outcome.reason == str(raised)
    with pytest.raises(ValueError, match="no result"):
        outcome.result()


@pytest.mark.parametrize(
    "raised", [ValueError("boom"), OSError(111, "refused"), NotAllowed("no"), SystemExit(3), BadMessage("in a send")]
)
def test_any_other_exception_is_a_bug_that_names_hook_account_and_error(dispatch, fake, raised):
    fake.script("main", "send", raised)
    outcome = send(dispatch)
    assert (outcome.kind, outcome.again, outcome.known) == ("bug", True, "unknown")
    assert outcome.reason.startswith(f"illcore_send of fake:main raised {type(raised).__name__}: ")
    assert "fakes.py line " in outcome.reason
    assert send(dispatch).ok


def test_an_exception_whose_text_cannot_be_read_is_still_reported(dispatch, fake):
    class Unprintable(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    fake.script("main", "send", Unprintable())
    assert "Unprintable: (its text cannot be read: RuntimeError)" in send(dispatch).reason


def test_a_long_text_is_cut_and_stands_on_one_line(dispatch, fake):
    fake.script("main", "send", ValueError("line one\n  line two " + "x" * 5000))
    reason = send(dispatch).reason
    assert "line one line two x" in reason
    assert len(reason) < 700


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "returned None, not a Receipt"),
        ("OK", "returned a str, not a Receipt"),
        ({"remote_id": "1"}, "returned a dict, not a Receipt"),
        (Received(), "returned a Received, not a Receipt"),
        (Receipt.model_construct(remote_id=5), "returned a Receipt with a value of a wrong type"),
        (Receipt(detail={"raw": object()}), "returned a Receipt with a value of a wrong type"),
        (Receipt(detail={"raw": "x" * 70_000}), "returned a Receipt larger than 64 KiB"),
    ],
)
def test_junk_is_a_bug_and_says_what_came(dispatch, fake, value, said):
    fake.script("main", "send", Junk(value))
    outcome = send(dispatch)
    assert outcome.kind == "bug"
    assert f"illcore_send of fake:main {said}" in outcome.reason


def test_a_coroutine_is_junk(dispatch, fake):
    async def later(**arguments):
        return Receipt()

    fake.script("main", "send", later)
    assert "returned a coroutine, not a Receipt" in send(dispatch).reason


def test_a_result_after_the_deadline_is_dropped_counted_and_unknown(dispatch, fake):
    fake.script("main", "send", Hang())
    outcome = send(dispatch, seconds=20)
    assert (outcome.kind, outcome.code, outcome.known) == ("unknown", "late", "unknown")
    assert outcome.reason == "illcore_send of fake:main gave no answer within 20 s"
    assert outcome.elapsed >= 20
    assert dispatch.load("fake:main").late == 1
    assert send(dispatch).ok


def test_what_is_known_of_a_try_is_what_the_next_one_is_told():
    known = {kind: Outcome(kind).known for kind in ("try_later", "misconfigured", "unknown", "bug")}
    assert known == {"try_later": "not_sent", "misconfigured": "not_sent", "unknown": "unknown", "bug": "unknown"}


def test_no_secret_reaches_a_reason(fake):
    dispatch = engine_less(
        fake, FakeClock(), Inline(), {"fake:main": {"password": {"env": "PW"}}}, {"PW": "p@ss wort", "TOKEN": "tok-123"}
    )
    partner = PARTNER.model_copy(update={"address": {"url": "http://sup1", "token": {"env": "TOKEN"}}})
    for text in (
        "login p@ss wort failed",
        "http://me:p%40ss%20wort@sup1/ failed",
        "user:pw in https://user:pw@sup1/x",
        "code s3cur1ty wrong",
        "token tok-123 wrong",
        "header cEBzcyB3b3J0 wrong",
    ):
        for error in (ValueError(text), TryLater(text), Refused(text), Misconfigured(text), Unknown(text)):
            fake.script("main", "send", error)
            reason = send(dispatch, partner=partner).reason
            assert "***" in reason
            for secret in ("p@ss wort", "p%40ss", "user:pw@", "s3cur1ty", "tok-123", "cEBzcyB3b3J0"):
                assert secret not in reason


def test_a_partner_gets_its_secrets_resolved_for_the_call_only(fake):
    dispatch = engine_less(fake, FakeClock(), Inline(), secrets={"TOKEN": "tok-123"})
    partner = PARTNER.model_copy(update={"address": {"url": "http://sup1", "token": {"env": "TOKEN"}}})
    assert send(dispatch, partner=partner).ok
    assert fake.calls_of("send")[0].partner.address == {"url": "http://sup1", "token": "tok-123"}
    assert partner.address["token"] == {"env": "TOKEN"}


def test_a_partner_whose_secret_is_missing_stops_nobody_else(fake):
    dispatch = engine_less(fake, FakeClock(), Inline())
    outcome = send(dispatch, partner=PARTNER.model_copy(update={"address": {"token": {"env": "TOKEN"}}}))
    assert (outcome.kind, outcome.code) == ("misconfigured", "partner")
    assert outcome.reason == "the address of partner ISIL:SUP1 cannot be used: the secret env TOKEN is not set"
    assert fake.calls_of("send") == []


def test_bytes_that_are_no_message_are_told_from_a_bug(dispatch, fake):
    outcome = dispatch.receive("fake:main", b"junk", None, 30)
    assert outcome.kind == "bad_message"
    assert "no list of messages" in outcome.reason


def test_messages_come_in_and_are_answered(dispatch):
    received = dispatch.receive("fake:main", encode(MESSAGE), None, 30).result()
    assert received.messages == (MESSAGE,)
    results = [Result(message=MESSAGE, outcome="refused", error="UnrecognisedDataValue", answered_at=AT)]
    answer = dispatch.answer("fake:main", results, 30).result()
    assert answer == b'[{"outcome": "refused", "error": "UnrecognisedDataValue"}]'


def test_a_poll_hands_in_the_cursor_and_brings_what_it_does_not_cover(dispatch, fake):
    fake.put("main", MESSAGE)
    first = dispatch.receive("fake:main", None, None, 30).result()
    assert (first.messages, first.cursor) == ((MESSAGE,), "1")
    second = dispatch.receive("fake:main", None, first.cursor, 30).result()
    assert second.messages == ()
    assert fake.calls_of("receive")[1].cursor == "1"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [MESSAGE],
        Received.model_construct(messages=["x"]),
        Received.model_construct(messages=(MESSAGE,), cursor=7),
        Received.model_construct(messages=(MESSAGE,), undelivered=("k:1:1",)),
        Received.model_construct(messages=(MESSAGE,), more="later"),
        Received(messages=(MESSAGE,), documents={0: (IncomingDocument.model_construct(name="x", content="text"),)}),
    ],
)
def test_junk_from_a_poll_is_a_bug(dispatch, fake, value):
    fake.script("main", "receive", Junk(value))
    assert dispatch.receive("fake:main", None, None, 30).kind == "bug"


def test_the_bytes_of_a_document_pass_as_they_are(dispatch, fake):
    scan = IncomingDocument(name="扫描.pdf", content=b"%PDF-\xff\x00")
    fake.script("main", "receive", Junk(Received(messages=(MESSAGE,), documents={0: (scan,)})))
    assert dispatch.receive("fake:main", None, None, 30).result().documents[0][0].content == b"%PDF-\xff\x00"


@pytest.mark.parametrize("value", ["<ok/>", None, bytearray(b"x")])
def test_an_answer_that_is_no_bytes_is_a_bug(dispatch, fake, value):
    fake.script("main", "answer", Junk(value))
    assert "not bytes" in dispatch.answer("fake:main", [], 30).reason


def test_the_other_hooks_reach_their_account(dispatch, fake):
    order = DeliveryOrder(
        library="ISIL:REQ1", request_id="r1", to=Address(electronic="a@b.cn"), files=(DocumentFile(name="a", url="u"),)
    )
    notice = Notice(code="arrived", library="ISIL:REQ1", subject="到书", text="已到馆")
    lookup = CirculateAction(name="lookup", library="ISIL:REQ1", borrower="reader-7")
    assert dispatch.deliver("fake:main", order, "k1", 30).result() == Receipt()
    assert dispatch.notify("fake:main", notice, "k2", 30).result() == Receipt()
    standing = dispatch.circulate("fake:main", lookup, "k3", 30).result().standing
    assert standing is not None
    assert standing.known
    fake.script("main", "circulate", Circulated(barcode="B1", due_date=date(2026, 2, 1)))
    assert dispatch.circulate("fake:main", lookup, "k4", 30).result().due_date == date(2026, 2, 1)
    assert [fake.calls_of(hook)[0].key for hook in ("deliver", "notify", "circulate")] == ["k1", "k2", "k3"]


def test_enrichments_come_from_all_who_know_something(fake):
    accounts = {f"fake:{label}": {"label": label} for label in "abc"}
    dispatch = engine_less(fake, FakeClock(), Inline(), accounts)
    better = Enrichment(citation=Citation(title="红楼梦"), source="union catalogue")
    fake.script("a", "enrich", better)
    fake.script("b", "enrich", ValueError("boom"))
    known, reports = dispatch.enrich(Citation(isbn="9787020002207"), 5)
    assert known == (("fake:a", better),)
    assert [(report.name, report.status, report.hits) for report in reports] == [
        ("fake:a", "ok", 1),
        ("fake:b", "failed", 0),
        ("fake:c", "ok", 0),
    ]


def test_an_account_that_is_not_there_or_cannot_do_it_is_misconfigured():
    fake = FakePlugin(hooks=["notify"])
    dispatch = engine_less(fake, FakeClock(), Inline(), {"fake:main": {}, "fake:bad": {"lable": "x"}})
    assert send(dispatch).reason == "the connector of account fake:main has no illcore_send"
    assert dispatch.receive("fake:none", b"", None, 1).reason == "there is no account fake:none in the configuration"
    outcome = dispatch.receive("fake:bad", b"", None, 1)
    assert outcome.kind == "misconfigured"
    assert "lable: there is no such key, did you mean label?" in outcome.reason


def test_hooks_run_in_daemon_threads_that_are_used_again(fake):
    dispatch = engine_less(fake, SystemClock(), HookThreads())
    threads = []

    def remember(**arguments):
        threads.append(threading.current_thread())
        return Receipt()

    fake.script("main", "send", *[remember] * 50)
    assert all(send(dispatch).ok for _ in range(50))
    assert all(thread.daemon for thread in threads)
    assert len(set(threads)) < 25


def test_closing_ends_the_idle_threads_and_waits_for_no_hanging_one(fake):
    dispatch = engine_less(fake, SystemClock(), HookThreads())
    threads = []
    fake.script("main", "send", lambda **arguments: threads.append(threading.current_thread()) or Receipt(), Hang())
    assert send(dispatch).ok
    send(dispatch, seconds=0.1)
    dispatch.close()
    fake.release()
    threads[0].join(30)
    assert not threads[0].is_alive()


def test_inline_runs_in_the_calling_thread(fake):
    dispatch = engine_less(fake, FakeClock(), Inline())
    threads = []
    fake.script("main", "send", lambda **arguments: threads.append(threading.current_thread()) or Receipt())
    assert send(dispatch).ok
    assert threads == [threading.current_thread()]


def test_a_keyboard_interrupt_of_the_user_is_not_swallowed_inline(fake):
    dispatch = engine_less(fake, FakeClock(), Inline())
    fake.script("main", "send", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        send(dispatch)


def test_a_deadline_is_never_negative():
    clock = FakeClock()
    deadline = Deadline(clock, 5)
    assert (deadline.remaining(), deadline.passed()) == (5.0, False)
    clock.sleep(5)
    assert (deadline.remaining(), deadline.passed()) == (0.0, True)
    clock.sleep(100)
    assert deadline.remaining() == 0.0
    assert Deadline(clock, -3).passed()


def test_a_hook_that_really_hangs_does_not_hold_its_caller(fake):
    dispatch = engine_less(fake, SystemClock(), HookThreads())
    fake.script("main", "send", Hang())
    begun = time.monotonic()
    assert send(dispatch, seconds=0.2).code == "late"
    assert time.monotonic() - begun < 10
    assert dispatch.load("fake:main").abandoned == 1
