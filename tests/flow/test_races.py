"""Races and late messages, end to end through two or three real engines on a wire that misbehaves."""

import pytest

pytestmark = pytest.mark.filterwarnings("error")


# --- a message is lost, cut off, doubled ---------------------------------------------------------------------------


def test_a_lost_request_is_asked_after_and_sent_again_under_the_same_key(ask, make_town):
    town = make_town("A", "B")
    town.network.script("ISIL:B", "lose")
    sides = ask(town)
    assert sides.b.find() == []
    assert sides.wait(seconds=10) == ("sent", "new")
    assert sides.messages("ISIL:B") == ["New", "StatusRequest", "New"]
    first, _, second = town.network.sent
    assert first.key == second.key
    assert first.message == second.message


def test_a_request_that_arrived_before_the_line_was_cut_is_not_sent_again(ask, make_town):
    town = make_town("A", "B")
    town.network.script("ISIL:B", "cut")
    sides = ask(town)
    assert sides.wait(seconds=10) == ("sent", "new")
    assert sides.messages("ISIL:B") == ["New", "StatusRequest"]
    sides.lend("will_supply")
    assert sides.run() == ("will_supply", "will_supply")


def test_the_question_before_a_re_send_leaves_nothing_for_staff_to_match(ask, make_town):
    town = make_town("A", "B")
    town.network.script("ISIL:B", "lose", "lose")
    sides = ask(town)
    assert sides.wait(minutes=1) == ("sent", "nothing")
    assert sides.wait(minutes=1) == ("sent", "new")
    with town.engines["ISIL:B"].database.read() as connection:
        assert town.engines["ISIL:B"].database.unmatched(connection, "ISIL:B") == []


def test_a_doubled_request_is_one_request(ask, make_town):
    town = make_town("A", "B")
    town.network.script("ISIL:B", "double")
    sides = ask(town)
    sides.late()
    assert len(sides.b.find()) == 1
    assert sides.lent["version"] == 1


def test_every_message_of_a_loan_may_come_twice(ask):
    sides = ask()
    steps = [
        ("lend", "will_supply", ("will_supply", "will_supply")),
        ("lend", "ship", ("shipped", "shipped")),
        ("borrow", "receive", ("received", "received")),
        ("borrow", "renew", ("renew_pending", "renew_requested")),
        ("lend", "accept_renew", ("received", "received")),
        ("borrow", "ship_return", ("return_shipped", "return_shipped")),
        ("lend", "check_in", ("completed", "completed")),
    ]
    for who, action, after in steps:
        sides.network.script("ISIL:A" if who == "lend" else "ISIL:B", "double")
        getattr(sides, who)(action)
        assert sides.run() == after
        versions = sides.shown["version"], sides.lent["version"]
        assert sides.late() == after
        assert (sides.shown["version"], sides.lent["version"]) == versions, f"the double of {action} was applied"
    assert sides.attention == ([], [])


def test_every_message_of_a_loan_may_be_lost_or_cut_off_once(ask):
    sides = ask()
    for fault in ("lose", "cut"):
        for who, action, after in [
            ("lend", "add_conditions", ("conditional", "conditional")),
            ("borrow", "accept_conditions", ("will_supply", "will_supply")),
        ]:
            sides.network.script("ISIL:A" if who == "lend" else "ISIL:B", fault)
            getattr(sides, who)(action, **({"text": fault} if action == "add_conditions" else {}))
            sides.run()
            assert sides.wait(seconds=10) == after
    sides.network.script("ISIL:B", "lose")
    sides.lend("ship")
    sides.run()
    sides.borrow("receive")
    sides.run()
    assert sides.wait(seconds=10) == ("received", "received")
    assert sides.attention == ([], [])


# --- cancel --------------------------------------------------------------------------------------------------------


def test_the_book_leaves_while_the_cancel_is_on_its_way(ask):
    sides = ask()
    sides.network.script("ISIL:B", "delay")
    sides.borrow("cancel")
    sides.run()
    sides.lend("ship")
    assert sides.run() == ("shipped", "shipped")
    assert sides.late() == ("shipped", "shipped")
    answers = [s.message for s in sides.network.sent if s.message.reason == "CancelResponse"]
    assert [(m.answer, m.status) for m in answers] == [(False, "Loaned")]


def test_a_cancel_answered_no_with_the_book_already_sent(ask):
    sides = ask()
    sides.network.script("ISIL:A", "delay")
    sides.lend("ship")
    sides.run()
    sides.borrow("cancel")
    assert sides.run() == ("cancel_pending", "shipped")
    assert sides.late() == ("shipped", "shipped")
    assert sides.wait(seconds=10) == ("shipped", "shipped")
    assert [s.message.answer for s in sides.network.sent if s.message.reason == "CancelResponse"] == [False]


