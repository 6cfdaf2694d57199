"""A partner that is down for a day, or for longer: its lane probes, nobody else notices, nothing is lost."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy.exc import OperationalError

from illcore import outbox
from illcore.engine import Engine
from illcore.errors import Misconfigured, Refused
from illcore.events import Actor
from illcore.message import Receipt
from illcore.model import Partner
from illcore.partners import put
from illcore.testing.fakes import FakePlugin, given
from illcore.testing.network import TickingClock

pytestmark = pytest.mark.filterwarnings("error")
SAME_BOOK = {"duplicate_window_days": 0}


@pytest.fixture
def town(make_town):
    return make_town("A", "B", "C", policy=SAME_BOOK)


def lanes(town):
    with town.engines["ISIL:A"].database.read() as connection:
        return {one.lane: one for one in outbox.status(connection)}


def entries(town, sides):
    with town.engines["ISIL:A"].database.read() as connection:
        return outbox.entries_of(connection, sides.ours)


def tried(town, symbol="ISIL:B"):
    return sum(1 for s in town.network.sent if s.to == symbol)


def test_a_partner_is_down_for_a_day(ask, town):
    lent = ask(town)
    lent.lend("ship")
    lent.run()
    town.network.down.add("ISIL:B")
    begun = len(town.network.sent)
    lent.borrow("receive")
    lent.borrow("renew")
    waiting = [ask(town) for _ in range(7)]
    others = [ask(town, suppliers=["ISIL:C"]) for _ in range(3)]
    probes = []
    for minute in range(0, 24 * 60, 3):
        before = tried(town)
        town.wait(minutes=3)
        probes += [minute] * (tried(town) - before)

    late = [minute for minute in probes if minute > 4 * 60]
    waits = {later - earlier for earlier, later in pairwise(late)}
    assert waits <= {60, 63}, "one probe an hour, in the end"
    assert len(probes) < 50
    assert lanes(town)["send/ISIL:B"].open_until - town.clock.now() <= timedelta(hours=1)
    rows = [row for sides in waiting for row in entries(town, sides)]
    assert {row.status for row in rows} == {"pending"}
    assert max(row.tries for row in rows) <= 5, "probes use up no tries"
    assert {sides.shown["state"] for sides in waiting} == {"sent"}
    assert not any(row["needs_attention"] for row in lent.a.find())
    assert {s.fault for s in town.network.sent[begun:] if s.to == "ISIL:C"} == {"ok"}
    assert [sides.at("ISIL:C").get(sides.lent_by("ISIL:C"))["state"] for sides in others] == ["new"] * 3

    town.network.down.clear()
    town.wait(hours=1, minutes=1)
    assert lanes(town) == {}
    assert [sides.states for sides in waiting] == [("sent", "new")] * 7
    assert lent.states == ("renew_pending", "renew_requested")
    said = [e["type"] for e in lent.lent["events"] if e["actor"]["kind"] == "partner"]
    assert said == ["submit", "Received", "Renew"]


def test_nothing_is_given_up_before_48_hours(ask, town):
    town.network.down.add("ISIL:B")
    sides = [ask(town) for _ in range(8)]
    for _ in range(47):
        town.wait(hours=1)
    assert [s.shown["partner"] for s in sides] == ["ISIL:B"] * 8
    town.wait(hours=1, minutes=30)
    assert [s.shown["partner"] for s in sides] == ["ISIL:C"] * 8, "all at once, not one per probe"


def test_a_request_that_cannot_be_delivered_counts_as_unfilled_there_and_a_cancel_follows(ask, town):
    town.network.down.add("ISIL:B")
    sides = ask(town)
    town.wait(hours=49)
    shown = sides.shown
    assert (shown["state"], shown["partner"], shown["attention"]) == ("sent", "ISIL:C", [])
    assert [r["outcome"] for r in shown["rota"]] == ["undeliverable", None]
    town.network.down.clear()
    town.wait(hours=2)
    assert "Cancel" in sides.messages("ISIL:B"), "the Request may have arrived without our knowing"
    assert sides.shown["attention"] == []


@pytest.fixture
def undelivered(ask, town):
    """B has sent the book, but for two days it could not tell A."""
    sides = ask(town)
    town.network.down.add("ISIL:A")
    sides.lend("ship", barcode="B-7")
    sides.run()
    assert sides.wait(hours=49) == ("sent", "shipped")
    assert sides.attention == ([], ["undeliverable"])
    town.network.down.clear()
    return sides


def test_a_later_message_that_cannot_be_delivered_leaves_the_state_alone(undelivered):
    sides = undelivered
    assert sides.wait(hours=3) == ("sent", "shipped"), "nobody sends it again without being asked"
    failed = sides.lent["attention"][0]["effect"]
    sides.lend("retry_effect", effect=failed)
    assert sides.run() == ("shipped", "shipped")
    assert sides.attention == ([], [])
    assert [i["barcode"] for i in sides.shown["items"]] == ["B-7"]


def test_a_member_of_staff_tells_the_partner_by_telephone_instead(undelivered):
    sides = undelivered
    tried_before = sides.messages("ISIL:A").count("Loaned")
    sides.lend("done_by_hand", note="told them on the telephone")
    sides.borrow("record", what="shipped", due_date="2026-02-10")
    assert sides.run() == ("shipped", "shipped")
    assert sides.attention == ([], [])
    assert sides.wait(hours=3) == ("shipped", "shipped")
    assert sides.messages("ISIL:A").count("Loaned") == tried_before, "it is not sent any more"


def test_messages_behind_one_that_was_given_up_still_go_in_their_order(undelivered):
    sides = undelivered
    sides.lend("message", text="the book is on its way")
    sides.lend("recall")
    assert sides.run() == ("recalled", "recalled")
    assert sides.messages("ISIL:A")[-1] == "Recalled"


# --- one engine with a connector that a test scripts ----------------------------------------------------------------


@pytest.fixture
def desk(tmp_path, empty_database):
    """``desk(fake)``: a fresh engine over the same database, as after a restart; B is reached through the fake."""
    url = f"sqlite:///{tmp_path / 'ill.db'}"
    (tmp_path / "ill.db").write_bytes(empty_database.read_bytes())
    clock, made = TickingClock(), []

    def start(fake, **config):
        config = {"library": "ISIL:A", "accounts": {"fake:main": {}}, "policy": SAME_BOOK, **config}
        engine = Engine.open(url, config, clock=clock, executor="inline", plugins=[given(fake)])
        with engine.database.write() as connection:
            put(connection, "ISIL:A", Partner(symbol="ISIL:B", account="fake:main"), clock.now())
        made.append(engine)
        return engine, engine.as_(Actor(kind="staff", id="anna", library="ISIL:A", role="admin")), clock

    yield start
    for engine in made:
        engine.close()


def test_an_account_that_is_misconfigured_is_paused_and_told_once(desk, book):
    fake = FakePlugin(hooks=["send"])
    fake.script("main", "send", Misconfigured("the password is wrong"))
    engine, staff, clock = desk(fake)
    first = staff.submit(book)
    engine.run_due()
    second = staff.submit(book)
    engine.run_due()
    clock.advance(minutes=30)
    engine.run_due()
    assert len(fake.calls_of("send")) == 1, "a paused account is left alone"
    paused = {row["name"]: (row["status"], row["reason"]) for row in engine.report()}
    assert paused["fake:main"] == ("paused", "the password is wrong")
    assert [staff.get(id)["state"] for id in (first, second)] == ["sent", "sent"]
    assert [[a["reason"] for a in staff.get(id)["attention"]] for id in (first, second)] == [["misconfigured"], []]

    engine, staff, clock = desk(fake)
    clock.advance(minutes=30)
    engine.run_due()
    assert [call.key.split(":")[0] for call in fake.calls_of("send")] == [first, first, second]
    assert [staff.get(id)["attention"] for id in (first, second)] == [[], []]
    assert [row["status"] for row in engine.report()] == ["ok", "ok"]


def test_a_misconfiguration_after_other_trouble_is_told_too(desk, book):
    fake = FakePlugin(hooks=["send"])
    fake.script("main", "send", TimeoutError(), Misconfigured("the password is wrong"))
    engine, staff, clock = desk(fake)
    id = staff.submit(book)
    engine.run_due()
    clock.advance(minutes=1)
    engine.run_due()
    assert [a["reason"] for a in staff.get(id)["attention"]] == ["misconfigured"]


def test_a_message_sent_again_by_hand_clears_its_attention_when_it_arrives(desk, book):
    fake = FakePlugin(hooks=["send"])
    engine, staff, _ = desk(fake)
    id = staff.submit(book)
    engine.run_due()
    staff.act(id, "record", what="shipped")
    fake.script("main", "send", Refused("not now", "SomeError"))
    staff.act(id, "receive")
    engine.run_due()
    assert [a["reason"] for a in staff.get(id)["attention"]] == ["refused"]
    fake.script("main", "send", Receipt())
    staff.act(id, "retry_effect")
    engine.run_due()
    assert staff.get(id)["attention"] == []


def test_a_message_that_waits_for_a_mended_partner_record_goes_when_staff_say_so(desk, book):
    fake = FakePlugin(hooks=["send"])
    fake.script("main", "send", Misconfigured("HTTP 404", "partner"), Receipt())
    engine, staff, _ = desk(fake)
    id = staff.submit(book)
    engine.run_due()
    assert [a["reason"] for a in staff.get(id)["attention"]] == ["misconfigured"]
    staff.act(id, "retry_effect")
    engine.run_due()
    assert len(fake.calls_of("send")) == 2
    assert staff.get(id)["attention"] == []


def test_a_library_that_this_engine_does_not_serve_waits_for_the_one_that_does(desk, book):
    fake = FakePlugin(hooks=["send"])
    engine, staff, clock = desk(fake)
    id = staff.submit(book)
    other, _, _ = desk(fake, library="ISIL:A", libraries={"ISIL:Z": {}})
    other.context.libraries.pop("ISIL:A")
    other.run_due()
    assert fake.calls == []
    clock.advance(minutes=2)
    engine.run_due()
    assert [call.key for call in fake.calls_of("send")] == [f"{id}:1:1"]


def test_a_hook_is_not_called_again_because_its_result_cannot_be_recorded(desk, book, monkeypatch):
    fake = FakePlugin(hooks=["send"])
    engine, staff, clock = desk(fake)
    ids = [staff.submit(book) for _ in range(3)]
    real = engine.context.store.apply

    def apply(connection, inputs, **more):
        if any(one.request_id == ids[1] for one in inputs):
            raise ValueError("a fault in the table")
        return real(connection, inputs, **more)

    monkeypatch.setattr(engine.context.store, "apply", apply, raising=False)
    engine.run_due()
    clock.advance(hours=1)
    engine.run_due()
    assert [call.key.split(":")[0] for call in fake.calls_of("send")] == ids
    rest = {e.status for id in ids for e in _entries(engine, id)}
    assert rest == {"done"}


def test_a_hook_is_not_called_again_because_the_database_was_away_for_a_moment(desk, book, monkeypatch):
    fake = FakePlugin(hooks=["send"])
    engine, staff, clock = desk(fake)
    id = staff.submit(book)
    real, away = outbox.record, [1, 1, 1]

    def record(*given, **more):
        if away:
            away.pop()
            raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))
        return real(*given, **more)

    monkeypatch.setattr(outbox, "record", record)
    engine.run_due()
    clock.advance(hours=1)
    engine.run_due()
    assert len(fake.calls_of("send")) == 1
    assert [e.status for e in _entries(engine, id)] == ["done"]


def _entries(engine, id):
    with engine.database.read() as connection:
        return outbox.entries_of(connection, id)


def test_a_wait_that_cannot_be_applied_holds_up_no_other(desk, book, monkeypatch):
    fake = FakePlugin(hooks=["send"])
    engine, staff, clock = desk(fake)
    ids = [staff.submit({**book, "needed_by": "2026-01-06"}) for _ in range(3)]
    engine.run_due()
    real = engine.context.store.apply

    def apply(connection, inputs, **more):
        if any(one.request_id == ids[0] for one in inputs):
            raise LookupError("a fault in the table")
        return real(connection, inputs, **more)

    monkeypatch.setattr(engine.context.store, "apply", apply, raising=False)
    clock.advance(days=2)
    engine.run_due()
    assert [[a["reason"] for a in staff.get(id)["attention"]] for id in ids] == [[], ["needed_by"], ["needed_by"]]
