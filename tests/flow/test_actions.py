"""What staff and readers may do: by role and state, with checked details; what is refused writes nothing."""

import pytest

from illcore.errors import Invalid, NotAllowed, NotFound
from illcore.events import RECORDED_BY_REQUESTER, RECORDED_BY_SUPPLIER, REQUESTER_ACTIONS, Actor

pytestmark = pytest.mark.filterwarnings("error")
ROLES = ("assistant", "librarian", "supervisor", "admin")


def acting(town, symbol="ISIL:A", kind="staff", id="anna", role="admin"):
    return town.engines[symbol].as_(Actor(kind=kind, id=id, library=symbol, role=role if kind == "staff" else None))


# --- who may do what -----------------------------------------------------------------------------------------------


def test_the_actions_shown_are_those_of_the_role(ask):
    sides = ask()
    shown = {role: set(acting(sides.town, role=role).get(sides.ours)["actions"]) for role in ROLES}
    assert {"receive", "record", "cancel", "next_supplier", "note", "message", "escalate"} <= shown["assistant"]
    assert shown["librarian"] - shown["assistant"] == {"set_suppliers", "close"}
    assert shown["librarian"] == shown["supervisor"] == shown["admin"]
    reader = acting(sides.town, kind="reader", id="R-1")
    assert set(reader.get(sides.ours)["actions"]) == {"cancel", "message"}


@pytest.mark.parametrize("role", [*ROLES, None])
def test_every_action_shown_can_be_done_and_no_other(make_town, ask, role):
    """Each action of the engine is tried on a fresh request: allowed exactly if it is shown."""
    details = {
        "record": {"what": "will_supply"},
        "close": {"outcome": "duplicate"},
        "message": {"text": "any news?"},
        "set_suppliers": {"suppliers": "ISIL:C"},
        "note": {"note": "asked at the desk"},
    }
    town = make_town("A", "B", "C", policy={"duplicate_window_days": 0})
    who = acting(town, kind="staff", role=role) if role else acting(town, kind="reader", id="R-1")
    for action in REQUESTER_ACTIONS:
        sides = ask(town)
        before = who.get(sides.ours)
        if action in before["actions"]:
            assert who.act(sides.ours, action, **details.get(action, {}))["version"] > before["version"], action
        else:
            with pytest.raises(NotAllowed):
                who.act(sides.ours, action, **details.get(action, {}))
            assert who.get(sides.ours) == before, f"{action} was refused but left a trace"


def test_an_assistant_cannot_do_what_a_librarian_may(ask):
    sides = ask()
    assistant = acting(sides.town, role="assistant")
    with pytest.raises(NotAllowed, match="close is not for the role assistant"):
        assistant.act(sides.ours, "close", outcome="duplicate")
    assert sides.shown["version"] == 1


def test_details_that_are_wrong_name_the_field(ask):
    sides = ask()
    sides.lend("ship")
    sides.run()
    version = sides.shown["version"]
    for action, details, said in [
        ("renew", {"due_date": "soon"}, "due_date"),
        ("close", {}, "outcome"),
        ("close", {"outcome": "eaten"}, "outcome"),
        ("receive", {"colour": "red"}, "colour: unknown field"),
        ("edit", {"citation": {"issn": 7}}, "issn"),
        ("record", {"what": "gossip"}, "gossip"),
        ("escalate", {"to": "president"}, "to"),
    ]:
        with pytest.raises(Invalid, match=said):
            sides.borrow(action, **details)
    with pytest.raises(Invalid, match=r"cost.*12\.50 CNY"):
        sides.lend("add_conditions", cost="twelve")
    with pytest.raises(NotAllowed, match="there is no action 'dance'"):
        sides.borrow("dance")
    with pytest.raises(NotFound, match="no request NOWHERE"):
        sides.a.act("NOWHERE", "note", note="x")
    assert sides.shown["version"] == version


def test_an_action_that_the_state_does_not_allow_writes_nothing(ask):
    sides = ask()
    before = sides.shown
    with pytest.raises(NotAllowed, match="check_out is not allowed in state sent"):
        sides.borrow("check_out")
    assert sides.shown == before


# --- record --------------------------------------------------------------------------------------------------------

REQUESTER_RECORDS = {
    "will_supply": ("will_supply", {}),
    "conditions": ("conditional", {"text": "in the library only"}),
    "retry": ("retry_offered", {"retry_after": "2026-02-01"}),
    "unfilled": ("sent", {"reason": "NotHeld"}),
    "shipped": ("shipped", {"due_date": "2026-02-10"}),
    "supplied": ("received", {"url": "https://files.example.org/a.pdf"}),
    "cancelled": ("sent", {}),
    "cancel_refused": ("sent", {}),
    "overdue": ("overdue", {}),
    "recalled": ("recalled", {}),
    "completed": ("completed", {}),
}