@pytest.mark.parametrize(("then", "ends"), [("cancel", "cancelled"), ("next_supplier", "sent")])
def test_unfilled_crosses_the_cancel(ask, then, ends):
    sides = ask()
    sides.lend("will_supply")
    sides.run()
    sides.network.script("ISIL:B", "delay")
    sides.borrow(then)
    sides.network.script("ISIL:A", "delay")
    sides.lend("cannot_supply", reason="NotOnShelf")
    sides.run()
    sides.late()
    shown = sides.shown
    assert shown["state"] == ends
    assert sides.lent["state"] == "unfilled"
    assert shown["partner"] == ("ISIL:B" if ends == "cancelled" else "ISIL:C")


def test_a_lost_cancel_is_sent_until_it_is_confirmed(ask):
    sides = ask()
    sides.network.script("ISIL:B", "lose", "cut")
    sides.borrow("cancel")
    sides.run()
    sides.wait(seconds=10)
    sides.wait(seconds=30)
    assert sides.states == ("cancel_pending", "cancel_requested")
    assert [e["type"] for e in sides.lent["events"]].count("Cancel") == 1


# --- a supplier changes its mind, or was left behind ---------------------------------------------------------------


def test_will_supply_and_then_unfilled_moves_on(ask):
    sides = ask()
    sides.lend("will_supply")
    sides.run()
    sides.lend("cannot_supply", reason="NotOnShelf")
    assert sides.run() == ("sent", "unfilled")
    assert sides.shown["partner"] == "ISIL:C"


def test_the_two_answers_come_in_the_wrong_order(ask):
    sides = ask()
    sides.network.script("ISIL:A", "delay")
    sides.lend("will_supply")
    sides.run()
    sides.lend("cannot_supply")
    sides.run()
    sides.wait(seconds=10)
    assert sides.shown["partner"] == "ISIL:C"
    cancels = sides.messages("ISIL:B").count("Cancel")
    sides.late()
    assert sides.shown["state"] == "sent"
    assert sides.messages("ISIL:B").count("Cancel") == cancels


def test_overdue_arrives_although_loaned_never_did(ask):
    sides = ask()
    sides.network.down.add("ISIL:A")
    sides.lend("ship", due_date="2026-01-07")
    sides.run()
    assert sides.wait(days=3) == ("sent", "overdue")
    assert sides.attention == ([], ["undeliverable"])
    sides.network.down.clear()
    assert sides.wait(hours=2) == ("overdue", "overdue")
    assert sides.shown["place"] == "shipped"
    sides.borrow("receive")
    assert sides.run()[0] == "overdue"
    assert sides.shown["place"] == "received"


def test_the_first_supplier_ships_after_it_was_skipped(ask):
    sides = ask()
    sides.network.script("ISIL:B", "delay")
    sides.borrow("next_supplier")
    sides.network.script("ISIL:A", "delay")
    sides.lend("ship", barcode="B-1")
    sides.run()
    c, lent_by_c = sides.at("ISIL:C"), sides.lent_by("ISIL:C")
    c.act(lent_by_c, "ship", barcode="C-1")
    sides.run()
    assert sides.shown["state"] == "shipped"
    sides.late()
    sides.wait(seconds=10)
    shown = sides.shown
    assert (shown["state"], shown["partner"]) == ("shipped", "ISIL:C")
    assert [r["came_anyway"] for r in shown["rota"]] == ["shipped", None]
    assert [x["reason"] for x in shown["attention"]] == ["came_anyway"]
    sides.borrow("receive", attempt=1)
    assert sides.run() == ("shipped", "received")
    assert "ship_return" in sides.shown["actions"]
    sides.borrow("ship_return", attempt=1)
    assert sides.run() == ("shipped", "return_shipped")
    sides.lend("check_in")
    assert sides.run() == ("shipped", "completed")
    sides.borrow("receive")
    sides.run()
    assert (sides.shown["state"], c.get(lent_by_c)["state"]) == ("received", "received")


def test_the_skipped_supplier_promises_and_is_cancelled_once(ask):
    sides = ask()
    sides.network.script("ISIL:B", "lose")
    sides.borrow("next_supplier")
    sides.run()
    sides.lend("will_supply")
    sides.run()
    sides.wait(seconds=30)
    assert sides.lent["state"] == "cancel_requested"
    sides.lend("accept_cancel")
    sides.run()
    assert sides.lent["state"] == "cancelled"
    assert (sides.shown["state"], sides.shown["partner"]) == ("sent", "ISIL:C")


def test_a_book_that_comes_after_the_request_was_cancelled_is_used(ask):
    sides = ask()
    sides.network.script("ISIL:A", "delay")
    sides.lend("ship")
    sides.run()
    sides.network.script("ISIL:B", "lose")
    sides.borrow("cancel")
    sides.run()
    sides.borrow("close", outcome="cancelled_by_reader")
    sides.run()
    assert sides.shown["state"] == "closed"
    sides.late()
    shown = sides.shown
    assert (shown["state"], shown["not_wanted"]) == ("shipped", True)


