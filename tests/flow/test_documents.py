"""Documents from both sides: added, fetched, checked, handed over as policy says, rejected and sent again."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Response

from illcore import audit
from illcore.errors import Invalid, NotAllowed, NotFound, Refused, TryLater
from illcore.hooktypes import Obligation, Verdict
from illcore.ingest import commit
from illcore.message import IncomingDocument, Message, Receipt, Received
from illcore.partners import get, put
from illcore.testing.fakes import FakePlugin
from illcore.testing.network import Town

A, B = "ISIL:A", "ISIL:B"
SCAN = b"%PDF-1.7\nscan"
PASS = Receipt(detail={"verdict": "pass", "pages": 9, "findings": []})
FAIL = Receipt(
    detail={"verdict": "fail", "pages": 1, "findings": [{"code": "blank_page", "page": 1, "text": "Page 1 is blank."}]}
)
LINK = Receipt(detail={"url": "https://ill.example.org/d/secret-token", "expires": "2026-02-04"})


class Desk:
    """A delivery plugin that answers as told: ``checks`` in turn, then passes; every hand-over gets the same link."""

    def __init__(self, *obligations: str) -> None:
        hooks = ("deliver", "notify", "copyright") if obligations else ("deliver", "notify")
        self.plugin = FakePlugin(hooks=hooks)
        asked = tuple(Obligation(code=code) for code in obligations)
        self.plugin.script("desk", "copyright", *[Verdict(decision="allow", obligations=asked)] * 20)
        self.checks: list[Any] = []
        self.links: list[Any] = []
        self.plugin.script("desk", "deliver", *[self._answer] * 200)

    def _answer(self, delivery: Any, key: str) -> Any:
        waiting = self.checks if delivery.step == "check" else self.links
        step = waiting.pop(0) if waiting else (PASS if delivery.step == "check" else LINK)
        if isinstance(step, Exception):
            raise step
        return step

    def orders(self, step: str) -> list[Any]:
        return [call.delivery for call in self.plugin.calls_of("deliver") if call.delivery.step == step]

    def notices(self, code: str) -> list[Any]:
        return [call.notice for call in self.plugin.calls_of("notify") if call.notice.code == code]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def with_desk(make_town: Callable[..., Town], desk: Desk, tmp_path: Path) -> Callable[..., Town]:
    """``with_desk(policy={…}, documents={…})``: a town in which everybody has the desk's delivery account."""

    def make(policy: dict[str, Any] | None = None, **documents: Any) -> Town:
        accounts: dict[str, dict[str, str]] = {"wire:main": {}, "fake:desk": {"label": "desk"}}
        kept = {"store": str(tmp_path / "documents"), "private_addresses": True, **documents}
        config = {"accounts": accounts, "documents": kept}
        return make_town("A", "B", policy=policy, config=config, plugins=[desk.plugin])

    return make


def kept(shown: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(d["name"], d["verdict"]) for d in shown["documents"]]


def attention(shown: dict[str, Any]) -> list[str]:
    return [a["reason"] for a in shown["attention"]]


# --- added by staff ---


def test_a_scan_is_kept_once_under_its_own_name_and_comes_back(with_desk, ask, tmp_path):
    sides = ask(with_desk(), copy=True)
    added = sides.a.add_document(sides.ours, SCAN, "../../扫描 件?.exe")
    assert (added["name"], added["media_type"], added["size"]) == ("扫描 件.pdf", "application/pdf", len(SCAN))
    with sides.a.open_document(added["id"]) as (row, path):
        assert path.read_bytes() == SCAN
        assert path == tmp_path / "documents" / A / sides.ours / row.sha256
    with pytest.raises(Invalid, match="has this very document already"):
        sides.a.add_document(sides.ours, SCAN, "again.pdf")
    assert len(sides.shown["documents"]) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html><p>Sign in", "it is an HTML page"),
        (b"MZ\x90\0", "another format, not a PDF, TIFF, JPEG or PNG"),
        (b"", "is empty"),
        (b"%PDF-" + b"x" * 2000, "larger than 1,024 bytes"),
    ],
)
def test_what_is_no_document_is_refused_and_nothing_is_kept(with_desk, ask, tmp_path, content, said):
    sides = ask(with_desk(max_bytes=1024), copy=True)
    with pytest.raises(Invalid, match=said):
        sides.a.add_document(sides.ours, content, "scan.pdf")
    assert [path for path in (tmp_path / "documents").rglob("*") if path.is_file()] == []
    assert sides.shown["documents"] == []


