"""Z39.50 targets: CPU for each, records per second, and 200 that each take a second, beside libyaz's ZOOM.

All targets are one yaz-ztest on this machine, a process of its own for each session; only the client's CPU counts. Both
clients do the same in turn: connect, Init, search, present ten USMARC records, close.
"""

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from databases import fresh_sqlite
from measuring import Spent, calibration, conditions, spent, table
from zoom import NoZoom, Zoom

import illcore_z3950
from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Query
from illcore.store import create_schema
from illcore.testing.fakes import given
from illcore_z3950.client import Target, connect
from illcore_z3950.oids import USMARC
from illcore_z3950.pqf import parse_pqf

OURS = "ISIL:BENCH"
HOST = "127.0.0.1"
QUICK_DATABASE, SLOW_DATABASE = "Default", "Slow1"
FEW, MANY = "@attr 1=4 50", "@attr 1=4 20000"
PRESENTED = 10
PATIENCE = 60.0
START_SECONDS = 15.0
SLICES = 20


@dataclass(slots=True)
class Figures:
    """What one client took in each repeat; ``fetching`` for all records of all slices."""

    one_by_one: list[Spent] = field(default_factory=list)
    at_once: list[Spent] = field(default_factory=list)
    fetching: list[Spent] = field(default_factory=list)
    slow: list[Spent] = field(default_factory=list)


