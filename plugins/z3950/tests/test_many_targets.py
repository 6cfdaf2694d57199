"""Two hundred targets at once, some of them bad: the good answer in time, each bad one is named with its cause."""

from __future__ import annotations

import contextlib

import pytest

import illcore_z3950
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Query
from illcore.store import create_schema
from illcore.testing.fakes import given
from illcore.testing.sockets import closed_port
from illcore_z3950.testing import (
    ScriptedTarget,
    answering,
    answering_http,
    catalogue,
    closing,
    dribbling,
    lying_about_length,
)
from illcore_z3950.testing.answers import init_answer, record
from illcore_z3950.testing.samples import THREE_BODY_CNMARC, iso2709

TARGETS = 200
BOOK = record(iso2709(THREE_BODY_CNMARC, str.encode))
PATIENT = {"connect": 5.0, "init": 5.0, "search": 5.0, "present": 5.0}
SHORT = {"connect": 1.0, "init": 1.0, "search": 1.0, "present": 1.0}
BAD = {
    "slow": (catalogue([BOOK], delay=30), "did not answer the search within 1 s"),
    "stalled": (answering(), "did not answer Init within 1 s"),
    "closing": (closing(), "closed the connection without an answer"),
    "dribbling": (dribbling(0.2, init_answer()), "did not answer Init within 1 s"),
    "lying": (lying_about_length(2**40), "the limit for one PDU is"),
    "http": (answering_http(), "answers HTTP, not Z39.50"),
}


@pytest.fixture
def dead_port():
    with closed_port() as port:
        yield port


def test_the_good_answer_and_the_bad_are_named(tmp_path, dead_port):
    url = f"sqlite:///{tmp_path}/ill.db"
    create_schema(url, {})
    with contextlib.ExitStack() as stack:

        def account(port, timeouts):
            return {"host": "127.0.0.1", "port": port, "database": "x", "timeouts": timeouts}

        good = stack.enter_context(ScriptedTarget(catalogue([BOOK])))
        accounts = {f"z3950:good-{number}": account(good.port, PATIENT) for number in range(TARGETS - len(BAD) - 1)}
        for name, (script, _) in BAD.items():
            accounts[f"z3950:{name}"] = account(stack.enter_context(ScriptedTarget(script)).port, SHORT)
        accounts["z3950:refusing"] = account(dead_port, SHORT)
        config = {"library": "ISIL:CN-1", "accounts": accounts}
        engine = stack.enter_context(contextlib.closing(Engine.open(url, config, plugins=[given(illcore_z3950)])))
        desk = engine.as_(Actor(kind="staff", id="anna", library="ISIL:CN-1", role="librarian"))
        found = desk.search(Query(title="三体"), 20)
    reports = {each["name"].partition(":")[2]: each for each in found["accounts"]}
    assert len(reports) == TARGETS
    fine = [name for name, each in reports.items() if each["status"] == "ok"]
    assert sorted(fine) == sorted(name for name in reports if name.startswith("good-"))
    assert {each["title"] for each in found["holdings"]} == {"三体"}
    assert {each["account"] for each in found["holdings"]} == {f"z3950:{name}" for name in fine}
    said = {name: what for name, (_, what) in BAD.items()} | {"refusing": "refused the connection"}
    for name, what in said.items():
        assert what in reports[name]["error"], name
        assert reports[name]["error"].startswith(f"127.0.0.1:{accounts[f'z3950:{name}']['port']} ")