def test_only_staff_of_the_library_see_and_add_documents(with_desk, ask):
    sides = ask(with_desk(), copy=True)
    id = sides.a.add_document(sides.ours, SCAN, "scan.pdf")["id"]
    reader = sides.town.engines[A].as_(sides.a.actor.model_copy(update={"kind": "reader", "id": "R-1", "role": None}))
    with pytest.raises(NotAllowed):
        reader.add_document(sides.ours, SCAN)
    with pytest.raises(NotAllowed), reader.open_document(id):
        pass
    with pytest.raises(NotFound), sides.b.open_document(id):
        pass
    with pytest.raises(NotFound):
        sides.a.add_document("nonsense", SCAN)


# --- from the supplier's scan to the reader's link ---


def test_a_scan_goes_to_the_partner_as_a_link_and_to_the_reader_once_it_passed(with_desk, ask, desk, httpserver):
    httpserver.expect_request("/d/secret-token").respond_with_data(SCAN)
    link = Receipt(detail={"url": httpserver.url_for("/d/secret-token")})
    desk.links = [link]
    sides = ask(with_desk(), copy=True, reader={"id": "R-1", "email": "lilei@example.org"})
    sides.b.add_document(sides.theirs, SCAN, "scan.pdf")
    sides.run()
    sides.lend("supply_document")
    assert sides.run() == ("completed", "completed")
    shown = sides.shown
    assert kept(shown) == [("secret-token.pdf", "pass")]
    assert shown["documents"][0]["pages"] == 9
    assert [e["type"] for e in shown["events"]][-4:] == ["CopyCompleted", "document", "checked", "handed_over"]
    (theirs, ours) = desk.orders("check")
    assert (theirs.expected.title_of_component, ours.expected.title_of_component) == ("馆际互借研究",) * 2
    to_partner, to_reader, again = desk.orders("hand_over")
    assert to_partner.to.electronic == ""
    assert (to_reader.to.electronic, again.to.electronic) == ("lilei@example.org", "lilei@example.org")
    (notice,) = desk.notices("document_ready")
    assert LINK.detail["url"] in notice.text
    keys = [c.key for c in desk.plugin.calls_of("deliver") if c.delivery.step == "hand_over"]
    assert keys[1] == keys[2] != keys[0]


def test_the_readers_link_is_nowhere_in_the_database(with_desk, ask, desk):
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    assert sides.run()[0] == "completed"
    assert len(desk.notices("document_ready")) == 1
    whole = Path(sides.town.engines[A].database.path).read_bytes()
    assert b"secret-token" not in whole


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_check_finds_is_said_in_the_language_that_staff_read(make_town, ask, desk, language):
    config = {"accounts": {"wire:main": {}, "fake:desk": {"label": "desk"}}, "language": language}
    sides = ask(make_town("A", "B", config=config, plugins=[desk.plugin]), copy=True)
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    sides.run()
    assert [order.language for order in desk.orders("check")] == [language]


def test_where_nobody_can_tell_the_reader_staff_are_told_and_give_the_link(make_town, ask, tmp_path):
    desk = Desk()
    desk.plugin.hooks = ("deliver",)
    config = {
        "accounts": {"wire:main": {}, "fake:desk": {"label": "desk"}},
        "documents": {"store": str(tmp_path / "documents")},
    }
    sides = ask(make_town("A", "B", config=config, plugins=[desk.plugin]), copy=True)
    with pytest.raises(NotFound, match="nothing was handed over"):
        sides.a.link(sides.ours)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    assert sides.run()[0] == "completed"
    (told,) = sides.shown["attention"]
    assert (told["reason"], "ill documents link" in told["detail"]) == ("undeliverable", True)
    assert sides.a.link(sides.ours) == dict(LINK.detail)
    sides.borrow("done_by_hand")
    assert sides.shown["attention"] == []
    reader = sides.town.engines[A].as_(sides.a.actor.model_copy(update={"kind": "reader", "id": "R-1", "role": None}))
    with pytest.raises(NotAllowed):
        reader.link(sides.ours)


