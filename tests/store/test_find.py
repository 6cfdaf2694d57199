"""Lists: every filter, newest first, page by page."""

from typing import Any

import pytest
from sqlalchemy import update

from illcore import libraries, tables
from illcore.model import Citation
from illcore.policy import Library
from illcore.store import Filter
from tests.store.conftest import OWN, START, Desk


def found(desk: Desk, limit: int | None = None, after: str = "", **filter: Any) -> list[str]:
    with desk.store.read() as connection:
        rows = desk.store.find(connection, OWN, Filter(**filter), limit, after)
    return [row["id"] for row in rows]


def five(desk: Desk) -> list[str]:
    """Two loans to S1 and S2, a review, a lending request and a closed one, oldest first."""
    made = []
    for act in (
        lambda: desk.submit(("ISIL:S1",), citation=Citation(title="红楼梦", publication_type="Book")).id,
        lambda: desk.submit(("ISIL:S1", "ISIL:S2"), citation=Citation(title="100% Cotton_Wool")).id,
        lambda: desk.submit((), citation=Citation()).id,
        lambda: desk.apply(desk.demand(desk.lending("R-77", "ISIL:S3", citation=Citation(title="茶馆"))))[0].request.id,
        lambda: desk.submit(service_type="copy", citation=Citation(doi="10.1000/182")).id,
    ):
        made.append(act())
        desk.later(seconds=1)
    desk.apply(desk.said(made[1], "Unfilled", status="Unfilled"), desk.done(made[4], "close", outcome="purchased"))
    return made


def test_the_newest_stand_first_and_pages_follow_each_other(desk: Desk) -> None:
    ids = five(desk)
    newest_first = ids[::-1]
    assert found(desk) == newest_first
    first = found(desk, limit=2)
    second = found(desk, limit=2, after=first[-1])
    third = found(desk, limit=2, after=second[-1])
    assert [*first, *second, *third] == newest_first
    assert found(desk, limit=2, after=third[-1]) == []


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({"role": "supplier"}, [3]),
    ({"role": "requester", "states": ("sent",)}, [1, 0]),
    ({"states": ("sent", "review")}, [2, 1, 0]),
    ({"open": True}, [3, 2, 1, 0]),
    ({"open": False}, [4]),
    ({"partner": "ISIL:S1"}, [4, 0]),
    ({"partner": "ISIL:S2"}, [1]),
    ({"partner": "ISIL:S3", "role": "requester"}, []),
    ({"outcome": "purchased"}, [4]),
    ({"service_type": "copy"}, [4]),
    ({"text": "红楼"}, [0]),
    ({"text": "cotton wool"}, [1]),
    ({"text": "%"}, []),
    ({"text": "_"}, []),
    ({"text": ","}, []),
    ({"text": "R-77"}, [3]),
    ({"text": "no such thing"}, []),
    ({"attention": True}, []),
    ({"attention": False}, [4, 3, 2, 1, 0]),
    ({"queue": "librarian"}, []),
    ({"reader_id": "1"}, []),
    ({"parent_id": "X"}, []),
    ({"not_wanted": True}, []),
]


def test_every_filter(desk: Desk) -> None:
    ids = five(desk)
    wrong = [filter for filter, expected in FILTERS if found(desk, **filter) != [ids[n] for n in expected]]
    assert wrong == []


def test_an_id_finds_its_request_however_it_is_typed(desk: Desk) -> None:
    ids = five(desk)
    assert found(desk, text=f" {ids[2].lower()} ") == [ids[2]]


def test_a_row_says_what_a_list_shows(desk: Desk) -> None:
    id = five(desk)[0]
    with desk.store.read() as connection:
        row = desk.store.find(connection, OWN, Filter(text=id))[0]
    shown = {name: row[name] for name in ("role", "state", "partner", "title", "needs_attention", "created_at")}
    assert shown == {
        "role": "requester",
        "state": "sent",
        "partner": "ISIL:S1",
        "title": "红楼梦",
        "needs_attention": False,
        "created_at": START,
    }
    assert "body" not in row


def test_what_needs_attention_is_listed_alone(desk: Desk) -> None:
    ids = five(desk)
    with desk.store.write() as connection:
        connection.execute(update(tables.request).where(tables.request.c.id == ids[1]).values(needs_attention=1))
    assert found(desk, attention=True) == [ids[1]]


def test_another_librarys_requests_are_never_listed(desk: Desk) -> None:
    five(desk)
    with desk.store.write() as connection:
        libraries.put(connection, Library(symbol="ISIL:TWO"), START)
        assert desk.store.find(connection, "ISIL:TWO") == []


@pytest.mark.parametrize(
    ("filter", "index"),
    [
        ({}, "ix_ill_request_newest"),
        ({"role": "requester", "states": ("sent",)}, "ix_ill_request_state"),
        ({"attention": True}, "ix_ill_request_attention"),
        ({"partner": "ISIL:S1"}, "ix_ill_request_partner"),
        ({"reader_id": "7"}, "ix_ill_request_reader"),
    ],
)
def test_pages_of_a_queue_come_from_an_index_without_sorting(
    sqlite_desk: Desk, filter: dict[str, Any], index: str
) -> None:
    from illcore.store.finding import _statement

    shape = tuple(filter)
    statement = _statement(shape, None, filter.get("attention"), False, True)
    bound = {"library": OWN, "limit": 50, **filter}
    with sqlite_desk.store.read() as connection:
        literal = statement.params(bound).compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {literal}"))
    assert index in plan
    assert "TEMP B-TREE" not in plan
