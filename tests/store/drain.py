"""A worker process for tests: `python drain.py URL NAME` works the outbox off and prints the keys it did, as JSON.

`python drain.py URL hold` takes the write lock, says so, and keeps it until standard input ends.
"""

import json
import sys
from datetime import datetime

from sqlalchemy import select

from illcore import outbox, tables
from illcore.errors import Conflict
from illcore.outbox import Mark
from illcore.store import Store

NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
LEFT = select(tables.outbox.c.key).where(tables.outbox.c.status != "done").limit(1)


def drain(store: Store, name: str) -> list[str]:
    """Work everything off, lane by lane; what cannot be locked now is tried again."""
    done: list[str] = []
    turn = 0
    while True:
        turn += 1
        token = f"{name}-{turn}"
        try:
            with store.write() as connection:
                lanes = outbox.due_lanes(connection, NOW)
                if not lanes and connection.execute(LEFT).first() is None:
                    return done
                taken = (outbox.take_lane(connection, lane, NOW, 30, token) for lane in lanes)
                lease = next(filter(None, taken), None)
            if lease is None:
                continue
            with store.write() as connection:
                rows = outbox.claim(connection, lease.lane, token, NOW, 3)
            with store.write() as connection:
                mine = sorted(outbox.owned(connection, lease.lane, token, [row.key for row in rows]))
                outbox.record(connection, lease.lane, token, [Mark(key, "done", reached=True) for key in mine], NOW)
                outbox.release(connection, lease.lane, token)
            done.extend(mine)
        except Conflict:
            continue


def main(url: str, name: str) -> None:
    store = Store.open(url, synchronous="NORMAL")
    if name == "hold":
        with store.write():
            print("locked", flush=True)
            sys.stdin.read()
    else:
        print(json.dumps(drain(store, name)))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