@pytest.mark.parametrize(("partner", "ends"), [("always", "completed"), ("never", "received"), (None, "received")])
def test_whether_staff_look_first_is_the_partners_or_the_librarys_policy(with_desk, ask, partner, ends):
    town = with_desk(policy={"auto_deliver": "never"})
    with town.engines[A].database.write() as connection:
        known = get(connection, A, B).model_copy(update={"auto_deliver": partner})
        put(connection, A, known, town.clock.now())
    sides = ask(town, copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    assert sides.run()[0] == ends
    if ends == "received":
        sides.borrow("deliver")
        assert sides.run() == ("completed", "completed")
        assert kept(sides.shown) == [("scan.pdf", "pass")]


def test_of_a_sampled_partner_some_go_to_staff(with_desk, ask):
    town = with_desk(policy={"auto_deliver": "sampled", "sample_every": 2})
    ended = set()
    for number in range(12):
        sides = ask(town, copy=True, citation={**ARTICLE, "title_of_component": f"研究之{number}"})
        sides.lend("supply_document")
        sides.run()
        sides.borrow("receive")
        sides.a.add_document(sides.ours, SCAN + str(number).encode(), "scan.pdf")
        ended.add(sides.run()[0])
    assert ended == {"completed", "received"}


ARTICLE = {"title": "图书馆学报", "title_of_component": "馆际互借研究", "year": "2024", "issue": "3", "pages": "1-9"}


@pytest.mark.parametrize("wish", [{"format": "paper"}, {"delivery": {"method": "post", "place": "6号楼"}}])
def test_a_reader_who_wants_paper_gets_no_link(with_desk, ask, desk, wish):
    sides = ask(with_desk(), copy=True, **wish)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    assert sides.run()[0] == "received"
    sides.borrow("deliver")
    assert sides.run() == ("completed", "completed")
    assert desk.orders("hand_over") == []


@pytest.mark.parametrize(("code", "left"), [("paper_only", "pass"), ("print_and_destroy", "destroyed")])
def test_a_copy_for_paper_only_is_ordered_on_paper_and_destroyed_if_the_law_says_so(
    make_town, ask, tmp_path, code, left
):
    desk = Desk(code)
    paper = Receipt(detail={"paper": True, "print": 1, "pages": 9})
    desk.links = [paper]
    accounts = {"wire:main": {}, "fake:desk": {"label": "desk"}}
    config = {"accounts": accounts, "documents": {"store": str(tmp_path / "documents")}}
    sides = ask(make_town("A", "B", config=config, plugins=[desk.plugin]), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    assert sides.run()[0] == "received"  # staff print it
    sides.borrow("deliver")
    assert sides.run() == ("completed", "completed")
    (order,) = desk.orders("hand_over")
    assert [each.code for each in order.obligations] == [code]
    assert desk.notices("document_ready") == []
    assert kept(sides.shown) == [("scan.pdf", left)]
    there = [path for path in (tmp_path / "documents" / A).rglob("*") if path.is_file()]
    assert len(there) == (0 if left == "destroyed" else 1)


# --- what is not good ---


def test_a_bad_scan_stays_with_staff_who_may_have_it_sent_again(with_desk, ask, desk):
    desk.checks = [FAIL]
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "blank.pdf")
    assert sides.run()[0] == "received"
    shown = sides.shown
    assert attention(shown) == ["quality"]
    assert shown["attention"][0]["detail"] == "Page 1 is blank."
    assert shown["documents"][0]["findings"] == FAIL.detail["findings"]
    sides.borrow("reject_delivery", reason="blank")
    assert sides.run() == ("will_supply", "will_supply")
    assert kept(sides.shown) == [("blank.pdf", "rejected")]
    assert attention(sides.shown) == []
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN + b" better", "good.pdf")
    assert sides.run() == ("completed", "completed")
    assert kept(sides.shown) == [("blank.pdf", "rejected"), ("good.pdf", "pass")]
    assert [f.name for f in desk.orders("hand_over")[0].files] == ["good.pdf"]
    assert len(desk.orders("check")[1].earlier) == 1