@contextmanager
def targets() -> Iterator[int]:
    """The port of a yaz-ztest that runs as long as the block."""
    with tempfile.TemporaryDirectory(prefix="illcore-bench-") as folder:
        with socket.create_server((HOST, 0)) as free:
            port: int = free.getsockname()[1]
        command = ["yaz-ztest", "-l", f"{folder}/log", f"tcp:{HOST}:{port}"]
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + START_SECONDS
            while time.monotonic() < end:
                try:
                    socket.create_connection((HOST, port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield port
        finally:
            server.terminate()
            server.wait()


class Sessions:
    """The plugin's own client: a session for each target, in threads that stand already, as hook threads do."""

    def __init__(self, port: int, targets: int) -> None:
        self._target = Target(HOST, port)
        self._clock = SystemClock()
        self._threads = ThreadPoolExecutor(targets)
        self._targets = targets
        together = threading.Barrier(targets)
        list(self._threads.map(lambda _: together.wait(), range(targets)))

    def one_by_one(self) -> int:
        """All targets, each after the one before; the octets of the records."""
        return sum(self._one(QUICK_DATABASE) for _ in range(self._targets))

    def at_once(self, database: str = QUICK_DATABASE) -> int:
        """All targets together."""
        return sum(self._threads.map(self._one, [database] * self._targets))

    def fetching(self, count: int) -> Spent:
        """So many records by presents of ten on one session."""
        deadline = Deadline(self._clock, PATIENCE)
        session = connect(self._target, deadline)
        session.search(parse_pqf(MANY), (QUICK_DATABASE,), deadline)

        def fetch() -> int:
            octets = 0
            for start in range(1, count + 1, PRESENTED):
                for record in session.present(start, PRESENTED, deadline, syntax=USMARC).records:
                    octets += len(record.data)
            return octets

        taken = spent(fetch)
        session.close()
        return taken

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _one(self, database: str) -> int:
        deadline = Deadline(self._clock, PATIENCE)
        session = connect(self._target, deadline)
        session.search(parse_pqf(FEW), (database,), deadline)
        found = session.present(1, PRESENTED, deadline, syntax=USMARC)
        session.close()
        return sum(len(record.data) for record in found.records)


def zoom_fetching(zoom: Zoom, port: int, count: int) -> Spent:
    """As ``Sessions.fetching``."""
    present = zoom.presenter(HOST, port, QUICK_DATABASE, MANY)
    return spent(lambda: sum(present(start, PRESENTED) for start in range(0, count, PRESENTED)))


def fetch_by_turns(sessions: Sessions, zoom: Zoom | None, port: int, count: int) -> tuple[Spent, Spent]:
    """What so many records took both. In many slices by turns, each with new sessions: whether client and server happen
    to share a core makes more difference than anything else, and is drawn anew with each."""
    ours, theirs = [], []
    for _ in range(SLICES):
        ours.append(sessions.fetching(count // SLICES))
        if zoom is not None:
            theirs.append(zoom_fetching(zoom, port, count // SLICES))
    return _sum(ours), _sum(theirs)


def _sum(parts: Sequence[Spent]) -> Spent:
    return Spent(sum(part.wall for part in parts), sum(part.cpu for part in parts))


@contextmanager
def searching(folder: Path, port: int, targets: int) -> Iterator[Callable[[], None]]:
    """An engine with so many accounts, whose search asks all of them: ``ill search`` without the start of a process."""
    url = fresh_sqlite(folder)
    create_schema(url, {})
    accounts = {
        f"z3950:target-{number}": {"host": HOST, "port": port, "database": SLOW_DATABASE, "min_score": 0}
        for number in range(targets)
    }
    engine = Engine.open(url, {"library": OURS, "accounts": accounts}, plugins=[given(illcore_z3950)])
    desk = engine.as_(Actor(kind="staff", id="bench", library=OURS, role="admin"))

    def search() -> None:
        found = desk.search(Query(title="50", maximum=PRESENTED), PATIENCE)
        missing = [each for each in found["accounts"] if each["status"] != "ok" or each["hits"] != PRESENTED]
        if missing:
            raise RuntimeError(f"{len(missing)} targets did not give {PRESENTED} records: {missing[0]}")

    try:
        yield search
    finally:
        engine.close()


def measure(port: int, zoom: Zoom | None, targets: int, records: int, repeats: int) -> tuple[Figures, Figures, Figures]:
    """Ours, ZOOM's, and the whole engine's, in turn."""
    ours, theirs, whole = Figures(), Figures(), Figures()
    sessions = Sessions(port, targets)
    if zoom is not None:
        asked = (HOST, port, QUICK_DATABASE, FEW)
        slow = (HOST, port, SLOW_DATABASE, FEW)
        expected = zoom.one_by_one(*asked, targets, PRESENTED)
        if not expected == sessions.one_by_one() == zoom.at_once(*asked, targets, PRESENTED) == sessions.at_once():
            raise RuntimeError("the two clients did not get the same octets")
    for _ in range(repeats):
        if zoom is not None:
            theirs.one_by_one.append(spent(lambda: zoom.one_by_one(*asked, targets, PRESENTED)))
            theirs.at_once.append(spent(lambda: zoom.at_once(*asked, targets, PRESENTED)))
            theirs.slow.append(spent(lambda: zoom.at_once(*slow, targets, PRESENTED)))
        ours.one_by_one.append(spent(sessions.one_by_one))
        ours.at_once.append(spent(sessions.at_once))
        mine, other = fetch_by_turns(sessions, zoom, port, records)
        ours.fetching.append(mine)
        if zoom is not None:
            theirs.fetching.append(other)
        ours.slow.append(spent(lambda: sessions.at_once(SLOW_DATABASE)))
        with (
            tempfile.TemporaryDirectory(prefix="illcore-bench-") as name,
            searching(Path(name), port, targets) as search,
        ):
            whole.slow.append(spent(search))
    sessions.close()
    return ours, theirs, whole


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """The median of the ratios turn by turn; None without the other client."""
    return median(one / other for one, other in zip(ours, theirs, strict=True)) if theirs else None


def results(ours: Figures, theirs: Figures, whole: Figures, targets: int, records: int) -> list[dict[str, object]]:
    """A row for each line of the table."""

    def cpu(runs: Sequence[Spent], count: int = targets) -> list[float]:
        return [one.cpu / count * 1e6 for one in runs]

    def rate(runs: Sequence[Spent]) -> list[float]:
        return [records / one.wall for one in runs]

    def wall(runs: Sequence[Spent]) -> list[float]:
        return [one.wall for one in runs]

    rows = [
        ("CPU µs for a target, one by one", cpu(ours.one_by_one), cpu(theirs.one_by_one), "1.3 / 1.0", ".0f"),
        (f"CPU µs for a target, {targets} at once", cpu(ours.at_once), cpu(theirs.at_once), "1.3 / 1.0", ".0f"),
        ("records a second", rate(ours.fetching), rate(theirs.fetching), "1.0 / 1.5", ",.0f"),
        ("CPU µs for a record", cpu(ours.fetching, records), cpu(theirs.fetching, records), "", ".1f"),
        (f"{targets} targets that take 1 s, s", wall(ours.slow), wall(theirs.slow), "1.25 / 1.15 s", ".3f"),
        ("the same searched by the engine, s", wall(whole.slow), wall(theirs.slow), "1.25 / 1.15 s", ".3f"),
    ]
    return [
        {
            "what": what,
            "ours": median(mine),
            "zoom": median(other) if other else None,
            "ratio": ratio(mine, other),
            "budget": budget,
            "form": form,
        }
        for what, mine, other, budget, form in rows
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small repeat, to see that it runs")
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    targets_, records, repeats = (10, 400, 1) if asked.quick else (asked.targets, 20_000, asked.repeats)
    if shutil.which("yaz-ztest") is None:
        print("yaz-ztest is not installed, so there is nothing to search (Debian package yaz)", file=sys.stderr)
        return 1
    try:
        zoom = Zoom()
    except NoZoom as missing:
        print(missing, file=sys.stderr)
        zoom = None
    before = calibration()
    with targets() as port:
        found = results(*measure(port, zoom, targets_, records, repeats), targets_, records)
    with tempfile.TemporaryDirectory(prefix="illcore-bench-") as name:
        heading = conditions(Path(name), before, f"{repeats} repeats in turn, {targets_} targets, {records} records")
    if asked.json:
        print(json.dumps({"conditions": heading.strip(), "results": found}))
        return 0
    print(heading)
    rows = [
        (
            str(one["what"]),
            format(one["ours"], str(one["form"])),
            "" if one["zoom"] is None else format(one["zoom"], str(one["form"])),
            "" if one["ratio"] is None else f"{one['ratio']:.2f}",
            str(one["budget"]),
        )
        for one in found
    ]
    print(table(("what", "plugin", "ZOOM", "ratio", "floor / aim"), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
