"""A library with an account of type `delivery`, on SQLite and PostgreSQL, and a browser for its links."""

import asyncio
import importlib.util
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import Connection

from illcore.connectors import Deadline
from illcore.errors import NotFound
from illcore.hooktypes import DeliveryOrder, DocumentFile, Obligation
from illcore.message import Address, Receipt
from illcore.model import BilingualText, CalendarDays, Partner
from illcore.policy import Library, Policy
from illcore.store import Database, migrate
from illcore.testing.fakes import FakeClock
from illcore_delivery.cabinet import Cabinets
from illcore_delivery.config import DeliveryConfig
from illcore_delivery.connector import DeliveryConnector
from illcore_delivery.links.app import LinkApp

OWN = "ISIL:CN-110001"
THEIRS = "ISIL:CN-320006"
BRANCHES = {"delivery": "illcore_delivery:migrations"}
_SHARED = Path(__file__).resolve().parents[4] / "tests" / "conftest.py"

if _SHARED.is_file():
    _spec = importlib.util.spec_from_file_location("illcore_test_databases", _SHARED)
    assert _spec is not None
    assert _spec.loader is not None
    _databases = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_databases)
    pg_server, pg_database, pg_url = _databases.pg_server, _databases.pg_database, _databases.pg_url
else:

    @pytest.fixture
    def pg_url() -> str:
        pytest.skip("the fixtures for PostgreSQL stand in illcore's own repository")


class Host:
    """As much of a host as the connector and the web application need."""

    def __init__(self, database: Database, clock: FakeClock, calendar: CalendarDays) -> None:
        self.clock = clock
        self._database = database
        self._library = Library(
            symbol=OWN, name_en="National Library", name_zh="国家图书馆", policy=Policy(calendar=calendar)
        )
        self._partner = Partner(symbol=THEIRS, name=BilingualText(en="Nanjing University Library", zh="南京大学图书馆"))

    def library(self, symbol: str) -> Library:
        if symbol != OWN:
            raise NotFound(f"this engine does not serve the library {symbol}")
        return self._library

    def partner_for(self, library: str, symbol: str) -> Partner | None:
        return self._partner if symbol == THEIRS else None

    @contextmanager
    def transaction(self, library: str) -> Iterator[Connection]:
        self.library(library)
        with self._database.write() as connection:
            yield connection

    @contextmanager
    def reading(self, library: str = "") -> Iterator[Connection]:
        with self._database.read() as connection:
            yield connection


@dataclass
class Desk:
    """Hands documents over, and opens links as a browser does."""

    url: str
    folder: Path
    calendar: CalendarDays = field(default_factory=CalendarDays)
    clock: FakeClock = field(default_factory=FakeClock)
    config: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        migrate(self.url, BRANCHES)
        self.database = Database(self.url)
        self.again()

    def again(self, **config: Any) -> None:
        """The process starts anew, with the same database and folder."""
        self.config = {"url": "https://ill.example.org", "folder": self.folder / "kept"} | self.config | config
        self.host: Any = Host(self.database, self.clock, self.calendar)
        self.cabinets = Cabinets()
        self.connector = DeliveryConnector(DeliveryConfig(**self.config), self.host, self.cabinets)
        self.app = LinkApp(self.host, self.cabinets)

    def document(self, pages: int = 1, name: str = "article.pdf") -> DocumentFile:
        path = self.folder / name
        path.write_bytes(pdf(pages))
        return DocumentFile(name=name, path=path)

    def order(self, *files: DocumentFile, obligations: tuple[Obligation, ...] = (), **more: Any) -> DeliveryOrder:
        values: dict[str, Any] = {"library": OWN, "request_id": "01JH0000000000R1", "to": Address()}
        values |= {"title": "红楼梦研究"} | more
        if "files" not in values:
            values["files"] = files or (self.document(),)
        return DeliveryOrder(obligations=obligations, **values)

    def deliver(self, order: DeliveryOrder | None = None, key: str = "r:1:1") -> Receipt:
        return self.connector.illcore_deliver(order or self.order(), key, Deadline(self.clock, 30))

    def link(self, *obligations: Obligation, key: str = "r:1:1", **more: Any) -> str:
        """The path of a new link."""
        url = str(self.deliver(self.order(obligations=obligations, **more), key).detail["url"])
        assert url.startswith("https://ill.example.org/d/")
        return url.removeprefix("https://ill.example.org")

    def ask(self, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        """One request; redirects are not followed."""

        async def work() -> httpx.Response:
            async def mounted(scope: Any, receive: Any, send: Any) -> None:
                await self.app({**scope, "root_path": "/d"}, receive, send)

            transport = httpx.ASGITransport(app=mounted)
            async with httpx.AsyncClient(transport=transport, base_url="http://ill") as client:
                return await client.request(method, path, **options)

        return asyncio.run(work())

    def follow(self, path: str, answer: httpx.Response) -> str:
        """Where a redirect leads."""
        assert answer.status_code == 303
        return str(httpx.URL(f"http://ill{path}").join(answer.headers["location"]).raw_path, "ascii")

    def rows(self, table: str) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.exec_driver_sql(f"SELECT * FROM {table}").mappings())

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address of a real server with these links."""

        async def mounted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                await self.app({**scope, "root_path": "/d"}, receive, send)

        server = uvicorn.Server(uvicorn.Config(mounted, port=0, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.01)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def pdf(pages: int, size: tuple[float, float] = (400, 600)) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1)
    for number in range(pages):
        canvas.drawString(50, 300, f"page {number + 1} of the article")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """The test runs once on SQLite and once on PostgreSQL."""
    sqlite = request.param == "sqlite"
    made = Desk(f"sqlite:///{tmp_path / 'ill.db'}" if sqlite else request.getfixturevalue("pg_url"), tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Desk]:
    """On SQLite alone, for what does not depend on the database."""
    made = Desk(f"sqlite:///{tmp_path / 'ill.db'}", tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """`made(calendar=…)`: a desk of one's own."""
    every: list[Desk] = []

    def make(**options: Any) -> Desk:
        every.append(Desk(f"sqlite:///{tmp_path / 'ill.db'}", tmp_path, **options))
        return every[-1]

    yield make
    for one in every:
        one.database.close()


@pytest.fixture(scope="session")
def scan() -> bytes:
    """A document of nine pages."""
    return pdf(9)
