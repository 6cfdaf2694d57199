"""Who holds it is found before anybody is asked; what the library has itself comes first, and suppliers look too."""

from collections.abc import Callable
from typing import Any

import pytest

from illcore.errors import NotAllowed, TryLater
from illcore.model import Holding
from illcore.partners import get, put
from illcore.testing.fakes import FakePlugin, Hang
from illcore.testing.network import Town

A, B, C = "ISIL:A", "ISIL:B", "ISIL:C"


def held(library: str, **fields: Any) -> Holding:
    shelf = {"call_number": "I247.5/12", "location": "总馆三层", "score": 1.0, "why": "The ISBN is the same."}
    return Holding(**({"library": library} | shelf | fields))


def online(library: str, **fields: Any) -> Holding:
    link = {"url": "https://e.example.org/1", "available": True, "loanable": False, "score": 1.0, "why": "Same ISSN."}
    return Holding(**({"library": library} | link | fields))


@pytest.fixture
def found_in(make_town: Callable[..., Town]) -> Callable[..., Town]:
    """``found_in([holding, …], second=[…] or an error, policy={…})``: a town with catalogues that answer so."""

    def make(union: Any, second: Any = None, policy: dict[str, Any] | None = None, names: str = "ABC") -> Town:
        plugin = FakePlugin(hooks=("search",))
        accounts: dict[str, dict[str, str]] = {"wire:main": {}, "fake:union": {"label": "union"}}
        plugin.script("union", "search", *[union] * 20)
        if second is not None:
            accounts["fake:second"] = {"label": "second"}
            plugin.script("second", "search", *[second] * 20)
        return make_town(*names, policy=policy, config={"accounts": accounts}, plugins=[plugin])

    return make


def asked(town: Town, wish: dict[str, Any], **fields: Any) -> dict[str, Any]:
    id = town.staff(A).submit({**wish, **fields})
    town.run()
    return town.staff(A).get(id)


def rota(shown: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["partner"], each["status"]) for each in shown["rota"]]


def event(shown: dict[str, Any], type: str) -> dict[str, Any]:
    data: dict[str, Any] = next(e["data"] for e in shown["events"] if e["type"] == type)
    return data


# --- partners ---


def test_who_holds_it_is_asked_first(found_in, book):
    shown = asked(found_in([held(C), held("ISIL:NOBODY"), held(B, score=0.2, why="The title differs (20%).")]), book)
    assert (shown["state"], shown["partner"]) == ("sent", C)
    assert rota(shown) == [(C, "open"), (B, "waiting")]
    assert shown["rota"][0]["why"].startswith("Holds it, perhaps available; ")
    assert shown["rota"][1]["why"].startswith("Not known to hold it; ")
    told = event(shown, "located")
    assert told["found"] == {
        C: {"call_number": "I247.5/12", "location": "总馆三层", "score": 1.0, "why": "The ISBN is the same."}
    }
    assert told["unknown_libraries"] == {"holdings": 1, "named": ["ISIL:NOBODY"]}
    assert told["dropped"]["named"] == {B: {"score": 0.2, "why": "The title differs (20%)."}}
    assert told["accounts"] == [{"name": "fake:union", "status": "ok", "hits": 3}]
    assert [one["partner"] for one in told["rota"]] == [C, B]
    assert shown["found"][C]["call_number"] == "I247.5/12"


def test_what_is_out_comes_last(found_in, book):
    shown = asked(found_in([held(B, available=False), held(C)]), book)
    assert rota(shown) == [(C, "open"), (B, "waiting")]
    assert shown["rota"][1]["why"].startswith("Holds it, but it is not available now, so it comes last; ")


def test_a_branch_that_holds_it_is_its_library(found_in, book):
    town = found_in([held("ISIL:C-LAW")])
    store = town.engines[A].database
    with store.write() as connection:
        branch = {"other_symbols": ("ISIL:C-LAW",)}
        put(connection, A, get(connection, A, C).model_copy(update=branch), town.clock.now())
    assert asked(town, book)["partner"] == C


def test_nobody_holds_it_and_nobody_is_asked_blindly(found_in, book):
    town = found_in([], policy={"ask_without_holdings": "no"})
    shown = asked(town, book)
    assert (shown["state"], shown["reasons"]) == ("review", ["no_supplier"])
    assert rota(shown) == [(B, "skipped"), (C, "skipped")]
    assert {each["why"] for each in shown["rota"]} == {
        "No catalogue says that it holds it, and policy asks nobody else."
    }


def test_a_mended_citation_is_looked_up_again_and_its_holder_asked(found_in, book):
    def by_isbn(query: Any) -> list[Holding]:
        return [held(C)] if query.isbn.endswith("930") else []

    town = found_in(by_isbn, policy={"ask_without_holdings": "no"})
    shown = asked(town, book, citation={"title": "三体", "isbn": "9787229030933"})
    assert shown["reasons"] == ["no_supplier"]
    town.staff(A).act(shown["id"], "edit", citation={"isbn": "9787536692930"})
    town.run()
    shown = town.staff(A).get(shown["id"])
    assert (shown["state"], shown["partner"]) == ("sent", C)
    assert rota(shown) == [(C, "open"), (B, "skipped")]


