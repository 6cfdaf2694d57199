"""Callers at once: they share a commit, each gets its own result, and what is wrong with one meets only that one."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, insert, select

from illcore.errors import Invalid, TryLater
from illcore.store import Database, create_schema, gathering
from illcore.store.gathering import Gathering
from illcore.tables import guard

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def database(db_url: str) -> Any:
    create_schema(db_url)
    opened = Database(db_url)
    yield opened
    opened.close()


def adding(number: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        connection.execute(insert(guard), {"library": "ISIL:A", "reader_id": str(number)})
        return number

    return work


def failing(connection: Connection) -> int:
    adding(999)(connection)
    raise Invalid("this one is wrong")


def numbers(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(guard)).scalar_one())


def at_once(database: Database, *works: Callable[[Connection], int]) -> list[Future[int]]:
    """All of them wait behind a transaction that is open when they come."""
    gathered = Gathering(database)
    with ThreadPoolExecutor(len(works)) as pool:
        with database.write():
            futures = [pool.submit(gathered.commit, work) for work in works]
            if database.sqlite:
                assert until(lambda: len(gathered._waiting) == len(works) - 1)
        return futures


def until(holds: Callable[[], bool]) -> bool:
    pause = threading.Event()
    return any(holds() or pause.wait(0.01) for _ in range(1000))


def test_each_gets_its_own_result(database: Database) -> None:
    assert [one.result() for one in at_once(database, *map(adding, range(1, 9)))] == list(range(1, 9))
    assert numbers(database) == 8


def test_what_is_wrong_with_one_meets_only_that_one(database: Database) -> None:
    first, wrong, last = at_once(database, adding(1), failing, adding(2))
    assert (first.result(), last.result()) == (1, 2)
    with pytest.raises(Invalid, match="this one is wrong"):
        wrong.result()
    assert numbers(database) == 2


def test_callers_at_once_share_a_commit(sqlite_url: str) -> None:
    create_schema(sqlite_url)
    database = Database(sqlite_url)
    commits: list[int] = []
    event.listen(database.engine, "commit", lambda connection: commits.append(1))
    at_once(database, *map(adding, range(1, 9)))
    database.close()
    assert len(commits) == 3  # the transaction they waited for, the leader, all the others


def test_who_holds_a_transaction_is_not_kept_waiting_for_ever(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create_schema(sqlite_url)
    database = Database(sqlite_url)
    monkeypatch.setattr(gathering, "PATIENCE", 0.05)
    gathered = Gathering(database)
    with ThreadPoolExecutor(1) as pool:
        with database.write():
            other = pool.submit(gathered.commit, adding(1))
            assert until(lambda: gathered._led)
            with pytest.raises(TryLater, match="busy"):
                gathered.commit(adding(2))
        assert other.result() == 1
    assert gathered.commit(adding(3)) == 3
    assert numbers(database) == 2
    database.close()
