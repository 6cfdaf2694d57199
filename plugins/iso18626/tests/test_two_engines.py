"""Two engines with a database each, over real HTTP: whole lives of requests, races, and messages written by hand."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

import illcore_iso18626
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.session import Session
from illcore.store import create_schema
from illcore.testing.fakes import given
from illcore_iso18626.reader import read_message

A, B = "ISIL:CN-110001", "ISIL:CN-320006"
BOOK = {
    "service_type": "loan",
    "citation": {"title": "红楼梦", "author": "曹雪芹", "isbn": "9787020002207", "publication_type": "Book"},
    "reader": {"id": "R-1", "name": "李雷", "email": "lilei@example.org"},
}
ARTICLE = {
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
XML = {"Content-Type": "application/xml; charset=utf-8"}


class Server:
    """An engine's endpoint on a free port of this machine, served from a thread."""

    def __init__(self, engine: Engine) -> None:
        app = engine.mounts()["/iso18626"]
        self._server = uvicorn.Server(uvicorn.Config(app, ws="none", lifespan="off", log_level="error"))
        # one that says it is TCP: asyncio leaves Nagle's algorithm on for others, and each answer waits for 40 ms
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(64)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/iso18626"
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


@dataclass
class Pair:
    """A borrows, B lends."""

    engines: dict[str, Engine]
    servers: dict[str, Server]

    def staff(self, symbol: str) -> Session:
        return self.engines[symbol].as_(Actor(kind="staff", id="anna", library=symbol, role="admin"))

    def run(self) -> None:
        for _ in range(50):
            reports = [engine.run_due() for engine in self.engines.values()]
            if not any(report.sent or report.events for report in reports):
                return
        raise AssertionError("the libraries never come to rest")

    def ask(self, what: dict[str, Any], **more: Any) -> tuple[str, str]:
        """Submit at A; the two ids."""
        ours = self.staff(A).submit({**what, **more})
        self.run()
        return ours, self.staff(B).find()[0]["id"]

    def states(self, ours: str, theirs: str) -> tuple[str, str]:
        return self.staff(A).get(ours)["state"], self.staff(B).get(theirs)["state"]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair({}, {})
    for symbol in (A, B):
        url = f"sqlite:///{tmp_path / symbol[-6:]}.db"
        create_schema(url)
        config = {
            "library": symbol,
            "synchronous": "NORMAL",
            "accounts": {"iso18626:main": {}},
            "libraries": {symbol: {"name_zh": "馆", "address": {"line1": "颐和园路5号", "locality": "北京"}}},
        }
        engine = Engine.open(url, config, plugins=[given(illcore_iso18626)])
        made.engines[symbol], made.servers[symbol] = engine, Server(engine)
    for own, other in ((A, B), (B, A)):
        engine = made.engines[own]
        partner = Partner(symbol=other, account="iso18626:main", address={"url": made.servers[other].url})
        with engine.database.write() as connection:
            put(connection, own, partner, engine.clock.now())
    yield made
    for server in made.servers.values():
        server.close()
    for engine in made.engines.values():
        engine.close()


