"""`ill scan`: a code finds its request and item, and does what is asked."""

import json
from typing import Any

import pytest

from illcore_delivery.paper.codes import code_of, shown

OWN = "ISIL:CN-110001"
OTHER = "ISIL:CN-440001"


def test_a_scan_shows_the_request(desk: Any, ill: Any) -> None:
    id = desk.promised(1, "A", "B 1")
    code, out, err = ill("scan", code_of(OWN, id, 1), "--json")
    told = json.loads(out)
    assert (code, err, told["id"], told["scanned"]) == (0, "", id, {"item": 1, "known": True})
    assert "红楼梦" in ill("scan", shown(code_of(OWN, id, 1)).lower())[1]
    assert json.loads(ill("scan", id, "--json")[1])["scanned"] == {"item": None, "known": False}


def test_a_scan_ships_the_item(desk: Any, ill: Any) -> None:
    id = desk.promised(1, "A", "B 1")
    code, out, _ = ill("scan", code_of(OWN, id, 1), "--action", "ship", "due_date=2099-03-01", "--note", "ok", "--json")
    told = json.loads(out)
    assert (code, told["state"], told["due_date"]) == (0, "shipped", "2099-03-01")


def test_the_request_is_shipped_when_its_last_volume_is_scanned(desk: Any, ill: Any) -> None:
    id = desk.asked(1)
    desk.session.act(id, "will_supply", items=[{"label": f"第{n}卷", "barcode": f"B{n}"} for n in (1, 2)])
    first, second = (
        json.loads(ill("scan", code_of(OWN, id, n), "--action", "ship", *more, "--json")[1])
        for n, more in ((1, ["more=true"]), (2, []))
    )
    assert [item["sent_at"] is not None for item in first["items"]] == [True, False]
    assert (first["state"], second["state"]) == ("will_supply", "shipped")


def test_a_slip_that_was_printed_before_the_item_was_known_still_ships(desk: Any, ill: Any) -> None:
    id = desk.asked(1)
    assert json.loads(ill("scan", code_of(OWN, id, 1), "--action", "ship", "--json")[1])["state"] == "shipped"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda id: "X" * 21, "was misread"),
        (lambda id: "hello", "is no code of a slip or strap"),
        (lambda id: code_of("ISIL:ELSEWHERE", id, 1), "this is no code of ISIL:CN-110001: another library printed it"),
        (lambda id: code_of(OTHER, id, 1), "this is no code of ISIL:CN-110001: it is of ISIL:CN-440001"),
        (lambda id: code_of(OWN, "01JH0000000000R1", 1), "has no request 01JH0000000000R1"),
        (lambda id: code_of(OWN, id, 7), "has no item 7; it has 1"),
    ],
)
def test_a_wrong_code_is_a_clear_sentence(desk: Any, ill: Any, make: Any, said: str) -> None:
    id = desk.promised(1, "A", "B 1")
    before = desk.session.get(id)["version"]
    code, out, err = ill("scan", make(id), "--action", "ship")
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert desk.session.get(id)["version"] == before


def test_a_request_of_another_library_here_is_named_as_that(desk: Any, ill: Any) -> None:
    theirs = desk.asked(1, library=OTHER)
    code, _, err = ill("scan", theirs)
    assert code == 1
    assert "is of another library" in err


def test_an_action_that_is_not_allowed_now_is_refused_in_its_own_words(desk: Any, ill: Any) -> None:
    id = desk.promised(1, "A", "B 1")
    code, _, err = ill("scan", code_of(OWN, id, 1), "--action", "receive")
    assert code == 1
    assert "receive" in err


def test_details_without_an_action_are_refused(desk: Any, ill: Any) -> None:
    code, _, err = ill("scan", code_of(OWN, desk.asked(1), 1), "due_date=2099-01-01")
    assert code == 1
    assert "--action" in err
