"""How the benchmarks measure: wall and CPU time, a calibration loop, medians, a word on the machine, tables."""

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(slots=True, frozen=True)
class Spent:
    """What something took, in seconds: on the clock, and of this process's CPU (all threads)."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    """Do it and say what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def calibration() -> float:
    """Milliseconds for a fixed piece of pure Python: tells a slow machine, or a busy one, from slow code."""
    text = json.dumps({"title": "三体", "numbers": list(range(60))})

    def loop() -> None:
        for _ in range(2000):
            json.loads(text)

    return min(spent(loop).cpu for _ in range(3)) * 1000


def fsync_microseconds(folder: Path, rounds: int = 200) -> float:
    """How long the disk takes to make one page durable: the median of ``fdatasync`` after a write of 4 KiB."""
    page, times = b"x" * 4096, []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(rounds):
            file.write(page)
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    return median(times) * 1e6


def machine(folder: Path) -> str:
    """One line about the machine: processors, their kind, the disk, the versions that matter."""
    import sqlite3

    return (
        f"{os.cpu_count()} cores, {_processor()}; fdatasync {fsync_microseconds(folder):.0f} µs; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    said = dict((part.strip() for part in line.split(":", 1)) for line in lines if ":" in line)
    return said.get("model name", platform.machine())


def conditions(folder: Path, before: float, repeats: str) -> str:
    """What stands above a table: the machine, how fast it was before and after, how often it was measured."""
    return f"{machine(folder)}\ncalibration loop {before:.1f} ms before, {calibration():.1f} ms after; {repeats}\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first stand to the right."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        shown = [c.ljust(w) if n == 0 else c.rjust(w) for n, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return f"| {' | '.join(shown)} |"

    rule = "|".join("-" * (w + 1) + ("-" if n == 0 else ":") for n, w in enumerate(widths))
    return "\n".join([line(head), f"|{rule}|", *(line(row) for row in rows)])
