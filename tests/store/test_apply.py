"""The one commit: what it writes, what it refuses to write, and that inputs of one batch see each other."""

import copy
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from illcore import libraries, partners, readers, tables
from illcore.errors import Conflict, NotAllowed, NotFound
from illcore.events import Actor, Event
from illcore.message import Message
from illcore.model import Citation, Partner, Reader
from illcore.policy import Library, Policy
from illcore.reasons import sentence
from illcore.store import Capabilities, Input, Store, requests
from tests.store.conftest import OWN, START, Desk


def test_a_submitted_request_stands_there_with_event_attempt_timer_and_message(desk: Desk) -> None:
    request = desk.submit(note="for the seminar")
    assert desk.get(request.id) == request
    assert (request.state, request.version, request.partner) == ("sent", 1, "ISIL:S1")
    (row,) = desk.rows(tables.request)
    assert (row["state"], row["title"], row["sent_at"]) == ("sent", "红楼梦 / A Dream of Red Mansions", START)
    (attempt,) = desk.rows(tables.attempt)
    assert (attempt["requesting_agency_request_id"], attempt["status"], attempt["started_at"]) == (
        request.id,
        "open",
        START,
    )
    (timer,) = desk.rows(tables.timer)
    assert (timer["kind"], timer["due"]) == ("silence", request.timers["silence"].due)
    (sent,) = desk.rows(tables.outbox)
    assert (sent["key"], sent["lane"], sent["kind"], sent["name"]) == (
        f"{request.id}:1:1",
        "send/ISIL:S1",
        "send",
        "Request",
    )
    message = Message.model_validate_json(sent["payload"])
    assert (message.supplying_agency, message.citation) == ("ISIL:S1", request.citation)
    (event,) = desk.rows(tables.event)
    assert (event["type"], event["state"], event["actor_id"]) == ("submit", "sent", "wang")
    assert "seminar" not in event["data"]
    assert desk.rows(tables.payload)[0]["body"] == '{"text":"for the seminar"}'


def test_applied_tells_where_there_is_work_now(desk: Desk) -> None:
    request = desk.request()
    (applied,) = desk.apply(desk.submitted(request))
    assert (applied.seq, applied.before_state, applied.refused) == (1, "new", "")
    assert applied.effects_keys == (f"{request.id}:1:1",)
    assert applied.outbox_lanes == ("send/ISIL:S1",)


def test_inputs_of_one_batch_see_what_the_ones_before_them_did(desk: Desk) -> None:
    id = desk.submit().id
    one, two = desk.apply(
        desk.said(id, "WillSupply", status="WillSupply"),
        desk.said(id, "Loaned", status="Loaned", due_date=date(2026, 5, 1), items=[{"n": 1, "barcode": "B1"}]),
    )
    assert [(one.before_state, one.seq), (two.before_state, two.seq)] == [("sent", 2), ("will_supply", 3)]
    assert (one.request.state, two.request.state) == ("will_supply", "shipped")
    stored = desk.get(id)
    assert (stored.state, stored.due_date, stored.version) == ("shipped", date(2026, 5, 1), 3)
    assert {t["kind"] for t in desk.rows(tables.timer)} == set(stored.timers)
    assert [row["barcode"] for row in desk.rows(tables.item)] == ["B1"]


def test_a_batch_may_hold_many_requests_and_new_ones(desk: Desk) -> None:
    old = desk.submit(citation=Citation(title="茶馆")).id
    fresh = desk.request(("ISIL:S2",))
    results = desk.apply(desk.submitted(fresh), desk.said(old, "WillSupply", status="WillSupply"))
    assert [r.request.id for r in results] == [fresh.id, old]
    assert {row["id"]: row["state"] for row in desk.rows(tables.request)} == {old: "will_supply", fresh.id: "sent"}


def test_a_refused_action_of_staff_leaves_nothing_behind(desk: Desk) -> None:
    before = desk.submit()
    with pytest.raises(NotAllowed, match="check_out"):
        desk.apply(desk.done(before.id, "check_out"))
    assert desk.get(before.id) == before
    (answer,) = desk.apply(desk.done(before.id, "check_out"), raise_refused=False)
    assert answer.refused
    assert answer.seq == 0
    assert desk.get(before.id) == before
    assert len(desk.rows(tables.event)) == 1


