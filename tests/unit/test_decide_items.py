"""The item and the copy: what is said while they are with us, on the way, rejected or on the way back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from illcore.decide import decide
from illcore.request import Item
from tests.unit.decide_cases import (
    ASKED,
    FACTS,
    NOW,
    READER,
    WITH_US,
    demanded,
    does,
    fired,
    ours,
    reasons,
    said,
    sends,
    taken,
    theirs,
)

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