def test_catalogues_that_do_not_answer_are_named(found_in, book):
    shown = asked(found_in([held(C)], second=TryLater("the catalogue is down")), book)
    assert shown["partner"] == C
    assert event(shown, "located")["accounts"] == [
        {"name": "fake:second", "status": "failed", "hits": 0, "error": "the catalogue is down"},
        {"name": "fake:union", "status": "ok", "hits": 1},
    ]
    shown = asked(found_in([held(C)], second=Hang()), book)
    assert shown["partner"] == C
    late = event(shown, "located")["accounts"][0]
    assert (late["name"], late["status"]) == ("fake:second", "late")
    assert "no answer within" in late["error"]


def test_a_catalogue_that_may_have_more_says_so(found_in, book):
    shown = asked(found_in([held(C)] * 201), book)
    assert event(shown, "located")["accounts"] == [{"name": "fake:union", "status": "ok", "hits": 200, "more": True}]


def test_partners_named_by_the_reader_are_not_looked_up(found_in, book):
    shown = asked(found_in([held(A), held(C)]), book, suppliers=[B])
    assert (shown["state"], shown["partner"], shown["found"]) == ("sent", B, {})


def test_approval_after_locating_shows_the_rota(found_in, book):
    town = found_in([held(C)], policy={"approval": {"when": "after_locating", "all": True}})
    shown = asked(town, book)
    assert shown["reasons"] == ["approval"]
    assert rota(shown) == [(C, "waiting"), (B, "waiting")]
    town.staff(A).act(shown["id"], "approve")
    town.run()
    assert town.staff(A).get(shown["id"])["partner"] == C


# --- the library itself ---


def test_what_the_library_holds_stops_for_staff_who_may_ask_partners_nevertheless(found_in, book):
    town = found_in([held(A), held(B)])
    shown = asked(town, book)
    assert (shown["state"], shown["reasons"], shown["rota"]) == ("review", ["locally_held"], [])
    (reason,) = event(shown, "located")["reasons"]
    assert reason["text"] == "This library holds it: 总馆三层, I247.5/12."
    assert reason["zh"] == "本馆有收藏：总馆三层, I247.5/12。"
    a, id = town.staff(A), shown["id"]
    with pytest.raises(NotAllowed, match="override what the review waits for"):
        a.act(id, "send")
    with pytest.raises(NotAllowed, match="note"):
        a.act(id, "override", reason="locally_held")
    a.act(id, "override", reason="locally_held", note="the copy is at the binder's")
    town.run()
    shown = a.get(id)
    assert (shown["state"], shown["partner"]) == ("sent", B)


def test_what_the_library_holds_is_supplied_from_its_shelf(found_in, book):
    town = found_in([held(A, barcode="A-77", available=True), held(B)])
    shown = asked(town, book)
    a, id = town.staff(A), shown["id"]
    shown = a.act(id, "supply_locally")
    assert shown["state"] == "local_supply"
    (item,) = shown["items"]
    assert (item["barcode"], item["call_number"], item["location"]) == ("A-77", "I247.5/12", "总馆三层")
    shown = a.act(id, "check_out")
    assert (shown["state"], shown["outcome"]) == ("completed", "filled_locally")


def test_what_is_not_on_the_shelf_after_all_is_asked_of_partners(found_in, book):
    town = found_in([held(A), held(B)])
    shown = asked(town, book)
    town.staff(A).act(shown["id"], "supply_locally")
    town.staff(A).act(shown["id"], "next_supplier")
    town.run()
    assert town.staff(A).get(shown["id"])["partner"] == B


@pytest.mark.parametrize(
    ("own", "policy", "state"),
    [
        pytest.param(held(A, available=False), {}, "sent", id="our copy is out"),
        pytest.param(held(A, loanable=False), {}, "sent", id="our copy does not leave the house"),
        pytest.param(held(A), {"own_holdings": "ignore"}, "sent", id="policy does not look"),
        pytest.param(held(A, available=False), {"own_holdings": "any"}, "review", id="policy looks in any case"),
        pytest.param(online(A, available=None), {}, "review", id="our licence may not cover it"),
    ],
)
def test_what_of_our_own_stops_a_request(found_in, book, own, policy, state):
    assert asked(found_in([own, held(B)], policy=policy), book)["state"] == state


def test_what_the_library_has_online_is_a_link_for_the_reader(found_in, article):
    town = found_in([online(A), held(B)])
    shown = asked(town, article)
    assert (shown["state"], shown["rota"]) == ("local_supply", [])
    assert [d["url"] for d in shown["documents"]] == ["https://e.example.org/1"]
    assert shown["items"] == []
    shown = town.staff(A).act(shown["id"], "deliver")
    assert (shown["state"], shown["outcome"]) == ("completed", "filled_locally")