def test_what_a_lender_adds_after_a_complaint_goes_alone(with_desk, ask, desk):
    sides = ask(with_desk(policy={"auto_deliver": "never"}), copy=True)
    sides.b.add_document(sides.theirs, SCAN, "bad.pdf")
    sides.run()
    desk.links = [
        Receipt(detail={"url": "http://127.0.0.1:1/d/first"}),
        Receipt(detail={"url": "http://127.0.0.1:1/d/x"}),
    ]
    sides.lend("supply_document")
    sides.run()
    sides.borrow("reject_delivery", reason="blank")
    sides.run()
    sides.b.add_document(sides.theirs, SCAN + b" better", "good.pdf")
    sides.run()
    sides.lend("supply_document")
    sides.run()
    assert [[f.name for f in order.files] for order in desk.orders("hand_over")] == [["bad.pdf"], ["good.pdf"]]
    assert kept(sides.lent) == [("bad.pdf", "rejected"), ("good.pdf", "pass")]


def test_of_a_delivery_in_two_parts_none_goes_before_both_are_here(with_desk, ask, httpserver):
    calls = []

    def late(request):
        calls.append(request)
        return Response(SCAN + b" two") if len(calls) > 1 else Response("busy", status=503)

    httpserver.expect_request("/one.pdf").respond_with_data(SCAN)
    httpserver.expect_request("/two.pdf").respond_with_handler(late)
    sides = ask(with_desk(), copy=True)
    now = sides.town.engines[A].clock.now()
    told = {
        "kind": "SupplyingAgencyMessage",
        "requesting_agency": A,
        "supplying_agency": B,
        "requesting_agency_request_id": sides.shown["requesting_agency_request_id"],
        "reason": "StatusChange",
        "status": "CopyCompleted",
    }
    engine = sides.town.engines[A]
    for number, name in enumerate(("two", "one")):
        at = now + timedelta(seconds=number)
        message = Message(**told, timestamp=at, last_change=at, url=httpserver.url_for(f"/{name}.pdf"))
        commit(engine.context, "wire:main", Received(messages=(message,)))
    assert sides.run()[0] == "received"
    sides.wait(hours=1)
    assert sides.run()[0] == "completed"
    assert sorted(kept(sides.shown)) == [("one.pdf", "pass"), ("two.pdf", "pass")]


def test_a_resend_is_paid_once(with_desk, ask):
    sides = ask(with_desk(policy={"auto_deliver": "never"}), copy=True)
    cost = {"amount": "5.00", "currency": "CNY"}
    for _ in range(2):
        sides.lend("supply_document", cost=cost)
        sides.run()
        sides.borrow("receive")
        sides.run()
        for shown in (sides.shown, sides.lent):
            assert [(c["amount"], c["currency"]) for c in shown["charges"]] == [("5.00", "CNY")]
        if sides.shown["state"] == "received" and not sides.shown["documents"]:
            sides.a.add_document(sides.ours, SCAN, "blank.pdf")
            sides.run()
            sides.borrow("reject_delivery", reason="blank")
            sides.run()


def test_a_file_that_comes_with_the_partners_word_has_arrived(with_desk, ask):
    """As e-mail brings it: the message that it was supplied, and the file beside it."""
    sides = ask(with_desk(), copy=True)
    engine = sides.town.engines[A]
    attempt = sides.shown["requesting_agency_request_id"]
    now = engine.clock.now()
    message = Message(
        kind="SupplyingAgencyMessage",
        requesting_agency=A,
        supplying_agency=B,
        requesting_agency_request_id=attempt,
        timestamp=now,
        reason="StatusChange",
        status="CopyCompleted",
        last_change=now,
    )
    came = IncomingDocument(name="扫描件.pdf", content=SCAN, media_type="text/html")
    virus = IncomingDocument(name="b.pdf", content=b"MZ")
    for _ in range(2):  # the second time it is a duplicate and brings nothing
        commit(engine.context, "wire:main", Received(messages=(message,), documents={0: (came, virus)}))
        sides.town.engines[A].run_due()
        assert sides.shown["state"] == "completed"
        assert kept(sides.shown) == [("扫描件.pdf", "pass")]


def test_staff_may_accept_a_bad_scan(with_desk, ask, desk):
    desk.checks = [FAIL]
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "blank.pdf")
    sides.run()
    sides.borrow("deliver")
    assert sides.run() == ("completed", "completed")
    assert (kept(sides.shown), attention(sides.shown)) == ([("blank.pdf", "accepted")], [])


