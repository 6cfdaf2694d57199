"""Polls that wait for something to come: they hold up nobody, end with the worker, and are not made in between."""

import threading

import pytest

from illcore.connectors import ConnectorType, Plugin
from illcore.engine import Engine
from illcore.events import Actor
from illcore.hookspecs import hookimpl
from illcore.message import Receipt, Received
from illcore.model import Partner
from illcore.partners import put
from illcore.runners.local import LANES_AT_ONCE
from illcore.store import create_schema
from illcore.testing.fakes import FakeConfig, given

BOOK = {"service_type": "loan", "citation": {"title": "三体", "author": "刘慈欣", "publication_type": "Book"}}
LONG = 30.0


class Waiting:
    """A connector whose polls wait as long as they may, and that counts them."""

    def __init__(self, plugin):
        self.plugin = plugin

    @hookimpl
    def illcore_send(self, message, partner, key, attempt, deadline):
        self.plugin.sent.set()
        return Receipt()

    @hookimpl
    def illcore_receive(self, payload, cursor, deadline):
        plugin = self.plugin
        with plugin.lock:
            plugin.polls += 1
            plugin.patient.append(deadline.patient)
            plugin.waiting += 1
            if plugin.waiting == plugin.wanted:
                plugin.all_wait.set()
        while deadline.patient and not deadline.passed() and not plugin.came.wait(0.05):
            pass
        with plugin.lock:
            plugin.waiting -= 1
        return Received(cursor=cursor, more=deadline.patient)


class Mailboxes:
    """The plugin: accounts ``boxes:…``, polled or not."""

    def __init__(self, wanted=1, polls=True):
        self.wanted, self.kind_polls = wanted, polls
        self.polls = self.waiting = 0
        self.patient = []
        self.lock = threading.Lock()
        self.came, self.sent, self.all_wait = threading.Event(), threading.Event(), threading.Event()

    @hookimpl
    def illcore_register(self):
        kind = ConnectorType("boxes", FakeConfig, lambda config, host: Waiting(self), polls=self.kind_polls)
        return Plugin("boxes", connectors=(kind,))


@pytest.fixture
def opened(sqlite_url):
    engines = []

    def open_with(plugin, accounts):
        create_schema(sqlite_url)
        names = {f"boxes:{number}": {"slots": 1} for number in range(accounts)}
        config = {"library": "ISIL:A", "accounts": names, "synchronous": "NORMAL"}
        engine = Engine.open(sqlite_url, config, plugins=[given(plugin)])
        with engine.database.write() as connection:
            put(connection, "ISIL:A", Partner(symbol="ISIL:B", account="boxes:0"), engine.clock.now())
        engines.append(engine)
        return engine

    yield open_with
    for engine in engines:
        engine.close()


def running(engine):
    stop = threading.Event()
    runner = threading.Thread(target=engine.run_forever, args=(stop,))
    runner.start()
    return stop, runner


def test_more_mailboxes_than_lanes_wait_and_messages_still_go_out(opened):
    plugin = Mailboxes(wanted=LANES_AT_ONCE + 4)
    engine = opened(plugin, plugin.wanted)
    stop, runner = running(engine)
    assert plugin.all_wait.wait(LONG), "every mailbox is watched"
    staff = engine.as_(Actor(kind="staff", id="anna", library="ISIL:A", role="admin"))
    staff.submit({**BOOK, "suppliers": ["ISIL:B"]})
    assert plugin.sent.wait(LONG), "also through an account whose only slot would be taken by its poll"
    stop.set()
    runner.join(LONG)
    assert not runner.is_alive()
    assert plugin.waiting == 0, "a poll that waits ends when the worker does"


def test_a_mailbox_is_watched_again_at_once(opened):
    plugin = Mailboxes()
    engine = opened(plugin, 1)
    stop, runner = running(engine)
    assert plugin.all_wait.wait(LONG)
    plugin.came.set()
    plugin.all_wait.clear()
    assert plugin.all_wait.wait(LONG)
    stop.set()
    runner.join(LONG)
    assert plugin.polls >= 2


def test_who_works_off_once_waits_for_nothing(opened):
    plugin = Mailboxes()
    opened(plugin, 1).run_due()
    assert plugin.patient == [False]


def test_an_account_that_only_gets_is_never_polled(opened):
    plugin = Mailboxes(polls=False)
    opened(plugin, 1).run_due()
    assert plugin.polls == 0


def test_who_works_off_once_does_not_wait_for_a_poll_of_the_worker(opened):
    plugin = Mailboxes(wanted=2)
    engine = opened(plugin, 2)
    stop, runner = running(engine)
    assert plugin.all_wait.wait(LONG)
    begun = engine.clock.monotonic()
    engine.run_due()
    assert engine.clock.monotonic() - begun < LONG / 3
    stop.set()
    runner.join(LONG)
