"""For tests: the stub served from a thread, and libraries that lend to each other through it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import illcore_oclc_stub
from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.session import Session
from illcore.store import create_schema
from illcore.testing.fakes import FakeHost, given

from ..connector import OclcConnector
from ..stub.app import SEARCH, Stub
from ..stub.faults import App, Receive, Scope, Send
from ..stub.members import DEFAULT_MEMBERS, Member
from ..stub.port import listen, server
from ..tables import metadata

BRANCHES = {"oclc_stub": "illcore_oclc_stub:migrations"}
A, B, C = DEFAULT_MEMBERS[:3]
Connect = Callable[..., OclcConnector]


class Seconds(Deadline):
    """A deadline on the machine's own clock."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__(SystemClock(), seconds)


def host_with_tables(**options: Any) -> FakeHost:
    """A host whose database has the plugin's tables."""
    host = FakeHost(**options)
    with host.transaction("") as connection:
        metadata.create_all(connection)
    return host


@dataclass
class Served:
    """A stub on a port of this machine."""

    stub: Stub
    url: str

    def account(self, member: Member = A, library: str = "", **more: Any) -> dict[str, Any]:
        """The keys of an account of that institution."""
        return {
            "library": library or f"ISIL:{member.symbol}",
            "symbol": member.symbol,
            "registry_id": member.registry_id,
            "wskey": member.wskey,
            "secret": member.secret,
            "token_url": f"{self.url}/token",
            "search_url": f"{self.url}{SEARCH}",
            "ill_url": f"{self.url}/ill",
            "per_second": 1000,
            **more,
        }

    def bodies(self, method: str = "POST", path: str = "/ill/requests") -> list[bytes]:
        """The bodies that came to a path, in their order."""
        calls = [each for each in self.stub.calls if each["method"] == method and each["path"] == path]
        return [each.get("body", b"") for each in calls]


class Board:
    """Hands calls on to the stub that is plugged in now, so that one server serves many."""

    def __init__(self, stub: Stub) -> None:
        self.plug(stub)

    def plug(self, stub: Stub) -> None:
        """From now on this one answers."""
        self._app = stub.app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@contextmanager
def served(stub: Stub) -> Iterator[Served]:
    """Serve a stub for the time of a `with` block."""
    with serving(stub.app()) as url:
        yield Served(stub, url)


@contextmanager
def serving(app: App) -> Iterator[str]:
    """The URL at which an application is served from a thread, for the time of a `with` block."""
    running, listening = server(app), listen("127.0.0.1", 0)
    thread = threading.Thread(target=running.run, args=([listening],), name="oclc-stub", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        running.should_exit = running.force_exit = True
        thread.join(10)
        listening.close()


@dataclass
class Library:
    """A library with an engine of its own."""

    engine: Engine
    symbol: str

    @property
    def staff(self) -> Session:
        return self.engine.as_(Actor(kind="staff", id="anna", library=self.symbol, role="admin"))

    def state(self, id: str) -> str:
        return str(self.staff.get(id)["state"])

    def knows(self, member: Member, **more: Any) -> None:
        """Make an institution known as a partner that is reached through OCLC."""
        values: dict[str, Any] = {
            "symbol": f"ISIL:{member.symbol}",
            "other_symbols": (f"OCLC:{member.symbol}",),
            "account": "oclc:main",
            "address": {"registry_id": member.registry_id},
        }
        with self.engine.database.write() as connection:
            put(connection, self.symbol, Partner(**values | more), self.engine.clock.now())


@dataclass
class Region:
    """Libraries that lend to each other through one stub."""

    served: Served
    libraries: list[Library] = field(default_factory=list)

    def run(self) -> None:
        """Everybody works and looks for what has come, until nothing is left to do."""
        for _ in range(50):
            reports = [each.engine.run_due() for each in self.libraries]
            if not any(report.sent or report.events for report in reports):
                return
        raise AssertionError("the libraries never come to rest")

    def close(self) -> None:
        for each in self.libraries:
            each.engine.close()


def open_library(
    url: str, member: Member, account: dict[str, Any], config: dict[str, Any] | None = None, **options: Any
) -> Library:
    """A library with its OCLC account `oclc:main`, on an empty database."""
    create_schema(url, BRANCHES)
    symbol = f"ISIL:{member.symbol}"
    address = {"line1": "颐和园路5号", "locality": "北京", "postal_code": "100871", "country": "CN"}
    settings = {
        "library": symbol,
        "synchronous": "NORMAL",
        "accounts": {"oclc:main": account},
        "libraries": {symbol: {"name_zh": "图书馆", "name_en": member.name, "address": address}},
        **(config or {}),
    }
    engine = Engine.open(url, settings, plugins=[given(illcore_oclc_stub)], **options)
    return Library(engine, symbol)


def database_in(folder: Path, member: Member) -> str:
    """The URL of a database file for a member's library."""
    return f"sqlite:///{folder / f'{member.symbol}.db'}"