@pytest.mark.parametrize("what", sorted(RECORDED_BY_REQUESTER))
def test_staff_enter_what_a_supplier_said_on_the_telephone(ask, what):
    sides = ask(copy=what == "supplied")
    if what.startswith("renew"):
        sides.borrow("record", what="shipped", due_date="2026-02-10")
        sides.borrow("receive")
        sides.borrow("renew")
        details = {"due_date": "2026-03-10"} if what == "renewed" else {}
        shown = sides.borrow("record", what=what, note="Ms Wang, by telephone", **details)
        assert (shown["state"], shown["due_date"]) == ("received", details.get("due_date", "2026-02-10"))
    else:
        if what == "cancel_refused":
            sides.borrow("cancel")
        state, details = REQUESTER_RECORDS[what]
        shown = sides.borrow("record", what=what, note="Ms Wang, by telephone", **details)
        assert shown["state"] == state
    event = shown["events"][-1]
    assert event["by_hand"] is True
    assert event["actor"] == {"kind": "staff", "id": "anna"}
    assert event["text"] == "Ms Wang, by telephone"


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        ("cancel_asked", (), "cancel_requested"),
        ("conditions_accepted", ("add_conditions",), "will_supply"),
        ("conditions_rejected", ("add_conditions",), "cancelled"),
        ("received", ("ship",), "received"),
        ("renew_asked", ("ship",), "renew_requested"),
        ("return_shipped", ("ship",), "return_shipped"),
        ("lost", ("ship",), "lost"),
        ("delivery_rejected", ("supply_document",), "will_supply"),
    ],
)
def test_staff_enter_what_a_borrower_said_on_the_telephone(ask, what, before, after):
    assert what in RECORDED_BY_SUPPLIER
    sides = ask(copy=what == "delivery_rejected")
    for action in before:
        sides.lend(action, **({"text": "no ILL on Sundays"} if action == "add_conditions" else {}))
    shown = sides.lend("record", what=what)
    assert shown["state"] == after
    assert shown["events"][-1]["by_hand"] is True


def test_what_was_recorded_and_comes_again_by_message_moves_nothing(ask):
    sides = ask()
    sides.network.script("ISIL:A", "delay")
    sides.lend("ship", barcode="B-7", due_date="2026-02-10")
    sides.run()
    sides.borrow("record", what="shipped")
    sides.borrow("receive")
    sides.run()
    assert sides.late() == ("received", "received")
    assert sides.shown["due_date"] == "2026-02-10"
    assert sides.attention == ([], [])


# --- undo ----------------------------------------------------------------------------------------------------------


def test_only_the_very_last_action_that_stayed_in_the_house_can_be_taken_back(ask):
    sides = ask()
    sides.lend("will_supply")
    sides.run()
    assert "undo" not in sides.lent["actions"]
    assert "undo" in sides.lend("print_slip")["actions"]
    assert sides.lend("undo")["state"] == "will_supply"
    with pytest.raises(NotAllowed, match="nothing to undo"):
        sides.lend("undo")
    sides.lend("print_slip")
    sides.lend("note", note="shelf 3")
    with pytest.raises(NotAllowed, match="nothing to undo"):
        sides.lend("undo")
    assert sides.lent["state"] == "picking"


def test_check_out_taken_back_leaves_the_book_received(ask):
    sides = ask()
    sides.lend("ship", barcode="B-7")
    sides.run()
    sides.borrow("receive")
    sides.borrow("check_out")
    shown = sides.borrow("undo")
    assert shown["state"] == "received"
    assert [i["checked_out_at"] for i in shown["items"]] == [None]


# --- people --------------------------------------------------------------------------------------------------------


def test_a_difficult_request_goes_to_the_next_role_and_back(ask):
    sides = ask()
    assistant = acting(sides.town, role="assistant")
    shown = assistant.act(sides.ours, "escalate", reason="rare book", due="2026-01-09")
    assert shown["queue"] == "librarian"
    assert sides.a.act(sides.ours, "escalate")["queue"] == "admin"
    shown = assistant.act(sides.ours, "hand_back")
    assert shown["queue"] is None
    assert "hand_back" not in shown["actions"]
    assert sides.borrow("assign", to="wang")["assignee"] == "wang"


def test_a_message_is_unread_until_somebody_answers(ask):
    sides = ask()
    sides.borrow("message", text="is it the second edition?")
    sides.run()
    assert sides.lent["unread"] == 1
    assert sides.lent["events"][-1]["text"] == "is it the second edition?"
    sides.lend("message", text="yes")
    sides.run()
    assert (sides.lent["unread"], sides.shown["unread"]) == (0, 1)
    assert sides.states == ("sent", "new")
    with pytest.raises(NotAllowed, match="empty"):
        sides.borrow("message")


