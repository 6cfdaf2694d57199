"""A loan from the reader's wish to the book back on its owner's shelf, between two engines on real databases."""

import pytest
from sqlalchemy import select

from illcore.tables import attempt
from illcore.testing.network import Town

BOOK = {
    "service_type": "loan",
    "citation": {"title": "三体", "author": "刘慈欣", "isbn": "9787536692930", "publication_type": "Book"},
    "reader": {"id": "R-1", "name": "李雷", "email": "lilei@example.org"},
}
pytestmark = pytest.mark.filterwarnings("error")


def pair(town: Town, ours: str, theirs: str) -> tuple[str, str]:
    return town.staff("ISIL:A").get(ours)["state"], town.staff("ISIL:B").get(theirs)["state"]


def asked(town: Town, **more: object) -> tuple[str, str]:
    ours = town.staff("ISIL:A").submit({**BOOK, **more})
    town.run()
    return ours, town.staff("ISIL:B").find()[0]["id"]


def test_a_loan_goes_out_and_comes_back(town: Town) -> None:
    ours, theirs = asked(town)
    a, b = town.staff("ISIL:A"), town.staff("ISIL:B")
    steps = [
        (b, theirs, "will_supply", {}, ("will_supply", "will_supply")),
        (b, theirs, "print_slip", {}, ("will_supply", "picking")),
        (b, theirs, "ship", {"barcode": "B-77"}, ("shipped", "shipped")),
        (a, ours, "receive", {}, ("received", "received")),
        (a, ours, "check_out", {}, ("on_loan", "received")),
        (a, ours, "renew", {}, ("renew_pending", "renew_requested")),
        (b, theirs, "accept_renew", {}, ("on_loan", "received")),
        (a, ours, "check_in", {}, ("returned", "received")),
        (a, ours, "ship_return", {}, ("return_shipped", "return_shipped")),
        (b, theirs, "check_in", {}, ("completed", "completed")),
    ]
    for who, id, action, details, after in steps:
        assert action in who.get(id)["actions"]
        who.act(id, action, **details)
        town.run()
        assert pair(town, ours, theirs) == after, action
    shown, lent = a.get(ours), b.get(theirs)
    assert (shown["outcome"], lent["outcome"]) == ("filled", "filled")
    assert not shown["needs_attention"]
    assert not lent["needs_attention"]
    assert [i["barcode"] for i in shown["items"]] == ["B-77"]
    assert shown["requesting_agency_request_id"] == ours == lent["requesting_agency_request_id"]
    assert shown["supplying_agency_request_id"] == theirs
    assert [e["seq"] for e in shown["events"]] == list(range(1, shown["version"] + 1))


def test_the_reader_never_leaves_the_house(town: Town) -> None:
    ours, theirs = asked(town)
    assert "李雷" not in str([s.message for s in town.network.sent])
    assert "R-1" not in str([s.message for s in town.network.sent])
    assert town.staff("ISIL:A").get(ours)["reader"] == {"id": "R-1"}
    assert town.staff("ISIL:B").get(theirs)["reader"] is None


def test_a_copy_by_url_is_delivered(town: Town) -> None:
    a, b = town.staff("ISIL:A"), town.staff("ISIL:B")
    ours = a.submit(
        {
            "service_type": "copy",
            "citation": {
                "title": "图书馆学报",
                "title_of_component": "馆际互借研究",
                "year": "2024",
                "issue": "3",
                "pages": "12-20",
                "publication_type": "Article",
            },
        }
    )
    town.run()
    theirs = b.find()[0]["id"]
    b.act(theirs, "supply_document", url="https://files.example.org/a.pdf")
    town.run()
    assert pair(town, ours, theirs) == ("received", "shipped")
    assert [d["url"] for d in a.get(ours)["documents"]] == ["https://files.example.org/a.pdf"]
    a.act(ours, "reject_delivery", reason="page 14 is missing")
    town.run()
    assert pair(town, ours, theirs) == ("will_supply", "will_supply")
    assert [x["reason"] for x in b.get(theirs)["attention"]] == ["quality"]
    town.clock.advance(hours=1)
    b.act(theirs, "supply_document", url="https://files.example.org/b.pdf")
    town.run()
    a.act(ours, "deliver")
    town.run()
    assert pair(town, ours, theirs) == ("completed", "completed")
    assert not b.get(theirs)["needs_attention"]


