"""A partner or mailbox that hangs holds up nobody else, and a worker that is stopped ends."""

import threading

import pytest

from illcore.engine import Engine
from illcore.errors import Misconfigured
from illcore.events import Actor
from illcore.message import Receipt
from illcore.model import Partner
from illcore.partners import put
from illcore.store import create_schema
from illcore.testing.fakes import FakePlugin, given

BOOK = {"service_type": "loan", "citation": {"title": "三体", "author": "刘慈欣", "publication_type": "Book"}}
LONG = 30.0


@pytest.fixture
def house(sqlite_url):
    create_schema(sqlite_url)
    slow, good = FakePlugin("slow", hooks=["send", "receive"]), FakePlugin("good", hooks=["send"])
    config = {
        "library": "ISIL:A",
        "accounts": {"slow:main": {}, "good:main": {}},
        "policy": {"duplicate_window_days": 0},
        "synchronous": "NORMAL",
    }
    engine = Engine.open(sqlite_url, config, plugins=[given(slow), given(good)])
    with engine.database.write() as connection:
        for name in ("slow", "good"):
            put(connection, "ISIL:A", Partner(symbol=f"ISIL:{name}", account=f"{name}:main"), engine.clock.now())
    yield engine, engine.as_(Actor(kind="staff", id="anna", library="ISIL:A", role="admin")), slow, good
    engine.close()


@pytest.mark.parametrize("hook", ["receive", "send"])
def test_others_are_served_while_one_hangs(house, hook):
    engine, staff, slow, good = house
    hangs, arrived = threading.Event(), threading.Event()
    released = threading.Event()

    def hanging(**_):
        hangs.set()
        released.wait(LONG)
        raise TimeoutError

    slow.script("main", hook, hanging)
    good.script("main", "send", lambda **_: arrived.set() or Receipt())
    stop = threading.Event()
    runner = threading.Thread(target=engine.run_forever, args=(stop,))
    runner.start()
    staff.submit({**BOOK, "suppliers": ["ISIL:slow"]})
    assert hangs.wait(LONG)
    staff.submit({**BOOK, "suppliers": ["ISIL:good"]})
    assert arrived.wait(LONG), "the good partner waited for the slow one"
    released.set()
    stop.set()
    runner.join(LONG)
    assert not runner.is_alive()


def test_a_mailbox_whose_password_is_wrong_is_paused_and_named(house):
    engine, _, slow, _ = house
    slow.script("main", "receive", Misconfigured("the password of the mailbox is wrong"))
    engine.run_due()
    engine.run_due()
    assert len(slow.calls_of("receive")) == 1
    assert ("slow:main", "paused", "the password of the mailbox is wrong") in [
        (row["name"], row["status"], row["reason"]) for row in engine.report()
    ]
