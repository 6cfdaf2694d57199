"""What the contract of the request says, row by row: which actions, which messages, which races."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from illcore.compose import compose
from illcore.decide import Decision, allowed_actions, decide
from illcore.effects import Send
from illcore.events import REQUESTER_ACTIONS, SUPPLIER_ACTIONS, Actor, Event
from illcore.facts import Facts
from illcore.interpret import meanings
from illcore.message import Message
from illcore.model import Citation, Partner
from illcore.policy import Library, Policy
from illcore.request import Attempt, Condition, Item, Request, Timer
from illcore.states import TABLE

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PARTNERS = {s: Partner(symbol=s, account="wire:main") for s in ("ISIL:A", "ISIL:B", "ISIL:R")}
FACTS = Facts(partners=PARTNERS)
STAFF = Actor(kind="staff", id="wang", library="ISIL:R", role="admin")
READER = Actor(kind="reader", id="li", library="ISIL:R")
SYSTEM = Actor(kind="system", id="engine", library="ISIL:R")
PARTNER = Actor(kind="partner", id="ISIL:A", library="ISIL:R")

WITH_US = "shipped received on_loan renew_pending overdue recalled returned".split()
ASKED = "sent will_supply conditional retry_offered".split()
OUT_ON_LOAN = "shipped received renew_requested overdue recalled".split()


def ours(state: str, service: str = "loan", **changes: Any) -> Request:
    """A borrowing request at its first supplier, with a second one in the rota."""
    shipped = state in (*WITH_US, "return_shipped", "lost")
    request = Request(
        id="1",
        library="ISIL:R",
        role="requester",
        service_type=service,  # type: ignore[arg-type]
        created_at=NOW,
        updated_at=NOW,
        state_since=NOW,
        citation=Citation(title="茶馆", doi="10.1000/182"),
        state=state,
        version=5,
        attempt=1,
        partner="ISIL:A",
        named_suppliers=True,
        supplied_as=service if shipped else "",
        items=(Item(1, sent_at=NOW),) if shipped and service == "loan" else (),
        saved={"cancel_pending": "will_supply", "renew_pending": "on_loan"}.get(state, ""),
        then="stop" if state == "cancel_pending" else "",
        place="on_loan" if state in ("renew_pending", "overdue", "recalled") else "",
        attempts=(
            Attempt(1, "ISIL:A", status="open", requesting_agency_request_id="1", shipped=shipped),
            Attempt(2, "ISIL:B"),
        ),
    )
    return replace(request, **changes)


def moved_on(state: str, service: str = "loan", **attempt: Any) -> Request:
    """The first supplier was left; the second is asked (open states), or nobody is."""
    asked = state in (*ASKED, "cancel_pending", *WITH_US)
    request = ours(state, service)
    first = replace(request.attempts[0], **({"status": "ended", "outcome": "silent", "cancel_sent": 1} | attempt))
    second = Attempt(2, "ISIL:B", status="open" if asked else "ended", requesting_agency_request_id="1-2")
    return replace(request, attempt=2, partner="ISIL:B", attempts=(replace(first, shipped=False), second))


def theirs(state: str, service: str = "loan", **changes: Any) -> Request:
    """A lending request."""
    shipped = state in (*OUT_ON_LOAN, "return_shipped", "lost", "completed")
    request = Request(
        id="S1",
        library="ISIL:A",
        role="supplier",
        service_type=service,  # type: ignore[arg-type]
        created_at=NOW,
        updated_at=NOW,
        state_since=NOW,
        state=state,
        version=5,
        attempt=1,
        partner="ISIL:R",
        citation=Citation(title="茶馆"),
        supplied_as=service if shipped else "",
        shipped_at=NOW if shipped else None,
        items=(Item(1, sent_at=NOW),) if shipped and service == "loan" else (),
        saved={"cancel_requested": "will_supply", "renew_requested": "received"}.get(state, ""),
        place="received" if state in ("renew_requested", "overdue", "recalled") else "",
        outcome={"completed": "filled", "unfilled": "unfilled", "cancelled": "withdrawn", "closed": "withdrawn"}.get(
            state, ""
        ),
        attempts=(Attempt(1, "ISIL:R", status="open", requesting_agency_request_id="1", answered_at=NOW),),
    )
    return replace(request, **changes)


def said(name: str, attempt: int = 1, change: int = 0, **data: Any) -> Event:
    """The supplier says it; ``change`` are the minutes of its lastChange."""
    status = {"Conditions": "WillSupply", "RenewYes": "Loaned", "CancelYes": "Cancelled"}.get(name, name)
    told = {"status": status, "message_reason": "StatusChange", "last_change": NOW + timedelta(minutes=change)}
    return Event(name, NOW, PARTNER, told | data, attempt)


def demanded(name: str, attempt: int = 1, **data: Any) -> Event:
    return Event(name, NOW, PARTNER, {"sent": NOW} | data, attempt)


def does(name: str, actor: Actor = STAFF, **data: Any) -> Event:
    return Event(name, NOW, actor, data, private="because")


def recorded(name: str, **data: Any) -> Event:
    return Event(name, NOW, STAFF, {"status": name} | data, by_hand=True)


def fired(request: Request, kind: str) -> tuple[Request, Event]:
    return replace(request, timers={kind: Timer(NOW)}), Event(f"timer:{kind}", NOW, SYSTEM)


def taken(request: Request, event: Event, facts: Facts = FACTS) -> Decision:
    decision = decide(request, event, facts, NOW)
    assert not decision.refused, decision.refused
    return decision


def sends(decision: Decision) -> list[tuple[str, int]]:
    return [(e.name, e.attempt) for e in decision.effects if isinstance(e, Send)]


def reasons(decision: Decision) -> list[str]:
    return [a.reason for a in decision.request.attention]


def message_of(decision: Decision) -> Message:
    (send,) = [e for e in decision.effects if isinstance(e, Send)]
    request = decision.request
    return compose(request, send, Library(symbol=request.library), PARTNERS["ISIL:R"], NOW)


# --- §3: which action in which state ---

ALLOWED = {
    "requester": {
        "edit": "new review queued locating retry_offered",
        "set_suppliers": "review locating sent",
        "next_supplier": "local_supply sent will_supply conditional retry_offered",
        "accept_conditions": "conditional",
        "reject_conditions": "conditional",
        "accept_retry": "retry_offered",
        "reject_retry": "retry_offered",
        "receive": "sent will_supply conditional retry_offered cancel_pending shipped",
        "renew": "received on_loan overdue",
        "ship_return": "received on_loan renew_pending overdue recalled returned lost",
        "report_lost": "shipped received on_loan renew_pending overdue recalled returned return_shipped",
        "supply_locally": "new review locating queued",
        "check_in": "received on_loan renew_pending overdue recalled lost",
    },
    "supplier": {
        "ship": "new will_supply picking",
        "ask_retry": "new review will_supply picking",
        "cannot_supply": "new review will_supply picking conditional retry_asked",
        "add_conditions": "new review will_supply picking conditional",
        "will_supply": "new review conditional",
        "print_slip": "will_supply picking",
        "accept_cancel": "cancel_requested",
        "accept_renew": "renew_requested",
        "recall": "shipped received renew_requested overdue recalled",
        "check_in": "shipped received renew_requested overdue recalled return_shipped lost",
        "report_lost": "shipped received renew_requested overdue recalled return_shipped",
        "waive_return": "shipped received renew_requested overdue recalled return_shipped lost",
    },
}


@pytest.mark.parametrize(
    ("role", "action", "states"), [(r, a, s) for r, rows in ALLOWED.items() for a, s in rows.items()]
)
def test_an_action_of_a_loan_is_offered_exactly_where_the_contract_says(role: str, action: str, states: str) -> None:
    make = ours if role == "requester" else theirs
    known = tuple(REQUESTER_ACTIONS if role == "requester" else SUPPLIER_ACTIONS)
    open_states = [s for s in TABLE[role] if s not in ("completed", "unfilled", "cancelled", "closed")]  # type: ignore[index]
    offered = [s for s in open_states if action in allowed_actions(make(s), FACTS, NOW, "admin", known)]
    assert set(offered) == set(states.split())


def test_a_reader_is_offered_only_what_readers_may() -> None:
    known = tuple(REQUESTER_ACTIONS)
    assert allowed_actions(ours("on_loan"), FACTS, NOW, None, known) == ("cancel", "renew", "message")
    assert "renew is not for" not in decide(ours("on_loan"), does("renew", READER), FACTS, NOW).refused
    assert "not for a reader" in decide(ours("on_loan"), does("check_in", READER), FACTS, NOW).refused


@pytest.mark.parametrize("state", ["completed", "unfilled", "cancelled", "closed"])
def test_an_ended_request_offers_only_what_may_follow(state: str) -> None:
    request = moved_on(state)
    offered = set(allowed_actions(request, FACTS, NOW, "admin", tuple(REQUESTER_ACTIONS)))
    assert offered <= {"note", "message", "retry_effect", "done_by_hand", "receive", "ship_return", "check_in"}
    assert {"note", "message"} <= offered


def test_what_is_offered_for_a_record_has_news() -> None:
    request = ours("sent")
    assert "record" in allowed_actions(request, FACTS, NOW, "assistant", tuple(REQUESTER_ACTIONS))
    assert taken(request, recorded("WillSupply")).request.state == "will_supply"
    assert "tells nothing new" in decide(ours("will_supply"), recorded("WillSupply"), FACTS, NOW).refused


# --- §2: starting, the rota, review ---


def submitted(**changes: Any) -> Request:
    request = ours("new", attempt=0, partner="", version=0)
    return replace(request, **({"attempts": (Attempt(1, "ISIL:A"), Attempt(2, "ISIL:B"))} | changes))


def test_a_request_that_passes_goes_to_its_supplier_by_itself() -> None:
    decision = taken(submitted(), does("submit"))
    assert decision.path == ("new", "locating", "sent")
    assert sends(decision) == [("Request", 1)]
    assert decision.request.attempts[0].requesting_agency_request_id == "1"


def test_a_closed_supplier_is_passed_over_with_the_reason_and_later_ones_keep_their_turn() -> None:
    facts = replace(FACTS, closed={"ISIL:A": "closed until Monday"})
    request = taken(
        submitted(attempts=(Attempt(1, "ISIL:A"), Attempt(2, "ISIL:B"), Attempt(3, "ISIL:A"))), does("submit"), facts
    ).request
    assert [(a.status, a.why) for a in request.attempts] == [
        ("skipped", "closed until Monday"),
        ("open", ""),
        ("waiting", ""),
    ]


def test_approval_is_asked_once_and_never_after_the_first_send() -> None:
    policy = Policy.model_validate({"approval": {"when": "after_locating", "all": True}})
    facts = replace(FACTS, policy=policy)
    review = taken(submitted(), does("submit"), facts).request
    assert (review.state, review.reasons) == ("review", ("approval",))
    sent = taken(review, does("approve"), facts).request
    assert sent.state == "sent"
    other = replace(sent, overrides=())
    assert taken(other, said("Unfilled"), facts).request.state == "sent"


def test_at_the_end_of_the_rota_staff_add_a_supplier_or_give_it_up() -> None:
    alone = taken(submitted(attempts=(Attempt(1, "ISIL:A"),)), does("submit")).request
    review = taken(alone, said("Unfilled")).request
    assert (review.state, review.reasons) == ("review", ("no_supplier",))
    given_up = taken(review, does("override", reason="no_supplier")).request
    assert (given_up.state, given_up.outcome) == ("unfilled", "unfilled")
    more = taken(taken(review, does("set_suppliers", add=["ISIL:B"])).request, does("send"))
    assert (more.request.state, sends(more)) == ("sent", [("Request", 2)])
    assert more.request.attempts[1].requesting_agency_request_id == "1-2"


def test_reordering_the_rota_never_renumbers_what_was_asked() -> None:
    asked = Attempt(3, "ISIL:A", status="open", requesting_agency_request_id="1-2")
    old = Attempt(1, "ISIL:A", status="ended", outcome="retried", requesting_agency_request_id="1")
    request = ours("sent", attempt=3, attempts=(old, Attempt(2, "ISIL:B"), asked))
    changed = taken(request, does("set_suppliers", suppliers=["ISIL:R", "ISIL:B"])).request
    assert [(a.n, a.partner, a.status) for a in changed.attempts] == [
        (1, "ISIL:A", "ended"),
        (2, "ISIL:R", "waiting"),
        (3, "ISIL:A", "open"),
        (4, "ISIL:B", "waiting"),
    ]
    fewer = taken(changed, does("set_suppliers", remove=["ISIL:R"])).request
    assert [(a.n, a.partner, a.status) for a in fewer.attempts[1:]] == [
        (2, "ISIL:B", "waiting"),
        (3, "ISIL:A", "open"),
        (4, "ISIL:B", "skipped"),
    ]


def test_a_changed_citation_is_checked_and_searched_again() -> None:
    request = ours(
        "review", attempt=0, reasons=("no_supplier",), resume="locating", named_suppliers=False, located=True
    )
    request = replace(
        request, attempts=(replace(request.attempts[0], status="ended"),), overrides=("duplicate", "cost")
    )
    decision = taken(request, does("edit", citation={"title": "骆驼祥子"}), replace(FACTS, can_search=True))
    assert (decision.request.state, decision.request.overrides) == ("locating", ("cost",))


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


# --- what is said while we hold the item ---


@pytest.mark.parametrize("state", [*WITH_US, "return_shipped", "lost"])
@pytest.mark.parametrize("word", ["Unfilled", "Cancelled", "RetryPossible"])
def test_a_no_after_the_item_came_needs_a_person(state: str, word: str) -> None:
    decision = taken(ours(state), said(word))
    assert (decision.request.state, reasons(decision)) == (state, ["contradiction"])


@pytest.mark.parametrize("word", ["Overdue", "Recalled"])
def test_overdue_or_recalled_before_loaned_tells_that_it_was_sent(word: str) -> None:
    request = taken(ours("will_supply"), said(word)).request
    assert (request.state, request.place, request.supplied_as) == (word.lower(), "shipped", "loan")


def test_overdue_after_recalled_stays_recalled_and_returning_ignores_both() -> None:
    assert taken(ours("recalled"), said("Overdue")).request.state == "recalled"
    decision = taken(ours("return_shipped"), said("Recalled"))
    assert (decision.request.state, reasons(decision)) == ("return_shipped", ["circulation"])


def test_a_recall_during_a_renewal_waits_for_its_answer() -> None:
    pending = taken(ours("received"), does("renew")).request
    assert (pending.state, pending.saved, pending.place) == ("renew_pending", "received", "received")
    recalled = taken(pending, said("Recalled")).request
    assert (recalled.state, recalled.saved) == ("renew_pending", "recalled")
    refused = taken(recalled, said("RenewNo", change=1)).request
    assert (refused.state, refused.place, refused.saved) == ("recalled", "received", "")
    granted = taken(recalled, said("RenewYes", change=2, due_date=date(2026, 6, 1))).request
    assert (granted.state, granted.due_date, granted.place) == ("received", date(2026, 6, 1), "")
    old = replace(recalled, attempts=(replace(recalled.attempts[0], last_change=NOW), recalled.attempts[1]))
    assert taken(old, said("RenewYes", change=-5)).request.state == "recalled"


@pytest.mark.parametrize("end", ["RenewNo", "timer"])
def test_a_renewal_that_is_not_granted_goes_back_to_where_the_item_is(end: str) -> None:
    pending = taken(ours("on_loan"), does("renew")).request
    after = taken(pending, said("RenewNo")) if end == "RenewNo" else taken(*fired(pending, "renewal_unanswered"))
    assert (after.request.state, after.request.saved, after.request.place) == ("on_loan", "", "")


def test_a_late_yes_to_a_renewal_after_a_recall_needs_a_person() -> None:
    assert reasons(taken(ours("recalled"), said("RenewYes"))) == ["contradiction"]
    assert taken(ours("overdue"), said("RenewYes")).request.state == "on_loan"


def test_loaned_with_another_due_date_only_changes_the_due_date() -> None:
    request = taken(ours("on_loan"), said("Loaned", due_date=date(2026, 5, 5))).request
    assert (request.state, request.due_date, request.items[0].due_date) == (
        "on_loan",
        date(2026, 5, 5),
        date(2026, 5, 5),
    )


@pytest.mark.parametrize(("state", "attention"), [("return_shipped", []), ("on_loan", ["circulation"])])
def test_loan_completed_ends_it_and_asks_where_the_item_is_if_it_was_not_sent_back(
    state: str, attention: list[str]
) -> None:
    decision = taken(ours(state), said("LoanCompleted"))
    assert (decision.request.state, decision.request.outcome, reasons(decision)) == ("completed", "filled", attention)


def test_a_status_told_again_moves_nothing_and_a_new_one_does() -> None:
    first = taken(ours("sent"), said("Unfilled")).request
    assert first.attempt == 2
    overdue = taken(ours("shipped"), said("Overdue")).request
    granted = replace(overdue, state="received", place="")
    assert taken(granted, said("Overdue")).request.state == "received"
    assert taken(granted, said("Overdue", change=1)).request.state == "overdue"


# --- the book before any word, several items, short cuts ---


@pytest.mark.parametrize("state", [*ASKED, "cancel_pending"])
def test_the_book_may_come_before_any_word(state: str) -> None:
    decision = taken(ours(state), does("receive"))
    assert (decision.request.state, decision.request.supplied_as) == ("received", "loan")
    assert sends(decision) == [("Received", 1)]
    later = taken(decision.request, said("Loaned", due_date=date(2026, 5, 5))).request
    assert (later.state, later.due_date) == ("received", date(2026, 5, 5))


def test_the_state_moves_when_the_last_item_is_done() -> None:
    request = ours("shipped", items=(Item(1, barcode="b1"), Item(2, barcode="b2")))
    first = taken(request, does("receive", items=[{"barcode": "b1"}]))
    assert (first.request.state, sends(first)) == ("shipped", [])
    last = taken(first.request, does("receive", items=[{"barcode": "b2"}]))
    assert (last.request.state, sends(last)) == ("received", [("Received", 1)])


def test_a_lost_volume_does_not_hold_up_the_others() -> None:
    request = ours("on_loan", items=(Item(1, barcode="b1"), Item(2, barcode="b2")))
    lost = taken(request, does("report_lost", items=[{"n": 1}])).request
    assert lost.state == "on_loan"
    back = taken(lost, does("ship_return", items=[{"n": 2}]))
    assert (back.request.state, sends(back)) == ("return_shipped", [("ShippedReturn", 1)])


def test_a_barcode_read_at_the_desk_belongs_to_the_item_that_was_announced() -> None:
    announced = taken(ours("will_supply"), said("Loaned")).request
    here = taken(announced, does("receive", items=[{"barcode": "b1"}])).request
    assert (here.state, [i.barcode for i in here.items]) == ("received", ["b1"])


@pytest.mark.parametrize("state", ["received", "on_loan", "returned"])
def test_an_item_may_go_back_from_wherever_it_is(state: str) -> None:
    assert taken(ours(state), does("ship_return")).request.state == "return_shipped"
    overdue = ours("overdue", place=state)
    assert taken(overdue, does("ship_return")).request.state == "return_shipped"


def test_cancel_after_shipping_says_nothing_to_anybody() -> None:
    decision = taken(ours("on_loan"), does("cancel", READER))
    assert (decision.request.state, decision.request.not_wanted, decision.effects) == ("on_loan", True, ())
    assert "not wanted already" in decide(decision.request, does("cancel"), FACTS, NOW).refused


def test_a_loan_by_url_ends_on_its_due_date() -> None:
    request = taken(ours("sent"), said("Loaned", url="https://a.example/1", due_date=date(2026, 3, 20))).request
    assert request.state == "received"
    assert "no return" in decide(request, does("ship_return"), FACTS, NOW).refused
    assert taken(*fired(request, "overdue")).request.state == "completed"


def test_found_again_what_is_overdue_is_still_overdue() -> None:
    lost = taken(taken(ours("on_loan"), said("Overdue")).request, does("report_lost"))
    assert sends(lost) == [("Lost", 1)]
    found = taken(lost.request, does("check_in")).request
    assert (found.state, found.place) == ("overdue", "returned")


def test_undo_takes_back_a_check_out_but_nothing_that_was_told() -> None:
    out = taken(ours("received"), does("check_out")).request
    assert taken(out, does("undo")).request.state == "received"
    sent = taken(ours("returned"), does("ship_return")).request
    assert "nothing to undo" in decide(sent, does("undo"), FACTS, NOW).refused


# --- copies ---


def test_a_copy_by_file_is_received_checked_and_handed_over() -> None:
    here = taken(ours("sent", "copy"), said("CopyCompleted", url="https://a.example/1")).request
    assert (here.state, here.documents[0].url) == ("received", "https://a.example/1")
    done = taken(here, does("deliver"))
    assert (done.request.state, done.request.outcome, sends(done)) == ("completed", "filled", [("Received", 1)])


def test_a_copy_by_post_is_received_in_silence() -> None:
    shipped = taken(ours("sent", "copy"), said("CopyCompleted")).request
    assert shipped.state == "shipped"
    assert sends(taken(shipped, does("receive"))) == []


def test_a_rejected_copy_is_sent_again_and_the_old_word_of_it_counts_no_more() -> None:
    shipped = taken(ours("sent", "copy"), said("CopyCompleted")).request
    rejected = taken(shipped, does("reject_delivery", reason="pages 3 and 4 are missing"))
    assert (rejected.request.state, sends(rejected)) == ("will_supply", [("Resend", 1)])
    old = said("CopyCompleted", message_reason="StatusRequestResponse")
    assert taken(rejected.request, old).request.state == "will_supply"
    assert taken(rejected.request, said("CopyCompleted", change=5)).request.state == "shipped"


@pytest.mark.parametrize("state", ["shipped", "completed"])
def test_the_supplier_takes_a_complaint_until_the_partner_wrote_that_it_has_it(state: str) -> None:
    complained = taken(theirs(state, "copy"), demanded("DeliveryRejected", reason="blurred"))
    assert (complained.request.state, reasons(complained)) == ("will_supply", ["quality"])
    again = taken(complained.request, does("supply_document", url="https://a.example/2"))
    assert (again.request.state, reasons(again)) == ("shipped", [])
    has_it = taken(theirs("shipped", "copy"), demanded("Received", sent=NOW + timedelta(minutes=1))).request
    assert taken(has_it, demanded("DeliveryRejected")).request.state == "completed"


def test_the_complaint_time_ends_the_copy_at_the_supplier() -> None:
    assert taken(*fired(theirs("shipped", "copy"), "complaint_over")).request.state == "completed"


def test_a_rejected_loan_goes_back_unread() -> None:
    decision = taken(ours("received"), does("reject_delivery"))
    assert (decision.request.state, decision.effects, reasons(decision)) == ("returned", (), ["quality"])


def test_a_copy_never_becomes_overdue() -> None:
    decision = taken(ours("received", "copy"), said("Overdue"))
    assert (decision.request.state, reasons(decision)) == ("received", ["contradiction"])


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


# --- the supplier: the partner has it, renewals, the end ---


@pytest.mark.parametrize(
    "state", "new review will_supply picking conditional retry_asked cancel_requested unfilled cancelled closed".split()
)
@pytest.mark.parametrize(("word", "after"), [("Received", "received"), ("ShippedReturn", "return_shipped")])
def test_what_the_partner_has_counts_as_shipped(state: str, word: str, after: str) -> None:
    decision = taken(theirs(state), demanded(word))
    request = decision.request
    assert (request.state, request.saved, reasons(decision)) == (after, "", ["circulation"])
    assert request.shipped_at == NOW
    assert taken(theirs(state, "copy"), demanded(word)).request.state == "completed"


@pytest.mark.parametrize("state", ["return_shipped", "lost", "completed", "closed"])
def test_a_renewal_that_comes_too_late_is_refused(state: str) -> None:
    assert sends(taken(theirs(state), demanded("Renew"))) == [("RenewNo", 1)]


def test_leaving_a_renewal_unanswered_refuses_it_first() -> None:
    asked = taken(theirs("received"), demanded("Renew")).request
    assert (asked.state, asked.place) == ("renew_requested", "received")
    assert sends(taken(asked, demanded("ShippedReturn"))) == [("RenewNo", 1)]
    assert sends(taken(asked, does("check_in"))) == [("RenewNo", 1), ("LoanCompleted", 1)]
    recalled = taken(asked, does("recall")).request
    assert (recalled.state, recalled.saved) == ("renew_requested", "recalled")
    assert taken(recalled, does("reject_renew")).request.state == "recalled"
    granted = taken(asked, does("accept_renew", due_date=date(2026, 6, 1)))
    assert (granted.request.state, message_of(granted).due_date) == ("received", datetime(2026, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(("state", "outcome"), [("received", "kept"), ("lost", "lost_settled")])
def test_a_waived_return_completes_without_return(state: str, outcome: str) -> None:
    decision = taken(theirs(state), does("waive_return"))
    assert (decision.request.state, decision.request.outcome) == ("completed", outcome)
    assert message_of(decision).status == "CompletedWithoutReturn"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (theirs("new"), "RequestReceived"),
        (theirs("picking"), "WillSupply"),
        (theirs("retry_asked"), "RetryPossible"),
        (theirs("shipped"), "Loaned"),
        (theirs("renew_requested"), "Loaned"),
        (theirs("return_shipped"), "Loaned"),
        (theirs("shipped", "copy"), "CopyCompleted"),
        (theirs("overdue"), "Overdue"),
        (theirs("lost"), "Overdue"),
        (theirs("recalled"), "Recalled"),
        (theirs("cancel_requested", saved="new"), "RequestReceived"),
        (theirs("completed"), "LoanCompleted"),
        (theirs("completed", outcome="kept"), "CompletedWithoutReturn"),
        (theirs("completed", "copy"), "CopyCompleted"),
        (theirs("unfilled"), "Unfilled"),
        (theirs("cancelled"), "Cancelled"),
        (theirs("closed"), "Unfilled"),
        (theirs("closed", shipped_at=NOW, supplied_as="loan"), "CompletedWithoutReturn"),
        (theirs("closed", "copy", shipped_at=NOW, supplied_as="copy"), "CopyCompleted"),
    ],
)
def test_the_status_that_a_supplier_reports(request_: Request, status: str) -> None:
    assert message_of(taken(request_, demanded("StatusRequest"))).status == status


def test_a_closed_copy_that_was_rejected_reports_unfilled() -> None:
    complained = taken(theirs("completed", "copy"), demanded("DeliveryRejected")).request
    closed = taken(complained, does("close", outcome="unfilled")).request
    assert message_of(taken(closed, demanded("StatusRequest"))).status == "Unfilled"


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
