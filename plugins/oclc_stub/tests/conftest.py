"""A served stub, connectors against it on a host with the plugin's tables, and libraries that lend through it."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from illcore.testing.fakes import FakeHost
from illcore_oclc_stub.config import OclcConfig
from illcore_oclc_stub.connector import OclcConnector
from illcore_oclc_stub.stub.app import Stub
from illcore_oclc_stub.stub.members import Member
from illcore_oclc_stub.testing import (
    A,
    B,
    Board,
    Connect,
    Region,
    Served,
    database_in,
    host_with_tables,
    open_library,
    serving,
)

_SHARED = Path(__file__).resolve().parents[3] / "tests" / "conftest.py"

if _SHARED.is_file():
    _spec = importlib.util.spec_from_file_location("illcore_test_databases", _SHARED)
    assert _spec is not None
    assert _spec.loader is not None
    _databases = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_databases)
    pg_server, pg_database = _databases.pg_server, _databases.pg_database
else:

    @pytest.fixture
    def pg_database() -> str:
        pytest.skip("the fixtures for PostgreSQL stand in illcore's own repository")


@pytest.fixture(scope="session")
def board() -> Iterator[tuple[Board, str]]:
    made = Board(Stub())
    with serving(made) as url:
        yield made, url


@pytest.fixture
def stub(board: tuple[Board, str]) -> Served:
    """A fresh stub, behind one server for all tests."""
    fresh = Stub()
    board[0].plug(fresh)
    return Served(fresh, board[1])


@pytest.fixture
def connect(stub: Served) -> Iterator[Connect]:
    """`connect(member, host=…, **account keys)`: a connector of that institution; A by default."""
    made: list[OclcConnector] = []

    def connected(member: Member = A, host: FakeHost | None = None, **more: Any) -> OclcConnector:
        config = OclcConfig.model_validate(stub.account(member, **more))
        made.append(OclcConnector(config, host or host_with_tables()))
        return made[-1]

    yield connected
    for each in made:
        each.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ill.db'}"
    url: str = request.getfixturevalue("pg_database")()
    return url


@pytest.fixture
def region(request: pytest.FixtureRequest, tmp_path: Path, stub: Served) -> Iterator[Region]:
    """A borrows from B through OCLC. On SQLite, unless the test asks for PostgreSQL by an indirect parameter."""
    made = Region(stub)
    for member in (A, B):
        on_server = getattr(request, "param", "sqlite") == "postgresql"
        url = request.getfixturevalue("pg_database")() if on_server else database_in(tmp_path, member)
        made.libraries.append(open_library(url, member, stub.account(member, settle_seconds=0)))
    made.libraries[0].knows(B)
    made.libraries[1].knows(A)
    yield made
    made.close()
