"""What starting costs: `import illcore`, `ill --help`, and a worker's memory after it has sent 10,000 messages."""

import argparse
import json
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from measuring import calibration, conditions, table

IMPORT = "import time; b = time.perf_counter(); import illcore; print((time.perf_counter() - b) * 1000)"
MESSAGES = 10_000
MESSAGES_OF_A_LOAN = 3


def import_milliseconds() -> float:
    """``import illcore`` in a new interpreter."""
    return float(subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True).stdout)


def help_milliseconds() -> float:
    """The whole process ``ill --help``, from its start to its end."""
    ill = Path(sysconfig.get_path("scripts")) / "ill"
    begun = time.perf_counter()
    subprocess.run([str(ill), "--help"], capture_output=True, check=True)
    return (time.perf_counter() - begun) * 1000


def worker_megabytes(messages: int) -> float:
    """The most memory that a process has used when it has sent so many messages and taken in the answers."""
    asked = [sys.executable, str(Path(__file__)), "--worker", str(messages)]
    return float(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


def work(messages: int) -> None:
    """In a process of its own: fifty loans at a time, three messages go out for each."""
    import resource

    from databases import fresh_sqlite
    from loans import BATCH, Loans

    with tempfile.TemporaryDirectory(prefix="illcore-bench-") as name:
        loans = Loans(fresh_sqlite(Path(name)), "NORMAL")
        loans.run(-(-messages // (BATCH * MESSAGES_OF_A_LOAN)))
        loans.close()
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(kilobytes / (1024 * 1024 if sys.platform == "darwin" else 1024))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once each and few messages, to see that it runs")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.worker:
        work(asked.worker)
        return 0
    before, times, messages = calibration(), 1 if asked.quick else 5, 300 if asked.quick else MESSAGES
    import_milliseconds(), help_milliseconds()  # once to warm the file cache
    results = {
        "import illcore, ms": (median(import_milliseconds() for _ in range(times)), "60 / 40"),
        "ill --help, ms": (median(help_milliseconds() for _ in range(times)), "300 / 200"),
        f"worker after {messages} messages, MB": (worker_megabytes(messages), "120 / 90"),
    }
    heading = conditions(Path(tempfile.gettempdir()), before, f"{times} repeats")
    if asked.json:
        shown = {name: value for name, (value, _) in results.items()}
        print(json.dumps({"conditions": heading.strip(), "results": shown}))
        return 0
    print(heading)
    print(table(("what", "measured", "floor / aim"), [(n, f"{v:.0f}", budget) for n, (v, budget) in results.items()]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