def test_unfilled_moves_on_to_the_next_library(town: Town) -> None:
    ours, theirs = asked(town)
    town.staff("ISIL:B").act(theirs, "cannot_supply", reason="NotHeld")
    town.run()
    a, c = town.staff("ISIL:A"), town.staff("ISIL:C")
    shown = a.get(ours)
    assert shown["state"] == "sent"
    assert shown["partner"] == "ISIL:C"
    assert shown["requesting_agency_request_id"] == f"{ours}-2"
    assert [(r["partner"], r["outcome"]) for r in shown["rota"]] == [("ISIL:B", "unfilled"), ("ISIL:C", None)]
    assert "NotHeld" in shown["rota"][0]["why"]
    last = c.find()[0]["id"]
    c.act(last, "cannot_supply", reason="NotOnShelf")
    town.run()
    end = a.get(ours)
    assert (end["state"], end["reasons"]) == ("review", ["no_supplier"])
    a.act(ours, "set_suppliers", suppliers="ISIL:B")
    a.act(ours, "send")
    town.run()
    again = a.get(ours)
    assert (again["state"], again["requesting_agency_request_id"]) == ("sent", f"{ours}-3")


def test_a_silent_library_is_left_with_a_cancel(town: Town) -> None:
    ours, theirs = asked(town)
    town.wait(days=9)
    assert town.staff("ISIL:A").get(ours)["partner"] == "ISIL:C"
    assert town.staff("ISIL:B").get(theirs)["state"] == "cancel_requested"
    town.staff("ISIL:B").act(theirs, "accept_cancel")
    town.run()
    assert town.staff("ISIL:B").get(theirs)["state"] == "cancelled"
    assert town.staff("ISIL:A").get(ours)["state"] == "sent"


def test_conditions_are_accepted_by_number(town: Town) -> None:
    ours, theirs = asked(town)
    a, b = town.staff("ISIL:A"), town.staff("ISIL:B")
    b.act(theirs, "add_conditions", code="LibraryUseOnly")
    town.run()
    b.act(theirs, "add_conditions", cost="12.50 CNY")
    town.run()
    conditions = a.get(ours)["conditions"]
    assert [(c["number"], c["code"], c["cost"]) for c in conditions] == [
        (1, "LibraryUseOnly", None),
        (2, "", {"amount": "12.50", "currency": "CNY"}),
    ]
    a.act(ours, "accept_conditions")
    town.run()
    assert pair(town, ours, theirs) == ("will_supply", "will_supply")
    assert {c["answer"] for c in b.get(theirs)["conditions"]} == {"accepted"}


def test_a_reader_cancels_and_the_supplier_refuses(town: Town) -> None:
    ours, theirs = asked(town)
    a, b = town.staff("ISIL:A"), town.staff("ISIL:B")
    b.act(theirs, "will_supply")
    town.run()
    a.act(ours, "cancel")
    town.run()
    assert pair(town, ours, theirs) == ("cancel_pending", "cancel_requested")
    b.act(theirs, "reject_cancel")
    town.run()
    assert pair(town, ours, theirs) == ("will_supply", "will_supply")


def test_retry_under_a_new_id_reopens_the_same_request(town: Town) -> None:
    ours, theirs = asked(town)
    a, b = town.staff("ISIL:A"), town.staff("ISIL:B")
    b.act(theirs, "ask_retry", reason="OnLoan")
    town.run()
    assert pair(town, ours, theirs) == ("retry_offered", "retry_asked")
    a.act(ours, "accept_retry")
    town.run()
    assert pair(town, ours, theirs) == ("sent", "new")
    assert b.get(theirs)["requesting_agency_request_id"] == f"{ours}-2"
    assert len(b.find()) == 1


def test_a_late_word_under_the_id_before_a_retry_cancels_nothing(town: Town) -> None:
    ours, theirs = asked(town)
    a, b = town.staff("ISIL:A"), town.staff("ISIL:B")
    b.act(theirs, "will_supply")
    town.run()
    promise = town.network.sent[-1].message
    b.act(theirs, "ask_retry", reason="OnLoan")
    town.run()
    a.act(ours, "accept_retry")
    town.run()
    late = promise.model_copy(update={"last_change": town.clock.now(), "timestamp": town.clock.now()})
    town.engines["ISIL:A"].ingest(late.model_dump_json(exclude_defaults=True).encode(), "wire:main")
    town.run()
    assert pair(town, ours, theirs) == ("sent", "new")


def test_the_reason_for_no_outlives_what_the_supplier_says_later(town: Town) -> None:
    _, theirs = asked(town)
    town.staff("ISIL:B").act(theirs, "cannot_supply", reason="NotHeld")
    town.run()
    late = town.network.sent[-2].message.model_copy(
        update={"status": "WillSupply", "last_change": town.clock.now(), "timestamp": town.clock.now()}
    )
    assert late.status == "WillSupply"
    town.engines["ISIL:A"].ingest(late.model_dump_json(exclude_defaults=True).encode(), "wire:main")
    with town.engines["ISIL:A"].database.read() as connection:
        rows = connection.execute(select(attempt.c.n, attempt.c.reason).order_by(attempt.c.n)).all()
    assert [tuple(row) for row in rows] == [(1, "NotHeld"), (2, "")]