def test_a_repaired_scan_stands_for_the_first(with_desk, ask, desk):
    desk.checks = [FAIL]
    sides = ask(with_desk(policy={"auto_deliver": "never"}), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    first = sides.a.add_document(sides.ours, SCAN, "turned.pdf")
    sides.run()
    sides.a.add_document(sides.ours, SCAN + b"!", "upright.pdf", source="repair", replaces=first["id"])
    sides.run()
    sides.borrow("deliver")
    sides.run()
    assert kept(sides.shown) == [("turned.pdf", "rejected"), ("upright.pdf", "pass")]
    with pytest.raises(NotFound, match="has no document nonsense"):
        sides.a.add_document(sides.ours, SCAN + b"?", replaces="nonsense")


@pytest.mark.parametrize("junk", [{}, {"verdict": "fine"}, {"verdict": "pass ", "findings": "none", "pages": "9"}])
def test_a_check_that_says_nonsense_means_a_person(with_desk, ask, desk, junk):
    desk.checks = [Receipt(detail=junk)]
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    assert sides.run()[0] == "received"
    assert (kept(sides.shown), attention(sides.shown)) == ([("scan.pdf", "review")], ["quality"])


def test_a_check_that_fails_is_told_and_tried_again_by_staff(with_desk, ask, desk):
    desk.checks = [Refused("the checker is broken")]
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    assert sides.run()[0] == "received"
    assert attention(sides.shown) == ["quality"]
    sides.borrow("retry_effect")
    assert sides.run()[0] == "completed"
    assert attention(sides.shown) == []


def test_a_delivery_that_fails_for_good_is_put_before_staff(with_desk, ask, desk):
    desk.links = [TryLater("disk full")] * 60
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    assert sides.run()[0] == "completed"
    for _ in range(30):
        sides.wait(hours=4)
    assert "undeliverable" in attention(sides.shown)


# --- what a supplier puts at a URL ---


def test_what_is_at_the_url_is_fetched_checked_and_delivered(with_desk, ask, httpserver):
    httpserver.expect_request("/scan.pdf").respond_with_data(SCAN)
    sides = ask(with_desk(), copy=True)
    url = httpserver.url_for("/scan.pdf")
    sides.lend("supply_document", url=url)
    assert sides.run() == ("completed", "completed")
    (document,) = sides.shown["documents"]
    assert (document["url"], document["name"], document["verdict"]) == (url, "scan.pdf", "pass")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response("<html>Please sign in", status=200), "it is an HTML page"),
        (Response("gone", status=404), "it answers 404"),
    ],
)
def test_what_cannot_be_used_is_put_before_staff(with_desk, ask, httpserver, answer, said):
    httpserver.expect_request("/scan.pdf").respond_with_response(answer)
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document", url=httpserver.url_for("/scan.pdf"))
    assert sides.run()[0] == "received"
    (told,) = sides.shown["attention"]
    assert told["reason"] == "quality"
    assert said in told["detail"]


def test_nothing_is_fetched_from_the_local_network_by_default(with_desk, ask, httpserver):
    sides = ask(with_desk(private_addresses=False), copy=True)
    sides.lend("supply_document", url=httpserver.url_for("/scan.pdf"))
    assert sides.run()[0] == "received"
    assert "inside a private network" in sides.shown["attention"][0]["detail"]
    assert httpserver.log == []


def test_without_a_delivery_account_a_url_is_only_noted(ask):
    sides = ask(copy=True)
    sides.lend("supply_document", url="http://127.0.0.1:9/scan.pdf")
    assert sides.run() == ("received", "shipped")
    assert (attention(sides.shown), len(sides.shown["documents"])) == ([], 1)


def test_a_links_password_is_told_with_it_and_a_partners_link_is_known_as_that(with_desk, ask, desk, httpserver):
    httpserver.expect_request("/d/secret-token").respond_with_data(SCAN)
    locked = Receipt(detail={**LINK.detail, "password": "ABCDE-FGHIJ"})
    desk.links = [Receipt(detail={"url": httpserver.url_for("/d/secret-token")}), locked, locked]
    sides = ask(with_desk(), copy=True, reader={"id": "R-1", "email": "lilei@example.org"})
    sides.b.add_document(sides.theirs, SCAN, "scan.pdf")
    sides.run()
    sides.lend("supply_document")
    assert sides.run() == ("completed", "completed")
    assert [order.receiver for order in desk.orders("hand_over")] == ["partner", "reader", "reader"]
    (notice,) = desk.notices("document_ready")
    assert notice.text.endswith("\n\nPassword 密码: ABCDE-FGHIJ")
    whole = Path(sides.town.engines[A].database.path).read_bytes()
    assert b"ABCDE-FGHIJ" not in whole