def test_a_book_online_is_delivered_as_well(found_in, book):
    town = found_in([online(A)])
    shown = asked(town, book)
    assert shown["state"] == "local_supply"
    shown = town.staff(A).act(shown["id"], "deliver")
    assert (shown["state"], shown["outcome"], shown["supplied_as"]) == ("completed", "filled_locally", "loan")


def test_a_link_that_does_not_help_goes_on_to_partners(found_in, article):
    town = found_in([online(A), held(B)])
    shown = asked(town, article)
    town.staff(A).act(shown["id"], "next_supplier", note="the reader sees an error page")
    town.run()
    assert town.staff(A).get(shown["id"])["partner"] == B


# --- the supplier ---


def lent(town: Town, symbol: str = B) -> dict[str, Any]:
    (row,) = town.staff(symbol).find()
    return town.staff(symbol).get(row["id"])


def test_a_supplier_sees_place_and_call_number_and_answers_itself(found_in, book):
    town = found_in([held(B, barcode="B-1", available=True), held(C)])
    asked(town, book)
    theirs = lent(town)
    assert theirs["state"] == "new"
    (item,) = theirs["items"]
    assert (item["barcode"], item["call_number"], item["location"]) == ("B-1", "I247.5/12", "总馆三层")
    told = event(theirs, "located")
    assert list(told["found"]) == [B]
    assert told["own"] == {"where": "总馆三层, I247.5/12", "available": True}
    theirs = town.staff(B).act(theirs["id"], "will_supply", call_number="I247.5/13")
    assert [i["call_number"] for i in theirs["items"]] == ["I247.5/13"]


@pytest.mark.parametrize(
    ("found", "policy", "states", "reason"),
    [
        pytest.param([held(B, available=True)], "yes", ("will_supply", "will_supply"), "", id="there: yes"),
        pytest.param([held(B)], "yes_and_no", ("sent", "new"), "", id="perhaps there: staff answer"),
        pytest.param([held(B, available=False)], "yes", ("sent", "new"), "", id="out: staff say no"),
        pytest.param(
            [held(B, available=False)],
            "yes_and_no",
            ("review", "unfilled"),
            "NotAvailableForILL",
            id="out: no",
        ),
        pytest.param([], "yes_and_no", ("review", "unfilled"), "NotHeld", id="not here: no"),
        pytest.param([held(B, available=True)], "off", ("sent", "new"), "", id="policy leaves it to staff"),
    ],
)
def test_holdings_answer_where_policy_lets_them(found_in, book, found, policy, states, reason):
    town = found_in(found, policy={"answer_from_holdings": policy}, names="AB")
    ours = asked(town, book)
    theirs = lent(town)
    assert (ours["state"], theirs["state"]) == states
    if states[1] != "new":
        (last,) = [e for e in theirs["events"] if e["type"] == "located"]
        assert last["actor"]["kind"] == "system"
    if reason:
        assert event(theirs, "located")["reason"] == reason
        assert ours["rota"][0]["why"].endswith(f"; unfilled: {reason}")
        assert ours["reasons"] == ["no_supplier"]


def test_a_no_needs_every_catalogue(found_in, book):
    town = found_in([], second=TryLater("down"), policy={"answer_from_holdings": "yes_and_no"}, names="AB")
    asked(town, book)
    assert lent(town)["state"] == "new"


def test_staff_who_were_quicker_than_the_search_are_not_overruled(found_in, book):
    town = found_in([], policy={"answer_from_holdings": "yes_and_no"}, names="AB")
    town.staff(A).submit(book)
    town.engines[A].run_due()
    theirs = lent(town)
    assert theirs["state"] == "new"
    town.staff(B).act(theirs["id"], "will_supply", call_number="in the office")
    town.run()
    theirs = lent(town)
    assert theirs["state"] == "will_supply"
    assert [i["call_number"] for i in theirs["items"]] == ["in the office"]


def test_only_the_accounts_of_our_own_holdings_are_searched_for_a_partner(found_in, book):
    plain = found_in([held(B)], second=[held(B)], policy={"own_accounts": ["fake:second"]}, names="AB")
    shown = asked(plain, book)
    assert [each["name"] for each in event(shown, "located")["accounts"]] == ["fake:second", "fake:union"]
    assert [each["name"] for each in event(lent(plain), "located")["accounts"]] == ["fake:second"]


# --- learning ---


def test_the_rota_learns_who_fills(found_in, book):
    town = found_in([held(B), held(C)], policy={"duplicate_window_days": 0})
    for _ in range(3):
        shown = asked(town, book)
        if shown["partner"] == B:
            theirs = next(r for r in town.staff(B).find() if r["requesting_agency_request_id"] == shown["id"])
            town.staff(B).act(theirs["id"], "cannot_supply", reason="NotOnShelf")
            town.wait(days=2)
    shown = asked(town, book)
    assert shown["partner"] == C
    numbers = {one["partner"]: one for one in event(shown, "located")["rota"]}
    assert numbers[B]["tries"] >= 1
    assert numbers[B]["chance"] < numbers[C]["chance"]