def test_what_a_partner_may_not_say_is_recorded_twenty_times_then_counted(desk: Desk) -> None:
    id = desk.submit(("ISIL:S1",)).id
    for number in range(1, 24):
        (answer,) = desk.apply(desk.said(id, "RenewYes", status="Loaned"))
        assert answer.refused
        assert answer.seq == (number + 1 if number <= 20 else 0)
    stored = desk.get(id)
    assert (stored.state, stored.version, stored.refusals) == ("sent", 21, {"ISIL:S1": 23})
    with desk.store.read() as connection:
        log = desk.store.events_of(connection, id)
        assert desk.store.verify_chain(connection, id) == []
    assert [bool(entry.refused) for entry in log] == [False] + [True] * 20


def test_a_timer_that_the_state_refuses_does_not_come_again(desk: Desk) -> None:
    id = desk.submit().id
    stored = desk.get(id)
    armed = copy.copy(stored)
    armed.timers = {**stored.timers, "overdue": replace(stored.timers["silence"], due=START)}
    with desk.store.write() as connection:
        requests.change(connection, [(armed, stored.version)])
        face = requests.Face()
        face.changed(stored, armed)
        face.write(connection)
    system = Actor(kind="system", id="timer", library=OWN)
    (answer,) = desk.apply(Input(OWN, Event("timer:overdue", desk.now, system), id))
    assert answer.refused
    assert [t["kind"] for t in desk.rows(tables.timer)] == ["silence"]
    (again,) = desk.apply(Input(OWN, Event("timer:overdue", desk.now, system), id))
    assert (bool(again.refused), again.seq) == (True, 0)


def test_a_timer_that_fires_moves_on_to_the_next_supplier(desk: Desk) -> None:
    id = desk.submit(("ISIL:S1", "ISIL:S2")).id
    desk.later(days=30)
    with desk.store.read() as connection:
        (due,) = desk.store.due_timers(connection, desk.now, 10)
        assert desk.store.next_timer(connection) == due.due
    system = Actor(kind="system", id="timer", library=OWN)
    (applied,) = desk.apply(Input(due.library, Event(f"timer:{due.kind}", desk.now, system), due.request_id))
    assert (applied.request.state, applied.request.partner) == ("sent", "ISIL:S2")
    assert set(applied.outbox_lanes) == {"send/ISIL:S1", "send/ISIL:S2"}
    assert [(a["partner"], a["status"]) for a in desk.rows(tables.attempt)] == [
        ("ISIL:S1", "ended"),
        ("ISIL:S2", "open"),
    ]
    with desk.store.read() as connection:
        assert desk.store.next_timer(connection) == applied.request.timers["silence"].due
    assert id == due.request_id


def test_nobody_sees_or_changes_another_librarys_request(desk: Desk) -> None:
    id = desk.submit().id
    with desk.store.write() as connection:
        libraries.put(connection, Library(symbol="ISIL:OTHER"), START)
    with pytest.raises(NotFound), desk.store.read() as connection:
        desk.store.get(connection, "ISIL:OTHER", id)
    event = Event("note", desk.now, Actor(kind="staff", id="x", library="ISIL:OTHER", role="admin"))
    with pytest.raises(NotFound, match="ISIL:OTHER"):
        desk.apply(Input("ISIL:OTHER", event, id))


def test_a_change_in_between_is_a_conflict(desk: Desk) -> None:
    request = desk.submit()
    desk.apply(desk.done(request.id, "note", note="seen"))
    with desk.store.write() as connection, pytest.raises(Conflict):
        requests.change(connection, [(request, request.version)])
    assert desk.rows(tables.request)[0]["version"] == 2


def test_one_conflict_among_many_changes_nothing(desk: Desk) -> None:
    first, second = desk.submit(), desk.submit()
    changed = copy.copy(first)
    changed.state = "will_supply"
    with pytest.raises(Conflict), desk.store.write() as connection:
        requests.change(connection, [(changed, first.version), (second, second.version + 1)])
    assert desk.get(first.id).state == "sent"