def test_a_loan_goes_out_and_comes_back(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    a, b = pair.staff(A), pair.staff(B)
    steps: list[tuple[Session, str, str, dict[str, Any], tuple[str, str]]] = [
        (b, theirs, "will_supply", {}, ("will_supply", "will_supply")),
        (b, theirs, "ship", {"barcode": "B-77", "call_number": "I242.4/12"}, ("shipped", "shipped")),
        (a, ours, "receive", {}, ("received", "received")),
        (a, ours, "check_out", {}, ("on_loan", "received")),
        (a, ours, "renew", {}, ("renew_pending", "renew_requested")),
        (b, theirs, "accept_renew", {"due_date": "2099-01-31"}, ("on_loan", "received")),
        (a, ours, "check_in", {}, ("returned", "received")),
        (a, ours, "ship_return", {}, ("return_shipped", "return_shipped")),
        (b, theirs, "check_in", {}, ("completed", "completed")),
    ]
    for who, id, action, details, after in steps:
        who.act(id, action, **details)
        pair.run()
        assert pair.states(ours, theirs) == after, action
    shown, lent = a.get(ours), b.get(theirs)
    assert (shown["outcome"], lent["outcome"]) == ("filled", "filled")
    assert not shown["needs_attention"]
    assert not lent["needs_attention"]
    assert [(item["barcode"], item["call_number"]) for item in shown["items"]] == [("B-77", "I242.4/12")]
    assert shown["supplying_agency_request_id"] == theirs
    assert lent["citation"]["title"] == "红楼梦"
    assert lent["reader"] is None
    assert "李雷" not in str(lent)


def test_several_volumes_travel_in_one_message(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    volumes = [{"barcode": "B-1", "label": "上册"}, {"barcode": "B-2", "label": "下册"}]
    pair.staff(B).act(theirs, "ship", items=volumes)
    pair.run()
    items = pair.staff(A).get(ours)["items"]
    assert [(item["barcode"], item["label"]) for item in items] == [("B-1", "上册"), ("B-2", "下册")]


def test_a_copy_is_delivered_by_url(pair: Pair) -> None:
    ours, theirs = pair.ask(ARTICLE)
    pair.staff(B).act(theirs, "supply_document", url="https://files.example.org/a.pdf?k=1&l=2")
    pair.run()
    shown = pair.staff(A).get(ours)
    assert pair.states(ours, theirs) == ("received", "shipped")
    assert "https://files.example.org/a.pdf?k=1&l=2" in str(shown["documents"])
    pair.staff(A).act(ours, "deliver")
    pair.run()
    assert pair.states(ours, theirs) == ("completed", "completed")


def test_a_bad_copy_is_sent_again(pair: Pair) -> None:
    ours, theirs = pair.ask(ARTICLE)
    pair.staff(B).act(theirs, "supply_document", url="https://files.example.org/a.pdf")
    pair.run()
    pair.staff(A).act(ours, "reject_delivery", reason="缺第 13 页")
    pair.run()
    assert pair.states(ours, theirs) == ("will_supply", "will_supply")
    assert "缺第 13 页" in str(pair.staff(B).get(theirs)["events"][-1])


def test_conditions_are_shown_and_accepted(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    a, b = pair.staff(A), pair.staff(B)
    cost = {"amount": "12.50", "currency": "CNY"}
    b.act(theirs, "add_conditions", code="LibraryUseOnly", text="仅限馆内阅览", cost=cost)
    pair.run()
    assert pair.states(ours, theirs) == ("conditional", "conditional")
    b.act(theirs, "add_conditions", text="须挂号寄回")
    pair.run()
    shown = [(each["number"], each["code"], each["text"], each["cost"]) for each in a.get(ours)["conditions"]]
    assert shown[0] == (1, "LibraryUseOnly", "仅限馆内阅览", cost)
    assert shown[1][0] == 2
    assert shown[1][2] == "须挂号寄回"
    a.act(ours, "accept_conditions")
    pair.run()
    assert pair.states(ours, theirs) == ("will_supply", "will_supply")


def test_rejected_conditions_free_both_sides(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.staff(B).act(theirs, "add_conditions", text="只借一周")
    pair.run()
    pair.staff(A).act(ours, "reject_conditions")
    pair.run()
    if pair.staff(B).get(theirs)["state"] == "cancel_requested":
        pair.staff(B).act(theirs, "accept_cancel")
        pair.run()
    assert pair.staff(B).get(theirs)["state"] == "cancelled"
    assert pair.staff(A).get(ours)["state"] == "review"


def test_a_cancel_that_comes_after_shipping_loses_the_race(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    a, b = pair.staff(A), pair.staff(B)
    b.act(theirs, "will_supply")
    pair.run()
    b.act(theirs, "ship", barcode="B-77")
    a.act(ours, "cancel")
    pair.engines[A].run_due()
    assert pair.states(ours, theirs)[1] == "shipped"
    pair.run()
    assert pair.states(ours, theirs) == ("shipped", "shipped")


def test_a_cancel_in_time_is_confirmed(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.staff(A).act(ours, "cancel")
    pair.run()
    assert pair.states(ours, theirs) == ("cancel_pending", "cancel_requested")
    pair.staff(B).act(theirs, "accept_cancel")
    pair.run()
    assert pair.states(ours, theirs) == ("cancelled", "cancelled")


def test_a_refused_cancel_restores_both(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.staff(B).act(theirs, "will_supply")
    pair.run()
    pair.staff(A).act(ours, "cancel")
    pair.run()
    pair.staff(B).act(theirs, "reject_cancel")
    pair.run()
    assert pair.states(ours, theirs) == ("will_supply", "will_supply")


def test_a_retry_opens_the_request_again(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.staff(B).act(theirs, "ask_retry", reason="OnLoan", cost={"amount": "8", "currency": "CNY"})
    pair.run()
    assert pair.states(ours, theirs) == ("retry_offered", "retry_asked")
    pair.staff(A).act(ours, "accept_retry")
    pair.run()
    assert pair.staff(A).get(ours)["state"] == "sent"
    assert pair.staff(B).get(theirs)["requesting_agency_request_id"] == f"{ours}-2"
    pair.staff(B).act(theirs, "ship", barcode="B-77")
    pair.run()
    assert pair.states(ours, theirs) == ("shipped", "shipped")


def test_a_refusal_says_why(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    pair.staff(B).act(theirs, "cannot_supply", reason="NotOnShelf")
    pair.run()
    shown = pair.staff(A).get(ours)
    assert pair.states(ours, theirs) == ("review", "unfilled")
    assert "NotOnShelf" in str(shown["events"])


def test_lost_recalled_and_words_between_people(pair: Pair) -> None:
    ours, theirs = pair.ask(BOOK)
    a, b = pair.staff(A), pair.staff(B)
    b.act(theirs, "ship", barcode="B-77")
    pair.run()
    a.act(ours, "receive")
    b.act(theirs, "message", text="请小心保管 <古籍>")
    pair.run()
    assert pair.states(ours, theirs) == ("received", "received")
    assert [event["type"] for event in a.get(ours)["events"]].count("Message") == 1
    b.act(theirs, "recall")
    pair.run()
    assert pair.states(ours, theirs) == ("recalled", "recalled")
    a.act(ours, "report_lost")
    pair.run()
    assert pair.states(ours, theirs) == ("lost", "lost")


def test_a_partner_that_is_not_there_keeps_its_message(pair: Pair) -> None:
    pair.servers[B].close()
    ours = pair.staff(A).submit(BOOK)
    report = pair.engines[A].run_due()
    assert (report.sent, report.failed) == (0, 1)
    assert pair.staff(A).get(ours)["state"] == "sent"


# Messages that somebody else wrote.


def agency(element: str, symbol: str) -> str:
    kind, _, value = symbol.partition(":")
    return (
        f"<{element}><agencyIdType>{kind}</agencyIdType><agencyIdValue>{value}</agencyIdValue></{element}>"
        if symbol
        else ""
    )


def header(number: str, at: str = "2026-01-05T08:00:00Z", sender: str = A, to: str = B) -> str:
    return (
        f"<header>{agency('supplyingAgencyId', to)}{agency('requestingAgencyId', sender)}<multipleItemRequestId/>"
        f"<timestamp>{at}</timestamp><requestingAgencyRequestId>{number}</requestingAgencyRequestId></header>"
    )


def request(number: str = "X-1", title: str = "红楼梦", service: str = "Loan", **about: str) -> str:
    return (
        f"<request>{header(number, **about)}<bibliographicInfo><title>{title}</title></bibliographicInfo>"
        f"<serviceInfo><serviceType>{service}</serviceType></serviceInfo></request>"
    )


def action(name: str, number: str = "X-1", **about: str) -> str:
    return f"<requestingAgencyMessage>{header(number, **about)}<action>{name}</action></requestingAgencyMessage>"


def told(status: str, number: str, reason: str = "StatusChange", **about: str) -> str:
    return (
        f"<supplyingAgencyMessage>{header(number, **about)}<messageInfo><reasonForMessage>{reason}</reasonForMessage>"
        f"</messageInfo><statusInfo><status>{status}</status><lastChange>2026-01-05T08:00:00Z</lastChange></statusInfo>"
        "</supplyingAgencyMessage>"
    )


Post = Callable[..., tuple[str, str, str]]


@pytest.fixture
def post(pair: Pair, assert_valid_if_known: Callable[[bytes], None]) -> Iterator[Post]:
    """Posts a message to a library: (messageStatus, errorType, errorValue) of its valid confirmation."""
    with httpx.Client(trust_env=False) as client:

        def posted(xml: str, to: str = B) -> tuple[str, str, str]:
            body = (
                '<ISO18626Message xmlns="http://illtransactions.org/2013/iso18626"'
                f' xmlns:ill="http://illtransactions.org/2013/iso18626" ill:version="1.2">{xml}</ISO18626Message>'
            )
            answer = client.post(pair.servers[to].url, content=body.encode(), headers=XML)
            assert answer.status_code == 200, answer.text
            assert_valid_if_known(answer.content)
            found: Any = read_message(answer.content).message
            error = found.error_data
            status = str(found.confirmation_header.message_status)
            return status, str(error.error_type) if error else "", (error.error_value or "") if error else ""

        yield posted


OK = ("OK", "", "")


def test_a_request_written_by_hand_is_taken_once(pair: Pair, post: Post) -> None:
    assert post(request()) == OK
    assert post(request()) == OK
    assert post(request(at="2026-01-05T09:30:00+0000")) == OK
    found = pair.staff(B).find()
    assert [(row["state"], row["title"], row["partner"]) for row in found] == [("new", "红楼梦", A)]
    status, kind, value = post(request(title="西游记", at="2026-01-06T08:00:00Z"))
    assert (status, kind) == ("ERROR", "UnrecognisedDataValue")
    assert "X-1" in value


def test_another_library_may_use_the_same_id(pair: Pair, post: Post) -> None:
    engine = pair.engines[B]
    with engine.database.write() as connection:
        put(connection, B, Partner(symbol="ISIL:C", account="iso18626:main"), engine.clock.now())
    assert post(request()) == OK
    assert post(request(sender="ISIL:C")) == OK
    assert len(pair.staff(B).find()) == 2


@pytest.mark.parametrize(
    ("xml", "kind", "named"),
    [
        (action("StatusRequest", "NOBODY"), "UnrecognisedDataValue", "requestingAgencyRequestId"),
        (action("Cancel", "X-1", sender="ISIL:STRANGER"), "UnrecognisedDataValue", "requestingAgencyId"),
        (action("Cancel", "X-1", to="ISIL:NOT-HERE"), "UnrecognisedDataValue", "supplyingAgencyId"),
        (request("X-2", sender="ISIL:STRANGER"), "UnrecognisedDataValue", "requestingAgencyId"),
        (request("X-2", to="ISIL:NOT-HERE"), "UnrecognisedDataValue", "supplyingAgencyId"),
        (request("X-2", to=""), "UnrecognisedDataValue", "supplyingAgencyId"),
        (request("X-2", sender=""), "BadlyFormedMessage", "requestingAgencyId"),
        (request(""), "BadlyFormedMessage", "requestingAgencyRequestId"),
        (request("X-2", service="Gift"), "UnrecognisedDataValue", "serviceType"),
        (request("X-2", at=""), "BadlyFormedMessage", "timestamp"),
        (request("X-2", at="soon"), "UnrecognisedDataValue", "timestamp"),
        (action("Renew"), "UnsupportedActionType", "Renew"),
        (action("Fly"), "UnsupportedActionType", "Fly"),
        (action(""), "BadlyFormedMessage", "action"),
        (told("Loaned", "X-1", sender=B, to=A), "UnrecognisedDataValue", "requestingAgencyRequestId"),
        (told("Loaned", "X-1", "Gossip", sender=B, to=A), "UnsupportedReasonForMessageType", "reasonForMessage"),
        ("<request/>", "BadlyFormedMessage", "request"),
    ],
)
def test_what_cannot_be_taken_is_an_error_with_type_and_place(post: Post, xml: str, kind: str, named: str) -> None:
    assert post(request()) == OK
    status, error, value = post(xml)
    assert (status, error) == ("ERROR", kind)
    assert named in value


def test_a_library_that_was_not_asked_cannot_answer(pair: Pair, post: Post) -> None:
    ours, _ = pair.ask(BOOK)
    status, kind, value = post(told("Loaned", ours, sender=A, to="ISIL:STRANGER"), A)
    assert (status, kind) == ("ERROR", "UnrecognisedDataValue")
    assert "supplyingAgencyId" in value
    assert pair.staff(A).get(ours)["state"] == "sent"


def test_an_unknown_status_moves_nothing(pair: Pair, post: Post) -> None:
    ours, _ = pair.ask(BOOK)
    status, kind, value = post(told("Vanished", ours), A)
    assert (status, kind) == ("ERROR", "UnrecognisedDataValue")
    assert "Vanished" in value
    assert pair.staff(A).get(ours)["state"] == "sent"


def test_a_status_of_another_system_is_applied(pair: Pair, post: Post) -> None:
    ours, _ = pair.ask(BOOK)
    assert post(told("willsupply", ours, "RequestResponse", at="2026-01-05T08:00:00.123+08:00"), A) == OK
    assert pair.staff(A).get(ours)["state"] == "will_supply"


def test_credentials_are_asked_for_only_where_the_partner_record_says_so(pair: Pair, post: Post) -> None:
    engine = pair.engines[B]
    strict = Partner(
        symbol=A,
        account="iso18626:main",
        address={"url": pair.servers[A].url},
        profile={"incoming": {"account_id": "acc", "security_code": "kod"}},
    )
    with engine.database.write() as connection:
        put(connection, B, strict, engine.clock.now())
    status, _, value = post(request())
    assert status == "ERROR"
    assert "requestingAgencyAuthentication" in value
    shown = (
        "<requestingAgencyAuthentication><accountId>acc</accountId><securityCode>kod</securityCode>"
        "</requestingAgencyAuthentication></header>"
    )
    assert post(request().replace("</header>", shown)) == OK


@pytest.mark.parametrize("body", [b"", b"junk", b"<!DOCTYPE a><a/>", b"<ISO18626Message/>"])
def test_what_is_no_message_is_400(pair: Pair, body: bytes) -> None:
    answer = httpx.post(pair.servers[B].url, content=body, headers=XML, trust_env=False)
    assert answer.status_code == 400
    assert pair.staff(B).find() == []


def test_bad_http_is_answered_over_real_http_too(pair: Pair) -> None:
    url = pair.servers[B].url
    with httpx.Client(trust_env=False) as client:
        assert client.get(url).status_code == 405
        assert client.post(url, json={}).status_code == 415
        assert client.post(url, content=b"x" * 5_000_001, headers=XML).status_code == 413
