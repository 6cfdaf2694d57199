"""Sessions are kept and limited; one that went stale while idle is replaced without a word."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from illcore_z3950.client import Target
from illcore_z3950.errors import ConnectionLost, TimedOut
from illcore_z3950.pool import Pool
from illcore_z3950.pqf import parse_pqf
from illcore_z3950.testing import ScriptedTarget, answering, catalogue, closing
from illcore_z3950.testing.answers import close_apdu, init_answer, record, search_answer

QUERY = parse_pqf("x")
GOOD = catalogue([record(b"1")])


def hits(deadline):
    return lambda session: session.search(QUERY, ["main"], deadline).hits


def test_a_session_is_used_again(deadline):
    with ScriptedTarget(GOOD) as target:
        pool = Pool(Target(target.host, target.port))
        assert [pool.run(hits(deadline), deadline) for _ in range(5)] == [1] * 5
        assert target.connections == 1
        pool.close()


def test_never_more_than_the_limit(deadline):
    with ScriptedTarget(GOOD) as target, ThreadPoolExecutor(12) as threads:
        pool = Pool(Target(target.host, target.port), limit=3)
        asked = [threads.submit(pool.run, hits(deadline), deadline) for _ in range(40)]
        assert [a.result() for a in asked] == [1] * 40
        assert target.connections <= 3
        pool.close()


def test_no_place_before_the_deadline(deadline, within):
    taken, leave = threading.Event(), threading.Event()

    def hold(session):
        taken.set()
        leave.wait(20)

    with ScriptedTarget(GOOD) as target, ThreadPoolExecutor(1) as threads:
        pool = Pool(Target(target.host, target.port), limit=1)
        holding = threads.submit(pool.run, hold, deadline)
        assert taken.wait(20)
        with pytest.raises(TimedOut, match="in use until the deadline"):
            pool.run(hits(deadline), within(0.1))
        leave.set()
        holding.result()
        assert pool.run(hits(deadline), deadline) == 1
        pool.close()


@pytest.mark.parametrize(
    "last", [search_answer(1), None], ids=["hangs up after the answer", "hangs up at the second search"]
)
def test_a_session_that_went_stale_is_replaced(last, deadline):
    script = closing(init_answer(), search_answer(1))
    if last is not None:

        def script(talk):
            talk.read()
            talk.send(init_answer())
            talk.read()
            talk.send(last)

    with ScriptedTarget(script) as target:
        pool = Pool(Target(target.host, target.port))
        assert pool.run(hits(deadline), deadline) == 1
        assert pool.run(hits(deadline), deadline) == 1
        assert target.connections == 2
        pool.close()


def test_a_target_that_said_close_while_idle_is_connected_anew(deadline):
    told = threading.Event()

    def script(talk):
        talk.read()
        talk.send(init_answer())
        talk.read()
        talk.send(search_answer(1))
        talk.send(close_apdu(7))
        told.set()
        talk.read()

    with ScriptedTarget(script) as target:
        pool = Pool(Target(target.host, target.port))
        assert pool.run(hits(deadline), deadline) == 1
        assert told.wait(20)
        assert pool.run(hits(deadline), deadline) == 1
        assert target.connections == 2
        pool.close()


def test_a_target_that_always_hangs_up_is_not_tried_for_ever(deadline):
    with ScriptedTarget(closing(init_answer())) as target:
        pool = Pool(Target(target.host, target.port))
        with pytest.raises(ConnectionLost):
            pool.run(hits(deadline), deadline)
        assert target.connections == 1
        with pytest.raises(ConnectionLost):
            pool.run(hits(deadline), deadline)
        assert target.connections == 2


def test_a_failed_session_gives_its_place_back(deadline):
    with ScriptedTarget(answering(init_answer(accepted=False))) as target:
        pool = Pool(Target(target.host, target.port), limit=1)
        for _ in range(3):
            with pytest.raises(Exception, match="refused the session"):
                pool.run(hits(deadline), deadline)


def test_close_ends_idle_sessions_and_those_given_back_later(deadline):
    with ScriptedTarget(GOOD) as target:
        pool = Pool(Target(target.host, target.port))
        kept = []
        pool.run(kept.append, deadline)
        pool.run(lambda session: pool.close(), deadline)
        assert not kept[0].usable
