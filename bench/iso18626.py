"""ISO 18626 messages per second: bytes in, checked, matched, committed, confirmation bytes out, on one core."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from databases import fresh_sqlite
from loans import BOOK, OURS, THEIRS, Loans
from measuring import Spent, calibration, conditions, spent, table

import illcore_iso18626
from illcore.message import Message, SentItem
from illcore_iso18626.mapping import to_wire
from illcore_iso18626.writer import write_message

ACCOUNT = "iso18626:main"
FLOOR, AIM = 500, 1500
EACH = 6
CALLERS = 8


def conversation(loans: Loans, number: int, ours: str) -> list[bytes]:
    """What the partner says about one of its own requests here and about one of ours there: six messages."""
    now = loans.clock.now()
    theirs = f"T-{number}"
    asks: dict[str, Any] = {
        "requesting_agency": THEIRS,
        "supplying_agency": OURS,
        "requesting_agency_request_id": theirs,
        "timestamp": now,
    }
    says: dict[str, Any] = {
        "kind": "SupplyingAgencyMessage",
        "requesting_agency": OURS,
        "supplying_agency": THEIRS,
        "requesting_agency_request_id": ours,
        "supplying_agency_request_id": f"S-{number}",
        "timestamp": now,
        "reason": "StatusChange",
    }
    citation = BOOK.model_copy(update={"title": f"{BOOK.title} {number}"})
    messages = [
        Message(kind="Request", service_type="loan", citation=citation, note="平装本亦可", **asks),
        Message(status="WillSupply", **says),
        Message(kind="RequestingAgencyMessage", action="Notification", note="急用，请尽快", **asks),
        Message(status="Loaned", items=(SentItem(barcode=f"B-{number}"),), **says),
        Message(kind="RequestingAgencyMessage", action="Cancel", **asks),
        Message(status="LoanCompleted", **says),
    ]
    return [write_message(to_wire(each, {})) for each in messages]


def ingest(loans: Loans, payloads: Sequence[bytes]) -> None:
    """Take all of them in, one after the other; every one must be confirmed."""
    for payload in payloads:
        answer = loans.engine.ingest(payload, ACCOUNT)
        if answer is None or b"<messageStatus>OK</messageStatus>" not in answer:
            raise RuntimeError(f"not confirmed: {(answer or b'').decode()}")


def run(folder: Path, conversations: int, callers: int) -> Spent:
    """So many conversations on a fresh database, after a few to warm up."""
    loans = Loans(fresh_sqlite(folder), "FULL", [ACCOUNT], [illcore_iso18626])
    try:
        warm = callers * 2
        own = [one.id for one in loans.sent(conversations + warm)]
        said = [conversation(loans, number, id) for number, id in enumerate(own)]
        with ThreadPoolExecutor(callers) as pool:

            def all_callers(parts: Sequence[list[bytes]]) -> None:
                shares = [[message for part in parts[n::callers] for message in part] for n in range(callers)]
                list(pool.map(lambda share: ingest(loans, share), shares))

            all_callers(said[:warm])
            return spent(lambda: all_callers(said[warm:]))
    finally:
        loans.close()


@contextmanager
def one_core() -> Iterator[None]:
    """Keep the process on one processor, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small repeat, to see that it runs")
    parser.add_argument("--conversations", type=int, default=200, help="conversations of six messages in each repeat")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    conversations, repeats = (16, 1) if asked.quick else (asked.conversations, 5)
    before = calibration()
    taken: dict[int, list[Spent]] = {1: [], CALLERS: []}
    with tempfile.TemporaryDirectory(prefix="illcore-bench-") as name, one_core():
        for _ in range(repeats):
            for callers, runs in taken.items():
                runs.append(run(Path(name), conversations, callers))
        heading = conditions(Path(name), before, f"{repeats} repeats of {conversations * EACH} messages")
    messages = conversations * EACH
    results = [
        {
            "callers": callers,
            "messages_per_second": messages / median(one.wall for one in runs),
            "cpu_us": median(one.cpu for one in runs) / messages * 1e6,
        }
        for callers, runs in taken.items()
    ]
    if asked.json:
        print(json.dumps({"conditions": heading.strip(), "results": results}))
        return 0
    print(heading)
    rows = [
        (f"{one['callers']}", f"{one['messages_per_second']:.0f}", f"{FLOOR} / {AIM}", f"{one['cpu_us']:.0f}")
        for one in results
    ]
    print(table(("callers at once", "messages/s", "floor / aim", "CPU µs per message"), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
