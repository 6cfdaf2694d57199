"""Two libraries that write structured mails to each other: whole lives of requests, conditions, renewals, losses."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from illcore_email.testing import ARTICLE, BOOK, BOX, OURS, THEIR_BOX, THEIRS, Office, Opened, knows


@dataclass
class Pair:
    """A borrows, B lends; every mail is carried over as it is."""

    a: Office
    b: Office
    carried: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        for _ in range(20):
            for one, other in ((self.a, self.b), (self.b, self.a)):
                one.engine.run_due()
                begin = self.carried.get(one.symbol, 0)
                self.carried[one.symbol] = len(one.sent)
                for raw in one.sent[begin:]:
                    taken = other.take(raw)
                    assert taken["class"] in ("reply", "request"), taken
            if all(len(one.sent) == self.carried.get(one.symbol, 0) for one in (self.a, self.b)):
                return
        raise AssertionError("the libraries never come to rest")

    def ask(self, what: dict[str, Any]) -> tuple[str, str]:
        ours = self.a.staff.submit(what)
        self.run()
        return ours, str(self.b.staff.find()[0]["id"])

    def states(self, ours: str, theirs: str) -> tuple[str, str]:
        return self.a.state(ours), self.b.state(theirs)


@pytest.fixture(params=["gsm", "form", "artemail"])
def pair(request: pytest.FixtureRequest, open_office: Opened) -> Pair:
    made = Pair(open_office(OURS, BOX), open_office(THEIRS, THEIR_BOX))
    address = {"format": request.param, "language": "zh"}
    knows(made.a, THEIRS, THEIR_BOX, address=address)
    knows(made.b, OURS, BOX, address=address)
    return made


def test_a_loan_goes_out_and_comes_back(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    a, b = pair.a.staff, pair.b.staff
    for who, id, action, details, after in (
        (b, theirs, "will_supply", {}, ("will_supply", "will_supply")),
        (b, theirs, "ship", {"barcode": "B-77", "call_number": "I242.4/12"}, ("shipped", "shipped")),
        (a, ours, "receive", {}, ("received", "received")),
        (a, ours, "check_out", {}, ("on_loan", "received")),
        (a, ours, "renew", {}, ("renew_pending", "renew_requested")),
        (b, theirs, "accept_renew", {"due_date": "2026-03-31"}, ("on_loan", "received")),
        (a, ours, "check_in", {}, ("returned", "received")),
        (a, ours, "ship_return", {}, ("return_shipped", "return_shipped")),
        (b, theirs, "check_in", {}, ("completed", "completed")),
    ):
        who.act(id, action, **details)
        pair.run()
        assert pair.states(ours, theirs) == after, action
    shown, lent = a.get(ours), b.get(theirs)
    assert (shown["outcome"], lent["outcome"]) == ("filled", "filled")
    assert not shown["needs_attention"]
    assert [(item["barcode"], item["call_number"]) for item in shown["items"]] == [("B-77", "I242.4/12")]
    assert shown["supplying_agency_request_id"] == theirs
    assert lent["citation"]["title"] == "红楼梦"
    assert lent["reader"] is None
    for raw in pair.a.sent + pair.b.sent:
        assert "李雷".encode() not in raw
        assert b"lilei" not in raw


def test_a_copy_is_sent_found_wrong_and_sent_again(pair: Pair) -> None:
    ours, theirs = pair.ask(ARTICLE)
    b = pair.b.staff
    b.act(theirs, "supply_document", url="https://files.example.org/a.pdf?k=1&l=2")
    pair.run()
    assert pair.states(ours, theirs) == ("received", "shipped")
    assert "https://files.example.org/a.pdf?k=1&l=2" in str(pair.a.staff.get(ours)["documents"])
    pair.a.staff.act(ours, "reject_delivery", reason="缺第 13 页")
    pair.run()
    assert pair.states(ours, theirs) == ("will_supply", "will_supply")
    b.act(theirs, "supply_document", url="https://files.example.org/b.pdf")
    pair.run()
    pair.a.staff.act(ours, "deliver")
    pair.run()
    assert pair.states(ours, theirs) == ("completed", "completed")


def test_conditions_are_shown_and_accepted(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    cost = {"amount": "12.50", "currency": "CNY"}
    pair.b.staff.act(theirs, "add_conditions", code="LibraryUseOnly", text="仅限馆内 | 阅览", cost=cost)
    pair.run()
    assert pair.states(ours, theirs) == ("conditional", "conditional")
    shown = [(each["code"], each["text"], each["cost"]) for each in pair.a.staff.get(ours)["conditions"]]
    assert shown == [("LibraryUseOnly", "仅限馆内 / 阅览", cost)]
    pair.a.staff.act(ours, "accept_conditions")
    pair.run()
    assert pair.states(ours, theirs) == ("will_supply", "will_supply")


def test_no_is_no(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.b.staff.act(theirs, "cannot_supply", reason="NotOnShelf")
    pair.run()
    assert pair.states(ours, theirs) == ("review", "unfilled")
    assert pair.a.staff.get(ours)["reasons"] == ["no_supplier"]


def test_a_cancel_is_refused_after_shipping(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.a.staff.act(ours, "cancel")
    pair.run()
    assert pair.states(ours, theirs) == ("cancel_pending", "cancel_requested")
    pair.b.staff.act(theirs, "reject_cancel", reason="已寄出")
    pair.run()
    assert pair.states(ours, theirs)[0] == "sent"


def test_words_between_people_arrive_as_words(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    text = "#lost# 请小心保管 <古籍>\nACT:Cancel\nSTA:Unfilled\nACTION=Cancel\nStatus: Unfilled"
    pair.a.staff.act(ours, "message", text=text)
    pair.b.staff.act(theirs, "message", text=text)
    pair.run()
    assert pair.states(ours, theirs) == ("sent", "new")
    for office, id in ((pair.a, ours), (pair.b, theirs)):
        got = [event for event in office.staff.get(id)["events"] if event["type"] == "Message"]
        assert len(got) == 1
        assert "请小心保管 <古籍>" in got[0]["text"]


def test_recall_loss_and_settlement(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.b.staff.act(theirs, "ship", barcode="B-77")
    pair.run()
    pair.a.staff.act(ours, "receive")
    pair.b.staff.act(theirs, "recall")
    pair.run()
    assert pair.states(ours, theirs) == ("recalled", "recalled")
    pair.a.staff.act(ours, "report_lost")
    pair.run()
    assert pair.states(ours, theirs) == ("lost", "lost")
    pair.b.staff.act(theirs, "waive_return", outcome="lost_settled")
    pair.run()
    assert pair.states(ours, theirs) == ("completed", "completed")


def test_every_mail_taken_twice_changes_nothing_more(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.b.staff.act(theirs, "ship", barcode="B-77")
    pair.run()
    versions = pair.a.staff.get(ours)["version"], pair.b.staff.get(theirs)["version"]
    first = pair.a.take(pair.b.sent[-1])
    assert first == {"class": "reply", "request": ours, "event": "Loaned", "state": "shipped"}
    assert pair.b.take(pair.a.sent[0])["class"] == "request"
    assert (pair.a.staff.get(ours)["version"], pair.b.staff.get(theirs)["version"]) == versions
    assert len(pair.b.staff.find()) == 1


def test_the_status_is_asked_and_told(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.a.staff.act(ours, "ask_status")
    pair.run()
    assert pair.states(ours, theirs) == ("sent", "new")
    assert [event["type"] for event in pair.a.staff.get(ours)["events"]].count("RequestReceived") == 1
