"""One rota with partners of three kinds, ISO 18626, e-mail and OCLC: it moves between them, and nobody sees which."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.session import Session
from illcore.store import create_schema
from illcore.testing.fakes import given

pytestmark = [pytest.mark.needs_plugin(name) for name in ("iso18626", "email", "oclc_stub")]

OURS = "ISIL:CN-110001"
KINDS = {"iso18626": "ISIL:CN-310001", "email": "ISIL:CN-320006", "oclc": "ISIL:XBB"}
MAIL = {symbol: f"ill@{symbol[5:].lower()}.example.org" for symbol in (OURS, *KINDS.values())}
BOOK: dict[str, Any] = {
    "service_type": "loan",
    "citation": {"title": "红楼梦", "author": "曹雪芹", "isbn": "9787020002207", "publication_type": "Book"},
}
ARTICLE: dict[str, Any] = {
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


_TOLD = ("reason", "status", "due_date", "url", "text", "number")


@dataclass
class Region:
    """One library that borrows, and three that lend, each reached in its own way."""

    engines: dict[str, Engine]
    mails: list[tuple[str, bytes]]
    carried: int = 0
    stub: Any = None
    readers: int = 0

    def staff(self, symbol: str = OURS) -> Session:
        return self.engines[symbol].as_(Actor(kind="staff", id="anna", library=symbol, role="admin"))

    def run(self) -> None:
        """All work, and all mails are handed in where they are addressed to, until nothing happens any more."""
        by_address = {MAIL[symbol]: engine for symbol, engine in self.engines.items()}
        for _ in range(50):
            reports = [engine.run_due() for engine in self.engines.values()]
            fresh, self.carried = self.mails[self.carried :], len(self.mails)
            for address, raw in fresh:
                by_address[address].ingest(raw, "email:main")
            if not fresh and not any(report.sent or report.events for report in reports):
                return
        raise AssertionError("the libraries never come to rest")

    def lending(self, kind: str) -> str:
        """The id of the newest request at the lender of that kind."""
        return str(max(each["id"] for each in self.staff(KINDS[kind]).find()))

    def lend(self, kind: str, action: str, **details: Any) -> None:
        self.staff(KINDS[kind]).act(self.lending(kind), action, **details)
        self.run()

    def borrow(self, id: str, action: str, **details: Any) -> None:
        self.staff().act(id, action, **details)
        self.run()

    def told(self, id: str) -> list[tuple[Any, ...]]:
        """What happened to our request, without what differs by nature: times, ids, who, and bookkeeping of sending."""
        found = []
        for event in self.staff().get(id)["events"]:
            if event["type"].startswith("effect:"):
                continue
            data = {word: event["data"][word] for word in _TOLD if word in event["data"]}
            found.append((event["type"], event["actor"]["kind"], str(data)))
        return found

    def asks(self, what: dict[str, Any], rota: tuple[str, ...]) -> str:
        """A request of another reader each time, for the same reader asks twice only by mistake."""
        self.readers += 1
        reader = {"id": f"R-{self.readers}", "name": "李雷", "email": "lilei@example.org"}
        id: str = self.staff().submit({**what, "reader": reader, "suppliers": [KINDS[kind] for kind in rota]})
        self.run()
        return id


@dataclass
class _Sink:
    mails: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails += [(address, bytes(envelope.content)) for address in envelope.rcpt_tos]
        return "250 taken"


@contextmanager
def mail_server(sink: _Sink) -> Iterator[int]:
    from aiosmtpd.controller import Controller

    class Server(Controller):
        def _trigger_server(self) -> None:
            self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
            super()._trigger_server()

    running = Server(sink, hostname="127.0.0.1", port=0)
    running.start()
    try:
        yield running.port
    finally:
        running.stop()


@contextmanager
def web_server(app: Any) -> Iterator[str]:
    from illcore_oclc_stub.testing import serving

    with serving(app) as url:
        yield url


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    import illcore_email
    import illcore_iso18626
    import illcore_oclc_stub
    from illcore_oclc_stub.stub.app import Stub
    from illcore_oclc_stub.testing import A, B, served

    folder: Path = tmp_path_factory.mktemp("region")
    branches = {"email": "illcore_email:migrations", "oclc_stub": "illcore_oclc_stub:migrations"}
    plugins = [illcore_iso18626, illcore_email, illcore_oclc_stub]
    sink = _Sink()
    with ExitStack() as stack:
        smtp = stack.enter_context(mail_server(sink))
        stub = stack.enter_context(served(Stub()))

        def mailbox(symbol: str) -> dict[str, Any]:
            places = {"smtp_host": "127.0.0.1", "smtp_port": smtp, "imap_host": "127.0.0.1", "imap_port": 9}
            return {"address": MAIL[symbol], "tls": "none", **places}

        accounts = {
            OURS: {
                "iso18626:main": {},
                "email:main": mailbox(OURS),
                "oclc:main": stub.account(A, OURS, services=["ill"]),
            },
            KINDS["iso18626"]: {"iso18626:main": {}},
            KINDS["email"]: {"email:main": mailbox(KINDS["email"])},
            KINDS["oclc"]: {"oclc:main": stub.account(B, services=["ill"])},
        }
        engines = {}
        for symbol, given_accounts in accounts.items():
            url = f"sqlite:///{folder / symbol[5:]}.db"
            create_schema(url, branches)
            address = {"line1": "颐和园路5号", "locality": "北京"}
            config = {
                "library": symbol,
                "synchronous": "NORMAL",
                "accounts": given_accounts,
                "libraries": {symbol: {"name_zh": "馆", "address": address}},
                "policy": {"own_holdings": "ignore"},
            }
            engines[symbol] = Engine.open(url, config, plugins=[given(each) for each in plugins])
            stack.callback(engines[symbol].close)
        urls = {
            symbol: f"{stack.enter_context(web_server(engines[symbol].mounts()['/iso18626']))}/iso18626"
            for symbol in (OURS, KINDS["iso18626"])
        }
        knows = [
            (OURS, KINDS["iso18626"], "iso18626", {"url": urls[KINDS["iso18626"]]}, ()),
            (KINDS["iso18626"], OURS, "iso18626", {"url": urls[OURS]}, ()),
            (OURS, KINDS["email"], "email", {"email": MAIL[KINDS["email"]], "format": "gsm"}, ()),
            (KINDS["email"], OURS, "email", {"email": MAIL[OURS], "format": "gsm"}, ()),
            (OURS, KINDS["oclc"], "oclc", {"registry_id": B.registry_id}, (f"OCLC:{B.symbol}",)),
            (KINDS["oclc"], OURS, "oclc", {"registry_id": A.registry_id}, (f"OCLC:{A.symbol}",)),
        ]
        for own, other, kind, place, others in knows:
            partner = Partner(symbol=other, account=f"{kind}:main", address=place, other_symbols=others)
            with engines[own].database.write() as connection:
                put(connection, own, partner, engines[own].clock.now())
        yield Region(engines, sink.mails, stub=stub)


def loan(region: Region, rota: tuple[str, ...]) -> tuple[str, list[str]]:
    """A loan that all but the last partner refuse; its id and the states it went through."""
    ours = region.asks(BOOK, rota)
    states = []

    def look() -> None:
        states.append(region.staff().get(ours)["state"])

    for kind in rota[:-1]:
        assert region.staff().get(ours)["partner"] == KINDS[kind]
        look()
        region.lend(kind, "cannot_supply", reason="NotHeld")
    lender = rota[-1]
    look()
    for side, action, details in (
        ("lend", "add_conditions", {"code": "LibraryUseOnly", "text": "仅限馆内阅览"}),
        ("borrow", "accept_conditions", {}),
        ("lend", "ship", {"barcode": "B-77"}),
        ("borrow", "receive", {}),
        ("borrow", "check_out", {}),
        ("borrow", "renew", {}),
        ("lend", "accept_renew", {"due_date": "2099-01-31"}),
        ("lend", "recall", {}),
        ("borrow", "check_in", {}),
        ("borrow", "ship_return", {}),
        ("lend", "check_in", {}),
    ):
        if side == "lend":
            region.lend(lender, action, **details)
        else:
            region.borrow(ours, action, **details)
        look()
    return ours, states


def copy(region: Region, kind: str) -> tuple[str, list[str]]:
    """A copy that is found wrong, sent again and handed over; its id and the states it went through."""
    ours = region.asks(ARTICLE, (kind,))
    states = [region.staff().get(ours)["state"]]
    for side, action, details in (
        ("lend", "will_supply", {}),
        ("lend", "supply_document", {"url": "https://files.example.org/a.pdf"}),
        ("borrow", "reject_delivery", {"reason": "缺第 13 页"}),
        ("lend", "supply_document", {"url": "https://files.example.org/b.pdf"}),
        ("borrow", "deliver", {}),
    ):
        if side == "lend":
            region.lend(kind, action, **details)
        else:
            region.borrow(ours, action, **details)
        states.append(region.staff().get(ours)["state"])
    return ours, states


STATES = (
    "sent sent sent conditional will_supply shipped received on_loan renew_pending on_loan recalled recalled "
    "return_shipped completed"
).split()


def test_a_rota_moves_from_protocol_to_protocol_in_every_order(region: Region) -> None:
    stories = []
    for rota in permutations(KINDS):
        ours, states = loan(region, rota)
        shown = region.staff().get(ours)
        assert states == STATES, rota
        assert (shown["outcome"], shown["needs_attention"]) == ("filled", False), rota
        assert [each["outcome"] for each in shown["rota"]] == ["unfilled", "unfilled", "filled"], rota
        stories.append(region.told(ours))
    assert all(story == stories[0] for story in stories)
    assert ("Unfilled", "partner") in {each[:2] for each in stories[0]}


def test_a_copy_lives_the_same_life_whatever_the_protocol(region: Region) -> None:
    stories = []
    for kind in KINDS:
        ours, states = copy(region, kind)
        assert states == ["sent", "will_supply", "received", "will_supply", "received", "completed"], kind
        stories.append(region.told(ours))
    assert stories[0] == stories[1] == stories[2]


@pytest.mark.parametrize("first", KINDS)
def test_a_supplier_that_is_passed_over_is_told_and_a_later_answer_moves_nothing(region: Region, first: str) -> None:
    second = next(kind for kind in KINDS if kind != first)
    ours = region.asks(BOOK, (first, second))
    left = region.lending(first)
    region.borrow(ours, "next_supplier")
    assert region.staff().get(ours)["partner"] == KINDS[second]
    assert region.staff(KINDS[first]).get(left)["state"] == "cancel_requested"
    region.lend(second, "will_supply")
    region.lend(first, "accept_cancel")
    shown = region.staff().get(ours)
    assert (shown["state"], shown["partner"], shown["needs_attention"]) == ("will_supply", KINDS[second], False)


def test_no_partner_of_any_kind_learns_who_reads(region: Region) -> None:
    loan(region, tuple(KINDS))
    for symbol in KINDS.values():
        for each in region.staff(symbol).find():
            shown = str(region.staff(symbol).get(each["id"]))
            assert "李雷" not in shown
            assert "lilei" not in shown
    for _, raw in region.mails:
        assert b"lilei" not in raw
    assert region.stub.stub.lending.patrons == 0
