"""Several workers on one database, in threads and in processes: each message once, in order, no lane twice at once."""

import threading
from collections import defaultdict

import pytest

from illcore.engine import Engine
from illcore.events import Actor
from illcore.message import Message, Receipt
from illcore.model import Partner
from illcore.partners import put
from illcore.store import create_schema
from illcore.testing.fakes import given
from illcore.testing.network import Network


def book(number):
    citation = {"title": f"三体 {number}", "author": "刘慈欣", "publication_type": "Book"}
    return {"service_type": "loan", "citation": citation}


def test_two_processes_send_each_message_once_and_in_order(region):
    staff = region.staff("ISIL:A")
    ids = [staff.submit(book(number)) for number in range(24)]
    for id in ids:
        staff.act(id, "cancel")
    for _ in range(2):
        region.start()
    assert [region.reached()[1] for _ in range(2)] == ["end"] * 2
    region.run()
    sent = region.sent(ids)
    assert len({key for key, *_ in sent}) == len(sent) == 48
    for id in ids:
        assert [what for _, of, what in sent if of == id] == ["Request", "Cancel"]
    assert [r["state"] for r in region.lent(ids)] == ["cancel_requested"] * 24


class Watched(Network):
    """A wire to libraries that take in anything; knows who sends to whom at this moment."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.sending: dict[str, set[int]] = defaultdict(set)
        self.together: list[str] = []
        self.keys: list[str] = []
        self.workers: set[int] = set()

    def sent_by(self, worker: int) -> "Seen":
        return Seen(self, worker)


class Seen(Network):
    def __init__(self, watched: Watched, worker: int) -> None:
        super().__init__()
        self._watched, self._worker = watched, worker
        self._meet = threading.Event()

    def carry(self, key: str, symbol: str, message: Message) -> Receipt:
        watched = self._watched
        with watched.lock:
            watched.sending[symbol].add(self._worker)
            if len(watched.sending[symbol]) > 1:
                watched.together.append(symbol)
            watched.keys.append(key)
            watched.workers.add(self._worker)
        self._meet.wait(0.002)  # lets the other worker in, if it were let in
        with watched.lock:
            watched.sending[symbol].discard(self._worker)
        return Receipt()


@pytest.mark.parametrize("workers", [3])
def test_no_lane_is_drained_by_two_at_once(db_url, workers):
    create_schema(db_url)
    watched = Watched()
    config = {"library": "ISIL:A", "accounts": {"wire:main": {}}, "synchronous": "NORMAL"}
    engines = [
        Engine.open(db_url, config, plugins=[given(watched.sent_by(number).plugin())]) for number in range(workers)
    ]
    suppliers = [f"ISIL:S{number}" for number in range(6)]
    with engines[0].database.write() as connection:
        for symbol in suppliers:
            put(connection, "ISIL:A", Partner(symbol=symbol, account="wire:main"), engines[0].clock.now())
    staff = engines[0].as_(Actor(kind="staff", id="anna", library="ISIL:A", role="admin"))
    for number in range(30):
        staff.submit({**book(number), "suppliers": [suppliers[number % 6]]})
    begin = threading.Barrier(workers)
    reports = []

    def work(engine: Engine) -> None:
        begin.wait()
        while True:
            report = engine.run_due()
            reports.append(report)
            if not report.sent:
                return

    threads = [threading.Thread(target=work, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    engines[0].run_due()
    for engine in engines:
        engine.close()
    assert watched.together == []
    assert len(watched.keys) == len(set(watched.keys)) == 30