# --- with the message itself ---


def test_a_copy_that_comes_with_its_file_has_arrived(with_desk, ask, desk):
    sides = ask(with_desk(), copy=True)
    message = Message(
        kind="SupplyingAgencyMessage",
        requesting_agency=A,
        supplying_agency=B,
        requesting_agency_request_id=sides.ours,
        timestamp=sides.town.clock.now(),
        reason="StatusChange",
        status="CopyCompleted",
    )
    file = IncomingDocument(name="扫描.pdf", content=SCAN)
    commit(sides.town.engines[A].context, "wire:main", Received(messages=(message,), documents={0: (file,)}))
    assert sides.shown["state"] == "received", "nothing is on its way by post"
    sides.run()
    assert kept(sides.shown) == [("扫描.pdf", "pass")]
    assert sides.shown["state"] == "completed", "it passed, and policy hands it over"
    assert [order.files[0].name for order in desk.orders("check")] == ["扫描.pdf"]


# --- when something is out of order ---


def test_a_store_that_is_out_of_order_is_tried_again_and_then_told(with_desk, ask, desk, monkeypatch):
    sides = ask(with_desk(), copy=True)
    blobs = sides.town.engines[A].context.blobs
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")

    def away(*where: Any) -> Any:
        raise PermissionError("the store is away")

    with monkeypatch.context() as broken:
        broken.setattr(blobs, "local", away)
        for _ in range(20):
            sides.wait(hours=4)
        assert sides.shown["state"] == "received"
        assert attention(sides.shown) == ["quality"]
    sides.borrow("retry_effect")
    assert sides.run()[0] == "completed"


def test_a_disk_that_is_full_while_a_copy_is_fetched_is_tried_again(with_desk, ask, httpserver, monkeypatch):
    httpserver.expect_request("/scan.pdf").respond_with_data(SCAN)
    sides = ask(with_desk(), copy=True)
    blobs = sides.town.engines[A].context.blobs

    def full(*what: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(blobs, "put", full)
        sides.lend("supply_document", url=httpserver.url_for("/scan.pdf"))
        assert sides.run()[0] == "received"
    sides.wait(hours=4)
    assert sides.shown["state"] == "completed"


# --- sent again ---


def test_the_same_bad_scan_sent_again_by_link_is_checked_again(with_desk, ask, desk, httpserver):
    for path in ("/first.pdf", "/second.pdf"):
        httpserver.expect_request(path).respond_with_data(SCAN)
    desk.checks = [FAIL, FAIL]
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document", url=httpserver.url_for("/first.pdf"))
    sides.run()
    sides.borrow("reject_delivery", reason="blank")
    sides.run()
    sides.lend("supply_document", url=httpserver.url_for("/second.pdf"))
    assert sides.run()[0] == "received"
    assert attention(sides.shown) == ["quality"]
    assert kept(sides.shown) == [("first.pdf", "rejected"), ("second.pdf", "fail")]
    assert len(desk.orders("check")[1].earlier) == 1


def test_a_better_scan_at_the_same_link_is_fetched_again(with_desk, ask, desk, httpserver):
    httpserver.expect_ordered_request("/scan.pdf").respond_with_data(SCAN)
    httpserver.expect_ordered_request("/scan.pdf").respond_with_data(SCAN + b" better")
    desk.checks = [FAIL]
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document", url=httpserver.url_for("/scan.pdf"))
    sides.run()
    sides.borrow("reject_delivery", reason="blank")
    sides.run()
    sides.lend("supply_document", url=httpserver.url_for("/scan.pdf"))
    assert sides.run() == ("completed", "completed")
    assert kept(sides.shown) == [("scan.pdf", "rejected"), ("scan.pdf", "pass")]


def test_the_same_bad_scan_sent_again_by_mail_is_checked_again(with_desk, ask, desk):
    desk.checks = [FAIL, FAIL]
    sides = ask(with_desk(), copy=True)
    engine = sides.town.engines[A]

    def comes() -> None:
        sides.lend("supply_document")
        sides.town.clock.advance(minutes=1)
        now = sides.town.clock.now()
        message = Message(
            kind="SupplyingAgencyMessage",
            requesting_agency=A,
            supplying_agency=B,
            requesting_agency_request_id=sides.ours,
            timestamp=now,
            reason="StatusChange",
            status="CopyCompleted",
            last_change=now,
        )
        file = IncomingDocument(name="scan.pdf", content=SCAN)
        commit(engine.context, "wire:main", Received(messages=(message,), documents={0: (file,)}))
        sides.run()

    comes()
    assert attention(sides.shown) == ["quality"]
    sides.borrow("reject_delivery", reason="blank")
    sides.run()
    comes()
    assert sides.shown["state"] == "received"
    assert kept(sides.shown) == [("scan.pdf", "rejected"), ("scan.pdf", "fail")]


def test_the_report_on_what_was_rejected_meanwhile_troubles_nobody(with_desk, ask, desk):
    desk.checks = [TryLater("busy"), FAIL]
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "blank.pdf")
    sides.run()
    sides.borrow("reject_delivery", reason="blank")
    sides.wait(hours=1)
    assert kept(sides.shown) == [("blank.pdf", "rejected")]
    assert attention(sides.shown) == []


