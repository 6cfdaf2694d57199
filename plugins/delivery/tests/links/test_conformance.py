"""The connector against illcore's own conformance kit, and in an engine."""

import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

import illcore_delivery
from illcore.cli.web import application
from illcore.connectors import Deadline
from illcore.engine import Engine
from illcore.hooktypes import DeliveryOrder, DocumentFile
from illcore.message import Address
from illcore.testing.conformance import SECRET, ConnectorConformance, Subject
from illcore.testing.fakes import FakeClock, given
from illcore_delivery.connector import DeliveryConnector

OWN = "ISIL:CN-110001"


class TestConformance(ConnectorConformance):
    """There is no partner system; what stands in its place is a database without the plugin's tables."""

    plugin: ClassVar[object] = illcore_delivery
    connector: ClassVar[type] = DeliveryConnector

    def make(self, host: str, port: int) -> Subject:
        return Subject(config={"secret": SECRET, "folder": "/nowhere"})


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    config = {
        "library": OWN,
        "database": f"sqlite:///{tmp_path / 'ill.db'}",
        "accounts": {"delivery:main": {"url": "https://ill.example.org/ill/"}},
    }
    point = given(illcore_delivery, "delivery", "illcore-delivery")
    Engine.migrate(config=config, plugins=[point])
    opened = Engine.open(config=config, plugins=[point], clock=FakeClock(), executor="inline")
    yield opened
    opened.close()


def test_an_engine_hands_over_and_serves_the_link(engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "红楼梦.pdf"
    path.write_bytes(b"%PDF-1.7 as it came")
    files = (DocumentFile(name="红楼梦.pdf", path=path),)
    order = DeliveryOrder(library=OWN, request_id="01JH0000000000R1", to=Address(), files=files)
    outcome = engine._dispatch.deliver("delivery:main", order, "r:1:1", 30.0)
    assert outcome.ok, outcome.reason
    url = outcome.result().detail["url"]
    assert url.startswith("https://ill.example.org/ill/d/")
    assert (tmp_path / "delivery" / "secret.key").is_file()

    async def ask(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=application(engine, lambda: "none"))
        async with httpx.AsyncClient(transport=transport, base_url="http://ill") as client:
            return await client.get(path)

    import asyncio

    answer = asyncio.run(ask(url.removeprefix("https://ill.example.org/ill")))
    assert (answer.status_code, answer.content) == (200, b"%PDF-1.7 as it came")
    assert "%E7%BA%A2%E6%A5%BC%E6%A2%A6.pdf" in answer.headers["content-disposition"]
    assert asyncio.run(ask("/d/nothing")).status_code == 404
    assert asyncio.run(ask("/d")).status_code == 404


@pytest.mark.parametrize("account", [{}, {"folder": "relative"}])
def test_without_a_folder_on_postgresql_the_account_says_what_to_set(pg_url: str, account: dict[str, str]) -> None:
    config = {"library": OWN, "database": pg_url, "accounts": {"delivery:main": account}}
    point = given(illcore_delivery, "delivery", "illcore-delivery")
    Engine.migrate(config=config, plugins=[point])
    engine = Engine.open(config=config, plugins=[point], executor="inline")
    try:
        files = (DocumentFile(name="a.pdf", path=Path("/nowhere/a.pdf")),)
        order = DeliveryOrder(library=OWN, request_id="R1", to=Address(), files=files)
        outcome = engine._dispatch.deliver("delivery:main", order, "r:1:1", 30.0)
    finally:
        engine.close()
    assert outcome.kind == "misconfigured"
    assert "set folder" in outcome.reason


def test_the_web_application_may_be_there_before_any_link(engine: Any) -> None:
    assert list(engine.mounts()) == ["/d"]
    assert Deadline(engine.clock, 1).remaining() == 1


def test_what_makes_pdfs_is_not_loaded_for_every_command() -> None:
    loads = "import sys, illcore_delivery.connector; print(*{'reportlab', 'pikepdf', 'PIL'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
