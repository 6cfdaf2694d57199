"""From the supplier's scan to the reader's download: two libraries, their links fetched over HTTP."""

import asyncio
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from reportlab.pdfgen.canvas import Canvas

import illcore_delivery
from illcore.cli.web import application
from illcore.testing.fakes import FakePlugin
from illcore.testing.network import Town, build_town

A, B = "ISIL:A", "ISIL:B"


@pytest.fixture(scope="module")
def scan() -> bytes:
    """One page of the article, with its title and text."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=(595, 842))
    page.setFont("Helvetica", 12)
    page.drawString(72, 770, "Interlibrary loan among libraries")
    for line in range(40):
        page.drawString(72, 740 - 15 * line, f"12.{line} The reader waits and the library sends what was asked for.")
    page.save()
    return out.getvalue()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[tuple[Town, FakePlugin]]:
    """Two libraries whose links lead to a real server of B."""
    desk = FakePlugin(hooks=("notify",))
    for name in "AB":
        (tmp_path / name).mkdir()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        accounts = {"wire:main": {}, "fake:desk": {"label": "desk"}, "delivery:main": {"url": url}}
        config = {"accounts": accounts, "documents": {"store": str(tmp_path / "kept"), "private_addresses": True}}
        urls = {f"ISIL:{name}": f"sqlite:///{tmp_path / name}/ill.db" for name in "AB"}
        for database in urls.values():
            from illcore.store import migrate

            migrate(database, {"delivery": "illcore_delivery:migrations"})
        made = build_town(urls, config=config, plugins=[desk, illcore_delivery], schema=False)
        app = application(made.engines[B], lambda: "none")
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield made, desk
        server.should_exit = True
        thread.join(10)
    made.close()


def test_a_scan_goes_over_the_partners_link_to_the_reader(town: tuple[Town, FakePlugin], scan: bytes) -> None:
    libraries, desk = town
    ours, theirs = libraries.staff(A), libraries.staff(B)
    id = ours.submit(
        {
            "service_type": "copy",
            "citation": {
                "title": "Library Trends",
                "title_of_component": "Interlibrary loan among libraries",
                "year": "2024",
                "pages": "12",
            },
            "reader": {"id": "R-1", "email": "lilei@example.org"},
            "suppliers": [B],
        }
    )
    libraries.run()
    (row,) = theirs.find()
    theirs.add_document(row["id"], scan, "馆际互借研究.pdf")
    libraries.run()
    theirs.act(row["id"], "supply_document")
    libraries.run()
    assert (ours.get(id)["state"], theirs.get(row["id"])["state"]) == ("completed", "completed")
    (document,) = ours.get(id)["documents"]
    assert (document["verdict"], document["pages"]) == ("pass", 1)
    (notice,) = [call.notice for call in desk.calls_of("notify") if call.notice.code == "document_ready"]
    url = next(word for word in notice.text.split() if "/d/" in word)

    async def open_link() -> httpx.Response:
        transport = httpx.ASGITransport(app=application(libraries.engines[A], lambda: "none"))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get(url)

    answer = asyncio.run(open_link())
    assert (answer.status_code, answer.content) == (200, scan)
    for symbol, used in ((A, 1), (B, 1)):
        with libraries.engines[symbol].database.read() as connection:
            rows = connection.exec_driver_sql("SELECT used FROM delivery_link").scalars()
            assert list(rows) == [used]
