"""The limits of a WSKey hold for all threads, processes and restarts that share the database."""

import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from illcore.connectors import Deadline
from illcore.errors import TryLater
from illcore.model import Query
from illcore.store import create_schema
from illcore.store.database import Database
from illcore.testing.fakes import FakeClock, FakeHost
from illcore_oclc_stub.config import OclcConfig
from illcore_oclc_stub.remote.limits import Limits
from illcore_oclc_stub.testing import BRANCHES, Connect, Seconds, Served, host_with_tables

URLS = {"token_url": "http://127.0.0.1:9/token", "search_url": "http://127.0.0.1:9", "ill_url": "http://127.0.0.1:9"}


def limits(host: Any, **keys: Any) -> Limits:
    given = {"library": "ISIL:A", "symbol": "A", "registry_id": 1, "wskey": "k", "secret": "s", **URLS, **keys}
    return Limits(OclcConfig.model_validate(given), host)


def test_calls_go_out_no_faster_than_allowed() -> None:
    clock = FakeClock()
    pace = limits(host_with_tables(clock=clock), per_second=4)
    begun = clock.monotonic()
    times = []
    for _ in range(9):
        pace.take(Deadline(clock, 10))
        times.append(round(clock.monotonic() - begun, 6))
    assert times == [n * 0.25 for n in range(9)]


def test_a_turn_that_comes_too_late_is_not_waited_for_and_not_counted() -> None:
    clock = FakeClock()
    pace = limits(host_with_tables(clock=clock), per_second=0.5, per_day=2)
    pace.take(Deadline(clock, 1))
    with pytest.raises(TryLater) as caught:
        pace.take(Deadline(clock, 1))
    assert caught.value.after == 2.0
    clock.advance(seconds=2)
    pace.take(Deadline(clock, 1))


def test_the_calls_of_a_day_are_used_up_and_come_back() -> None:
    clock = FakeClock()
    host = host_with_tables(clock=clock)
    for _ in range(3):
        limits(host, per_day=3, per_second=1000).take(Deadline(clock, 1))
        clock.advance(hours=1)
    with pytest.raises(TryLater, match="3 calls") as caught:
        limits(host, per_day=3, per_second=1000).take(Deadline(clock, 1))
    assert 20 * 3600 < (caught.value.after or 0) <= 21 * 3600 + 600
    limits(host, per_day=3, wskey="another").take(Deadline(clock, 1))
    clock.advance(seconds=caught.value.after or 0)
    limits(host, per_day=3, per_second=1000).take(Deadline(clock, 1))


class Shared:
    """Hosts of several processes: each with its own connections to one database."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.clock = FakeHost().clock

    def transaction(self, library: str) -> AbstractContextManager[Connection]:
        return self.database.write()

    def reading(self, library: str = "") -> AbstractContextManager[Connection]:
        return self.database.read()


def test_many_processes_together_keep_the_pace(db_url: str) -> None:
    create_schema(db_url, BRANCHES)
    hosts = [Shared(db_url) for _ in range(3)]
    times: list[datetime] = []
    lock = threading.Lock()

    def work(host: Any) -> None:
        pace = limits(host, per_second=50)
        for _ in range(5):
            pace.take(Seconds(20))
            with lock:
                times.append(datetime.now(UTC))

    begun = datetime.now(UTC)
    threads = [threading.Thread(target=work, args=(host,)) for host in hosts for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(times) == 30
    assert (max(times) - begun).total_seconds() >= 29 / 50
    for host in hosts:
        host.database.close()


@pytest.mark.parametrize(("ours", "busy"), [(10, False), (15, True)])
def test_a_service_with_a_limit_has_to_say_so_only_where_ours_is_higher(
    stub: Served, connect: Connect, ours: int, busy: bool
) -> None:
    clock = FakeClock()
    stub.stub.clock, stub.stub.members.per_second = clock, 10
    connector = connect(host=host_with_tables(clock=clock), per_second=ours)
    refused = 0
    for _ in range(40):
        try:
            connector.illcore_search(Query(isbn="9787020002207"), Deadline(clock, 20))
        except TryLater as later:
            refused += 1
            clock.advance(seconds=later.after or 0)
    assert bool(refused) is busy