def test_the_same_demand_twice_at_once_is_a_conflict_and_another_librarys_is_not(desk: Desk) -> None:
    desk.apply(desk.demand(desk.lending("R-1")))
    with pytest.raises(Conflict):
        desk.apply(desk.demand(desk.lending("R-1")))
    desk.apply(desk.demand(desk.lending("R-1", "ISIL:S2")))
    with desk.store.read() as connection:
        found = desk.store.match_attempt(connection, OWN, "supplier", ["ISIL:S2", "ISIL:ALIAS"], "R-1")
        assert found is not None
        assert desk.store.match_attempt(connection, OWN, "requester", ["ISIL:S2"], "R-1") is None
        assert desk.store.match_attempt(connection, OWN, "supplier", ["ISIL:S3"], "R-1") is None
    assert desk.get(found.request_id).partner == "ISIL:S2"


def test_waiting_attempts_have_no_row_yet(desk: Desk) -> None:
    desk.submit(("ISIL:S1", "ISIL:S2", "ISIL:S3"))
    assert [row["partner"] for row in desk.rows(tables.attempt)] == ["ISIL:S1"]


def test_partners_are_counted_as_they_are_asked_fill_and_refuse(desk: Desk) -> None:
    id = desk.submit(("ISIL:S1", "ISIL:S2")).id
    desk.later(days=1)
    desk.apply(desk.said(id, "Unfilled", status="Unfilled", reason="NotOnShelf"))
    desk.later(days=3)
    desk.apply(desk.said(id, "Loaned", "ISIL:S2", 2, status="Loaned"))
    counts = {
        r["partner"]: (r["asked"], r["filled"], r["unfilled"], r["days_total"]) for r in desk.rows(tables.partner_stats)
    }
    assert counts == {"ISIL:S1": (1, 0, 1, 0.0), "ISIL:S2": (1, 1, 0, 3.0)}
    reasons = {row["partner"]: row["reason"] for row in desk.rows(tables.attempt)}
    assert reasons == {"ISIL:S1": "NotOnShelf", "ISIL:S2": ""}


def test_routing_ranks_the_partners_when_nobody_is_named(desk: Desk) -> None:
    request = desk.submit(())
    assert [(a.partner, a.status) for a in request.attempts] == [
        ("ISIL:S1", "open"),
        ("ISIL:S2", "waiting"),
        ("ISIL:S3", "waiting"),
    ]


def test_a_named_partner_that_cannot_be_asked_is_skipped_with_the_reason(desk: Desk) -> None:
    with desk.store.write() as connection:
        partners.set_status(connection, OWN, "ISIL:S1", "suspended", START)
    request = desk.submit(("ISIL:S1", "ISIL:NOBODY", "ISIL:S2"))
    assert request.partner == "ISIL:S2"
    assert [a.status for a in request.attempts] == ["skipped", "skipped", "open"]
    assert [a.why for a in request.attempts[:2]] == [sentence("suspended").en, sentence("unknown_partner").en]


def policy(desk: Desk, **values: object) -> None:
    with desk.store.write() as connection:
        libraries.put(connection, Library(symbol=OWN, policy=Policy.model_validate(values)), START)


def reader(desk: Desk, id: str = "S-1", category: str = "") -> str:
    with desk.store.write() as connection:
        return readers.record(connection, OWN, Reader(id=id, category=category), START)


def test_the_readers_limit_counts_the_whole_batch(desk: Desk) -> None:
    policy(desk, open_requests_per_reader=2)
    key = reader(desk)
    made = [desk.request(reader_id=key, citation=Citation(title=f"book {n}")) for n in range(4)]
    states = [r.request.state for r in desk.apply(*map(desk.submitted, made[:3]))]
    states.append(desk.apply(desk.submitted(made[3]))[0].request.state)
    assert states == ["sent", "sent", "queued", "queued"]
    with desk.store.read() as connection:
        assert desk.store.oldest_queued(connection, OWN, key) == made[2].id
    other = desk.submit(reader_id=reader(desk, "S-2"))
    assert other.state == "sent"


