"""Which actions are offered where, and how a request starts, is reviewed and goes through its rota."""

from dataclasses import replace
from typing import Any

import pytest

from illcore.decide import allowed_actions, decide
from illcore.events import REQUESTER_ACTIONS, SUPPLIER_ACTIONS
from illcore.policy import Policy
from illcore.request import Attempt, Request
from illcore.states import TABLE
from tests.unit.decide_cases import FACTS, NOW, READER, does, moved_on, ours, recorded, said, sends, taken, theirs

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
