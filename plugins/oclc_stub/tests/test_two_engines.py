"""Two libraries that lend to each other through the served stub, in real HTTP: whole lives of requests."""

from collections.abc import Callable
from typing import Any

import pytest

from illcore.model import Citation
from illcore_oclc_stub.stub.faults import Fault
from illcore_oclc_stub.testing import A, B, C, Library, Region, database_in, open_library

BOOK: dict[str, Any] = {
    "service_type": "loan",
    "citation": {"title": "红楼梦", "author": "曹雪芹", "isbn": "9787020002207", "publication_type": "Book"},
    "reader": {"id": "R-1", "name": "李雷", "email": "lilei@example.org"},
}
ARTICLE: dict[str, Any] = {
    "service_type": "copy",
    "citation": {
        "title": "图书馆学报",
        "title_of_component": "馆际互借研究",
        "year": "2024",
        "volume": "40",
        "issue": "3",
        "pages": "12-20",
        "doi": "10.1000/182",
        "publication_type": "Article",
    },
    "reader": {"id": "R-2", "name": "韩梅梅"},
}


class Pair:
    """A borrows, B lends."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.a, self.b = region.libraries
        self.ours = self.theirs = ""

    def ask(self, what: dict[str, Any], **more: Any) -> None:
        self.ours = self.a.staff.submit({**what, "suppliers": [f"ISIL:{B.symbol}"], **more})
        self.region.run()
        self.theirs = str(self.b.staff.find()[0]["id"])

    def act(self, who: str, action: str, **details: Any) -> tuple[str, str]:
        library, id = (self.a, self.ours) if who == "a" else (self.b, self.theirs)
        library.staff.act(id, action, **details)
        self.region.run()
        return self.states()

    def states(self) -> tuple[str, str]:
        return self.a.state(self.ours), self.b.state(self.theirs)

    def shown(self, library: Library) -> dict[str, Any]:
        return dict(library.staff.get(self.ours if library is self.a else self.theirs))

    def kept(self) -> list[dict[str, Any]]:
        """The requests as OCLC has them."""
        return [each.shown() for each in self.region.served.stub.lending.requests.values()]


@pytest.fixture
def pair(region: Region) -> Pair:
    return Pair(region)


@pytest.mark.parametrize("region", ["sqlite", "postgresql"], indirect=True)
def test_a_loan_goes_out_and_comes_back(pair: Pair) -> None:
    pair.ask(BOOK, needed_by="2099-06-30", max_cost={"amount": "20.00", "currency": "CNY"})
    for who, action, details, after in (
        ("b", "will_supply", {}, ("will_supply", "will_supply")),
        ("b", "ship", {"barcode": "B-77", "call_number": "I242.4/12"}, ("shipped", "shipped")),
        ("a", "receive", {}, ("received", "received")),
        ("a", "check_out", {}, ("on_loan", "received")),
        ("a", "renew", {}, ("renew_pending", "renew_requested")),
        ("b", "accept_renew", {"due_date": "2099-01-31"}, ("on_loan", "received")),
        ("a", "check_in", {}, ("returned", "received")),
        ("a", "ship_return", {}, ("return_shipped", "return_shipped")),
        ("b", "check_in", {}, ("completed", "completed")),
    ):
        assert pair.act(who, action, **details) == after, action
    shown, lent = pair.shown(pair.a), pair.shown(pair.b)
    assert (shown["outcome"], lent["outcome"]) == ("filled", "filled")
    assert not shown["needs_attention"]
    assert not lent["needs_attention"]
    assert [(item["barcode"], item["call_number"]) for item in shown["items"]] == [("B-77", "I242.4/12")]
    assert shown["supplying_agency_request_id"] == lent["requesting_agency_request_id"]
    assert lent["citation"]["title"] == "红楼梦"
    assert lent["citation"]["isbn"] == "9787020002207"
    assert (lent["needed_by"], lent["partner"]) == ("2099-06-30", f"ISIL:{A.symbol}")
    assert [each["requestStatus"] for each in pair.kept()] == ["CLOSED"]


def test_a_copy_is_delivered_by_url_found_wrong_and_sent_again(pair: Pair) -> None:
    pair.ask(ARTICLE)
    lent = pair.shown(pair.b)["citation"]
    assert (lent["volume"], lent["issue"], lent["pages"], lent["doi"]) == ("40", "3", "12-20", "10.1000/182")
    assert lent["title_of_component"] == "馆际互借研究"
    url = "https://files.example.org/a.pdf?k=1&l=2"
    assert pair.act("b", "supply_document", url=url) == ("received", "shipped")
    assert url in str(pair.shown(pair.a)["documents"])
    assert pair.act("a", "reject_delivery", reason="缺第 13 页") == ("will_supply", "will_supply")
    assert "缺第 13 页" in str(pair.shown(pair.b)["events"])
    assert pair.act("b", "supply_document", url="https://files.example.org/b.pdf") == ("received", "shipped")
    assert pair.act("a", "deliver") == ("completed", "completed")


def test_conditions_are_shown_and_accepted(pair: Pair) -> None:
    pair.ask(BOOK)
    cost = {"amount": "12.50", "currency": "CNY"}
    conditional = ("conditional", "conditional")
    assert pair.act("b", "add_conditions", code="LibraryUseOnly", text="仅限馆内阅览", cost=cost) == conditional
    shown = [(each["code"], each["text"], each["cost"]) for each in pair.shown(pair.a)["conditions"]]
    assert shown == [("LibraryUseOnly", "仅限馆内阅览", cost)]
    assert pair.act("a", "accept_conditions") == ("will_supply", "will_supply")


def test_no_is_no_with_its_reason(pair: Pair) -> None:
    pair.ask(BOOK)
    assert pair.act("b", "cannot_supply", reason="NotOnShelf") == ("review", "unfilled")
    assert pair.shown(pair.a)["reasons"] == ["no_supplier"]
    assert "NotOnShelf" in str(pair.shown(pair.a)["events"])


def test_a_retry_is_a_new_request_that_names_the_old_one(pair: Pair) -> None:
    pair.ask(BOOK)
    assert pair.act("b", "ask_retry", reason="OnLoan") == ("retry_offered", "retry_asked")
    assert pair.act("a", "accept_retry") == ("sent", "new")
    first, second = pair.kept()
    assert second["previousRequestId"] == str(first["requestId"])
    assert pair.act("b", "will_supply") == ("will_supply", "will_supply")


@pytest.mark.parametrize(
    ("answer", "after"), [("accept_cancel", ("cancelled", "cancelled")), ("reject_cancel", ("sent", "new"))]
)
def test_a_cancel_is_answered(pair: Pair, answer: str, after: tuple[str, str]) -> None:
    pair.ask(BOOK)
    assert pair.act("a", "cancel") == ("cancel_pending", "cancel_requested")
    assert pair.act("b", answer) == after


def test_a_cancel_that_comes_after_shipping_loses_the_race(pair: Pair) -> None:
    pair.ask(BOOK)
    pair.act("b", "will_supply")
    pair.b.staff.act(pair.theirs, "ship", barcode="B-77")
    pair.b.engine.run_due()
    pair.a.staff.act(pair.ours, "cancel")
    pair.region.run()
    assert pair.states() == ("shipped", "shipped")


def test_recall_loss_and_settlement(pair: Pair) -> None:
    pair.ask(BOOK)
    pair.act("b", "ship", barcode="B-77")
    pair.act("a", "receive")
    assert pair.act("b", "recall") == ("recalled", "recalled")
    assert pair.act("a", "report_lost") == ("lost", "lost")
    assert pair.act("b", "waive_return", outcome="lost_settled") == ("completed", "completed")


def test_words_between_people_arrive_as_words_on_both_sides(pair: Pair) -> None:
    pair.ask(BOOK)
    pair.act("a", "message", text="请小心保管 <古籍>")
    assert pair.act("b", "message", text="#looks like a token# 好的") == ("sent", "new")
    for library, words in ((pair.b, "请小心保管 <古籍>"), (pair.a, "好的")):
        got = [event for event in pair.shown(library)["events"] if event["type"] == "Message"]
        assert [words in event["text"] for event in got if event["actor"]["kind"] == "partner"] == [True]


def test_the_status_is_asked_and_told_once(pair: Pair) -> None:
    pair.ask(BOOK)
    assert pair.act("a", "ask_status") == ("sent", "new")
    told = [event["type"] for event in pair.shown(pair.a)["events"]].count("RequestReceived")
    assert told == 1
    pair.region.run()
    version = pair.shown(pair.a)["version"]
    pair.region.run()
    assert pair.shown(pair.a)["version"] == version


def test_polling_again_and_again_changes_nothing(pair: Pair) -> None:
    pair.ask(BOOK)
    pair.act("b", "ship", barcode="B-77")
    before = pair.shown(pair.a)["version"], pair.shown(pair.b)["version"]
    for _ in range(3):
        pair.region.run()
    assert (pair.shown(pair.a)["version"], pair.shown(pair.b)["version"]) == before
    assert len(pair.b.staff.find()) == 1


def test_no_reader_is_ever_named_to_oclc(pair: Pair) -> None:
    pair.ask({**BOOK, "note": "for R-1"})
    pair.act("b", "ship")
    pair.act("a", "receive")
    served = pair.region.served
    for body in [call.get("body", b"") for call in served.stub.calls]:
        for personal in ("李雷", "lilei", "R-1", "patron"):
            assert personal.encode() not in body
    assert served.stub.lending.patrons == 0


def test_a_request_of_a_library_that_is_no_partner_waits_until_it_is_one(region: Region, tmp_path: Any) -> None:
    stranger = open_library(database_in(tmp_path, C), C, region.served.account(C))
    stranger.knows(B)
    region.libraries.append(stranger)
    ours = stranger.staff.submit({**BOOK, "suppliers": [f"ISIL:{B.symbol}"]})
    region.run()
    b = region.libraries[1]
    assert b.staff.find() == []
    b.knows(C)
    region.run()
    assert [each["partner"] for each in b.staff.find()] == [f"ISIL:{C.symbol}"]
    b.staff.act(b.staff.find()[0]["id"], "will_supply")
    region.run()
    assert stranger.state(ours) == "will_supply"


def test_a_lender_that_is_no_supplier_counts_as_unfilled(region: Region) -> None:
    from illcore_oclc_stub.stub.members import DEFAULT_MEMBERS

    a = region.libraries[0]
    a.knows(DEFAULT_MEMBERS[3])
    id = a.staff.submit({**BOOK, "suppliers": ["ISIL:XNO", "ISIL:XBB"]})
    region.run()
    shown = a.staff.get(id)
    assert (shown["state"], shown["partner"]) == ("sent", "ISIL:XBB")
    assert "30005" in str(shown["events"])


@pytest.mark.parametrize("fault", ["lost_answer", "truncated", "server_error", "wrong_type", "unavailable"])
def test_a_create_that_went_wrong_makes_one_request_and_no_second(pair: Pair, fault: str) -> None:
    stub = pair.region.served.stub
    stub.spoil(Fault(name=fault, area="ill", method="POST"))
    pair.ours = pair.a.staff.submit({**BOOK, "suppliers": [f"ISIL:{B.symbol}"]})
    pair.region.run()
    try_again(pair.a, lambda: pair.a.staff.get(pair.ours)["supplying_agency_request_id"] is not None)
    pair.region.run()
    assert len(pair.kept()) == 1
    pair.theirs = str(pair.b.staff.find()[0]["id"])
    assert pair.act("b", "will_supply") == ("will_supply", "will_supply")


def test_an_answer_that_comes_before_we_know_our_request_was_made_is_not_lost(pair: Pair) -> None:
    stub = pair.region.served.stub
    stub.spoil(Fault(name="lost_answer", area="ill", method="POST"))
    pair.ours = pair.a.staff.submit({**BOOK, "suppliers": [f"ISIL:{B.symbol}"]})
    pair.region.run()
    pair.theirs = str(pair.b.staff.find()[0]["id"])
    assert pair.act("b", "will_supply") == ("will_supply", "will_supply")


def test_an_action_whose_answer_was_lost_is_not_taken_twice(pair: Pair) -> None:
    pair.ask(BOOK)
    pair.act("b", "ship", barcode="B-77")
    pair.region.served.stub.spoil(Fault(name="lost_answer", area="ill", method="POST", path="RECEIVE"))
    pair.act("a", "receive")
    try_again(pair.a, lambda: outbox_is_empty(pair.a))
    actions = [entry["action"] for entry in pair.kept()[0]["history"]]
    assert actions == ["SUBMIT", "SHIP", "RECEIVE"]
    assert pair.states() == ("received", "received")


def test_an_account_for_a_library_that_is_not_served_says_so(region: Region, tmp_path: Any) -> None:
    account = region.served.account(C, "ISIL:NOT-HERE")
    library = open_library(database_in(tmp_path, C), C, account)
    region.libraries.append(library)
    account = library.staff.search(Citation(isbn="9787020002207"))["accounts"][0]
    assert account["status"] == "misconfigured"
    assert "ISIL:NOT-HERE is not a library" in account["error"]


def test_a_search_names_the_holders_that_are_partners(region: Region) -> None:
    found = region.libraries[0].staff.search(Citation(isbn="9787020002207"))
    assert [(each["account"], each["library"]) for each in found["holdings"]] == [
        ("oclc:main", "OCLC:XBB"),
        ("oclc:main", "OCLC:XCC"),
    ]


def test_without_named_suppliers_who_holds_it_by_worldcat_is_asked(region: Region) -> None:
    a, b = region.libraries
    id = a.staff.submit(BOOK)
    region.run()
    assert (a.state(id), a.staff.get(id)["partner"]) == ("sent", f"ISIL:{B.symbol}")
    assert "Holds it" in a.staff.get(id)["rota"][0]["why"]
    assert [each["state"] for each in b.staff.find()] == ["new"]


def outbox_is_empty(library: Library) -> bool:
    from illcore import outbox

    with library.engine.database.read() as connection:
        return all(not lane.pending for lane in outbox.status(connection))


def try_again(library: Library, done: Callable[[], bool]) -> None:
    """What waits for its next try is tried now."""
    from sqlalchemy import update

    from illcore.tables import outbox as table

    for _ in range(5):
        if done():
            return
        with library.engine.database.write() as connection:
            connection.execute(update(table).where(table.c.status == "pending").values(due=library.engine.clock.now()))
        library.engine.run_due()
    assert done()
