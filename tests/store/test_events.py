"""The log: append-only, gapless, and any change to it is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, delete, update

from illcore import tables
from illcore.model import Money
from illcore.store import erase_texts, texts_of
from illcore.store.requests import change
from tests.store.conftest import START, Desk

EVENT = tables.event


def three_events(desk: Desk) -> str:
    id = desk.submit(note="first").id
    cost = Money(amount=12, currency="CNY")  # type: ignore[arg-type]
    desk.apply(
        desk.said(id, "WillSupply", status="WillSupply", cost=cost, due_date=date(2026, 5, 1)),
        desk.done(id, "note", note="王老师已来电"),
    )
    return id


def problems(desk: Desk, id: str) -> list[str]:
    with desk.store.read() as connection:
        return desk.store.verify_chain(connection, id)


def test_the_log_tells_what_happened(desk: Desk) -> None:
    id = three_events(desk)
    with desk.store.read() as connection:
        log = desk.store.events_of(connection, id)
        assert [entry.seq for entry in desk.store.events_of(connection, id, after=2)] == [3]
        texts = texts_of(connection, id)
    assert [(e.seq, e.type, e.state, e.actor_kind, e.private) for e in log] == [
        (1, "submit", "sent", "staff", "first"),
        (2, "WillSupply", "will_supply", "partner", ""),
        (3, "note", "will_supply", "staff", "王老师已来电"),
    ]
    assert log[1].data["cost"] == {"amount": "12", "currency": "CNY"}
    assert log[1].data["due_date"] == "2026-05-01"
    assert (log[1].at, log[1].attempt, log[1].refused, log[1].by_hand) == (START, 1, "", False)
    assert texts == {log[0].payload_id: "first", log[2].payload_id: "王老师已来电"}
    assert problems(desk, id) == []
    assert desk.get(id).head == log[-1].hash


def changed(**values: object) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(update(EVENT).where(EVENT.c.seq == 2).values(values))


TAMPERING: list[Callable[[Connection], object]] = [
    changed(data='{"due_date":"2026-06-01"}'),
    changed(state="shipped"),
    changed(actor_id="ISIL:S2"),
    changed(actor_role="admin"),
    changed(type="Unfilled"),
    changed(attempt=2),
    changed(by_hand=True),
    changed(refused="no"),
    changed(effect="x"),
    changed(at=START.replace(year=2025)),
    changed(payload_sha="0" * 64),
    changed(hash="0" * 64),
    changed(prev_hash="0" * 64),
    changed(seq=4),
    lambda connection: connection.execute(delete(EVENT).where(EVENT.c.seq == 1)),
    lambda connection: connection.execute(delete(EVENT).where(EVENT.c.seq == 2)),
    lambda connection: connection.execute(delete(EVENT).where(EVENT.c.seq == 3)),
    lambda connection: connection.execute(update(tables.payload).values(body="forged")),
    lambda connection: connection.execute(update(tables.payload).values(body=None)),
]


def test_any_tampering_is_found(desk: Desk) -> None:
    id = three_events(desk)
    unseen = []
    with desk.store.write() as connection:
        for number, tamper in enumerate(TAMPERING):
            attempt = connection.begin_nested()
            tamper(connection)
            if not desk.store.verify_chain(connection, id):
                unseen.append(number)
            attempt.rollback()
    assert unseen == []
    assert problems(desk, id) == []


def test_a_text_can_be_erased_and_the_chain_stays_whole(desk: Desk) -> None:
    id = three_events(desk)
    with desk.store.write() as connection:
        assert erase_texts(connection, [id], START) == 2
        assert erase_texts(connection, [id], START) == 0
    assert problems(desk, id) == [
        f"the text of event {seq} of {id} was erased, but {id} was never anonymised" for seq in (1, 3)
    ]
    with desk.store.write() as connection:
        change(connection, [(replace(desk.get(id), anonymised_at=START), 3)])
    assert problems(desk, id) == []
    with desk.store.read() as connection:
        assert [e.private for e in desk.store.events_of(connection, id)] == [None, "", None]
        assert texts_of(connection, id) == {}


def test_the_same_text_never_has_the_same_digest(desk: Desk) -> None:
    id = desk.submit(note="same").id
    desk.apply(desk.done(id, "note", note="same"))
    first, second = (row["payload_sha"] for row in desk.rows(EVENT))
    assert first != second


def test_a_log_that_is_not_there_is_said_so(desk: Desk) -> None:
    assert problems(desk, "NOWHERE") == ["there is no request NOWHERE"]
