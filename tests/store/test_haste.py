"""Commits that do not wait for the disk: seen at once by all, in their order, and only when asked for."""

import pytest
from sqlalchemy import text

from illcore.store import Database


@pytest.fixture
def database(db_url):
    made = Database(db_url)
    with made.write() as connection:
        connection.execute(text("CREATE TABLE mail (id INTEGER)"))
    yield made
    made.close()


def setting(connection, database):
    if database.sqlite:
        return {1: "in haste", 2: "durable"}[connection.execute(text("PRAGMA synchronous")).scalar()]
    wanted = connection.execute(text("SHOW synchronous_commit")).scalar()
    return "in haste" if wanted == "off" else "durable"


def test_only_the_transaction_that_asks_for_it_is_in_haste(database):
    seen = []
    for durable in (True, False, True):
        with database.write(durable=durable) as connection:
            if not database.sqlite:
                seen.append(setting(connection, database))
            connection.execute(text("INSERT INTO mail VALUES (1)"))
        if database.sqlite:
            with database.read() as connection:
                seen.append(setting(connection, database))
    if database.sqlite:
        assert set(seen) == {"durable"}, "the connection is as before when it goes back to the pool"
    elif "durable" in seen:  # a test server may have it off for everybody
        assert seen == ["durable", "in haste", "durable"]
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM mail")).scalar() == 3


def test_what_was_written_in_haste_is_seen_by_others_at_once(database, db_url):
    with database.write(durable=False) as connection:
        connection.execute(text("INSERT INTO mail VALUES (1)"))
    other = Database(db_url)
    with other.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM mail")).scalar() == 1
    other.close()


def test_an_error_in_haste_undoes_all_and_leaves_the_connection_as_it_was(database):
    def fails():
        with database.write(durable=False) as connection:
            connection.execute(text("INSERT INTO mail VALUES (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM mail")).scalar() == 0
        if database.sqlite:
            assert setting(connection, database) == "durable"


def test_on_sqlite_a_commit_in_haste_does_not_wait_for_the_disk(sqlite_url):
    """What SQLite itself says of the connection while the transaction runs."""
    database = Database(sqlite_url)
    with database.write(durable=False) as connection:
        assert setting(connection, database) == "in haste"
    with database.write() as connection:
        assert setting(connection, database) == "durable"
    database.close()
