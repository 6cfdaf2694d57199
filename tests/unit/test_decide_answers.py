"""Cancel, conditions and retry: what is asked of the other side, and what its answers do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from illcore.decide import decide
from illcore.events import Event
from illcore.interpret import meanings
from illcore.message import Message
from illcore.request import Condition, Request
from tests.unit.decide_cases import (
    FACTS,
    NOW,
    OUT_ON_LOAN,
    PARTNER,
    READER,
    demanded,
    does,
    fired,
    message_of,
    ours,
    said,
    sends,
    taken,
    theirs,
)

# --- §2 and §5: cancel ---


@pytest.mark.parametrize("state", ["sent", "will_supply", "conditional"])
def test_cancel_asks_the_supplier_and_a_refusal_restores(state: str) -> None:
    pending = taken(ours(state), does("cancel", READER))
    assert (pending.request.state, pending.request.saved, pending.request.then) == ("cancel_pending", state, "stop")
    assert sends(pending) == [("Cancel", 1)]
    again = taken(pending.request, does("cancel"))
    assert sends(again) == []
    restored = taken(pending.request, said("CancelNo")).request
    assert (restored.state, restored.saved, restored.then) == (state, "", "")


def test_silence_sends_cancel_and_moves_on_at_once() -> None:
    decision = taken(*fired(ours("sent"), "silence"))
    assert (decision.request.state, decision.request.attempt) == ("sent", 2)
    assert sends(decision) == [("Cancel", 1), ("Request", 2)]


@pytest.mark.parametrize("word", ["CancelYes", "Cancelled", "Unfilled", "RetryPossible"])
@pytest.mark.parametrize(("then", "state"), [("stop", "cancelled"), ("next", "sent")])
def test_the_answer_to_a_cancel_does_what_was_meant(word: str, then: str, state: str) -> None:
    request = taken(ours("cancel_pending", then=then), said(word)).request
    assert (request.state, request.then, request.saved) == (state, "", "")


@pytest.mark.parametrize("service", ["loan", "copy"])
def test_an_item_that_comes_instead_of_the_answer_is_taken(service: str) -> None:
    word = "Loaned" if service == "loan" else "CopyCompleted"
    request = taken(ours("cancel_pending", service, ending="cancelled_by_reader"), said(word)).request
    assert (request.state, request.not_wanted) == ("shipped", True)


def test_the_status_of_a_refused_cancel_is_applied_after_the_restore() -> None:
    """A CancelResponse N with Loaned is two events; the second must not count as a repetition of the first."""
    message = Message(
        kind="SupplyingAgencyMessage",
        requesting_agency="ISIL:R",
        supplying_agency="ISIL:A",
        requesting_agency_request_id="1",
        timestamp=NOW,
        reason="CancelResponse",
        answer=False,
        status="Loaned",
        last_change=NOW,
    )
    request = ours("cancel_pending")
    for kind, data, _ in meanings(message, {}):
        request = taken(request, Event(kind, NOW, PARTNER, data, 1)).request
    assert request.state == "shipped"


def test_a_reader_who_cancelled_is_not_asked_for_elsewhere_but_staff_may_insist() -> None:
    refused = taken(taken(ours("will_supply"), does("cancel", READER)).request, said("CancelNo")).request
    for word in ("Unfilled", "CancelYes"):
        ended = taken(refused, said(word, change=5)).request
        assert (ended.state, ended.outcome) == ("cancelled", "cancelled_by_reader")
    insisted = taken(refused, does("next_supplier")).request
    assert taken(insisted, said("CancelYes", change=5)).request.state == "sent"


def test_a_refused_cancel_brings_rejected_conditions_back_as_questions() -> None:
    request = ours("conditional", conditions=(Condition(1, text="reading room only", attempt=1),))
    pending = taken(request, does("reject_conditions")).request
    assert (pending.then, [c.answer for c in pending.conditions]) == ("next", ["rejected"])
    restored = taken(pending, said("CancelNo")).request
    assert (restored.state, [c.answer for c in restored.conditions]) == ("conditional", [""])


@pytest.mark.parametrize("state", [*OUT_ON_LOAN, "return_shipped", "lost", "completed"])
def test_a_supplier_answers_a_late_cancel_with_no(state: str) -> None:
    decision = taken(theirs(state), demanded("Cancel"))
    assert (decision.request.state, sends(decision)) == (state, [("CancelNo", 1)])
    assert message_of(decision).answer is False


@pytest.mark.parametrize("state", ["unfilled", "cancelled", "closed", "retry_asked"])
def test_a_supplier_that_sent_nothing_answers_a_cancel_with_yes(state: str) -> None:
    decision = taken(theirs(state), demanded("Cancel"))
    assert sends(decision) == [("CancelYes", 1)]


def test_a_second_cancel_keeps_the_slot_and_gets_one_answer() -> None:
    decision = taken(theirs("cancel_requested"), demanded("Cancel"))
    assert (decision.request.saved, decision.effects) == ("will_supply", ())


# --- conditions ---


def test_an_answer_of_will_supply_never_leaves_conditional() -> None:
    request = ours("conditional", conditions=(Condition(1, text="x", attempt=1),))
    for reason in ("StatusRequestResponse", "CancelResponse"):
        assert taken(request, said("WillSupply", message_reason=reason)).request.state == "conditional"
    dropped = taken(request, said("WillSupply")).request
    assert (dropped.state, dropped.conditions[0].answer) == ("will_supply", "dropped")


def test_the_supplier_leaves_conditional_only_when_no_later_condition_is_open() -> None:
    one = taken(theirs("picking"), does("add_conditions", text="reading room only")).request
    two = taken(one, does("add_conditions", text="no copies"))
    assert [c.text for c in message_of(two).conditions] == ["reading room only", "no copies"]
    early = taken(two.request, demanded("ConditionsAccepted", number=1)).request
    assert (early.state, [c.answer for c in early.conditions]) == ("conditional", ["accepted", ""])
    assert taken(early, demanded("ConditionsAccepted", number=2)).request.state == "picking"
    known = decide(two.request, does("add_conditions", text="no copies"), FACTS, NOW).refused
    assert "open already" in known


def test_the_same_condition_told_again_does_not_undo_its_acceptance() -> None:
    told = said("Conditions", conditions=[{"number": 1, "text": "reading room only"}])
    asked = taken(ours("sent"), told).request
    accepted = taken(asked, does("accept_conditions"))
    assert (accepted.request.state, sends(accepted)) == ("will_supply", [("Accept", 1)])
    again = replace(told, data={**told.data, "last_change": NOW + timedelta(minutes=9)})
    assert taken(accepted.request, again).request.state == "will_supply"
    more = said(
        "Conditions", change=10, conditions=[{"number": 1, "text": "reading room only"}, {"number": 2, "text": "b"}]
    )
    later = taken(accepted.request, more).request
    assert (later.state, [c.number for c in later.open_conditions()]) == ("conditional", [2])


def test_a_status_of_conditional_carries_the_open_conditions_also_while_a_cancel_waits() -> None:
    asked = taken(theirs("will_supply"), does("add_conditions", text="a")).request
    status = message_of(taken(asked, demanded("StatusRequest")))
    assert (status.status, [c.text for c in status.conditions]) == ("WillSupply", ["a"])
    waiting = taken(asked, demanded("Cancel")).request
    assert [c.text for c in message_of(taken(waiting, demanded("StatusRequest"))).conditions] == ["a"]
    refused = message_of(taken(waiting, does("reject_cancel")))
    assert (refused.answer, refused.status, [c.text for c in refused.conditions]) == (False, "WillSupply", ["a"])


def test_agreed_conditions_never_lead_back_to_sent() -> None:
    waiting = taken(theirs("conditional", conditions=(Condition(1, attempt=1),), resume="picking"), demanded("Cancel"))
    accepted = taken(waiting.request, demanded("ConditionsAccepted", number=1)).request
    assert (accepted.state, accepted.saved) == ("cancel_requested", "picking")


# --- retry ---


def test_an_accepted_retry_waits_for_its_date_and_is_a_new_attempt() -> None:
    offered = taken(ours("sent"), said("RetryPossible", retry_after=date(2026, 3, 9))).request
    assert (offered.state, offered.attempts[0].retry_offer) == ("retry_offered", {"retry_after": "2026-03-09"})
    waiting = taken(offered, does("accept_retry")).request
    assert (waiting.state, waiting.timers["retry_date"].due) == ("retry_offered", datetime(2026, 3, 9, tzinfo=UTC))
    assert "was accepted" in decide(waiting, does("accept_retry"), FACTS, NOW).refused
    sent = taken(*fired(waiting, "retry_date"))
    assert (sent.request.state, sends(sent)) == ("sent", [("Request", 3)])
    fresh = sent.request.attempts[2]
    assert (fresh.requesting_agency_request_id, fresh.previous_id, fresh.partner) == ("1-2", "1", "ISIL:A")


@pytest.mark.parametrize("action", ["reject_retry", "next_supplier"])
def test_a_refused_retry_says_nothing_and_keeps_the_offer(action: str) -> None:
    offered = taken(ours("sent"), said("RetryPossible", reason="OnLoan")).request
    decision = taken(offered, does(action))
    assert (decision.request.state, sends(decision)) == ("sent", [("Request", 2)])
    assert decision.request.attempts[0].retry_offer == {"reason": "OnLoan"}


@pytest.mark.parametrize("state", ["retry_asked", "unfilled", "cancelled", "closed"])
@pytest.mark.parametrize("number", ["1", "1-2"])
def test_a_retry_reopens_the_same_lending_request(state: str, number: str) -> None:
    request = taken(theirs(state), demanded("Retry", requesting_agency_request_id=number)).request
    assert (request.state, request.attempts[request.attempt - 1].requesting_agency_request_id) == ("new", number)
    first = message_of(taken(request, does("cannot_supply", reason="NotHeld")))
    assert (first.reason, first.requesting_agency_request_id) == ("RequestResponse", number)


@pytest.mark.parametrize("request_", [theirs("completed"), theirs("closed", shipped_at=NOW)])
def test_what_was_shipped_is_not_reopened_by_a_retry(request_: Request) -> None:
    assert "Retry is not allowed" in decide(request_, demanded("Retry"), FACTS, NOW).refused
