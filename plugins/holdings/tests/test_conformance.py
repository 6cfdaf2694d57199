"""The connector against illcore's own conformance kit, and in an engine."""

from typing import Any, ClassVar

import illcore_holdings
from illcore.engine import Engine
from illcore.events import Actor
from illcore.testing.conformance import ConnectorConformance, Subject
from illcore.testing.fakes import given
from illcore_holdings.connector import HoldingsConnector


class TestConformance(ConnectorConformance):
    """There is no partner system; what stands in its place is a database without the plugin's tables."""

    plugin: ClassVar[object] = illcore_holdings
    connector: ClassVar[type] = HoldingsConnector

    def make(self, host: str, port: int) -> Subject:
        return Subject(config={})


def test_an_engine_searches_what_is_loaded(shelf: Any, marc21: Any) -> None:
    shelf.load(shelf.file("dump.mrc", marc21(1, "三体", "9787536692930")))
    point = given(illcore_holdings, "holdings", "illcore-holdings")
    config = {"library": "ISIL:CN-110001", "database": shelf.url, "accounts": {"holdings:own": {}}}
    engine = Engine.open(config=config, plugins=[point], clock=shelf.clock, executor="inline")
    try:
        actor = Actor(kind="staff", id="wang", library="ISIL:CN-110001", role="admin")
        from illcore.model import Query

        found = engine.as_(actor).search(Query(isbn="9787536692930"))
    finally:
        engine.close()
    assert [(each["name"], each["status"], each["hits"]) for each in found["accounts"]] == [("holdings:own", "ok", 1)]
    assert found["holdings"][0]["call_number"] == "A 1"
