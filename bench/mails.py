"""Mails per second: raw bytes in, kept, understood, matched, committed; one process, one caller."""

import argparse
import json
import resource
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from databases import fresh_sqlite
from loans import OURS, SteppedClock
from measuring import Spent, calibration, conditions, spent, table

import illcore_email
from illcore.clock import seeded_ids
from illcore.engine import Engine
from illcore.events import Actor
from illcore.ingest import commit
from illcore.model import Partner
from illcore.partners import put
from illcore.store import create_schema
from illcore.testing.fakes import given
from illcore_email.mailroom import Mailroom
from illcore_email.testing import BOX, THEIR_BOX, THEIRS, account, mail

ACCOUNT = "email:main"
FLOOR = 300
FETCH = 100
REQUESTS = 50


def opened(folder: Path) -> Engine:
    """An engine with one partner that is reached by mail."""
    url = fresh_sqlite(folder)
    create_schema(url, {"email": "illcore_email:migrations"})
    engine = Engine.open(
        url,
        {"library": OURS, "accounts": {ACCOUNT: account(BOX)}, "synchronous": "FULL"},
        clock=SteppedClock(),
        ids=seeded_ids(1),
        plugins=[given(illcore_email)],
    )
    with engine.database.write() as connection:
        put(connection, OURS, Partner(symbol=THEIRS, account=ACCOUNT, address={"email": THEIR_BOX}), engine.clock.now())
    return engine


def incoming(engine: Engine, count: int) -> list[bytes]:
    """A mixture: requests, structured answers and free text about them, automatic answers, strangers."""
    lending = [f"T-{number}" for number in range(REQUESTS)]
    found = []
    for number in range(count):
        id = lending[number % REQUESTS]
        name: dict[str, Any] = {"Message_ID": f"<{number}@theirs>", "subject": f"[ILL#{id}] {number}"}
        kind = number // REQUESTS
        if kind == 0:
            text = f"ILL REQUEST/DEMANDE PEB\nLSB:{THEIRS}\nNO.:{id}\nSER:LOAN\nTIT:红楼梦 {number}\nAUT:曹雪芹"
            found.append(mail(text, **name))
        elif kind % 4 == 1:
            found.append(mail(f"GENERAL MESSAGE/MESSAGE GENERAL\nNO.:{id}\nNOT:急用，请尽快 {number}", **name))
        elif kind % 4 == 2:
            quoted = "\n".join(f"> 第 {line} 行，我馆申请以下文献" for line in range(40))
            found.append(mail(f"您好，书已收到，谢谢。{number}\n\n在 2026年1月5日，图书馆 写道：\n{quoted}", **name))
        elif kind % 4 == 3:
            found.append(mail(f"您好，我正在休假 {number}", Auto_Submitted="auto-replied", **name))
        else:
            found.append(mail(f"Great offers {number}", sender=f"spam{number}@example.net", Message_ID=f"<{number}@x>"))
    return found


def one_by_one(engine: Engine, raws: Sequence[bytes]) -> None:
    """As a host pipes them in."""
    for raw in raws:
        engine.ingest(raw, ACCOUNT)


def in_fetches(engine: Engine, raws: Sequence[bytes]) -> None:
    """As a poll takes them: a hundred at a time, one commit each."""
    connector: Any = engine._plugins.accounts[ACCOUNT].connector
    room: Mailroom = connector._room
    for begin in range(0, len(raws), FETCH):
        commit(engine.context, ACCOUNT, room.take([(raw, None) for raw in raws[begin : begin + FETCH]]))


def run(folder: Path, count: int, way: Any) -> Spent:
    """So many mails on a fresh database."""
    engine = opened(folder)
    try:
        raws = incoming(engine, count)
        taken = spent(lambda: way(engine, raws))
        lent = engine.as_(Actor(kind="staff", id="bench", library=OURS, role="admin")).find()
        if len(lent) != min(REQUESTS, count):
            raise RuntimeError(f"{len(lent)} requests came of {REQUESTS}")
        return taken
    finally:
        engine.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small repeat, to see that it runs")
    parser.add_argument("--mails", type=int, default=2000, help="mails in each repeat")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    count, repeats = (200, 1) if asked.quick else (asked.mails, asked.repeats)
    before = calibration()
    ways = {"piped in, one by one": one_by_one, "fetched, 100 at a time": in_fetches}
    taken: dict[str, list[Spent]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory(prefix="illcore-bench-") as name:
        for _ in range(repeats):
            for way, work in ways.items():
                taken[way].append(run(Path(name), count, work))
        heading = conditions(Path(name), before, f"{repeats} repeats of {count} mails")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results = [
        {
            "way": way,
            "mails_per_second": count / median(one.wall for one in runs),
            "cpu_us": median(one.cpu for one in runs) / count * 1e6,
        }
        for way, runs in taken.items()
    ]
    if asked.json:
        print(json.dumps({"conditions": heading.strip(), "results": results, "memory_mb": memory}))
        return 0
    print(heading)
    rows = [(str(one["way"]), f"{one['mails_per_second']:.0f}", f"{FLOOR}", f"{one['cpu_us']:.0f}") for one in results]
    print(table(("way", "mails/s", "floor", "CPU µs per mail"), rows))
    print(f"\npeak memory {memory:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
