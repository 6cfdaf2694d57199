"""Databases with the plugin's tables, on SQLite and PostgreSQL, and files as libraries hand them over."""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pymarc import Field, Indicators, Subfield
from pymarc import Record as MarcRecord

from illcore.connectors import Deadline
from illcore.model import Citation, Holding, Query
from illcore.store import Database, migrate
from illcore.testing.fakes import FakeClock
from illcore_holdings.config import HoldingsConfig
from illcore_holdings.connector import HoldingsConnector
from illcore_holdings.formats import FileOptions, reader_for
from illcore_holdings.loading import Loaded, Order, Watch, load
from illcore_holdings.opened import SourceFile
from illcore_holdings.sets import Terms

OWN = "ISIL:CN-110001"
BRANCHES = {"holdings": "illcore_holdings:migrations"}
_SHARED = Path(__file__).resolve().parents[3] / "tests" / "conftest.py"

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
    """As much of a host as the connector needs."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.clock = clock
        self.reading = lambda library="": database.read()


@dataclass
class Shelf:
    """A database to load files into and to search."""

    url: str
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        migrate(self.url, BRANCHES)
        self.database = Database(self.url)

    def file(self, name: str, octets: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(octets)
        return path

    def load(
        self,
        path: Path,
        source: str = "catalogue",
        library: str = OWN,
        terms: Terms | None = None,
        watch: Watch | None = None,
        anew: bool = False,
        **options: Any,
    ) -> Loaded:
        file, given = SourceFile.at(path), FileOptions(**options)
        order = Order(library, source, file, repr(given), terms or Terms(), anew=anew)
        return load(
            self.database, reader_for(file, given), order, self.clock, f"t{self.clock.monotonic()}", watch or Watch()
        )

    def connector(self, **config: Any) -> HoldingsConnector:
        return HoldingsConnector(HoldingsConfig(**config), Host(self.database, self.clock))  # type: ignore[arg-type]

    def search(self, config: dict[str, Any] | None = None, **query: Any) -> Sequence[Holding]:
        found = self.connector(**(config or {})).illcore_search(Query(**query), Deadline(self.clock, 30))
        return found

    def cited(self, **citation: str) -> Sequence[Holding]:
        return self.search(citation=Citation(**citation))

    def rows(self) -> dict[str, int]:
        names = ("holdings_set", "holdings_record", "holdings_key", "holdings_words")
        with self.database.read() as connection:
            return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in names}


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """The test runs once on SQLite and once on PostgreSQL."""
    sqlite = request.param == "sqlite"
    made = Shelf(f"sqlite:///{tmp_path / 'ill.db'}" if sqlite else request.getfixturevalue("pg_url"), tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Shelf]:
    """On SQLite alone, for what does not depend on the database."""
    made = Shelf(f"sqlite:///{tmp_path / 'ill.db'}", tmp_path)
    yield made
    made.database.close()


Content = str | dict[str, str]


def marc(fields: Sequence[tuple[str, Content]], leader9: str = "a") -> MarcRecord:
    record = MarcRecord(force_utf8=True)
    record.leader = record.leader[:9] + leader9 + record.leader[10:]
    for tag, content in fields:
        if isinstance(content, str):
            record.add_field(Field(tag, data=content))
        else:
            parts = [Subfield(code, text) for code, text in content.items()]
            record.add_field(Field(tag, Indicators(" ", " "), parts))
    return record


@pytest.fixture(scope="session")
def marc21() -> Callable[..., bytes]:
    """`marc21(number, title, isbn="", **more)`: a record of MARC 21 in UTF-8, with one copy on the shelf."""

    def make(number: int, title: str, isbn: str = "", author: str = "Doe, Jane", items: str = "952") -> bytes:
        copy = (
            {"c": "Main", "o": f"A {number}", "p": f"B{number}"}
            if items == "952"
            else {"b": "Main", "h": f"A {number}"}
        )
        fields: list[tuple[str, Content]] = [("001", f"r{number}"), ("100", {"a": author}), ("245", {"a": title})]
        if isbn:
            fields.insert(1, ("020", {"a": isbn}))
        fields += [("260", {"c": "2008."}), (items, copy)]
        return bytes(marc(fields).as_marc())

    return make


@pytest.fixture(scope="session")
def many(marc21: Callable[..., bytes]) -> Callable[[int], bytes]:
    """A dump of so many records, titled `Record number N`."""
    return lambda count: b"".join(marc21(number, f"Record number {number} of many") for number in range(count))


def cnmarc(title: str, author: str, isbn: str, encoding: str) -> bytes:
    """A CNMARC record as a Chinese system writes it: octets of the encoding, lengths counted in octets."""
    contents = [
        ("001", "012003000001"),
        ("010", f"  \x1fa{isbn}\x1fdCNY23.00"),
        ("100", "  \x1fa20080101d2008    em y0chiy50      ea"),
        ("200", f"1 \x1fa{title}\x1fASan ti\x1ff{author}著"),
        ("210", "  \x1fa重庆\x1fc重庆出版社\x1fd2008"),
        ("701", f" 0\x1fa{author}\x1f4著"),
        ("905", "  \x1faCN-110001\x1fb00123\x1fc中文书库\x1fdI247.55\x1fe88\x1ff2"),
    ]
    datas = [text.encode(encoding) + b"\x1e" for _, text in contents]
    directory, start = "", 0
    for (tag, _), data in zip(contents, datas, strict=True):
        directory += f"{tag}{len(data):04d}{start:05d}"
        start += len(data)
    base = 25 + len(directory)
    return f"{base + start + 1:05d}nam0 22{base:05d}   450 {directory}\x1e".encode() + b"".join(datas) + b"\x1d"


@pytest.fixture(scope="session")
def chinese() -> Callable[..., bytes]:
    """`chinese(title, author, isbn, encoding)`: a CNMARC record."""
    return cnmarc


@pytest.fixture(scope="session")
def made() -> Callable[..., MarcRecord]:
    """`made(fields, leader9)`: a record of pymarc."""
    return marc
