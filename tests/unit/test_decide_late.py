"""Words of attempts that are over, messages that fail, and brokers."""

from dataclasses import replace
from typing import Any

import pytest

from illcore.decide import decide
from illcore.events import Event
from illcore.interpret import meanings
from illcore.message import Message
from tests.unit.decide_cases import FACTS, NOW, PARTNER, SYSTEM, does, moved_on, ours, reasons, said, sends, taken

# --- attempts that are over ---


def test_a_late_promise_is_answered_by_cancel_once() -> None:
    first = taken(moved_on("sent"), said("WillSupply"))
    assert (first.request.state, sends(first)) == ("sent", [("Cancel", 1)])
    assert sends(taken(first.request, said("WillSupply", change=1))) == []


@pytest.mark.parametrize("state", ["cancelled", "unfilled", "closed", "review", "locating"])
@pytest.mark.parametrize(("word", "url", "after"), [("Loaned", "", "shipped"), ("CopyCompleted", "u", "received")])
def test_a_late_item_is_used_if_nobody_else_is_asked(state: str, word: str, url: str, after: str) -> None:
    service = "loan" if word == "Loaned" else "copy"
    request = taken(moved_on(state, service), said(word, url=url)).request
    assert (request.state, request.attempt, request.not_wanted, request.outcome) == (after, 1, True, "")


@pytest.mark.parametrize("state", ["sent", "on_loan", "completed", "local_supply"])
def test_a_second_item_is_marked_and_handled_alone(state: str) -> None:
    came = taken(moved_on(state), said("Loaned"))
    assert (came.request.state, came.request.attempts[0].came_anyway, reasons(came)) == (
        state,
        "shipped",
        ["came_anyway"],
    )
    here = taken(came.request, does("receive", attempt=1))
    assert (here.request.state, sends(here)) == (state, [("Received", 1)])
    assert decide(here.request, does("receive", attempt=1), FACTS, NOW).refused
    back = taken(here.request, does("ship_return", attempt=1))
    assert (back.request.state, sends(back), reasons(back)) == (state, [("ShippedReturn", 1)], [])


def test_an_attempt_that_does_not_exist_is_refused_by_number() -> None:
    request = ours("shipped")
    assert "no attempt 9" in decide(request, does("receive", attempt=9), FACTS, NOW).refused
    assert "never sent" in decide(request, does("receive", attempt=2), FACTS, NOW).refused


def test_an_attempt_that_was_shipped_once_never_reopens() -> None:
    request = moved_on("cancelled")
    request = replace(request, attempts=(replace(request.attempts[0], shipped=True), request.attempts[1]))
    assert taken(request, said("Loaned")).request.state == "cancelled"


# --- failed messages ---


def failed(kind: str, message: str, attempt: int = 1, **data: Any) -> Event:
    return Event(f"effect:{kind}", NOW, SYSTEM, {"kind": "send", "message": message, **data}, attempt, effect="1:2:1")


def test_a_request_that_cannot_be_delivered_counts_as_unfilled_and_is_cancelled() -> None:
    decision = taken(ours("sent"), failed("given_up", "Request"))
    assert sends(decision) == [("Cancel", 1), ("Request", 2)]
    assert decision.request.attempts[0].outcome == "undeliverable"


def test_an_error_to_the_first_try_is_a_no_and_to_a_later_one_a_question() -> None:
    assert sends(taken(ours("sent"), failed("refused", "Request", previous="none"))) == [("Request", 2)]
    asked = taken(ours("sent"), failed("refused", "Request", previous="unknown"))
    assert (asked.request.state, sends(asked)) == ("sent", [("StatusRequest", 1)])
    assert taken(asked.request, said("RequestReceived")).request.attempts[0].verifying is False
    assert taken(asked.request, failed("refused", "StatusRequest")).request.attempt == 2


def test_an_error_to_cancel_or_renew_is_the_answer_no() -> None:
    assert taken(ours("cancel_pending"), failed("refused", "Cancel")).request.state == "will_supply"
    assert taken(ours("renew_pending", place="on_loan"), failed("refused", "Renew")).request.state == "on_loan"


def test_any_other_error_and_any_other_loss_only_needs_a_person() -> None:
    refused = taken(ours("received"), failed("refused", "Received"))
    assert (refused.request.state, reasons(refused)) == ("received", ["refused"])
    ignored = taken(ours("completed", "copy", supplied_as="copy"), failed("refused", "Received"))
    assert reasons(ignored) == []
    lost = taken(ours("return_shipped"), failed("given_up", "ShippedReturn"))
    assert (lost.request.state, reasons(lost)) == ("return_shipped", ["undeliverable"])
    assert reasons(taken(lost.request, Event("effect:done", NOW, SYSTEM, {}, 1, effect="1:2:1"))) == []


# --- brokers ---


def test_a_broker_that_looks_for_a_supplier_restarts_the_silence() -> None:
    sent = taken(ours("sent"), said("ExpectToSupply", supplier="ISIL:B")).request
    assert (sent.state, sent.attempts[0].supplier_named, sent.waiting_since) == ("sent", "ISIL:B", NOW)


def test_a_brokers_unfilled_in_a_notification_is_only_recorded() -> None:
    message = Message(
        kind="SupplyingAgencyMessage",
        requesting_agency="ISIL:R",
        supplying_agency="ISIL:A",
        requesting_agency_request_id="1",
        timestamp=NOW,
        reason="Notification",
        status="Unfilled",
        note="ISIL:B cannot supply, asking the next",
    )
    ((kind, data, text),) = meanings(message, {}, broker=True)
    decision = taken(ours("sent"), Event(kind, NOW, PARTNER, data, 1, private=text))
    assert (decision.request.state, decision.request.unread) == ("sent", 1)


@pytest.mark.parametrize(("attempt", "state"), [(1, "shipped"), (2, "received")])
def test_a_file_from_a_supplier_left_behind_is_not_the_copy_that_is_on_its_way(attempt, state):
    request = moved_on("shipped", "copy")
    told = dict.fromkeys(("id", "name", "media_type", "sha256", "source"), "d") | {"size": 1}
    after = taken(request, Event("document", NOW, PARTNER, {"document": told}, attempt)).request
    assert after.state == state
    assert after.documents[0].attempt == attempt