def test_a_note_never_leaves_the_house(ask):
    sides = ask()
    sent = len(sides.network.sent)
    sides.borrow("note", note="the reader is the mayor")
    sides.borrow("cancel", reason="wants it no more", note="called twice")
    sides.run()
    assert len(sides.network.sent) > sent
    assert not any(word in str(s.message) for s in sides.network.sent for word in ("mayor", "called twice"))
    assert "mayor" not in str(sides.lent)
    assert "the reader is the mayor" in [e.get("text") for e in sides.shown["events"]]


# --- entry: suppliers, checks, limits ------------------------------------------------------------------------------


def test_the_rota_can_be_changed_while_it_runs(ask):
    sides = ask()
    shown = sides.borrow("set_suppliers", remove="ISIL:C")
    assert [r["partner"] for r in shown["rota"] if r["outcome"] is None and r["status"] != "skipped"] == ["ISIL:B"]
    sides.borrow("set_suppliers", add="ISIL:C")
    sides.lend("cannot_supply")
    sides.run()
    assert sides.shown["partner"] == "ISIL:C"


def test_an_unknown_supplier_is_refused_by_name_or_explained(ask):
    sides = ask(suppliers=["ISIL:NOBODY"])
    shown = sides.shown
    assert (shown["state"], shown["reasons"]) == ("review", ["no_supplier"])
    assert "ISIL:NOBODY" in str(shown["rota"])
    assert all(r["why"] for r in shown["rota"])


def test_an_override_needs_a_note_that_says_why(make_town, book):
    town = make_town("A", "B")
    a = town.staff("ISIL:A")
    a.submit(book)
    town.clock.advance(minutes=1)
    id = a.submit(book)
    assert a.get(id)["reasons"] == ["duplicate"]
    with pytest.raises(NotAllowed, match="note"):
        a.act(id, "override", reason="duplicate")
    with pytest.raises(NotAllowed, match="cost is not a reason"):
        a.act(id, "override", reason="cost", note="x")
    shown = a.act(id, "override", reason="duplicate", note="second copy for the reading group")
    assert (shown["state"], shown["reasons"]) == ("sent", [])
    assert shown["events"][-1]["text"] == "second copy for the reading group"


def test_edit_asks_the_checks_again(make_town, book):
    town = make_town("A", "B")
    a = town.staff("ISIL:A")
    id = a.submit({**book, "citation": {"title": "三体", "isbn": "9787536692931", "publication_type": "Book"}})
    shown = a.get(id)
    assert (shown["state"], shown["reasons"]) == ("review", ["incomplete"])
    assert a.act(id, "edit", citation={"isbn": "9787536692932"})["reasons"] == ["incomplete"]
    shown = a.act(id, "edit", citation={"isbn": "9787536692930"})
    assert (shown["state"], shown["citation"]["title"]) == ("sent", "三体")


def test_needed_by_in_the_past_is_reviewed_not_rejected(make_town, book):
    a = make_town("A", "B").staff("ISIL:A")
    shown = a.get(a.submit({**book, "needed_by": "2026-01-04"}))
    assert (shown["state"], shown["reasons"]) == ("review", ["incomplete"])
    assert shown["needed_by"] == "2026-01-04"
    assert a.act(shown["id"], "edit", needed_by="2026-02-04")["state"] == "sent"


def test_a_reader_over_the_limit_waits_and_moves_by_itself(make_town, book):
    town = make_town("A", "B", policy={"open_requests_per_reader": 1, "duplicate_window_days": 0})
    a = town.staff("ISIL:A")
    first, second, third = (a.submit(book) for _ in range(3))
    other = a.submit({**book, "reader": {"id": "R-2"}})
    town.run()
    assert [a.get(id)["state"] for id in (first, second, third, other)] == ["sent", "queued", "queued", "sent"]
    a.act(first, "close", outcome="cancelled_by_reader")
    town.run()
    assert [a.get(id)["state"] for id in (second, third)] == ["sent", "queued"]


def test_two_places_that_come_free_together_start_two_requests(make_town, book):
    town = make_town("A", "B", policy={"open_requests_per_reader": 2, "duplicate_window_days": 0})
    a = town.staff("ISIL:A")
    ids = [a.submit(book) for _ in range(4)]
    a.act(ids[0], "close", outcome="purchased")
    a.act(ids[1], "close", outcome="purchased")
    town.run()
    assert [a.get(id)["state"] for id in ids] == ["closed", "closed", "sent", "sent"]


