"""Of all that a search brings, the best holding of each library counts; what does not count is named."""

from datetime import UTC, datetime
from typing import Any

import pytest

from illcore.locating import MOST_LIBRARIES, found_after, found_in, lending_answer, own_answer, sift
from illcore.model import Holding
from illcore.policy import Policy
from illcore.request import Found, Request

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOME = "ISIL:HOME"
OWNERS = {"ISIL:A": "ISIL:A", "ISIL:A-BRANCH": "ISIL:A", "ISIL:B": "ISIL:B"}


def request(service: str = "loan", role: str = "requester", **changes: Any) -> Request:
    return Request("1", HOME, role, service, NOW, NOW, NOW, **changes)  # type: ignore[arg-type]


def holding(library: str = "ISIL:A", **fields: Any) -> Holding:
    return Holding(**({"library": library, "score": 1.0, "why": "The ISBN is the same."} | fields))


def sifted(*holdings: Holding, asked: Request | None = None) -> dict[str, Any]:
    return sift(holdings, asked or request(), OWNERS, 0.6).as_data()


@pytest.mark.parametrize(
    ("service", "one", "other", "best"),
    [
        pytest.param("loan", {"loanable": False, "available": True}, {}, 1, id="what is lent before what is not"),
        pytest.param("loan", {"available": None}, {"available": True}, 1, id="what is there before what may be"),
        pytest.param("loan", {"available": False}, {"available": None}, 1, id="what may be there before what is out"),
        pytest.param("loan", {"loanable": None}, {"loanable": True}, 1, id="what is said to be lent before silence"),
        pytest.param("copy", {"copyable": True}, {"loanable": True}, 0, id="for a copy that counts"),
        pytest.param("copy", {"formats": ("digital",)}, {"score": 0.7}, 0, id="any format will do"),
        pytest.param("loan", {"score": 0.8}, {"score": 0.9}, 1, id="the better match"),
    ],
)
def test_the_best_holding_of_a_library_counts(service: str, one: dict, other: dict, best: int) -> None:
    pair = [holding(call_number="0", **one), holding(call_number="1", **other)]
    found = sifted(*pair, asked=request(service))["found"]
    assert found["ISIL:A"]["call_number"] == str(best)


def test_for_a_file_the_volume_that_can_be_scanned_counts_before_the_licence_for_print_outs() -> None:
    online = holding(url="https://e.example.org/1", formats=("paper",), available=True)
    pair = [online, holding(call_number="P1")]
    assert sifted(*pair, asked=request("copy", format="digital"))["found"]["ISIL:A"]["call_number"] == "P1"
    kept = sifted(*pair, asked=request("copy"))
    assert found_in(kept)["ISIL:A"].formats == ("paper",)


def test_a_branch_is_its_library() -> None:
    assert list(sifted(holding("ISIL:A-BRANCH"), holding("ISIL:B"))["found"]) == ["ISIL:A", "ISIL:B"]


def test_strangers_are_counted_and_named() -> None:
    told = sifted(holding("ISIL:FAR"), holding("ISIL:FAR"), holding("", account="z3950:x"), holding("ISIL:B"))
    assert told["unknown_libraries"] == {"holdings": 3, "named": ["ISIL:FAR", "(z3950:x)"]}
    assert list(told["found"]) == ["ISIL:B"]


def test_what_is_not_alike_is_dropped_with_the_reason() -> None:
    told = sifted(holding(score=0.3, why="The title differs (30%)."), holding("ISIL:B", score=0.6))
    assert told["dropped"] == {
        "libraries": 1,
        "named": {"ISIL:A": {"score": 0.3, "why": "The title differs (30%)."}},
    }
    assert list(told["found"]) == ["ISIL:B"]
    assert "dropped" not in sifted(holding(score=0.3, why="The title differs."), holding())


def test_a_catalogue_that_does_not_compare_is_believed() -> None:
    assert list(sifted(holding(score=0.0, why=""))["found"]) == ["ISIL:A"]


def test_however_many_libraries_hold_it_the_event_stays_small_and_keeps_our_own() -> None:
    owners = {f"ISIL:{n}": f"ISIL:{n}" for n in range(500)}
    many = [holding(symbol, location="x" * 9_999, why="y" * 9_999) for symbol in owners]
    told = sift([*many, holding(HOME, score=0.7)], request(), owners, 0.6).as_data()
    assert len(told["found"]) == MOST_LIBRARIES
    assert HOME in told["found"]
    assert told["more_libraries"] == 501 - MOST_LIBRARIES
    assert len(str(told)) < 30_000


def test_on_the_suppliers_side_only_our_own_counts() -> None:
    told = sifted(holding("ISIL:A"), holding(HOME, barcode="7"), asked=request(role="supplier"))
    assert told == {"found": {HOME: {"barcode": "7", "score": 1.0, "why": "The ISBN is the same."}}}
    assert found_in(told) == {HOME: Found(barcode="7", score=1.0, why="The ISBN is the same.")}


SHELF = {"call_number": "I247.5", "location": "总馆"}
LINK = {"url": "https://e.example.org/1"}


