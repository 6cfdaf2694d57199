"""Libraries for the flow tests: on SQLite, and on PostgreSQL with one database each."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from illcore.session import Session
from illcore.store import create_schema
from illcore.testing.network import Town, build_town

BOOK = {
    "service_type": "loan",
    "citation": {"title": "三体", "author": "刘慈欣", "isbn": "9787536692930", "publication_type": "Book"},
    "reader": {"id": "R-1", "name": "李雷", "email": "lilei@example.org"},
}
ARTICLE = {
    "service_type": "copy",
    "citation": {
        "title": "图书馆学报",
        "title_of_component": "馆际互借研究",
        "year": "2024",
        "issue": "3",
        "pages": "12-20",
        "publication_type": "Article",
    },
    "reader": {"id": "R-1"},
}


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """Three libraries that know each other; B comes before C in A's rota."""
    symbols = ("ISIL:A", "ISIL:B", "ISIL:C")
    if request.param == "sqlite":
        urls = {symbol: f"sqlite:///{tmp_path / symbol[-1]}.db" for symbol in symbols}
    else:
        fresh: Callable[[], str] = request.getfixturevalue("pg_database")
        urls = {symbol: fresh() for symbol in symbols}
    made = build_town(urls)
    yield made
    made.close()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    create_schema(f"sqlite:///{path}")
    return path


@pytest.fixture
def make_town(tmp_path: Path, empty_database: Path) -> Iterator[Callable[..., Town]]:
    """``make_town("A", "B", policy={…})``: libraries on SQLite, quickly made."""
    made: list[Town] = []

    def make(*names: str, policy: dict[str, Any] | None = None, **options: Any) -> Town:
        folder = tmp_path / f"town{len(made)}"
        folder.mkdir()
        for name in names:
            shutil.copy(empty_database, folder / f"{name}.db")
        urls = {f"ISIL:{name}": f"sqlite:///{folder / name}.db" for name in names}
        config = {"synchronous": "NORMAL", "policy": policy or {}, **options.pop("config", {})}
        made.append(build_town(urls, config=config, schema=False, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


class TwoSides:
    """One request as its two libraries see it: A borrows, B lends (and C, where the town has it)."""

    def __init__(self, town: Town, ours: str) -> None:
        self.town, self.ours = town, ours
        self.network = town.network
        self.a, self.b = town.staff("ISIL:A"), town.staff("ISIL:B")

    @property
    def theirs(self) -> str:
        return self.lent_by("ISIL:B")

    def lent_by(self, symbol: str) -> str:
        rows = [r for r in self.town.staff(symbol).find() if r["requesting_agency_request_id"].startswith(self.ours)]
        assert len(rows) == 1, f"{symbol} has {len(rows)} requests for {self.ours}"
        id: str = rows[0]["id"]
        return id

    def borrow(self, action: str, **details: Any) -> dict[str, Any]:
        return self.a.act(self.ours, action, **details)

    def lend(self, action: str, **details: Any) -> dict[str, Any]:
        return self.b.act(self.theirs, action, **details)

    def run(self) -> tuple[str, str]:
        """Everybody works; the states of both sides then."""
        self.town.run()
        return self.states

    def wait(self, **span: float) -> tuple[str, str]:
        self.town.wait(**span)
        return self.states

    def late(self) -> tuple[str, str]:
        """What was held back on the wire arrives, then everybody works."""
        self.network.deliver_late()
        return self.run()

    @property
    def states(self) -> tuple[str, str]:
        return self.shown["state"], self.lent["state"] if self.b.find() else "nothing"

    @property
    def shown(self) -> dict[str, Any]:
        return self.a.get(self.ours)

    @property
    def lent(self) -> dict[str, Any]:
        return self.b.get(self.theirs)

    @property
    def attention(self) -> tuple[list[str], list[str]]:
        return [x["reason"] for x in self.shown["attention"]], [x["reason"] for x in self.lent["attention"]]

    def at(self, symbol: str) -> Session:
        return self.town.staff(symbol)

    def messages(self, symbol: str) -> list[str]:
        """What went over the wire to that library, by name."""
        return [
            s.message.request_type if s.message.kind == "Request" else s.message.action or s.message.status or ""
            for s in self.network.sent
            if s.to == symbol
        ]


@pytest.fixture
def ask(make_town: Callable[..., Town]) -> Callable[..., TwoSides]:
    """``ask(BOOK or ARTICLE fields…, town=…)``: a request that A has sent to B; the town has A, B and C."""

    def make(town: Town | None = None, copy: bool = False, policy: dict[str, Any] | None = None, **fields: Any):
        where = town or make_town("A", "B", "C", policy=policy)
        sides = TwoSides(where, where.staff("ISIL:A").submit({**(ARTICLE if copy else BOOK), **fields}))
        where.run()
        return sides

    return make


@pytest.fixture
def book() -> dict[str, Any]:
    """A loan of a Chinese book for reader R-1."""
    return dict(BOOK)


@pytest.fixture
def article() -> dict[str, Any]:
    """A copy of an article for reader R-1."""
    return dict(ARTICLE)