def test_over_the_limit_a_person_decides_where_policy_wants_it(make_town, book):
    policy = {"open_requests_per_reader": 1, "over_limit": "review", "duplicate_window_days": 0}
    a = make_town("A", "B", policy=policy).staff("ISIL:A")
    a.submit(book)
    shown = a.get(a.submit(book))
    assert (shown["state"], shown["reasons"]) == ("review", ["over_limit"])


@pytest.mark.parametrize(
    ("approval", "fields", "stops"),
    [
        ({"all": True}, {}, True),
        ({"service_types": ["loan"]}, {}, True),
        ({"service_types": ["copy"]}, {}, False),
        ({"categories": ["student"]}, {"reader": {"id": "R-1", "category": "student"}}, True),
        ({"categories": ["student"]}, {"reader": {"id": "R-1", "category": "staff"}}, False),
        ({"cost_above": {"amount": "20", "currency": "CNY"}}, {"max_cost": {"amount": "50", "currency": "CNY"}}, True),
        ({"cost_above": {"amount": "20", "currency": "CNY"}}, {"max_cost": {"amount": "5", "currency": "CNY"}}, False),
        ({"all": True, "when": "after_locating"}, {}, True),
    ],
)
def test_policy_decides_which_requests_wait_for_approval(make_town, book, approval, fields, stops):
    town = make_town("A", "B", policy={"approval": approval})
    a = town.staff("ISIL:A")
    id = a.submit({**book, **fields})
    shown = a.get(id)
    assert (shown["state"], shown["reasons"]) == (("review", ["approval"]) if stops else ("sent", []))
    if stops:
        with pytest.raises(NotAllowed):
            acting(town, role="assistant").act(id, "approve")
        assert a.act(id, "approve")["state"] == "sent"


@pytest.mark.parametrize(("copy", "action"), [(False, "check_out"), (True, "deliver")])
def test_supply_from_the_own_shelves(make_town, book, article, copy, action):
    town = make_town("A", "B", policy={"approval": {"all": True}})
    a = town.staff("ISIL:A")
    id = a.submit(article if copy else book)
    assert a.act(id, "supply_locally")["state"] == "local_supply"
    shown = a.act(id, action)
    town.run()
    assert (shown["state"], shown["outcome"]) == ("completed", "filled_locally")
    assert town.network.sent == []


def test_not_on_the_shelf_after_all(make_town, book):
    town = make_town("A", "B", policy={"approval": {"all": True}})
    a = town.staff("ISIL:A")
    id = a.submit(book)
    a.act(id, "supply_locally")
    assert a.act(id, "next_supplier")["state"] == "sent"


# --- several items -------------------------------------------------------------------------------------------------


def test_volumes_travel_one_by_one(ask):
    sides = ask()
    shown = sides.lend("ship", items=[{"barcode": "V-1", "label": "卷1"}], more=True)
    assert shown["state"] == "new"
    sides.lend("ship", items=[{"barcode": "V-2", "label": "卷2"}])
    assert sides.run() == ("shipped", "shipped")
    assert [i["barcode"] for i in sides.shown["items"]] == ["V-1", "V-2"]
    assert sides.borrow("receive", items="V-1")["state"] == "shipped"
    assert sides.run() == ("shipped", "shipped")
    sides.borrow("receive", items="V-2")
    assert sides.run() == ("received", "received")
    sides.borrow("ship_return", items="1")
    assert sides.run() == ("received", "received")
    with pytest.raises(NotAllowed, match="no such item"):
        sides.borrow("ship_return", items="V-9")
    sides.borrow("ship_return", items="2")
    assert sides.run() == ("return_shipped", "return_shipped")
    assert sides.lend("check_in", items="V-1")["state"] == "return_shipped"
    sides.lend("check_in", items="V-2")
    assert sides.run() == ("completed", "completed")


# --- who may not ---------------------------------------------------------------------------------------------------


def test_a_partner_acts_and_reads_by_messages_alone(ask):
    sides = ask()
    before = sides.shown
    partner = acting(sides.town, kind="partner", id="ISIL:B")
    for verb in (
        lambda: partner.act(sides.ours, "cancel"),
        lambda: partner.submit({"service_type": "loan", "citation": {"title": "红楼梦"}}),
        lambda: partner.get(sides.ours),
        lambda: partner.find(),
    ):
        with pytest.raises(NotAllowed, match="message"):
            verb()
    assert sides.shown == before


def test_what_the_table_refuses_to_a_program_of_the_house_is_said_and_writes_nothing(ask):
    sides = ask()
    before = sides.shown
    program = acting(sides.town, kind="system", id="nightly")
    with pytest.raises(NotAllowed, match="check_out is not allowed in state sent"):
        program.act(sides.ours, "check_out")
    assert sides.shown == before


def test_an_empty_note_is_no_note(ask):
    with pytest.raises(Invalid, match="the note is empty"):
        ask().borrow("note", note=" ")
