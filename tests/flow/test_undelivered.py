"""A message that was handed over and comes back afterwards: the request goes on, or waits for a person, once."""

from datetime import timedelta

import pytest

from illcore import outbox
from illcore.ingest import commit
from illcore.message import Received, Undelivered
from illcore.store import events_of
from illcore.store.sent import sent_under
from illcore.testing.network import Network

from .conftest import BOOK

A, B, C = "ISIL:A", "ISIL:B", "ISIL:C"
REASON = "550 5.1.1 no such mailbox"


@pytest.fixture
def asked(town):
    """A loan that B was asked for, and has not answered."""
    id = town.staff(A).submit({**BOOK, "suppliers": [B, C]})
    town.engines[A].run_due()
    assert town.staff(A).get(id)["partner"] == B
    return id


def last_key(town, to=B):
    return next(sent.key for sent in reversed(town.network.sent) if sent.to == to)


def report(town, key, reason=REASON, later=0):
    at = town.clock.now().replace(microsecond=0) + timedelta(seconds=later)
    return Undelivered(key=key, reason=reason, timestamp=at)


def comes_back(town, *reports, cursor=None):
    commit(town.engines[A].context, "wire:main", Received(undelivered=reports, cursor=cursor))


def events(town, id):
    with town.engines[A].database.read() as connection:
        return [one.type for one in events_of(connection, id)]


def fate(town, key):
    with town.engines[A].database.read() as connection:
        [row] = sent_under(connection, [key])
        return row.status


def test_a_request_that_comes_back_goes_to_the_next_supplier(town, asked):
    comes_back(town, report(town, last_key(town)))
    town.run()
    shown = town.staff(A).get(asked)
    assert (shown["state"], shown["partner"]) == ("sent", C)
    assert not shown["needs_attention"]
    assert shown["rota"][0]["outcome"] == "undeliverable"
    assert REASON in shown["rota"][0]["why"]


def test_nothing_is_left_to_retry_when_the_request_has_moved_on(town, asked):
    key = last_key(town)
    comes_back(town, report(town, key))
    town.run()
    assert fate(town, key) == "done"


def test_another_message_that_comes_back_needs_attention_and_the_state_stays(town, asked):
    town.staff(A).act(asked, "message", text="急用")
    town.run()
    key = last_key(town)
    comes_back(town, report(town, key))
    shown = town.staff(A).get(asked)
    assert (shown["state"], shown["partner"]) == ("sent", B)
    assert [(one["reason"], one["effect"]) for one in shown["attention"]] == [("undeliverable", key)]
    assert fate(town, key) == "dead"


def test_staff_send_it_again_under_the_same_key(town, asked):
    town.staff(A).act(asked, "message", text="急用")
    town.run()
    key = last_key(town)
    comes_back(town, report(town, key))
    before = len(town.network.sent)
    town.staff(A).act(asked, "retry_effect")
    town.run()
    assert [sent.key for sent in town.network.sent[before:]] == [key]
    assert town.staff(A).get(asked)["attention"] == []


def test_what_comes_back_again_after_a_retry_needs_attention_again(town, asked):
    town.staff(A).act(asked, "message", text="急用")
    town.run()
    first = report(town, last_key(town))
    comes_back(town, first)
    town.staff(A).act(asked, "retry_effect")
    town.run()
    comes_back(town, first)
    assert town.staff(A).get(asked)["attention"] == [], "that report was here before"
    comes_back(town, report(town, last_key(town), later=60))
    assert town.staff(A).get(asked)["needs_attention"]


def test_a_person_settles_it(town, asked):
    town.staff(A).act(asked, "message", text="急用")
    town.run()
    key = last_key(town)
    comes_back(town, report(town, key))
    town.staff(A).act(asked, "done_by_hand")
    comes_back(town, report(town, key, later=60))
    assert (fate(town, key), town.staff(A).get(asked)["attention"]) == ("settled", [])


def test_a_report_taken_twice_changes_nothing_more(town, asked):
    one = report(town, last_key(town))
    comes_back(town, one)
    before = events(town, asked)
    comes_back(town, one)
    comes_back(town, one, one)
    assert events(town, asked) == before
    assert before.count("effect:given_up") == 1


def test_reports_and_cursor_are_committed_together(town, asked, monkeypatch):
    key = last_key(town)

    def fails(*given):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("illcore.ingest.set_cursor", fails)
    with pytest.raises(RuntimeError):
        comes_back(town, report(town, key), cursor="7")
    assert (fate(town, key), events(town, asked).count("effect:given_up")) == ("done", 0)


def test_a_report_of_what_a_worker_tries_at_this_moment_is_not_overwritten_by_its_result(town, asked, monkeypatch):
    town.staff(A).act(asked, "message", text="急用")
    engine = town.engines[A]
    real = Network.carry

    def carried(network, key, symbol, message):
        receipt = real(network, key, symbol, message)
        comes_back(town, report(town, key, "it came back at once"))
        return receipt

    monkeypatch.setattr(Network, "carry", carried)
    engine.run_due()
    shown = town.staff(A).get(asked)
    assert [one["reason"] for one in shown["attention"]] == ["undeliverable"]
    assert fate(town, last_key(town)) == "dead"


def test_keys_that_are_none_and_effects_that_are_no_messages_change_nothing(town, asked):
    with town.engines[A].database.read() as connection:
        others = [one.key for one in outbox.entries_of(connection, asked) if one.kind != "send"]
    before = events(town, asked)
    comes_back(town, *(report(town, key) for key in ("", "nobody:1:1", "\0", *others)))
    assert events(town, asked) == before


def test_a_request_that_the_supplier_had_answered_does_not_move(town, asked):
    key = last_key(town)
    [theirs] = town.staff(B).find()
    town.staff(B).act(theirs["id"], "will_supply")
    town.run()
    comes_back(town, report(town, key))
    shown = town.staff(A).get(asked)
    assert (shown["state"], shown["partner"], shown["attention"]) == ("will_supply", B, [])


def test_an_answer_that_comes_back_needs_attention_at_the_supplier(town, asked):
    [theirs] = town.staff(B).find()
    town.staff(B).act(theirs["id"], "will_supply")
    town.run()
    key = last_key(town, to=A)
    commit(town.engines[B].context, "wire:main", Received(undelivered=(report(town, key),)))
    shown = town.staff(B).get(theirs["id"])
    assert (shown["state"], [one["reason"] for one in shown["attention"]]) == ("will_supply", ["undeliverable"])


def test_a_cancel_of_a_request_that_never_arrived_may_come_back_too(town, asked):
    comes_back(town, report(town, last_key(town)))
    town.run()
    cancel = last_key(town)
    comes_back(town, report(town, cancel, later=5))
    assert town.staff(A).get(asked)["attention"] == []
