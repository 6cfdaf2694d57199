"""The audit trail: whatever is changed, removed or reordered is found, and the row is named."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, text, update

from illcore import audit, privacy, tables
from illcore.policy import Library
from illcore.store import Store
from tests.store.conftest import NO_BLOBS, OWN, START, Desk

EVENT, PAYLOAD, REQUEST = tables.event.c, tables.payload.c, tables.request.c


@dataclass
class Trail:
    """Three requests with four events each, sealed by a checkpoint; ``ids`` in order."""

    desk: Desk
    ids: list[str]

    def verify(self, *known: str) -> audit.Verified:
        return audit.verify(self.desk.store, OWN, known)

    def codes(self, *known: str) -> list[str]:
        return [flaw.code for flaw in self.verify(*known).flaws]

    def seal(self) -> audit.Checkpoint:
        self.desk.later(days=1)
        return audit.checkpoint(self.desk.store, OWN, self.desk.now)

    def more(self, id: str, note: str = "more") -> None:
        self.desk.apply(self.desk.done(id, "note", note=note))


@pytest.fixture
def trail(desk: Desk) -> Trail:
    ids = []
    for number in range(3):
        id = desk.submit(note=f"first {number}").id
        desk.apply(desk.done(id, "note", note="second"))
        desk.apply(desk.done(id, "note", note="third"))
        desk.apply(desk.done(id, "assign", to="wang"))
        ids.append(id)
    made = Trail(desk, ids)
    with desk.store.write() as connection:
        for _ in range(3):
            audit.note(connection, OWN, desk.staff(), "look", desk.now, "7")
    made.seal()
    return made


def at(id: str, seq: int) -> Any:
    return (EVENT.request_id == id) & (EVENT.seq == seq)


def swap_events(connection: Connection, id: str) -> None:
    for old, new in ((2, 90), (3, 2), (90, 3)):
        connection.execute(update(tables.event).where(at(id, old)).values(seq=new))


def drop_request(connection: Connection, id: str) -> None:
    for table in (tables.event, tables.payload, tables.timer, tables.outbox, tables.attempt, tables.match_key):
        connection.execute(delete(table).where(table.c.request_id == id))
    connection.execute(delete(tables.request).where(REQUEST.id == id))


def cut(connection: Connection, id: str) -> None:
    """Takes the last event away and says the request ended before it, as somebody would who knows the tables."""
    from dataclasses import replace

    from illcore.store.requests import change, lock

    (before,) = lock(connection, [id]).values()
    head = connection.execute(
        text("SELECT hash FROM ill_event WHERE request_id = :id AND seq = 3"), {"id": id}
    ).scalar()
    connection.execute(delete(tables.event).where(at(id, 4)))
    change(connection, [(replace(before, version=3, head=head, assignee=""), 4)])


Tamper = Callable[[Connection, str], object]
TAMPERINGS: dict[str, tuple[Tamper, str, int]] = {
    "an event's data": (
        lambda c, id: c.execute(update(tables.event).where(at(id, 2)).values(data="{}x")),
        "event_changed",
        2,
    ),
    "who did it": (
        lambda c, id: c.execute(update(tables.event).where(at(id, 4)).values(actor_id="li")),
        "event_changed",
        4,
    ),
    "when": (
        lambda c, id: c.execute(update(tables.event).where(at(id, 3)).values(at=START - timedelta(days=9))),
        "event_changed",
        3,
    ),
    "an event removed": (lambda c, id: c.execute(delete(tables.event).where(at(id, 2))), "event_missing", 2),
    "the first removed": (lambda c, id: c.execute(delete(tables.event).where(at(id, 1))), "event_missing", 1),
    "the last removed": (lambda c, id: c.execute(delete(tables.event).where(at(id, 4))), "log_cut", 3),
    "the last removed with care": (cut, "sealed_log_cut", 4),
    "two exchanged": (swap_events, "event_moved", 2),
    "a text": (
        lambda c, id: c.execute(update(tables.payload).where(PAYLOAD.request_id == id).values(body="forged")),
        "text_changed",
        1,
    ),
    "a text removed": (
        lambda c, id: c.execute(update(tables.payload).where(PAYLOAD.request_id == id).values(body=None)),
        "text_missing",
        1,
    ),
    "a text erased by hand": (
        lambda c, id: c.execute(
            update(tables.payload).where(PAYLOAD.request_id == id).values(body=None, erased_at=START)
        ),
        "text_erased",
        1,
    ),
    "the state in the row": (
        lambda c, id: c.execute(update(tables.request).where(REQUEST.id == id).values(state="completed")),
        "column_differs",
        0,
    ),
    "a record that cannot be read": (
        lambda c, id: c.execute(update(tables.request).where(REQUEST.id == id).values(body="{")),
        "unreadable",
        0,
    ),
    "a whole request": (drop_request, "sealed_request_missing", 4),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_with_a_log_is_found_and_the_row_is_named(trail: Trail, name: str) -> None:
    tamper, code, event = TAMPERINGS[name]
    victim = trail.ids[1]
    with trail.desk.store.write() as connection:
        tamper(connection, victim)
    flaws = trail.verify().flaws
    named = [flaw for flaw in flaws if flaw.code == code and flaw.fields.get("event", 0) == event]
    assert named, [flaw.text for flaw in flaws]
    assert {flaw.fields["request"] for flaw in flaws} == {victim}
    assert victim in named[0].text
    assert victim in named[0].zh


def test_an_untouched_trail_is_whole_and_counted(trail: Trail) -> None:
    found = trail.verify()
    assert found.flaws == []
    assert (found.requests, found.events, found.texts, found.erased) == (3, 12, 9, 0)
    assert (found.checkpoints, found.lines) == (1, 3)
    assert found.sealed is not None
    assert found.to_json()["ok"] is True


CHECKPOINT, SEALED, JOURNAL = tables.checkpoint.c, tables.sealed.c, tables.journal.c
OTHERS: dict[str, tuple[Callable[[Connection], object], str, dict[str, object]]] = {
    "a checkpoint's time": (
        lambda c: c.execute(update(tables.checkpoint).where(CHECKPOINT.number == 2).values(at=START)),
        "checkpoint_changed",
        {"checkpoint": 2},
    ),
    "a checkpoint removed": (
        lambda c: c.execute(delete(tables.checkpoint).where(CHECKPOINT.number == 2)),
        "checkpoint_missing",
        {"checkpoint": 2},
    ),
    "the newest checkpoint removed": (
        lambda c: c.execute(delete(tables.checkpoint).where(CHECKPOINT.number == 3)),
        "checkpoint_missing",
        {"checkpoint": 3},
    ),
    "a head that was sealed": (
        lambda c: c.execute(update(tables.sealed).where(SEALED.number == 2).values(hash="0" * 64)),
        "heads_differ",
        {"checkpoint": 2, "sealed": 1, "found": 1},
    ),
    "a head removed": (
        lambda c: c.execute(delete(tables.sealed).where(SEALED.number == 2)),
        "heads_differ",
        {"checkpoint": 2, "sealed": 1, "found": 0},
    ),
    "a line of the journal": (
        lambda c: c.execute(update(tables.journal).where(JOURNAL.number == 2).values(actor_id="nobody")),
        "line_changed",
        {"line": 2},
    ),
    "a line removed": (
        lambda c: c.execute(delete(tables.journal).where(JOURNAL.number == 2)),
        "line_missing",
        {"line": 2},
    ),
    "the last line removed": (
        lambda c: c.execute(delete(tables.journal).where(JOURNAL.number == 3)),
        "line_missing",
        {"line": 3},
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_tampering_with_checkpoints_and_journal_is_found(trail: Trail, name: str) -> None:
    for id in trail.ids[:2]:
        trail.more(id)
        trail.seal()
    tamper, code, fields = OTHERS[name]
    with trail.desk.store.write() as connection:
        tamper(connection)
    flaws = trail.verify().flaws
    assert (code, fields) in [(flaw.code, dict(flaw.fields)) for flaw in flaws], [flaw.text for flaw in flaws]


def test_a_chain_that_was_forged_anew_is_found_by_a_hash_noted_elsewhere(trail: Trail) -> None:
    noted = trail.seal().hash
    assert trail.codes(noted) == []
    with trail.desk.store.write() as connection:
        for table in (tables.checkpoint, tables.sealed):
            connection.execute(delete(table))
    trail.seal()
    assert trail.codes() == []
    assert trail.codes(noted) == ["hash_unknown"]


def test_what_came_after_the_checkpoint_is_no_fault_and_the_next_one_seals_only_that(trail: Trail) -> None:
    trail.more(trail.ids[0])
    assert trail.codes() == []
    assert trail.seal().requests == 1
    assert trail.seal().requests == 0
    assert trail.codes() == []


def test_a_first_checkpoint_over_many_requests_is_made_in_portions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("illcore.audit.checkpoints.PORTION", 2)
    monkeypatch.setattr("illcore.audit.verifying.PORTION", 2)
    for _ in range(5):
        desk.submit()
    steps: list[int] = []
    last = audit.checkpoint(desk.store, OWN, desk.now, steps.append)
    found = audit.verify(desk.store, OWN)
    assert (steps, last.number, found.checkpoints, found.requests, found.flaws) == ([2, 2, 1], 3, 3, 5, [])


def test_the_trail_is_whole_after_anonymisation_and_still_finds_what_is_changed_then(trail: Trail) -> None:
    desk = trail.desk
    for id in trail.ids:
        desk.apply(desk.done(id, "close", outcome="withdrawn", note="gone"))
    with desk.store.write() as connection:
        connection.execute(delete(tables.outbox))
    desk.later(days=40)
    with desk.store.read() as connection:
        library = desk_library(connection)
    report = privacy.run(desk.store, NO_BLOBS, library, {}, desk.staff(), desk.now)
    assert report.erased["requests"] == 3
    found = trail.verify()
    assert (found.flaws, found.texts, found.erased) == ([], 0, 12)
    with desk.store.write() as connection:
        connection.execute(update(tables.event).where(at(trail.ids[0], 2)).values(payload_sha="0" * 64))
        connection.execute(update(tables.payload).where(PAYLOAD.request_id == trail.ids[2]).values(body="new"))
    codes = trail.codes()
    assert "event_changed" in codes
    assert "text_changed" in codes


def desk_library(connection: Connection) -> Library:
    from illcore import libraries

    return libraries.get(connection, OWN)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    column=st.sampled_from(
        "at type actor_kind actor_id actor_role attempt effect refused state data payload_sha hash prev_hash".split()
    ),
    request=st.integers(0, 2),
    seq=st.integers(1, 4),
)
def test_no_column_of_no_event_can_be_changed_unseen(sqlite_desk: Desk, column: str, request: int, seq: int) -> None:
    desk = sqlite_desk
    rows = desk.rows(tables.event)
    if not rows:
        for _ in range(3):
            id = desk.submit(note="a").id
            for _ in range(3):
                desk.apply(desk.done(id, "note", note="b"))
    ids = sorted({row["request_id"] for row in desk.rows(tables.event)})
    new: Any = START - timedelta(days=1) if column == "at" else (77 if column == "attempt" else "changed")
    where = at(ids[request], seq)
    before = next(r for r in desk.rows(tables.event) if (r["request_id"], r["seq"]) == (ids[request], seq))
    with desk.store.write() as connection:
        connection.execute(update(tables.event).where(where).values({column: new}))
    flaws = audit.verify(desk.store, OWN).flaws
    with desk.store.write() as connection:
        connection.execute(update(tables.event).where(where).values({column: before[column]}))
    assert (ids[request], seq) in [(flaw.fields["request"], flaw.fields.get("event")) for flaw in flaws]
    assert audit.verify(desk.store, OWN).flaws == []


def test_two_that_note_at_once_both_stand_in_the_journal(pg_url: str) -> None:
    from threading import Thread

    store = Store(pg_url)
    with store.write() as connection:
        tables.metadata.create_all(connection)
    desk = Desk(store)

    def note(count: int) -> None:
        for _ in range(count):
            with store.write() as connection:
                audit.note(connection, OWN, desk.staff(), "look", START, "1")

    threads = [Thread(target=note, args=(10,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = audit.verify(store, OWN)
    store.close()
    assert (found.lines, found.flaws) == (40, [])
