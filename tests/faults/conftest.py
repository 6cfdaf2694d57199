"""Libraries whose workers run in processes of their own and can be killed; the databases are real."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.store import create_schema
from illcore.testing.fakes import given
from illcore.testing.network import Network

MORTAL = Path(__file__).with_name("mortal.py")


class Region:
    """A lends from B; whoever opens an engine for A opens one for B too, so that B receives in the same process."""

    def __init__(self, urls: dict[str, str], log: Path, forker: subprocess.Popen[str]) -> None:
        self.urls, self.log, self._forker = urls, log, forker
        self.alive: set[int] = set()
        for url in urls.values():
            create_schema(url)
        self.engines = {symbol: self._engine(symbol) for symbol in urls}
        for symbol, engine in self.engines.items():
            with engine.database.write() as connection:
                for other in urls:
                    if other != symbol:
                        put(connection, symbol, Partner(symbol=other, account="wire:main"), engine.clock.now())

    def _engine(self, symbol: str) -> Engine:
        config = {"library": symbol, "accounts": {"wire:main": {}}}
        return Engine.open(self.urls[symbol], config, plugins=[given(Network().plugin())])

    def staff(self, symbol: str) -> Any:
        return self.engines[symbol].as_(Actor(kind="staff", id="anna", library=symbol, role="admin"))

    def start(self, point: str = "", ahead: float = 0, library: str = "ISIL:A") -> None:
        """Begin a worker of that library whose clock is so many seconds ahead."""
        job = {"urls": self.urls, "log": str(self.log), "point": point, "ahead": ahead, "library": library}
        assert self._forker.stdin is not None
        self._forker.stdin.write(json.dumps(job) + "\n")
        self._forker.stdin.flush()

    def reached(self) -> tuple[int, str]:
        """The next worker that says something: its process and the point where it waits, or ``end``."""
        assert self._forker.stdout is not None
        pid, _, point = self._forker.stdout.readline().strip().partition(" ")
        if point != "end":
            self.alive.add(int(pid))
        return int(pid), point

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.alive.discard(pid)

    def run(self, ahead: float = 0, library: str = "ISIL:A") -> None:
        """A worker works everything off that is due and ends."""
        self.start(ahead=ahead, library=library)
        assert self.reached()[1] == "end"

    def sent(self, ids: list[str]) -> list[tuple[str, str, str]]:
        """What of these requests went over the wire, without questions before a re-send: key, request, what."""
        if not self.log.exists():
            return []
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [(key, id, what) for key, id, what in lines if id in ids and not key.endswith("?")]

    def lent(self, ids: list[str]) -> list[dict[str, Any]]:
        """What B has of these requests."""
        return [r for r in self.staff("ISIL:B").find() if r["requesting_agency_request_id"] in ids]


@pytest.fixture(scope="session")
def forker() -> Iterator[subprocess.Popen[str]]:
    """The process that forks workers: everything is imported once."""
    command = [sys.executable, str(MORTAL)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        assert process.stdin is not None
        process.stdin.close()


@contextlib.contextmanager
def databases(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The URLs of two empty databases."""
    if kind == "sqlite":
        yield [f"sqlite:///{folder / name}.db" for name in ("a", "b")]
        return
    server: str = request.getfixturevalue("pg_server")
    names = [f"illtest_{uuid4().hex}" for _ in range(2)]
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
        yield [make_url(server).set(database=name).render_as_string(hide_password=False) for name in names]
        for name in names:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def region(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, forker: subprocess.Popen[str]
) -> Iterator[Region]:
    """A and B, each with its database; the tests of a module share them and look at their own requests alone."""
    folder = tmp_path_factory.mktemp("region")
    with databases(request.param, folder, request) as urls:
        made = Region(dict(zip(("ISIL:A", "ISIL:B"), urls, strict=True)), folder / "wire.jsonl", forker)
        yield made
        for pid in made.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for engine in made.engines.values():
            engine.close()
