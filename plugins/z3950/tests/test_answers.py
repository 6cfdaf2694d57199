"""What targets answer: few records at a time, segments, diagnostics of all kinds, other charsets, refusals."""

from __future__ import annotations

import contextlib

import pymarc
import pytest

from illcore_z3950 import oids
from illcore_z3950.ber import encode
from illcore_z3950.client import Target, connect, databases
from illcore_z3950.diagnostics import Diagnostic
from illcore_z3950.errors import (
    ClosedByTarget,
    ConnectionLost,
    InitRefused,
    NotSupported,
    ProtocolBroken,
    QueryError,
    TimedOut,
)
from illcore_z3950.pdus import ItemOrderRequest
from illcore_z3950.pqf import parse_pqf
from illcore_z3950.query import queries
from illcore_z3950.rpn import Term
from illcore_z3950.stages import Timeouts
from illcore_z3950.testing import (
    ScriptedTarget,
    answering,
    catalogue,
    indefinite,
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


def test_a_good_target(deadline):
    with ScriptedTarget(catalogue(TEN)) as target:
        assert [r.data for r in search(at(target), deadline)] == [b"record %d" % n for n in range(10)]


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
    with (
        ScriptedTarget(answering(init_answer(), search_answer(10), endless)) as target,
        pytest.raises(ProtocolBroken, match="more records than were asked for"),
    ):
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
    with (
        ScriptedTarget(answering(init_answer(accepted=False, diagnoses=[(1011, "")]))) as target,
        pytest.raises(InitRefused, match="refused the session: Wrong user name or password") as caught,
    ):
        connect(at(target), deadline)
    assert caught.value.diagnostics == (Diagnostic(1011),)
    assert "用户名或密码错误" in caught.value.zh


def test_close_instead_of_an_answer(deadline):
    with (
        ScriptedTarget(answering(init_answer(), close_apdu(7, "idle for 5 min"))) as target,
        pytest.raises(ClosedByTarget, match=r"ended the session \(lack of activity\): idle for 5 min") as caught,
    ):
        search(at(target), deadline)
    assert caught.value.reason == 7


def test_an_answer_to_something_else(deadline):
    with (
        ScriptedTarget(answering(init_answer(), present_answer())) as target,
        pytest.raises(ProtocolBroken, match="PresentResponse was not what was asked for"),
    ):
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
    made = pymarc.Record(to_unicode=False)
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