def test_the_end_of_a_request_asks_to_fill_the_free_place(desk: Desk) -> None:
    policy(desk, open_requests_per_reader=1)
    key = reader(desk)
    first = desk.submit(reader_id=key)
    second = desk.submit(reader_id=key, citation=Citation(title="another"))
    (closed,) = desk.apply(desk.done(first.id, "close", outcome="purchased"))
    assert closed.request.state == "closed"
    assert f"place/{OWN}" in closed.outbox_lanes
    system = Actor(kind="system", id="place", library=OWN)
    (started,) = desk.apply(Input(OWN, Event("place_free", desk.now, system), second.id))
    assert started.request.state == "sent"


def test_the_same_reader_asking_for_the_same_thing_goes_to_review(desk: Desk) -> None:
    key = reader(desk)
    first, second = desk.request(reader_id=key), desk.request(reader_id=key)
    states = [(r.request.state, r.request.reasons) for r in desk.apply(desk.submitted(first), desk.submitted(second))]
    assert states == [("sent", ()), ("review", ("duplicate",))]
    assert desk.submit(reader_id=key).reasons == ("duplicate",)
    assert desk.submit(reader_id=reader(desk, "S-2")).state == "sent"
    desk.later(days=91)
    assert desk.submit(reader_id=key).state == "sent"


def test_an_edited_citation_is_compared_and_kept_under_its_new_keys(desk: Desk) -> None:
    key = reader(desk)
    desk.submit(reader_id=key, citation=Citation(title="茶馆", isbn="9787020002207"))
    stopped = desk.submit(reader_id=key, citation=Citation())
    assert stopped.reasons == ("incomplete",)
    (edited,) = desk.apply(desk.done(stopped.id, "edit", citation={"isbn": "978-7-02-000220-7"}))
    assert edited.request.reasons == ("duplicate",)
    kept = {row["key"] for row in desk.rows(tables.match_key) if row["request_id"] == stopped.id}
    assert kept == set(edited.request.match_key.split("\n"))
    assert kept


def test_the_category_of_the_reader_decides_on_approval(desk: Desk) -> None:
    policy(desk, approval={"categories": ["undergraduate"]})
    assert desk.submit(reader_id=reader(desk, "S-1", "undergraduate")).reasons == ("approval",)
    assert desk.submit(reader_id=reader(desk, "T-1", "staff")).state == "sent"


def test_a_blocked_reader_goes_to_review(desk: Desk) -> None:
    key = reader(desk)
    with desk.store.write() as connection:
        readers.block(connection, OWN, "S-1", "card expired", START)
    assert desk.submit(reader_id=key).reasons == ("invalid_reader",)


def test_effects_go_to_the_lane_of_their_kind(desk: Desk) -> None:
    desk.capabilities = Capabilities(by_library={OWN: Capabilities(can_search=True, circulates=True, notifies=True)})
    located = desk.submit(())
    assert located.state == "locating"
    assert [(r["kind"], r["lane"]) for r in desk.rows(tables.outbox)] == [("locate", f"locate/{OWN}")]
    id = desk.submit(reader_id=reader(desk), citation=Citation(title="other")).id
    desk.apply(desk.said(id, "Loaned", status="Loaned"), desk.done(id, "receive"))
    lanes = {row["lane"] for row in desk.rows(tables.outbox) if row["request_id"] == id}
    assert {"send/ISIL:S1", f"notify/{OWN}", f"circulate/{OWN}"} <= lanes


def dead(desk: Desk, id: str) -> str:
    key = f"{id}:1:1"
    with desk.store.write() as connection:
        change = update(tables.outbox).where(tables.outbox.c.key == key)
        connection.execute(change.values(status="dead", tries=9, claimed_by=""))
    system = Actor(kind="system", id="worker", library=OWN)
    data = {"kind": "send", "message": "Cancel", "reason": "no route"}
    desk.apply(Input(OWN, Event("effect:misconfigured", desk.now, system, data, 1, key), id))
    return key