@pytest.mark.parametrize(
    ("own", "asked", "policy", "answer"),
    [
        pytest.param(SHELF, {}, {}, "held", id="on the shelf, perhaps"),
        pytest.param(SHELF | {"available": True}, {}, {}, "held", id="on the shelf"),
        pytest.param(SHELF | {"available": False}, {}, {}, "", id="out: partners are asked"),
        pytest.param(SHELF | {"available": False}, {}, {"own_holdings": "any"}, "held", id="out, but policy looks"),
        pytest.param(SHELF | {"loanable": False}, {}, {}, "", id="not lent, and a loan is wanted"),
        pytest.param(SHELF | {"loanable": False}, {"service": "copy"}, {}, "held", id="not lent, but a copy will do"),
        pytest.param(SHELF, {"overrides": ("locally_held",)}, {}, "", id="staff overrode it"),
        pytest.param(SHELF, {}, {"own_holdings": "ignore"}, "", id="policy does not look"),
        pytest.param(LINK | {"available": True}, {"service": "copy"}, {}, "link", id="online, and it is covered"),
        pytest.param(
            LINK | {"available": True, "copyable": False, "loanable": False}, {}, {}, "link", id="own readers"
        ),
        pytest.param(LINK, {"service": "copy"}, {}, "held", id="online, perhaps covered: staff look"),
        pytest.param(LINK | {"available": False}, {"service": "copy"}, {}, "", id="online, but not that issue"),
        pytest.param(LINK | {"available": True}, {"format": "paper"}, {}, "held", id="online, but paper is wanted"),
        pytest.param(SHELF | LINK | {"available": True}, {}, {}, "held", id="a book with a link to its contents"),
    ],
)
def test_what_the_library_holds_itself(own: dict, asked: dict, policy: dict, answer: str) -> None:
    assert own_answer(request(found={HOME: Found(**own)}, **asked), Policy(**policy)) == answer


OK = {"accounts": [{"name": "z:1", "status": "ok"}]}
FULL = {"accounts": [{"name": "z:1", "status": "ok", "hits": 200, "more": True}]}
LATE = {"accounts": [{"name": "z:1", "status": "ok"}, {"name": "z:2", "status": "late"}]}


@pytest.mark.parametrize(
    ("own", "policy", "data", "answer"),
    [
        pytest.param({"available": True}, "yes", OK, ("yes", ""), id="there: yes"),
        pytest.param({"available": True}, "yes", LATE, ("yes", ""), id="there, whatever another catalogue says"),
        pytest.param({"available": True}, "off", OK, ("", ""), id="staff answer"),
        pytest.param({}, "yes_and_no", OK, ("", ""), id="perhaps there: staff look"),
        pytest.param({"available": False}, "yes", OK, ("", ""), id="out: staff answer, only yes goes by itself"),
        pytest.param({"available": False}, "yes_and_no", OK, ("no", "NotAvailableForILL"), id="out: no"),
        pytest.param({"available": True, "loanable": False}, "yes_and_no", OK, ("no", "NonCirculating"), id="not lent"),
        pytest.param(None, "yes_and_no", OK, ("no", "NotHeld"), id="not here: no"),
        pytest.param(None, "yes", OK, ("", ""), id="not here: staff answer"),
        pytest.param(None, "yes_and_no", LATE, ("", ""), id="a catalogue is silent: staff look"),
        pytest.param(
            None, "yes_and_no", OK | {"dropped": {"libraries": 1}}, ("", ""), id="something alike: staff look"
        ),
        pytest.param(None, "yes_and_no", FULL, ("", ""), id="a catalogue may have more: staff look"),
        pytest.param(None, "yes_and_no", {"accounts": []}, ("", ""), id="nobody was asked: staff look"),
    ],
)
def test_what_a_partner_may_be_told_without_staff(own: dict | None, policy: str, data: dict, answer: tuple) -> None:
    found = {"found": {HOME: own}} if own is not None else {"found": {}}
    asked = request(role="supplier", supplied_as="")
    assert lending_answer(asked, Policy(answer_from_holdings=policy), found | data) == answer  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type", "data", "known"),
    [
        pytest.param("located", {"found": {HOME: {"score": 1.0}}}, ({HOME: Found(score=1.0)}, True), id="a new search"),
        pytest.param("effect:given_up", {"kind": "locate"}, ({}, True), id="a search that was given up"),
        pytest.param("effect:given_up", {"kind": "send"}, ({"ISIL:A": Found()}, True), id="a message given up"),
        pytest.param("edit", {"citation": {"year": "1999"}}, ({}, False), id="another item is wanted"),
        pytest.param("edit", {"format": "paper"}, ({"ISIL:A": Found()}, True), id="the same item is wanted"),
    ],
)
def test_what_is_known_after_an_event(type: str, data: dict, known: tuple) -> None:
    assert found_after(request(found={"ISIL:A": Found()}, searched=True), type, data) == known


@pytest.mark.parametrize(("format", "answer"), [("digital", ("", "")), ("paper", ("yes", "")), ("any", ("yes", ""))])
def test_a_file_is_not_promised_where_the_licence_permits_print_outs_only(format: str, answer: tuple) -> None:
    own = {"url": "https://e.example.org/1", "available": True, "copyable": True, "formats": ["paper"]}
    asked = request("copy", role="supplier", format=format)
    for policy in ("yes", "yes_and_no"):
        told = lending_answer(asked, Policy(answer_from_holdings=policy), {"found": {HOME: own}, "accounts": []})  # type: ignore[arg-type]
        assert told == answer
