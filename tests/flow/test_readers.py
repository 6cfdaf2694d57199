"""What a reader sees and may do; and that libraries in one engine see nothing of each other."""

import pytest

from illcore.engine import Engine
from illcore.errors import NotAllowed, NotFound
from illcore.events import Actor
from illcore.store import Filter

pytestmark = pytest.mark.filterwarnings("error")


def reader_of(town, id="R-1"):
    return town.engines["ISIL:A"].as_(Actor(kind="reader", id=id, library="ISIL:A"))


def test_a_reader_asks_for_oneself_and_finds_the_own_requests_alone(make_town, book):
    town = make_town("A", "B", policy={"duplicate_window_days": 0})
    mine = reader_of(town).submit(book)
    others = town.staff("ISIL:A").submit({**book, "reader": {"id": "R-2"}})
    with pytest.raises(NotAllowed, match="only ask for oneself"):
        reader_of(town).submit({**book, "reader": {"id": "R-2"}})
    with pytest.raises(NotAllowed):
        reader_of(town).submit({key: value for key, value in book.items() if key != "reader"})
    assert [r["id"] for r in reader_of(town).find()] == [mine]
    assert [r["id"] for r in reader_of(town).find(Filter(reader_id="R-2"))] == [mine]
    assert [r["id"] for r in reader_of(town, "R-2").find()] == [others]
    assert reader_of(town, "R-3").find() == []
    for act in (lambda who: who.get(others), lambda who: who.act(others, "cancel")):
        with pytest.raises(NotAllowed, match="another reader"):
            act(reader_of(town))
    assert town.staff("ISIL:A").get(others)["version"] == 1


def test_a_reader_enters_no_lending_request(make_town):
    lending = {
        "role": "supplier",
        "service_type": "loan",
        "citation": {"title": "三体"},
        "partner": "ISIL:B",
        "requesting_agency_request_id": "7",
    }
    with pytest.raises(NotAllowed, match="staff"):
        reader_of(make_town("A", "B")).submit(lending)


def test_a_reader_sees_no_notes_no_staff_and_no_trouble_in_the_house(ask):
    sides = ask()
    sides.borrow("note", note="she never pays")
    sides.borrow("assign", to="wang")
    sides.borrow("escalate", reason="rude on the telephone")
    sides.borrow("message", text="please hurry, it is for the dean")
    sides.borrow("record", what="will_supply", note="Ms Zhao told us")
    sides.lend("message", text="only for you, colleague")
    sides.run()
    sides.lend("ship", barcode="B-7")
    sides.run()
    sides.network.script("ISIL:B", "error")
    sides.borrow("receive", note="coffee stain")
    sides.run()
    whole, seen = sides.shown, reader_of(sides.town).get(sides.ours)
    assert whole["needs_attention"]
    for word in ("pays", "wang", "rude", "dean", "Zhao", "colleague", "stain", "anna", "attention(", "score"):
        assert word not in str({k: v for k, v in seen.items() if k != "rota"}), word
    assert seen.keys() == whole.keys()
    assert (seen["attention"], seen["needs_attention"], seen["assignee"], seen["queue"]) == ([], False, None, None)
    assert [r["partner"] for r in seen["rota"]] == ["ISIL:B"], "who else might have been asked is the library's affair"
    assert not any(r["why"] for r in seen["rota"])
    for key in ("id", "state", "citation", "reader", "due_date", "items", "version"):
        assert seen[key] == whole[key], key
    assert [e["type"] for e in seen["events"]] == ["submit", "message", "WillSupply", "Loaned", "receive"]


def test_a_reader_reads_the_own_words_again(ask):
    sides = ask()
    reader = reader_of(sides.town)
    shown = reader.act(sides.ours, "message", text="I need it before the examination")
    assert shown["events"][-1]["text"] == "I need it before the examination"
    assert shown["events"][-1]["actor"] == {"kind": "reader", "id": "R-1"}


def test_a_reader_cancels_and_renews_but_receives_nothing(ask):
    sides = ask()
    reader = reader_of(sides.town)
    assert reader.act(sides.ours, "cancel")["state"] == "cancel_pending"
    sides.run()
    sides.lend("reject_cancel")
    sides.run()
    sides.lend("ship")
    sides.run()
    with pytest.raises(NotAllowed, match="receive is not for a reader"):
        reader.act(sides.ours, "receive")
    sides.borrow("receive")
    assert reader.act(sides.ours, "renew")["state"] == "renew_pending"


def test_a_reader_cannot_hand_a_request_to_somebody_else(make_town, book):
    town = make_town("A", "B", policy={"approval": {"all": True}})
    id = reader_of(town).submit(book)
    with pytest.raises(NotAllowed, match="another reader"):
        reader_of(town).act(id, "edit", reader={"id": "R-2"})
    assert reader_of(town).act(id, "edit", citation={"year": "2008"})["citation"]["year"] == "2008"


def test_a_reader_cannot_record_what_a_partner_said(ask):
    sides = ask()
    with pytest.raises(NotAllowed, match="record is for staff"):
        reader_of(sides.town).act(sides.ours, "record", what="shipped")
    assert sides.shown["state"] == "sent"


# --- two libraries in one engine -----------------------------------------------------------------------------------


@pytest.fixture
def region(tmp_path, empty_database):
    (tmp_path / "region.db").write_bytes(empty_database.read_bytes())
    libraries = {
        "ISIL:X": {"name_zh": "甲馆"},
        "ISIL:Y": {"name_zh": "乙馆", "policy": {"approval": {"all": True}}},
    }
    engine = Engine.open(f"sqlite:///{tmp_path / 'region.db'}", {"libraries": libraries}, plugins=[], executor="inline")
    yield engine
    engine.close()


def at(engine, library, kind="staff"):
    return engine.as_(Actor(kind=kind, id="R-1", library=library, role="admin" if kind == "staff" else None))


def test_nobody_sees_the_rows_of_another_library(region, book):
    ours, theirs = at(region, "ISIL:X"), at(region, "ISIL:Y")
    id = ours.submit(book)
    assert theirs.find() == []
    for look in (lambda: theirs.get(id), lambda: theirs.act(id, "note", note="x"), lambda: theirs.act(id, "cancel")):
        with pytest.raises(NotFound, match=f"no request {id} in ISIL:Y"):
            look()
    assert at(region, "ISIL:Y", "reader").find() == [], "the same reader number elsewhere is another reader"
    assert [r["id"] for r in at(region, "ISIL:X", "reader").find()] == [id]
    assert ours.get(id)["version"] == 1


def test_each_library_has_its_own_policy_and_duplicates(region, book):
    ours, theirs = at(region, "ISIL:X"), at(region, "ISIL:Y")
    ours.submit(book)
    assert theirs.get(theirs.submit(book))["reasons"] == ["approval"]


def test_a_library_that_is_not_served_is_named(region):
    with pytest.raises(NotFound, match=r"ISIL:Z is not a library of this engine.*ISIL:X, ISIL:Y"):
        at(region, "ISIL:Z")
