"""Downloads in pieces from a real server: what is counted, and what comes back."""

import threading
from typing import Any

import httpx
import pytest

from illcore.hooktypes import DocumentFile, Obligation

SIZE = 3_000_000
CONTENT = bytes(range(256)) * (SIZE // 256) + b"end"
TWICE = Obligation(code="link_views", number=2)


@pytest.fixture
def link(lite: Any) -> str:
    path = lite.folder / "large.pdf"
    path.write_bytes(CONTENT)
    return str(lite.link(TWICE, files=(DocumentFile(name="large.pdf", path=path),)))


def test_a_download_in_pieces_is_one_view(lite: Any, link: str) -> None:
    got = b""
    with lite.served() as base, httpx.Client(base_url=base) as client:
        head = client.head(link)
        assert head.headers["accept-ranges"] == "bytes"
        assert int(head.headers["content-length"]) == len(CONTENT)
        while len(got) < len(CONTENT):
            answer = client.get(link, headers={"Range": f"bytes={len(got)}-{len(got) + 999_999}"})
            assert answer.status_code == 206
            assert answer.headers["content-range"].startswith(f"bytes {len(got)}-")
            got += answer.content
    assert got == CONTENT
    (view,) = lite.rows("delivery_view")
    assert (view["requests"], view["sent"]) == (3, len(CONTENT))


def test_a_broken_download_goes_on_where_it_stopped(lite: Any, link: str) -> None:
    with lite.served() as base, httpx.Client(base_url=base) as client:
        with client.stream("GET", link) as answer:
            part = next(answer.iter_bytes(1_000_000))
            tag = answer.headers["etag"]
        rest = client.get(link, headers={"Range": f"bytes={len(part)}-", "If-Range": tag})
        assert rest.status_code == 206
    assert part + rest.content == CONTENT
    assert len(lite.rows("delivery_view")) == 1


def test_the_end_of_a_file_and_four_pieces_at_once(lite: Any, link: str) -> None:
    found: dict[int, bytes] = {}
    quarter = len(CONTENT) // 4 + 1
    with lite.served() as base:
        httpx.get(base + link, headers={"Range": "bytes=0-0"})

        def fetch(n: int) -> None:
            header = {"Range": f"bytes={max(1, n * quarter)}-{(n + 1) * quarter - 1}"}
            found[n] = httpx.get(base + link, headers=header).content

        threads = [threading.Thread(target=fetch, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert httpx.get(base + link, headers={"Range": "bytes=-3"}).content == b"end"
    assert CONTENT[:1] + b"".join(found[n] for n in range(4)) == CONTENT
    assert len(lite.rows("delivery_view")) == 1


def test_going_on_for_ever_is_another_view(lite: Any, link: str) -> None:
    rest = {"Range": "bytes=1-"}
    found = [lite.ask(link, headers=rest).status_code for _ in range(5)]
    assert found == [206, 206, 206, 206, 410]
    assert [row["requests"] for row in lite.rows("delivery_view")] == [2, 2]


def test_the_rest_after_a_pause_of_more_than_an_hour_is_another_view(lite: Any, link: str) -> None:
    lite.ask(link, headers={"Range": "bytes=0-9"})
    lite.clock.advance(minutes=61)
    assert lite.ask(link, headers={"Range": "bytes=10-"}).status_code == 206
    assert len(lite.rows("delivery_view")) == 2


@pytest.mark.parametrize(
    ("headers", "status", "length"),
    [
        ({"Range": "bytes=0-9"}, 206, 10),
        ({"Range": "bytes=-10"}, 206, 10),
        ({"Range": f"bytes=0-{10**14}"}, 206, len(CONTENT)),
        ({"Range": "bytes=0-9,20-29"}, 200, len(CONTENT)),
        ({"Range": "items=0-9"}, 200, len(CONTENT)),
        ({"Range": "bytes=9-0"}, 200, len(CONTENT)),
        ({"Range": "bytes=" + "0-," * 5000}, 200, len(CONTENT)),
        ({"Range": "bytes=0-9", "If-Range": '"another"'}, 200, len(CONTENT)),
        ({"Range": f"bytes={len(CONTENT)}-"}, 416, None),
    ],
)
def test_ranges_of_all_kinds(lite: Any, link: str, headers: dict[str, str], status: int, length: int | None) -> None:
    answer = lite.ask(link, headers=headers)
    assert answer.status_code == status
    if length is not None:
        assert len(answer.content) == length
    assert len(lite.rows("delivery_view")) == (status != 416)
