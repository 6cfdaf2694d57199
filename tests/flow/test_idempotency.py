"""Clients that ask twice: the same idempotency key does a thing once and answers alike."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from illcore.engine import Engine
from illcore.errors import Invalid, NotAllowed
from illcore.events import Actor
from illcore.store import create_schema

pytestmark = pytest.mark.filterwarnings("error")


def test_the_same_key_submits_once(make_town, book):
    a = make_town("A", "B").staff("ISIL:A")
    assert a.submit(book, idempotency_key="k-1") == a.submit(book, idempotency_key="k-1")
    assert len(a.find()) == 1
    a.submit(
        {**book, "citation": {"title": "球状闪电", "author": "刘慈欣", "publication_type": "Book"}},
        idempotency_key="k-2",
    )
    assert len(a.find()) == 2


def test_a_key_used_for_something_else_is_refused_in_words(make_town, book):
    a = make_town("A", "B").staff("ISIL:A")
    id = a.submit(book, idempotency_key="k-1")
    with pytest.raises(Invalid, match="'k-1' was used before for something else"):
        a.submit({**book, "note": "another"}, idempotency_key="k-1")
    with pytest.raises(Invalid, match="used before"):
        a.act(id, "note", note="x", idempotency_key="k-1")
    with pytest.raises(Invalid, match="1 to 200 characters"):
        a.act(id, "note", note="x", idempotency_key="")


def test_the_same_key_acts_once_and_shows_the_request_as_it_is(ask):
    sides = ask()
    first = sides.borrow("note", note="checked", idempotency_key="k")
    sides.borrow("assign", to="wang")
    again = sides.borrow("note", note="checked", idempotency_key="k")
    assert (first["version"], again["version"], again["assignee"]) == (2, 3, "wang")
    assert [e["type"] for e in again["events"]].count("note") == 1


def test_keys_belong_to_who_uses_them(make_town, book):
    town = make_town("A", "B", policy={"duplicate_window_days": 0})
    a = town.staff("ISIL:A")
    other = town.engines["ISIL:A"].as_(Actor(kind="staff", id="wang", library="ISIL:A", role="admin"))
    assert a.submit(book, idempotency_key="k") != other.submit(book, idempotency_key="k")


def test_a_refused_action_leaves_its_key_free(ask):
    sides = ask()
    with pytest.raises(NotAllowed):
        sides.borrow("check_out", idempotency_key="k")
    sides.lend("ship")
    sides.run()
    sides.borrow("receive")
    assert sides.borrow("check_out", idempotency_key="k")["state"] == "on_loan"


def test_a_key_keeps_no_personal_data(ask):
    sides = ask()
    sides.borrow("note", note="李雷 called", idempotency_key="k")
    with sides.town.engines["ISIL:A"].database.read() as connection:
        rows = connection.exec_driver_sql("SELECT result FROM ill_idempotency").all()
    assert len(rows) == 1
    assert "李雷" not in rows[0][0]


def test_the_same_key_from_many_threads_at_once(db_url, book):
    create_schema(db_url)
    engine = Engine.open(db_url, {"library": "ISIL:A", "synchronous": "NORMAL"}, plugins=[])
    staff = engine.as_(Actor(kind="staff", id="anna", library="ISIL:A", role="admin"))
    with ThreadPoolExecutor(4) as threads:
        ids = set(threads.map(lambda _: staff.submit(book, idempotency_key="k"), range(12)))
    rows = staff.find()
    engine.close()
    assert len(ids) == len(rows) == 1
