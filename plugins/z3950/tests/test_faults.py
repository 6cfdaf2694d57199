"""What real servers do badly: each gets its own error with its cause, and the good ones among them answer."""

from __future__ import annotations

import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from illcore.testing.sockets import closed_port
from illcore_z3950.ber import encode
from illcore_z3950.client import Target, connect
from illcore_z3950.errors import (
    ConnectFailed,
    ConnectionLost,
    NotZ3950,
    ProtocolBroken,
    TimedOut,
    Z3950Error,
)
from illcore_z3950.pqf import parse_pqf
from illcore_z3950.stages import Timeouts
from illcore_z3950.testing import (
    ScriptedTarget,
    answering,
    answering_http,
    catalogue,
    closing,
    dribbling,
    lying_about_length,
)
from illcore_z3950.testing.answers import (
    init_answer,
    present_answer,
    record,
    search_answer,
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
    with closed_port() as port:
        yield port


def test_refusing(dead_port, deadline):
    with pytest.raises(ConnectFailed, match=rf"127.0.0.1:{dead_port} refused the connection") as caught:
        connect(Target("127.0.0.1", dead_port), deadline)
    assert "拒绝连接" in caught.value.zh


def test_unknown_name(deadline, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConnectFailed, match="is not known; check host"):
        connect(Target("nowhere.example", 210), deadline)


def test_a_name_that_cannot_be_one(deadline):
    with pytest.raises(ConnectFailed, match="is not known; check host"):
        connect(Target("x" * 80 + ".example", 210), deadline)


@pytest.mark.parametrize(
    ("answers", "stage"),
    [([], "init"), ([init_answer()], "search"), ([init_answer(), search_answer(3)], "present")],
    ids=["init", "search", "present"],
)
def test_stalled_in_each_stage(answers, stage, deadline):
    with (
        ScriptedTarget(answering(*answers)) as target,
        pytest.raises(TimedOut, match=r"within 0\.3 s") as caught,
    ):
        search(at(target, timeouts=SHORT), deadline)
    assert caught.value.stage == stage


def test_the_deadline_of_the_whole_ends_a_stage_early(within):
    with (
        ScriptedTarget(answering(init_answer())) as target,
        pytest.raises(TimedOut, match="before the deadline of the whole search"),
    ):
        search(at(target), within(0.3))


def test_a_deadline_that_has_passed_sends_nothing(within):
    with (
        ScriptedTarget(catalogue(TEN)) as target,
        pytest.raises(TimedOut),
    ):
        connect(at(target), within(-1))
    assert target.connections == 0


def test_dribbling_does_not_outlive_the_stage(deadline):
    with (
        ScriptedTarget(dribbling(0.1, init_answer())) as target,
        pytest.raises(TimedOut, match="did not answer Init"),
    ):
        search(at(target, timeouts=SHORT), deadline)


def test_dribbling_that_is_quick_enough_is_understood(deadline):
    with ScriptedTarget(dribbling(0.0, init_answer(), search_answer(1), present_answer(TEN[:1]))) as target:
        assert search(at(target), deadline)[0].data == b"record 0"


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("answers", [[], [init_answer()], [init_answer(), search_answer(3)]])
def test_closing(answers, at_once, deadline):
    with (
        ScriptedTarget(closing(*answers, at_once=at_once)) as target,
        pytest.raises(ConnectionLost, match=r"closed the connection without an answer.*TLS") as caught,
    ):
        search(at(target), deadline)
    assert not caught.value.answered


def test_closing_in_the_middle_of_an_answer(deadline):
    with (
        ScriptedTarget(closing(init_answer(), encode(search_answer(3))[:-4], at_once=True)) as target,
        pytest.raises(ConnectionLost, match="closed the connection in the middle of an answer") as caught,
    ):
        search(at(target), deadline)
    assert caught.value.answered


@pytest.mark.parametrize("announced", [20_000_000, 2**62])
def test_lying_about_length_is_refused_without_waiting(announced, deadline):
    with (
        ScriptedTarget(lying_about_length(announced)) as target,
        pytest.raises(ProtocolBroken, match=f"{announced} octets is announced"),
    ):
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
    with (
        ScriptedTarget(closing(octets)) as target,
        pytest.raises(NotZ3950, match=f"answers {what}.*not Z39.50"),
    ):
        search(at(target), deadline)


def test_http(deadline):
    with ScriptedTarget(answering_http()) as target, pytest.raises(NotZ3950, match="answers HTTP"):
        search(at(target), deadline)


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
