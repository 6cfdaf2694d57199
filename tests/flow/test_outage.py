"""A partner that is down for a day, then for longer: its lane probes, nobody else notices, nothing is lost."""

from datetime import timedelta

import pytest

from illcore import outbox

pytestmark = pytest.mark.filterwarnings("error")


def lane(town, symbol):
    with town.engines["ISIL:A"].database.read() as connection:
        found = {one.lane: one for one in outbox.status(connection)}
    return found.get(f"send/{symbol}")


def pass_time(town, hours, minutes=10):
    """Let the engines work every few minutes of simulated time."""
    for _ in range(int(hours * 60 / minutes)):
        town.clock.advance(minutes=minutes)
        town.run()


def test_a_partner_is_down_for_a_day(ask, make_town):
    town = make_town("A", "B", "C", policy={"duplicate_window_days": 0})
    first = ask(town)
    first.lend("ship")
    first.run()
    town.network.down.add("ISIL:B")
    begun, sent_before = town.clock.now(), len(town.network.sent)
    first.borrow("receive")
    first.borrow("renew")
    waiting = [ask(town) for _ in range(7)]
    others = [ask(town, suppliers=["ISIL:C"]) for _ in range(3)]
    assert [o.at("ISIL:C").get(o.lent_by("ISIL:C"))["state"] for o in others] == ["new"] * 3

    tries = []
    for _ in range(24 * 60):
        town.clock.advance(minutes=1)
        town.run()
        tries.append(sum(1 for s in town.network.sent if s.to == "ISIL:B") - sum(tries))
    assert sum(tries) - len(tries) < 45, "the lane probes, it does not hammer"
    last_hours = [at for at, count in enumerate(tries) if count and at > 6 * 60]
    assert all(50 <= later - earlier <= 62 for earlier, later in zip(last_hours, last_hours[1:], strict=False))
    assert lane(town, "ISIL:B").open_until - town.clock.now() <= timedelta(hours=1)
    with town.engines["ISIL:A"].database.read() as connection:
        entries = [e for w in waiting for e in outbox.entries_of(connection, w.ours)]
    assert {e.status for e in entries} == {"pending"}
    assert max(e.tries for e in entries) <= 5, "probes use up no tries"
    assert all(w.shown["state"] == "sent" and not w.shown["needs_attention"] for w in [first.__class__(town, w.ours) for w in waiting])
    slow = [s for s in town.network.sent[sent_before:] if s.to == "ISIL:C"]
    assert {s.fault for s in slow} == {"ok"}

    town.network.down.clear()
    pass_time(town, hours=1.1)
    assert lane(town, "ISIL:B") is None
    assert [w.states for w in waiting] == [("sent", "new")] * 7
    assert first.states == ("renew_pending", "renew_requested")
    assert [e["type"] for e in first.lent["events"] if e["actor"]["kind"] == "partner"] == ["submit", "Received", "Renew"]
    assert town.clock.now() - begun < timedelta(hours=26)
