"""What real servers do badly: each gets its own error with its cause, and the good ones among them answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pymarc
import pytest

from illcore_z3950 import oids
from illcore_z3950.ber import encode
from illcore_z3950.client import Target, connect, databases
from illcore_z3950.diagnostics import Diagnostic
from illcore_z3950.errors import (
    ClosedByTarget,
    ConnectFailed,
    ConnectionLost,
    InitRefused,
    NotSupported,
    NotZ3950,
    ProtocolBroken,
    QueryError,
    TimedOut,
    TlsFailed,
    Z3950Error,
)
from illcore_z3950.pdus import ItemOrderRequest
from illcore_z3950.pqf import parse_pqf
from illcore_z3950.query import queries
from illcore_z3950.rpn import Term
from illcore_z3950.stages import Timeouts
from illcore_z3950.testing import (
    ScriptedTarget,
    answering,
    answering_http,
    catalogue,
    closing,
    dribbling,
    indefinite,
    lying_about_length,
)
from illcore_z3950.testing.answers import (
    close_apdu,
    encode_indefinite,
    init_answer,
    present_answer,
    record,
    search_answer,
    segment,
    surrogate,
)

QUERY = parse_pqf("@attr 1=4 x")
SHORT = Timeouts(connect=0.3, init=0.3, search=0.3, present=0.3)
TEN = [record(b"record %d" % n) for n in range(10)]


def at(target, **settings):
    return Target(target.host, target.port, **settings)


def search(target, deadline):
    """Connects, searches and fetches up to ten records."""
    session = connect(target, deadline)
    with contextlib.closing(session):
        answer = session.search(QUERY, ["main"], deadline)
        return session.fetch(answer.hits, deadline).records


@pytest.fixture
def dead_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return port


def test_a_good_target(deadline):
    with ScriptedTarget(catalogue(TEN)) as target:
        assert [r.data for r in search(at(target), deadline)] == [b"record %d" % n for n in range(10)]


def test_refusing(dead_port, deadline):
    with pytest.raises(ConnectFailed, match=rf"127.0.0.1:{dead_port} refused the connection") as caught:
        connect(Target("127.0.0.1", dead_port), deadline)
    assert "拒绝连接" in caught.value.zh


def test_unknown_name(deadline):
    with pytest.raises(ConnectFailed, match="is not known; check host"):
        connect(Target("no-such-host.invalid", 210), deadline)


def test_a_name_that_cannot_be_one(deadline):
    with pytest.raises(ConnectFailed, match="is not known; check host"):
        connect(Target("x" * 80 + ".example", 210), deadline)


@pytest.mark.parametrize(
    ("answers", "stage"),
    [([], "init"), ([init_answer()], "search"), ([init_answer(), search_answer(3)], "present")],
    ids=["init", "search", "present"],
)
def test_stalled_in_each_stage(answers, stage, deadline):
    with ScriptedTarget(answering(*answers)) as target:
        with pytest.raises(TimedOut, match=r"within 0\.3 s") as caught:
            search(at(target, timeouts=SHORT), deadline)
        assert caught.value.stage == stage


def test_the_deadline_of_the_whole_ends_a_stage_early(within):
    with ScriptedTarget(answering(init_answer())) as target:
        with pytest.raises(TimedOut, match="before the deadline of the whole search"):
            search(at(target), within(0.3))


def test_a_deadline_that_has_passed_sends_nothing(within):
    with ScriptedTarget(catalogue(TEN)) as target:
        with pytest.raises(TimedOut):
            connect(at(target), within(-1))
        assert target.connections == 0


def test_dribbling_does_not_outlive_the_stage(deadline):
    with ScriptedTarget(dribbling(0.1, init_answer())) as target:
        with pytest.raises(TimedOut, match="did not answer Init"):
            search(at(target, timeouts=SHORT), deadline)


def test_dribbling_that_is_quick_enough_is_understood(deadline):
    with ScriptedTarget(dribbling(0.0, init_answer(), search_answer(1), present_answer(TEN[:1]))) as target:
        assert search(at(target), deadline)[0].data == b"record 0"


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("answers", [[], [init_answer()], [init_answer(), search_answer(3)]])
def test_closing(answers, at_once, deadline):
    with ScriptedTarget(closing(*answers, at_once=at_once)) as target:
        with pytest.raises(ConnectionLost, match=r"closed the connection without an answer.*TLS") as caught:
            search(at(target), deadline)
    assert not caught.value.answered


def test_closing_in_the_middle_of_an_answer(deadline):
    with ScriptedTarget(closing(init_answer(), encode(search_answer(3))[:-4], at_once=True)) as target:
        with pytest.raises(ConnectionLost, match="closed the connection in the middle of an answer") as caught:
            search(at(target), deadline)
    assert caught.value.answered


@pytest.mark.parametrize("announced", [20_000_000, 2**62])
def test_lying_about_length_is_refused_without_waiting(announced, deadline):
    with ScriptedTarget(lying_about_length(announced)) as target:
        with pytest.raises(ProtocolBroken, match=f"{announced} octets is announced"):
            search(at(target), deadline)


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"<html></html>", "HTTP"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "TLS"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"220 mail.example.org ESMTP\r\n", "a mail or file server"),
        (b"\x00\x01\x02\x03\x04", "something that begins with octets 00 01 02 03 04"),
    ],
)
def test_another_protocol_is_named(octets, what, deadline):
    with ScriptedTarget(closing(octets)) as target:
        with pytest.raises(NotZ3950, match=f"answers {what}.*not Z39.50"):
            search(at(target), deadline)


def test_http(deadline):
    with ScriptedTarget(answering_http()) as target, pytest.raises(NotZ3950, match="answers HTTP"):
        search(at(target), deadline)


def test_plain_target_where_tls_is_configured(deadline):
    with ScriptedTarget(answering_http()) as target, pytest.raises(TlsFailed, match="does not answer to TLS"):
        search(at(target, tls=ssl.create_default_context(), timeouts=SHORT), deadline)


def test_indefinite_lengths(deadline):
    with ScriptedTarget(indefinite(TEN)) as target:
        assert len(search(at(target), deadline)) == 10


def test_fewer_records_than_asked_are_asked_for_again(deadline):
    with ScriptedTarget(catalogue(TEN, at_most=3)) as target:
        assert [r.data for r in search(at(target), deadline)] == [b"record %d" % n for n in range(10)]


def test_until_none_come(deadline):
    answers = [init_answer(), search_answer(9), present_answer(TEN[:2], status=2), present_answer()]
    with ScriptedTarget(answering(*answers)) as target:
        assert len(search(at(target), deadline)) == 2


def test_records_that_came_before_a_diagnostic_are_kept(deadline):
    two, failure = present_answer(TEN[:2], status=2), present_answer(status=5, diagnoses=[(14, "")])
    with ScriptedTarget(answering(init_answer(), search_answer(9), two, failure)) as target:
        session = connect(at(target), deadline)
        answer = session.search(QUERY, ["main"], deadline)
        found = session.fetch(answer.hits, deadline)
        session.close()
    assert (len(found.records), found.diagnostics) == (2, (Diagnostic(14),))


def test_segments_are_put_together(deadline):
    answers = encode(segment(TEN[:4])) + encode(segment(TEN[4:7])) + encode(present_answer(TEN[7:]))
    with ScriptedTarget(answering(init_answer(), search_answer(10), answers)) as target:
        assert [r.data for r in search(at(target), deadline)] == [b"record %d" % n for n in range(10)]


def test_segments_without_end_are_refused(deadline):
    endless = encode(segment(TEN)) * 3
    with ScriptedTarget(answering(init_answer(), search_answer(10), endless)) as target:
        with pytest.raises(ProtocolBroken, match="more records than were asked for"):
            search(at(target), deadline)


def test_surrogate_diagnostics_stand_among_the_records(deadline):
    with ScriptedTarget(catalogue([TEN[0], surrogate(1028, "gone"), TEN[2]])) as target:
        found = search(at(target), deadline)
    assert [r.diagnostics for r in found] == [(), (Diagnostic(1028, "gone"),), ()]


def test_several_diagnostics(deadline):
    refused = search_answer(0, succeeded=False, diagnoses=[(114, "9999"), (117, "77")])
    with ScriptedTarget(answering(init_answer(), refused)) as target:
        session = connect(at(target), deadline)
        answer = session.search(QUERY, ["main"], deadline)
        session.close()
    assert not answer.succeeded
    assert answer.records.diagnostics == (Diagnostic(114, "9999"), Diagnostic(117, "77"))


def test_refused_attributes_are_tried_in_another_form(deadline):
    refused = search_answer(0, succeeded=False, diagnoses=[(114, "7")])
    no_or = search_answer(0, succeeded=False, diagnoses=[(110, "")])
    with ScriptedTarget(answering(init_answer(), no_or, refused, refused, search_answer(2))) as target:
        session = connect(at(target), deadline)
        query, answer = session.search_first_accepted(queries(isbn="9780765377067"), ["main"], deadline)
        session.close()
    assert answer.hits == 2
    assert query == queries(isbn="9780765377067")[3]


def test_another_refusal_is_not_tried_again(deadline):
    refused = search_answer(0, succeeded=False, diagnoses=[(109, "main")])
    with ScriptedTarget(answering(init_answer(), refused, search_answer(2))) as target:
        session = connect(at(target), deadline)
        _, answer = session.search_first_accepted(queries(isbn="9780765377067"), ["main"], deadline)
        session.close()
    assert answer.records.diagnostics == (Diagnostic(109, "main"),)


def test_init_refused_says_why(deadline):
    with ScriptedTarget(answering(init_answer(accepted=False, diagnoses=[(1011, "")]))) as target:
        with pytest.raises(InitRefused, match="refused the session: Wrong user name or password") as caught:
            connect(at(target), deadline)
    assert caught.value.diagnostics == (Diagnostic(1011),)
    assert "用户名或密码错误" in caught.value.zh


def test_close_instead_of_an_answer(deadline):
    with ScriptedTarget(answering(init_answer(), close_apdu(7, "idle for 5 min"))) as target:
        with pytest.raises(ClosedByTarget, match=r"ended the session \(lack of activity\): idle for 5 min") as caught:
            search(at(target), deadline)
    assert caught.value.reason == 7


def test_an_answer_to_something_else(deadline):
    with ScriptedTarget(answering(init_answer(), present_answer())) as target:
        with pytest.raises(ProtocolBroken, match="PresentResponse was not what was asked for"):
            search(at(target), deadline)


def test_a_service_that_was_not_agreed_to_is_not_asked_for(deadline):
    with ScriptedTarget(answering(init_answer(options=[0, 1]))) as target:
        session = connect(at(target), deadline)
        for ask in (
            lambda: session.scan(Term("x"), ["main"], deadline),
            lambda: session.sort([], deadline),
            lambda: session.delete(["x"], deadline),
            lambda: session.order(ItemOrderRequest("default", 1), deadline),
            lambda: session.search(QUERY, ["main"], deadline, result_set="mine"),
        ):
            with pytest.raises(NotSupported, match="does not offer"):
                ask()
        assert session.usable
        session.close()


def test_a_query_that_cannot_be_written_leaves_the_session_usable(deadline):
    with ScriptedTarget(catalogue(TEN)) as target:
        session = connect(at(target, query_charset="latin-1"), deadline)
        with pytest.raises(QueryError, match="set query_charset"):
            session.search(parse_pqf("三体"), ["main"], deadline)
        assert session.search(QUERY, ["main"], deadline).hits == 10
        session.close()


def test_after_a_failure_the_session_is_closed(deadline):
    with ScriptedTarget(answering(init_answer())) as target:
        session = connect(at(target, timeouts=SHORT), deadline)
        with pytest.raises(TimedOut):
            session.search(QUERY, ["main"], deadline)
        assert not session.usable
        with pytest.raises(ConnectionLost):
            session.search(QUERY, ["main"], deadline)


def test_a_gbk_record_and_a_gbk_query_arrive_octet_for_octet(deadline):
    # pymarc writes Latin-1 octets as they are, so that they can be those of GBK.
    title = "三体".encode("gbk").decode("latin-1")
    made = pymarc.Record(leader="00000nam0 2200000   4500")
    made.add_field(pymarc.Field("200", pymarc.Indicators("1", " "), [pymarc.Subfield("a", title)]))
    octets = made.as_marc()
    asked = []

    def script(talk):
        talk.read()
        talk.send(encode_indefinite(init_answer()))
        asked.append(encode(talk.read()))
        talk.send(search_answer(1))
        talk.read()
        talk.send(present_answer([record(octets, syntax=oids.UNIMARC)]))
        talk.read()

    with ScriptedTarget(script) as target:
        session = connect(at(target, query_charset="gb18030", message_charset="gb18030"), deadline)
        answer = session.search(parse_pqf("@attr 1=4 三体"), ["main"], deadline)
        found = session.fetch(answer.hits, deadline, syntax=oids.UNIMARC)
        session.close()
    assert "三体".encode("gbk") in asked[0]
    assert "三体".encode() not in asked[0]
    assert found.records[0].data == octets
    assert "三体" in found.records[0].data.decode("gb18030")


def test_an_addinfo_in_gbk_is_readable(deadline):
    refused = search_answer(0, succeeded=False, diagnoses=[(109, "馆藏")])
    gbk = encode(refused).replace("馆藏".encode(), "馆藏".encode("gbk") + b"  ")
    with ScriptedTarget(answering(init_answer(), gbk)) as target:
        session = connect(at(target, message_charset="gb18030"), deadline)
        assert session.search(QUERY, ["main"], deadline).records.diagnostics[0].addinfo == "馆藏"
        session.close()


def test_good_and_bad_targets_at_once(dead_port, within):
    """The good ones' results arrive, and each bad one is named with its cause."""
    bad = {
        "stalled": (answering(), TimedOut),
        "closing": (closing(), ConnectionLost),
        "dribbling": (dribbling(0.2, init_answer()), TimedOut),
        "lying": (lying_about_length(2**40), ProtocolBroken),
        "http": (answering_http(), NotZ3950),
        "slow": (catalogue(TEN, delay=30), TimedOut),
    }
    deadline = within(8)
    timeouts = Timeouts(connect=5, init=1, search=1, present=5)

    def ask(target):
        try:
            return search(target, deadline)
        except Z3950Error as error:
            return error

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(60) as pool:
        good = [stack.enter_context(ScriptedTarget(catalogue(TEN))) for _ in range(30)]
        broken = {name: stack.enter_context(ScriptedTarget(script)) for name, (script, _) in bad.items()}
        asked_good = [pool.submit(ask, at(target)) for target in good]
        asked_bad = {name: pool.submit(ask, at(target, timeouts=timeouts)) for name, target in broken.items()}
        refused = pool.submit(ask, Target("127.0.0.1", dead_port))
        assert [len(asked.result()) for asked in asked_good] == [10] * 30
        assert {name: type(asked.result()) for name, asked in asked_bad.items()} == {
            name: kind for name, (_, kind) in bad.items()
        }
        for name, asked in asked_bad.items():
            assert str(asked.result()).startswith(f"127.0.0.1:{broken[name].port} ")
        assert isinstance(refused.result(), ConnectFailed)


def test_database_names():
    assert databases("main") == ("main",)
    assert databases("main + serials") == ("main", "serials")
    with pytest.raises(ValueError, match="empty database name"):
        databases("main++serials")


def test_an_unknown_charset_is_refused_before_anything_is_sent():
    with pytest.raises(ValueError, match="'gb99' is not a known character set"):
        Target("localhost", 210, query_charset="gb99")


def test_default_timeouts_together_stay_under_thirty_seconds():
    times = Timeouts()
    assert times.connect + times.init + times.search + times.present < 30
