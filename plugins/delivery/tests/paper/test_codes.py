"""Codes of slips: read back as they were printed, misreadings noticed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore.clock import seeded_ids
from illcore.errors import Invalid
from illcore.testing.fakes import FakeClock
from illcore_delivery.paper.codes import ALPHABET, MOST_ITEMS, Code, code_of, parse_code, shown, tag_of

IDS = st.text(ALPHABET, min_size=16, max_size=16)
ITEMS = st.integers(0, MOST_ITEMS)
OWN = "ISIL:CN-110001"


@given(IDS, ITEMS, st.sampled_from([OWN, "ISIL:CN-320006", "OCLC:ABC"]))
def test_a_code_leads_back_to_its_request_and_item(id: str, item: int, library: str) -> None:
    code = code_of(library, id, item)
    assert re.fullmatch(r"[0-9A-Z]{21}", code)
    found = parse_code(code)
    assert found == Code(id, item, tag_of(library))
    assert found.of(library)


@given(IDS, ITEMS, st.sampled_from([str.lower, shown, lambda code: f" {code}\r\n", lambda code: shown(code).lower()]))
def test_a_code_may_be_typed_as_people_type(id: str, item: int, typed: object) -> None:
    code = code_of(OWN, id, item)
    assert parse_code(typed(code)).request_id == id  # type: ignore[operator]


@given(IDS, ITEMS, st.integers(0, 19), st.sampled_from(ALPHABET))
def test_one_misread_sign_is_noticed(id: str, item: int, place: int, sign: str) -> None:
    code = code_of(OWN, id, item)
    wrong = code[:place] + sign + code[place + 1 :]
    if wrong != code:
        with pytest.raises(Invalid, match="misread"):
            parse_code(wrong)


def test_almost_all_swapped_neighbours_are_noticed() -> None:
    ids = seeded_ids(7)
    swapped = noticed = 0
    for _ in range(40):
        code = code_of(OWN, ids(FakeClock().now()), 3)
        for place in range(19):
            wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            if wrong != code:
                swapped += 1
                try:
                    parse_code(wrong)
                except Invalid:
                    noticed += 1
    assert noticed / swapped > 0.99


@given(st.text(max_size=40).filter(lambda text: len(text) != 16))
def test_anything_else_is_a_clear_sentence(text: str) -> None:
    with pytest.raises(Invalid, match="scan it again") as error:
        parse_code(text)
    assert len(str(error.value)) < 500


def test_the_bare_id_of_a_request_is_a_code_too() -> None:
    assert parse_code("01jh0000000000r1") == Code("01JH0000000000R1")
    assert parse_code("01JH0000000000R1").of("ISIL:ANY")


@pytest.mark.parametrize(("id", "item"), [("KIT-1", 1), ("01JH0000000000R1", 1024), ("01JH0000000000R1", -1)])
def test_what_does_not_fit_is_refused(id: str, item: int) -> None:
    with pytest.raises(Invalid, match="does not fit"):
        code_of(OWN, id, item)
