"""What a reader gets under a link, and when it opens no more."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from illcore.hooktypes import DocumentFile, Obligation
from illcore.model import BilingualText, CalendarDays, Citation, Closure
from illcore.testing.fakes import FakeClock


def test_a_link_gives_the_document(desk: Any) -> None:
    path = desk.link()
    answer = desk.ask(path)
    assert answer.status_code == 200
    assert answer.content == (desk.folder / "article.pdf").read_bytes()
    assert answer.headers["content-type"] == "application/pdf"


def test_the_document_may_be_deleted_where_it_came_from(lite: Any) -> None:
    path = lite.link()
    (lite.folder / "article.pdf").unlink()
    assert lite.ask(path).status_code == 200


def test_a_link_dies_on_its_day(desk: Any) -> None:
    path = desk.link(Obligation(code="link_days", number=3))
    desk.clock.advance(days=3)
    assert desk.ask(path).status_code == 200
    desk.clock.advance(hours=16)  # 2026-01-09, midnight
    answer = desk.ask(path)
    assert answer.status_code == 410
    assert "This link has expired." in answer.text
    assert "此链接已过期。" in answer.text
    assert desk.ask(path, "HEAD").status_code == 410


def test_a_link_dies_on_the_day_that_the_order_names(lite: Any) -> None:
    assert lite.deliver(lite.order(expires=date(2026, 1, 6))).detail["expires"] == "2026-01-06"
    path = lite.link()
    lite.clock.advance(hours=39)
    assert lite.ask(path, "HEAD").status_code == 200
    lite.clock.advance(hours=1)
    assert lite.ask(path, "HEAD").status_code == 410


def test_a_link_dies_with_its_last_view(desk: Any) -> None:
    path = desk.link(Obligation(code="link_views", number=2))
    assert [desk.ask(path).status_code for _ in range(3)] == [200, 200, 410]
    assert "此链接的下载次数已用完。" in desk.ask(path).text


def test_the_strictest_of_policy_and_configuration_holds(lite: Any) -> None:
    lite.again(views=1, days=10)
    lite.deliver(
        lite.order(obligations=(Obligation(code="link_views", number=9), Obligation(code="link_days", number=4)))
    )
    (row,) = lite.rows("delivery_link")
    assert row["views"] == 1
    assert datetime.fromtimestamp(row["expires_at"] / 1e6, UTC) == datetime(2026, 1, 10, tzinfo=UTC)


def test_a_link_dies_when_it_is_revoked(desk: Any) -> None:
    from illcore_delivery.links import store

    path = desk.link()
    with desk.database.write() as connection:
        (link,) = store.listed(connection, "ISIL:CN-110001")
        assert store.revoke(connection, link, "wang", desk.clock.now())
        assert not store.revoke(connection, link, "wang", desk.clock.now())
    answer = desk.ask(path)
    assert answer.status_code == 410
    assert "此链接已被撤回。" in answer.text


SPRING = CalendarDays(
    time_zone="Asia/Shanghai",
    closures=(Closure(first=date(2026, 2, 16), last=date(2026, 2, 20), why="春节"),),
    extra=(date(2026, 2, 14),),
)


def test_business_days_count_from_the_first_use_and_leave_out_closures(made: Any) -> None:
    desk = made(calendar=SPRING, clock=FakeClock(datetime(2026, 2, 2, 1, 0, tzinfo=UTC)))
    path = desk.link(Obligation(code="link_business_days", number=5))
    desk.clock.advance(days=9)  # Wednesday 11 February; not opened yet
    assert desk.ask(path).status_code == 200
    # Thu 12, Fri 13, Sat 14 (an extra working day), then the closure and a weekend, Mon 23, Tue 24
    (row,) = desk.rows("delivery_link")
    assert datetime.fromtimestamp(row["expires_at"] / 1e6, UTC) == datetime(2026, 2, 24, 16, 0, tzinfo=UTC)
    desk.clock.advance(days=13, hours=14, minutes=59)
    assert desk.ask(path, "HEAD").status_code == 200
    desk.clock.advance(minutes=1)
    assert desk.ask(path, "HEAD").status_code == 410


def test_a_link_that_nobody_opens_dies_all_the_same(made: Any) -> None:
    desk = made(config={"days": 7})
    path = desk.link(Obligation(code="link_business_days", number=50))
    desk.clock.advance(days=8)
    assert desk.ask(path).status_code == 410


def test_many_at_once_get_no_more_views_than_there_are(desk: Any) -> None:
    path = desk.link(Obligation(code="link_views", number=3))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: desk.ask(path).status_code, range(8)))
    assert sorted(found) == [200] * 3 + [410] * 5
    assert len(desk.rows("delivery_view")) == 3


# --- one link for one key ---


def test_the_same_key_gives_the_same_link_also_after_a_restart(desk: Any) -> None:
    first = desk.deliver()
    desk.again()
    assert desk.deliver() == first
    assert len(desk.rows("delivery_link")) == 1
    other = desk.deliver(key="r:2:1")
    assert other.detail["url"] != first.detail["url"]


def test_the_same_key_from_eight_threads_makes_one_link(desk: Any) -> None:
    order = desk.order()
    with ThreadPoolExecutor(8) as pool:
        found = {pool.submit(desk.deliver, order).result().detail["url"] for _ in range(8)}
        found |= set(pool.map(lambda _: desk.deliver(order, "r:9:1").detail["url"], range(8)))
    assert len(found) == 2
    assert len(desk.rows("delivery_link")) == 2


def test_a_used_link_is_not_renewed_by_a_late_retry(lite: Any) -> None:
    path = lite.link(Obligation(code="link_views", number=1))
    assert lite.ask(path).status_code == 200
    assert lite.link(Obligation(code="link_views", number=1)) == path
    assert lite.ask(path).status_code == 410


def test_after_the_secret_was_changed_the_key_has_still_one_link(lite: Any) -> None:
    old = lite.link()
    lite.again(secret="a new one")
    new = lite.link()
    assert new != old
    assert len(lite.rows("delivery_link")) == 1
    assert (lite.ask(old).status_code, lite.ask(new).status_code) == (404, 200)


def test_neither_the_database_nor_the_folder_holds_what_opens_a_link(lite: Any) -> None:
    lite.again(password="generated")
    receipt = lite.deliver()
    token, password = receipt.detail["url"].rpartition("/")[2], receipt.detail["password"]
    assert len(token) == 32
    kept = b"".join(path.read_bytes() for path in lite.folder.rglob("*") if path.is_file())
    assert token.encode() not in kept
    assert password.encode() not in kept
    assert (lite.folder / "kept" / "secret.key").stat().st_mode & 0o077 == 0


# --- guessing ---


@pytest.mark.parametrize(
    "path",
    [
        "/d/",
        "/d",
        "/d/" + "A" * 32,
        "/d/" + "A" * 31,
        "/d/../../etc/passwd",
        "/d/..%2f..%2fetc%2fpasswd",
        "/d/%2e%2e/%2e%2e/secret.key",
        "/d//etc/passwd",
        "/d/secret.key",
        "/d/%00",
        "/d/" + "%e9%a6%86" * 32,
        "/d/" + "a" * 5000,
        "/d/{token}/",
        "/d/{token}/..",
        "/d/{token}%0a",
        "/d/{token}.pdf",
        "/d/{swapped}",
        "/d/{hash}",
        "/d/{file}",
    ],
)
def test_guessing_and_tricks_with_paths_find_nothing(lite: Any, path: str) -> None:
    token = lite.link().rpartition("/")[2]
    (row,) = lite.rows("delivery_link")
    swapped = token.swapcase()
    answer = lite.ask(path.format(token=token, swapped=swapped, hash=row["token_hash"], file=row["file"]))
    assert answer.status_code == 404
    assert "There is no such document." in answer.text
    assert "没有这份文献。" in answer.text
    assert lite.rows("delivery_view") == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(lite: Any, method: str) -> None:
    answer = lite.ask(lite.link(), method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


# --- headers ---

SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "{link}", {}, 200),
        ("HEAD", "{link}", {}, 200),
        ("GET", "{link}", {"Range": "bytes=0-9"}, 206),
        ("GET", "{link}", {"Range": "bytes=999999-"}, 416),
        ("GET", "/d/nothing", {}, 404),
        ("PUT", "{link}", {}, 405),
        ("POST", "{link}", {}, 303),
    ],
)
def test_every_answer_has_the_safe_headers(lite: Any, method: str, path: str, headers: Any, status: int) -> None:
    answer = lite.ask(path.format(link=lite.link()), method, headers=headers)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in SAFE} == SAFE
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize(
    ("name", "plain", "shown"),
    [
        ("article.pdf", "article.pdf", "article.pdf"),
        ("红楼梦研究.pdf", "document.pdf", "红楼梦研究.pdf"),
        ("红楼梦 v1 (2).pdf", "___ v1 (2).pdf", "红楼梦 v1 (2).pdf"),
        ('a"b;c\r\nSet-Cookie: x.pdf', "a_b_c__Set-Cookie_ x.pdf", "a_b;c__Set-Cookie_ x.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf", "passwd.pdf"),
        ("...", "document", "document"),
        ("é.pdf", "document.pdf", "é.pdf"),
    ],
)
def test_the_file_has_its_name_also_in_chinese(lite: Any, name: str, plain: str, shown: str) -> None:
    from illcore_delivery.links.headers import attachment

    document = lite.document()
    answer = lite.ask(lite.link(files=(document.model_copy(update={"name": name}),)))
    header = answer.headers["content-disposition"]
    found = re.fullmatch(r"attachment; filename=\"([^\"]*)\"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]*)", header)
    assert found, header
    if name != "...":
        assert (found[1], unquote(found[2])) == (plain, shown)
    assert attachment("...").startswith('attachment; filename="document"')


# --- the page before ---

ONCE = Obligation(code="print_once")
NOTICE = Obligation(code="notice", text=BilingualText(en="<b>For study</b> only", zh="仅供学习"))


def test_a_notice_is_accepted_before_the_download(desk: Any) -> None:
    path = desk.link(NOTICE, ONCE)
    page = desk.ask(path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;b&gt;For study&lt;/b&gt; only" in page.text
    assert "仅供学习" in page.text
    assert "本文献仅可打印一份" in page.text
    assert "国家图书馆" in page.text
    assert "<script" not in page.text
    assert desk.rows("delivery_view") == []
    accepted = desk.ask(path, "POST", data={"accept": "yes"})
    answer = desk.ask(desk.follow(path, accepted))
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert [row["sent"] for row in desk.rows("delivery_view")] == [len(answer.content)]


def test_a_ticket_is_good_for_its_own_link_and_for_an_hour(lite: Any) -> None:
    path, other = lite.link(ONCE), lite.link(ONCE, key="r:2:1")
    where = lite.follow(path, lite.ask(path, "POST"))
    ticket = where.partition("?s=")[2]
    lite.follow(other, lite.ask(other, "POST"))
    assert lite.ask(f"{other}?s={ticket}").headers["content-type"].startswith("text/html")
    assert lite.ask(f"{path}?s=1-{'A' * 22}").headers["content-type"].startswith("text/html")
    assert lite.ask(where).status_code == 200
    lite.clock.advance(minutes=59)
    assert lite.ask(where, headers={"Range": "bytes=10-"}).status_code == 206
    lite.clock.advance(minutes=61)
    assert lite.follow(path, lite.ask(where)) == path
    assert len(lite.rows("delivery_view")) == 2


def test_a_page_before_every_download_by_configuration(lite: Any) -> None:
    lite.again(confirm=True)
    path = lite.link()
    assert "下载" in lite.ask(path).text
    assert lite.ask(lite.follow(path, lite.ask(path, "POST"))).content == (lite.folder / "article.pdf").read_bytes()


def test_a_password_opens_the_link_however_it_is_typed(desk: Any) -> None:
    desk.again(password="generated")
    receipt = desk.deliver()
    assert desk.deliver() == receipt
    path = receipt.detail["url"].removeprefix("https://ill.example.org")
    typed = receipt.detail["password"].lower().replace("-", " ")
    assert 'type="password"' in desk.ask(path).text
    wrong = desk.ask(path, "POST", data={"password": "wrong", "accept": "yes"})
    assert wrong.status_code == 403
    assert "密码不正确" in wrong.text
    where = desk.follow(path, desk.ask(path, "POST", data={"password": typed}))
    assert desk.ask(where).content.startswith(b"%PDF-")


def test_passwords_cannot_be_tried_out(desk: Any) -> None:
    desk.again(password="generated")
    receipt = desk.deliver()
    path, right = receipt.detail["url"].removeprefix("https://ill.example.org"), receipt.detail["password"]

    def post(password: str) -> int:
        return int(desk.ask(path, "POST", data={"password": password}).status_code)

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(post, ["wrong"] * 8))
    assert found == [403] * 5 + [429] * 3
    locked = desk.ask(path, "POST", data={"password": right})
    assert locked.status_code == 429
    assert 0 < int(locked.headers["retry-after"]) <= 900
    desk.clock.advance(minutes=15)
    assert post(right) == 303
    assert post("wrong") == 403


def test_a_partners_link_asks_nothing_so_that_its_system_can_fetch_it(lite: Any) -> None:
    lite.again(password="generated", confirm=True)
    receipt = lite.deliver(lite.order(obligations=(NOTICE, ONCE), receiver="partner"))
    assert "password" not in receipt.detail
    answer = lite.ask(receipt.detail["url"].removeprefix("https://ill.example.org"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")


def test_an_oversized_form_is_refused(lite: Any) -> None:
    answer = lite.ask(lite.link(ONCE), "POST", content=b"a=" + b"x" * 5000)
    assert answer.status_code == 413


# --- trouble ---


def test_a_link_whose_file_is_gone_says_so(lite: Any) -> None:
    path = lite.link()
    for file in lite.folder.glob("kept/*/*"):
        file.unlink()
    answer = lite.ask(path)
    assert answer.status_code == 410
    assert "此文献已不再保存。" in answer.text


def test_files_of_dead_links_and_leftovers_are_swept_after_a_day(lite: Any) -> None:
    import os

    lite.link(Obligation(code="link_views", number=1))
    stays = lite.link(key="r:2:1")
    (dead,) = [row["file"] for row in lite.rows("delivery_link") if row["key"] == "r:1:1"]
    lite.ask(lite.link())
    left = lite.folder / "kept" / "ab" / "x.part"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    for file in lite.folder.glob("kept/*/*"):
        os.utime(file, (lite.clock.now().timestamp(),) * 2)
    lite.clock.advance(hours=25)
    lite.link(key="r:3:1")
    assert not left.exists()
    assert not list(lite.folder.glob(f"kept/*/{dead}"))
    assert lite.ask(stays).status_code == 200


def test_erasing_a_request_leaves_no_row_and_no_file(desk: Any) -> None:
    from illcore_delivery.links.erasing import erase, told

    desk.ask(desk.link(Obligation(code="link_views", number=2)))
    desk.deliver(desk.order(obligations=(Obligation(code="paper_only"),)), "r:1:2")
    keep = desk.link(key="r:2:1", request_id="01JH0000000000R2")
    gone = ["01JH0000000000R1"]
    with desk.database.write() as connection:
        (row,) = told(connection, "ISIL:CN-110001", gone)
        assert (row["name"], row["used"], row["made_at"]) == ("article.pdf", 1, "2026-01-05T08:00:00Z")
        assert erase(desk.cabinets, connection, "ISIL:CN-110001", gone) == 5
        assert erase(desk.cabinets, connection, "ISIL:CN-110001", gone) == 0
    assert [row["request_id"] for row in desk.rows("delivery_link")] == ["01JH0000000000R2"]
    assert desk.rows("delivery_print") == desk.rows("delivery_view") == []
    assert len(list(desk.folder.glob("kept/*/*"))) == 1
    assert desk.ask(keep).status_code == 200


def test_the_plugin_takes_part_when_requests_are_anonymised(desk: Any) -> None:
    import illcore_delivery
    from illcore.connectors import Erasure

    plugin = illcore_delivery.illcore_register()
    assert plugin.erase is not None
    assert plugin.tell is not None
    desk.ask(desk.link())
    library, gone = "ISIL:CN-110001", ("01JH0000000000R1",)
    with desk.database.write() as connection:
        assert len(plugin.tell(connection, library, gone)) == 1
        assert plugin.erase(connection, Erasure(library, (), desk.clock.now(), desk.clock.now())) == 0
        assert plugin.erase(connection, Erasure(library, gone, desk.clock.now())) > 0
    assert desk.rows("delivery_link") == []


def test_a_plugin_that_was_never_used_holds_nothing(tmp_path: Path) -> None:
    import illcore_delivery
    from illcore.connectors import Erasure
    from illcore.store import Database

    plugin = illcore_delivery.illcore_register()
    database = Database(f"sqlite:///{tmp_path / 'ill.db'}")
    with database.write() as connection:
        what = Erasure("ISIL:CN-110001", ("01JH0000000000R1",), FakeClock().now())
        assert plugin.erase is not None
        assert plugin.tell is not None
        assert plugin.erase(connection, what) == 0
        assert plugin.tell(connection, what.library, what.requests) == []
    database.close()


def test_the_log_tells_when_and_how_much_but_not_who(desk: Any) -> None:
    path = desk.link()
    desk.ask(path, headers={"X-Forwarded-For": "203.0.113.9", "User-Agent": "Reader/1"})
    (row,) = desk.rows("delivery_view")
    size = (desk.folder / "article.pdf").stat().st_size
    assert (row["n"], row["requests"], row["sent"], row["granted"]) == (1, 1, size, size)
    assert set(row) == {"link", "n", "started_at", "last_at", "requests", "granted", "sent"}


def test_a_document_that_no_machine_here_has_is_handed_over_as_its_address(lite: Any) -> None:
    there = DocumentFile(name="a.pdf", url="https://supplier.example/a.pdf")
    assert lite.deliver(lite.order(there)).detail == {"url": "https://supplier.example/a.pdf"}
    assert lite.rows("delivery_link") == []


# --- the check ---


def test_a_check_hands_on_what_was_asked_for_and_brings_back_the_worst_report(
    lite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    class Report:
        def __init__(self, verdict: str) -> None:
            self.verdict = verdict

        def detail(self) -> dict[str, Any]:
            return {"verdict": self.verdict, "pages": 2, "findings": [{"code": "x", "page": 1, "text": self.verdict}]}

    def check(path: Any, expected: Any, earlier: Any, language: str, limits: Any, name: str) -> Report:
        asked.append((name, expected, earlier, language, limits.wall_seconds))
        return Report("review" if len(asked) == 1 else "pass")

    monkeypatch.setattr("illcore_delivery.connector.check", check)
    citation = Citation(title="红楼梦研究")
    files = (lite.document(1, "a.pdf"), lite.document(1, "b.pdf"))
    order = lite.order(*files, step="check", expected=citation, earlier=("00",), language="zh")
    detail = lite.deliver(order).detail
    assert (detail["verdict"], detail["pages"], len(detail["findings"])) == ("review", 4, 2)
    assert asked == [(name, citation, ("00",), "zh", wall) for name, wall in (("a.pdf", 14.0), ("b.pdf", 28.0))]
    assert lite.rows("delivery_link") == []
