"""`ill links list | show | revoke` as staff and scripts see them."""

import json
from pathlib import Path
from typing import Any

import pytest

from illcore.connectors import Deadline
from illcore.hooktypes import DeliveryOrder, DocumentFile
from illcore.message import Address
from illcore_delivery.cabinet import Cabinets
from illcore_delivery.config import DeliveryConfig
from illcore_delivery.connector import DeliveryConnector

OWN = "ISIL:CN-110001"


@pytest.fixture
def token(desk: Any, tmp_path: Path) -> str:
    """Of the first of two links."""
    connector = DeliveryConnector(DeliveryConfig(), desk.engine._host, Cabinets())
    path = tmp_path / "红楼梦.pdf"
    path.write_bytes(b"%PDF-")
    urls = []
    for n in (1, 2):
        files = (DocumentFile(name="红楼梦.pdf", path=path),)
        order = DeliveryOrder(library=OWN, request_id=f"01JH0000000000R{n}", to=Address(), files=files)
        receipt = connector.illcore_deliver(order, f"r:{n}:1", Deadline(desk.engine.clock, 30))
        urls.append(receipt.detail["url"])
    return str(urls[0]).rpartition("/")[2]


def test_links_are_listed_and_shown_without_what_opens_them(ill: Any, token: str) -> None:
    code, out, _ = ill("links", "list", "--json")
    rows = json.loads(out)
    assert code == 0
    assert [(row["id"], row["request"], row["state"], row["used"], row["views"]) for row in rows] == [
        (2, "01JH0000000000R2", "live", 0, 5),
        (1, "01JH0000000000R1", "live", 0, 5),
    ]
    shown = ill("links", "show", "1", "--json")[1]
    assert json.loads(shown)["log"] == []
    assert json.loads(shown)["made_at"].endswith("Z")
    table, page = ill("links", "list")[1], ill("links", "show", "1")[1]
    assert "红楼梦.pdf" in table
    assert "红楼梦.pdf" in page
    for text in (out, shown, table, page):
        assert token not in text


def test_the_log_of_a_link_is_shown(desk: Any, ill: Any, token: str) -> None:
    from illcore_delivery.links import store

    with desk.engine.database.write() as connection:
        link = store.by_id(connection, OWN, 1)
        now = desk.engine.clock.now()
        store.open_view(connection, 1, now, desk.engine.context.library(OWN).policy.calendar, link.size)
        store.note_sent(connection, 1, 1, 5, now)
    (entry,) = json.loads(ill("links", "show", "1", "--json")[1])["log"]
    assert (entry["n"], entry["bytes"], entry["requests"]) == (1, 5, 1)
    assert "5 bytes" in ill("links", "show", "1")[1]


def test_a_revoked_link_is_gone_with_its_file(ill: Any, token: str, tmp_path: Path) -> None:
    assert len(list((tmp_path / "delivery").glob("??/*"))) == 2
    code, out, _ = ill("links", "revoke", "1")
    assert (code, out) == (0, "link 1 (红楼梦.pdf) is withdrawn\n")
    assert len(list((tmp_path / "delivery").glob("??/*"))) == 1
    assert [row["id"] for row in json.loads(ill("links", "list", "--json")[1])] == [2]
    assert [row["state"] for row in json.loads(ill("links", "list", "--all", "--json")[1])] == ["live", "revoked"]
    assert "was withdrawn before" in ill("links", "revoke", "1")[1]
    (row,) = json.loads(
        ill("links", "revoke", "--request", "01JH0000000000R2", "--json", "--as", "staff:li:librarian")[1]
    )
    assert (row["state"], row["revoked_by"]) == ("revoked", "li")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "9"], 1, "has no link 9"),
        (["revoke", "1", "9"], 1, "has no link 9"),
        (["revoke", "--request", "NONE"], 1, "request NONE has no links"),
        (["revoke"], 2, "name links by number"),
        (["list", "--as", "reader:R1"], 1, "links are for staff"),
    ],
)
def test_one_clear_sentence_and_nothing_done(ill: Any, token: str, arguments: list[str], code: int, said: str) -> None:
    found, out, err = ill("links", *arguments)
    assert (found, out) == (code, "")
    assert said in err
    assert len(json.loads(ill("links", "list", "--json")[1])) == 2


def test_a_database_without_the_tables_names_the_remedy(desk: Any, ill: Any) -> None:
    with desk.engine.database.write() as connection:
        for table in ("delivery_view", "delivery_link", "delivery_print"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    code, _, err = ill("links", "list")
    assert code == 1
    assert "run: ill migrate" in err