# --- the item is out -----------------------------------------------------------------------------------------------


def test_received_is_lost_and_the_loan_goes_on(ask):
    sides = ask()
    sides.lend("ship")
    sides.run()
    sides.network.script("ISIL:B", "lose")
    sides.borrow("receive")
    assert sides.run() == ("received", "shipped")
    sides.borrow("ship_return")
    assert sides.wait(seconds=10) == ("return_shipped", "return_shipped")


def test_a_renewal_crosses_a_recall(ask):
    sides = ask()
    sides.lend("ship")
    sides.run()
    sides.borrow("receive")
    sides.run()
    sides.network.script("ISIL:B", "delay")
    sides.borrow("renew")
    sides.run()
    sides.lend("recall")
    assert sides.run() == ("renew_pending", "recalled")
    sides.late()
    assert sides.lent["state"] == "renew_requested"
    sides.lend("reject_renew")
    assert sides.run() == ("recalled", "recalled")
    assert sides.shown["place"] == "received"
    sides.borrow("ship_return")
    assert sides.wait(seconds=10) == ("return_shipped", "return_shipped")


def test_shipped_return_without_received(ask):
    sides = ask()
    sides.lend("ship")
    sides.run()
    sides.network.script("ISIL:B", "lose")
    sides.borrow("receive")
    sides.borrow("ship_return")
    sides.run()
    assert sides.wait(seconds=10) == ("return_shipped", "return_shipped")
    assert sides.messages("ISIL:B")[-3:] == ["Received", "Received", "ShippedReturn"]


def test_a_delivery_sent_before_our_complaint_moves_nothing(ask):
    sides = ask(copy=True)
    sides.lend("supply_document", url="https://files.example.org/a.pdf")
    sides.network.script("ISIL:A", "double")
    assert sides.run() == ("received", "shipped")
    sides.borrow("reject_delivery", reason="page 14 is missing")
    assert sides.run() == ("will_supply", "will_supply")
    assert sides.late() == ("will_supply", "will_supply")


# --- retry ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["lose", "cut", "double"])
def test_a_retry_reopens_the_request_whatever_happens_to_it(ask, fault):
    sides = ask()
    sides.lend("ask_retry", reason="OnLoan")
    sides.run()
    sides.network.script("ISIL:B", fault)
    sides.borrow("accept_retry")
    sides.run()
    sides.wait(seconds=10)
    sides.late()
    assert sides.states == ("sent", "new")
    assert sides.lent["requesting_agency_request_id"] == f"{sides.ours}-2"
    sides.lend("will_supply")
    assert sides.run() == ("will_supply", "will_supply")


# --- a peer answers ERROR ------------------------------------------------------------------------------------------


def test_an_error_to_the_first_try_of_a_request_is_a_no(ask, make_town):
    town = make_town("A", "B", "C")
    town.network.script("ISIL:B", "error")
    shown = ask(town).shown
    assert (shown["state"], shown["partner"]) == ("sent", "ISIL:C")
    assert [r["outcome"] for r in shown["rota"]] == ["refused", None]


def test_an_error_to_a_request_sent_again_is_not_yet_a_no(ask, make_town):
    """It arrived, but the peer said otherwise when it was asked, and ERROR to the same again: its status decides."""
    town = make_town("A", "B", "C")
    town.network.script("ISIL:B", "cut", "error", "error")
    sides = ask(town)
    assert sides.wait(seconds=10) == ("sent", "new")
    assert sides.shown["partner"] == "ISIL:B"
    assert sides.messages("ISIL:B") == ["New", "StatusRequest", "New", "StatusRequest"]
    assert sides.attention == ([], [])


def test_an_error_to_the_question_too_is_a_no(ask, make_town):
    town = make_town("A", "B", "C")
    town.network.script("ISIL:B", "lose", "error", "error", "error")
    sides = ask(town)
    assert sides.wait(seconds=10) == ("sent", "nothing")
    assert sides.shown["partner"] == "ISIL:C"


def test_an_error_to_a_cancel_or_a_renewal_is_the_answer_no(ask):
    sides = ask()
    sides.lend("will_supply")
    sides.run()
    sides.network.script("ISIL:B", "error")
    sides.borrow("cancel")
    assert sides.run() == ("will_supply", "will_supply")
    sides.lend("ship")
    sides.run()
    sides.borrow("receive")
    sides.run()
    sides.network.script("ISIL:B", "error")
    sides.borrow("renew")
    assert sides.run() == ("received", "received")
    assert sides.attention == ([], [])


def test_an_error_to_anything_else_needs_attention(ask):
    sides = ask()
    sides.lend("ship")
    sides.run()
    sides.network.script("ISIL:B", "error")
    sides.borrow("receive")
    assert sides.run() == ("received", "shipped")
    assert sides.attention == (["refused"], [])
    sides.borrow("retry_effect")
    assert sides.run() == ("received", "received")
    assert sides.attention == ([], [])
