"""The outbox: order per request, one holder per lane, nothing claimed twice, and every way a try can end."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from illcore import outbox, tables
from illcore.model import Citation
from illcore.outbox import Mark
from tests.store.conftest import OWN, START, Desk

LANE = "send/ISIL:S1"
SECOND = timedelta(seconds=1)


def submit(desk: Desk, count: int) -> list[str]:
    return [desk.submit(citation=Citation(title=f"book {n}")).id for n in range(count)]


def further(desk: Desk, id: str, seq: int, **fields: Any) -> str:
    key = f"{id}:{seq}:1"
    row = {
        "key": key,
        "request_id": id,
        "seq": seq,
        "n": 1,
        "library": OWN,
        "lane": LANE,
        "kind": "send",
        "name": "Cancel",
        "payload": "{}",
        "status": "pending",
        "known": "none",
        "due": desk.now,
        "first_due": desk.now,
    }
    with desk.store.write() as connection:
        connection.execute(insert(tables.outbox), row | fields)
    return key


def take(desk: Desk, token: str = "a", seconds: float = 30, lane: str = LANE) -> outbox.Lease | None:
    with desk.store.write() as connection:
        return outbox.take_lane(connection, lane, desk.now, seconds, token)


def claim(desk: Desk, token: str = "a", limit: int = 50, lane: str = LANE) -> list[outbox.Claimed]:
    with desk.store.write() as connection:
        return outbox.claim(connection, lane, token, desk.now, limit)


def record(desk: Desk, *marks: Mark, token: str = "a") -> Any:
    with desk.store.write() as connection:
        return outbox.record(connection, LANE, token, marks, desk.now)


def due_lanes(desk: Desk) -> list[str]:
    with desk.store.read() as connection:
        return outbox.due_lanes(connection, desk.now)


def release(desk: Desk, token: str = "a") -> None:
    with desk.store.write() as connection:
        outbox.release(connection, LANE, token)


def entry(desk: Desk, key: str) -> dict[str, Any]:
    return next(row for row in desk.rows(tables.outbox) if row["key"] == key)


def test_a_lane_is_due_while_it_has_rows_due_that_nobody_works_on(desk: Desk) -> None:
    assert due_lanes(desk) == []
    submit(desk, 2)
    assert due_lanes(desk) == [LANE]
    assert take(desk) is not None
    assert due_lanes(desk) == []
    release(desk)
    assert due_lanes(desk) == [LANE]


def test_a_lane_has_one_holder_until_the_lease_runs_out(desk: Desk) -> None:
    lease = take(desk, "a")
    assert lease is not None
    assert (lease.until, lease.probe) == (START + 30 * SECOND, False)
    assert take(desk, "b") is None
    desk.later(seconds=29)
    with desk.store.write() as connection:
        assert outbox.renew(connection, LANE, "a", desk.now, 30)
        assert not outbox.renew(connection, LANE, "b", desk.now, 30)
    desk.later(seconds=29)
    assert take(desk, "b") is None
    desk.later(seconds=1)
    assert take(desk, "b") is not None
    with desk.store.write() as connection:
        assert not outbox.renew(connection, LANE, "a", desk.now, 30)
    release(desk, "a")
    assert take(desk, "c") is None


def test_of_each_request_only_the_oldest_unfinished_row_is_claimed(desk: Desk) -> None:
    one, other = submit(desk, 2)
    cancel = further(desk, one, 5)
    take(desk)
    assert sorted(row.key for row in claim(desk)) == sorted([f"{one}:1:1", f"{other}:1:1"])
    assert claim(desk) == []
    record(desk, Mark(f"{one}:1:1", "done", reached=True))
    (row,) = claim(desk)
    assert (row.key, row.request_id, row.seq, row.name) == (cancel, one, 5, "Cancel")


def test_a_row_that_waits_holds_back_later_ones_of_its_request_and_a_dead_one_does_not(desk: Desk) -> None:
    (id,) = submit(desk, 1)
    cancel = further(desk, id, 5)
    take(desk)
    claim(desk)
    record(desk, Mark(f"{id}:1:1", "pending", desk.now + 60 * SECOND, "no answer", "unknown", False))
    assert claim(desk) == []
    desk.later(seconds=60)
    take(desk, "b")
    (again,) = claim(desk, "b")
    assert (again.key, again.tries, again.known) == (f"{id}:1:1", 1, "unknown")
    record(desk, Mark(again.key, "dead", error="given up"), token="b")
    assert entry(desk, again.key)["last_error"] == "given up"
    assert [row.key for row in claim(desk, "b")] == [cancel]


def test_limits_hold_and_rows_due_longest_go_first(desk: Desk) -> None:
    ids = []
    for _ in range(3):
        ids += submit(desk, 1)
        desk.later(seconds=1)
    take(desk)
    assert [row.request_id for row in claim(desk, limit=2)] == ids[:2]
    assert [row.request_id for row in claim(desk, limit=2)] == ids[2:]


def test_who_does_not_hold_the_lane_claims_nothing(desk: Desk) -> None:
    submit(desk, 1)
    assert claim(desk, "a") == []
    take(desk, "a", seconds=10)
    assert claim(desk, "b") == []
    desk.later(seconds=10)
    assert claim(desk, "a") == []


def test_what_a_dead_worker_held_is_taken_up_as_a_try_that_may_have_arrived(desk: Desk) -> None:
    (id,) = submit(desk, 1)
    take(desk, "a", seconds=30)
    (first,) = claim(desk, "a")
    assert (first.tries, first.known) == (0, "none")
    desk.later(seconds=30)
    assert due_lanes(desk) == [LANE]
    take(desk, "b")
    (second,) = claim(desk, "b")
    assert (second.key, second.tries, second.known, second.payload) == (first.key, 1, "unknown", first.payload)
    record(desk, Mark(first.key, "done", reached=True), token="a")
    assert entry(desk, f"{id}:1:1")["status"] == "claimed"
    with desk.store.write() as connection:
        assert outbox.owned(connection, LANE, "a", [first.key]) == frozenset()
        assert outbox.owned(connection, LANE, "b", [first.key]) == {first.key}
        assert outbox.owned(connection, LANE, "b", []) == frozenset()
    record(desk, Mark(first.key, "done", reached=True), token="b")
    assert entry(desk, first.key)["status"] == "done"


def test_a_result_counts_even_after_the_lease_ran_out_if_nobody_took_over(desk: Desk) -> None:
    (id,) = submit(desk, 1)
    take(desk, "a", seconds=5)
    claim(desk, "a")
    desk.later(seconds=60)
    record(desk, Mark(f"{id}:1:1", "done", reached=True), token="a")
    row = entry(desk, f"{id}:1:1")
    assert (row["status"], row["done_at"], row["claimed_by"]) == ("done", desk.now, "")


def fail(desk: Desk, count: int, token: str = "a") -> Any:
    rows = claim(desk, token, count)
    return record(
        desk,
        *(Mark(r.key, "pending", desk.now + SECOND, "connection refused", "not_sent", False) for r in rows),
        token=token,
    )


def test_five_failures_close_a_lane_for_a_minute_then_one_probe_goes(desk: Desk) -> None:
    submit(desk, 6)
    take(desk)
    assert fail(desk, 5).open_until == desk.now + 60 * SECOND
    release(desk)
    desk.later(seconds=59)
    assert due_lanes(desk) == []
    assert take(desk) is None
    desk.later(seconds=1)
    assert due_lanes(desk) == [LANE]
    lease = take(desk)
    assert lease is not None
    assert lease.probe
    (probe,) = claim(desk, limit=1)
    tries = probe.tries
    state = record(desk, Mark(probe.key, "pending", desk.now + SECOND, "connection refused", "not_sent", False))
    assert state.open_until == desk.now + 120 * SECOND
    row = entry(desk, probe.key)
    assert (row["tries"], row["due"]) == (tries, state.open_until)
    release(desk)
    with desk.store.read() as connection:
        assert outbox.next_due(connection) == state.open_until


def test_when_a_probe_gets_through_everything_that_waits_is_due(desk: Desk) -> None:
    submit(desk, 5)
    take(desk)
    claimed = claim(desk)
    far = desk.now + timedelta(minutes=50)
    record(desk, *(Mark(row.key, "pending", far, "down", "not_sent", False) for row in claimed))
    desk.later(seconds=60)
    with desk.store.write() as connection:
        connection.execute(update(tables.outbox).where(tables.outbox.c.key == claimed[0].key).values(due=desk.now))
    take(desk, "b")
    (probe,) = claim(desk, "b", limit=1)
    state = record(desk, Mark(probe.key, "done", reached=True), token="b")
    assert (state.failures, state.open_until) == (0, None)
    assert len(claim(desk, "b")) == 4


def test_a_refusal_is_an_answer_and_a_missing_slot_says_nothing(desk: Desk) -> None:
    submit(desk, 6)
    take(desk)
    assert fail(desk, 4).failures == 4
    one, other = claim(desk)
    assert record(desk, Mark(one.key, "pending", desk.now + SECOND, "busy", reached=None)).failures == 4
    assert record(desk, Mark(other.key, "dead", error="no such request", reached=True)).failures == 0


def test_status_tells_how_every_lane_is_doing(desk: Desk) -> None:
    submit(desk, 3)
    desk.later(seconds=5)
    take(desk)
    rows = claim(desk, limit=2)
    record(desk, Mark(rows[0].key, "dead", error="refused", reached=False))
    with desk.store.read() as connection:
        (state,) = outbox.status(connection)
        mine = outbox.pending_for(connection, rows[0].request_id)
        assert outbox.entries_of(connection, rows[0].request_id) == mine
    assert (state.lane, state.pending, state.claimed, state.dead) == (LANE, 1, 1, 1)
    assert (state.oldest, state.failures) == (START, 1)
    assert [(e.status, e.last_error) for e in mine] == [("dead", "refused")]


def test_nothing_is_due_when_all_is_done(desk: Desk) -> None:
    with desk.store.read() as connection:
        assert outbox.next_due(connection) is None
    (id,) = submit(desk, 1)
    take(desk)
    claim(desk)
    record(desk, Mark(f"{id}:1:1", "done", reached=True))
    with desk.store.read() as connection:
        assert outbox.next_due(connection) is None
        assert outbox.pending_for(connection, id) == []
        assert outbox.status(connection) == []


def test_recording_nothing_asks_for_no_lock(desk: Desk) -> None:
    take(desk)
    assert record(desk).failures == 0


@pytest.mark.parametrize("name", ["_CLAIMABLE", "_DUE_LANES", "_NEXT", "_BY_LANE"])
def test_sqlite_finds_unfinished_rows_by_index(sqlite_desk: Desk, name: str) -> None:
    values = {"now": START, "limit": 5, "row": LANE, "own": "a"}
    query = getattr(outbox, name)
    with sqlite_desk.store.read() as connection:
        known = {key: value for key, value in values.items() if key in query.compile(connection).params}
        literal = query.params(known).compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {literal}"))
    assert "ix_ill_outbox_" in plan
    assert not re.search(r"SCAN ill_outbox(?! USING (COVERING )?INDEX)", plan)