def test_a_failed_effect_is_tried_again_when_staff_say_so(desk: Desk) -> None:
    id = desk.submit().id
    key = dead(desk, id)
    desk.later(days=3)
    (applied,) = desk.apply(desk.done(id, "retry_effect", effect=key))
    (row,) = desk.rows(tables.outbox)
    assert (row["status"], row["tries"], row["due"], row["first_due"]) == ("pending", 0, desk.now, desk.now)
    assert applied.outbox_lanes == ("send/ISIL:S1",)


def test_a_failed_effect_that_a_person_did_by_hand_is_settled(desk: Desk) -> None:
    id = desk.submit().id
    key = dead(desk, id)
    (applied,) = desk.apply(desk.done(id, "done_by_hand", effect=key))
    (row,) = desk.rows(tables.outbox)
    assert (row["status"], row["done_at"], applied.request.attention) == ("settled", desk.now, ())


def test_a_partner_that_has_gone_gets_a_message_that_nobody_can_deliver_rather_than_none(desk: Desk) -> None:
    demand = desk.lending("R-9", "ISIL:GONE")
    desk.apply(desk.demand(demand), desk.done(demand.id, "will_supply"))
    (row,) = desk.rows(tables.outbox)
    assert (row["lane"], row["name"]) == ("send/ISIL:GONE", "WillSupply")


def test_within_a_hosts_own_transaction_nothing_is_committed_for_the_host(desk: Desk) -> None:
    request = desk.request()
    with desk.store.engine.connect() as host, host.begin() as transaction:
        with desk.store.savepoint(host):
            desk.store.apply(
                host,
                [desk.submitted(request)],
                now=desk.now,
                ids=desk.ids,
                libraries=libraries.listed(host),
                capabilities=Capabilities(),
            )
        with pytest.raises(NotAllowed), desk.store.savepoint(host):
            desk.store.apply(
                host,
                [desk.done(request.id, "check_out")],
                now=desk.now,
                ids=desk.ids,
                libraries=libraries.listed(host),
                capabilities=Capabilities(),
            )
        assert desk.store.get(host, OWN, request.id).state == "sent"
        transaction.rollback()
    assert desk.rows(tables.request) == []


def test_text_that_a_database_would_refuse_is_cleaned_in_its_columns_only(desk: Desk) -> None:
    request = desk.submit(citation=Citation(title="a\0b", publication_type="Bo\0ok"), note="x\0y")
    (row,) = desk.rows(tables.request)
    assert row["title"] == "ab"
    assert desk.get(request.id).citation.title == "a\0b"


def test_a_library_that_is_not_served_is_named(desk: Desk) -> None:
    request = desk.request()
    request.library = "ISIL:ELSEWHERE"
    with pytest.raises(NotFound, match="ISIL:ELSEWHERE"):
        desk.apply(Input("ISIL:ELSEWHERE", desk.submitted(request).event, request.id, new=request))


def test_the_calendar_that_a_partner_shares_decides_when_its_silence_ends(desk: Desk) -> None:
    with desk.store.write() as connection:
        closed = {"closures": [{"first": "2026-03-01", "last": "2026-03-31", "why": "moving"}]}
        libraries.put_calendar(connection, OWN, "moving", closed, START)
        record = Partner(symbol="ISIL:S1", account="iso18626:main").model_dump(mode="json") | {"calendar": "moving"}
        partners.put(connection, OWN, record, START)
    request = desk.submit(("ISIL:S1", "ISIL:S2"))
    assert request.partner == "ISIL:S2"
    assert "moving" in request.attempts[0].why
    assert request.timers["silence"].due < START + timedelta(days=20)


def test_a_store_in_memory_does_the_same() -> None:
    desk = Desk(Store.in_memory())
    with desk.store.write() as connection:
        libraries.put(connection, Library(symbol=OWN), START)
        partners.add(connection, OWN, Partner(symbol="ISIL:S1", account="iso18626:main"), START)
    id = desk.submit().id
    assert desk.apply(desk.said(id, "Loaned", status="Loaned"))[0].request == desk.get(id)
    with desk.store.read() as connection:
        assert desk.store.verify_chain(connection, id) == []
    desk.store.close()