def test_what_a_requester_attaches_is_not_supplied_to_it(with_desk, ask):
    """A logo in a signature, say."""
    sides = ask(with_desk(), copy=True)
    message = Message(
        kind="RequestingAgencyMessage",
        requesting_agency=A,
        supplying_agency=B,
        requesting_agency_request_id=sides.ours,
        timestamp=sides.town.clock.now(),
        action="Notification",
        note="When will it come?",
    )
    logo = IncomingDocument(name="logo.png", content=b"\x89PNG\r\n\x1a\nlogo")
    commit(sides.town.engines[B].context, "wire:main", Received(messages=(message,), documents={0: (logo,)}))
    assert sides.lent["documents"] == []


def test_a_notice_that_fails_with_its_text_leaves_no_link_behind(with_desk, ask, desk):
    def fails(notice: Any, key: str) -> Any:
        if notice.code == "document_ready":
            raise Refused(f"the server does not take: {notice.text}")
        return Receipt()

    desk.plugin.script("desk", "notify", *[fails] * 20)
    desk.links = [Receipt(detail={"url": "https://ill.example.org/d/secret-token", "password": "opensesame"})] * 2
    sides = ask(with_desk(), copy=True, reader={"id": "R-1", "email": "lilei@example.org"})
    sides.lend("supply_document")
    sides.run()
    sides.borrow("receive")
    sides.a.add_document(sides.ours, SCAN, "scan.pdf")
    sides.run()
    assert attention(sides.shown) == ["refused"]
    with sides.town.engines[A].database.read() as connection:
        kept = [
            str(row)
            for name in ("event", "payload", "outbox", "request")
            for row in connection.exec_driver_sql(f"SELECT * FROM ill_{name}").all()
        ]
    assert not any("secret-token" in row or "opensesame" in row for row in kept)


def test_a_reader_sees_no_partners_link_to_what_is_kept_and_checked_here(with_desk, ask, desk, httpserver):
    httpserver.expect_request("/scan.pdf").respond_with_data(SCAN)
    desk.checks = [FAIL]
    sides = ask(with_desk(), copy=True)
    sides.lend("supply_document", url=httpserver.url_for("/scan.pdf"))
    sides.run()
    actor = sides.a.actor.model_copy(update={"kind": "reader", "id": "R-1", "role": None})
    (seen,) = sides.town.engines[A].as_(actor).get(sides.ours)["documents"]
    assert (seen["name"], seen["url"]) == ("scan.pdf", None)
    assert sides.shown["documents"][0]["url"]


def test_a_store_that_cannot_be_swept_keeps_no_day_from_its_checkpoint(with_desk, ask, monkeypatch):
    sides = ask(with_desk(), copy=True)
    engine = sides.town.engines[A]

    def away() -> Any:
        raise PermissionError("the store is away")

    monkeypatch.setattr(engine.context.blobs, "all", away)
    sides.wait(days=1)
    with engine.database.read() as connection:
        last = audit.latest(connection, A)
    assert last is not None
    assert last.at.date() == sides.town.clock.now().date()
