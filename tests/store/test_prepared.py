"""A prepared statement does what the same statement does when it is executed in the usual way."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select, update

from illcore.prepared import Prepared
from illcore.store import Database, create_schema
from illcore.tables import lane

pytestmark = pytest.mark.filterwarnings("error")

SOON = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC)
ROWS = [
    {"name": "send/ISIL:A", "lease_until": SOON, "token": "t", "failures": 3, "open_until": None, "probe_wait": 60.0},
    {"name": "send/100%_甲", "lease_until": None, "token": "", "failures": 0, "open_until": SOON, "probe_wait": 0.0},
]
TAKE = Prepared(
    update(lane)
    .where(lane.c.name == bindparam("row"), lane.c.failures < 9)
    .values(lease_until=bindparam("until"), token=bindparam("own"), failures=lane.c.failures + 1, probe_wait=0)
)
NAMED = Prepared(select(lane.c.name, lane.c.failures, lane.c.lease_until).where(lane.c.name == bindparam("row")))


def test_rows_and_instants_are_written_as_core_writes_them(db_url: str) -> None:
    create_schema(db_url)
    database = Database(db_url)
    with database.write() as connection:
        assert Prepared(insert(lane)).run(connection, ROWS).rowcount == 2
        found = connection.execute(select(lane).order_by(lane.c.name.desc())).mappings().all()
        assert sorted(map(dict, found), key=lambda row: row["failures"], reverse=True) == ROWS
    database.close()


def test_an_update_counts_what_it_changed_and_leaves_the_rest(db_url: str) -> None:
    create_schema(db_url)
    database = Database(db_url)
    with database.write() as connection:
        connection.execute(insert(lane), ROWS)
        values = [{"row": name, "until": SOON, "own": "mine"} for name in ("send/ISIL:A", "send/100%_甲", "send/none")]
        assert TAKE.run(connection, values).rowcount == 2
        assert TAKE.run(connection, values[:1]).rowcount == 1
        row = NAMED.read(connection, {"row": "send/ISIL:A"}).one()
        assert (row.name, row.failures) == ("send/ISIL:A", 5)
        assert NAMED.read(connection, {"row": "send/none"}).first() is None
        stored = connection.execute(select(lane.c.lease_until, lane.c.open_until).order_by(lane.c.failures)).all()
        assert stored == [(SOON, SOON), (SOON, None)]
    database.close()
