"""Lines, fonts and the order of shelves."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore.errors import ConfigError
from illcore_delivery.paper.fonts import BUILT_IN, KNOWN, MISSING, Font, font
from illcore_delivery.paper.lines import ELLIPSIS, shortened, wrapped
from illcore_delivery.paper.shelf_order import call_number_key, shelf_key

TEXTS = st.text(st.sampled_from("红楼梦，。 a bcdefgh.,-馆"), max_size=80)


def width(text: str) -> float:
    return sum(1.0 if ord(sign) > 255 else 0.5 for sign in text)


@given(TEXTS, st.integers(2, 20))
def test_lines_are_no_wider_than_the_paper_and_lose_nothing(text: str, limit: int) -> None:
    lines = wrapped(text, width, limit)
    assert all(width(line) <= limit for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(TEXTS, st.integers(2, 20), st.integers(1, 3))
def test_what_does_not_fit_ends_in_an_ellipsis(text: str, limit: int, most: int) -> None:
    whole, lines = wrapped(text, width, limit), wrapped(text, width, limit, most)
    assert len(lines) <= most
    assert all(width(line) <= limit for line in lines)
    assert lines == whole if len(whole) <= most else lines[-1].endswith(ELLIPSIS)


def test_words_stay_whole_and_chinese_breaks_anywhere() -> None:
    assert wrapped("Dream of the Red Chamber 红楼梦研究", width, 7) == ["Dream of the", "Red Chamber 红", "楼梦研究"]
    assert wrapped("红楼梦研究，卷三", width, 5) == ["红楼梦研", "究，卷三"]
    assert wrapped("aaaaaaaaaa", width, 2) == ["aaaa", "aaaa", "aa"]
    assert shortened("红楼梦研究", width, 3) == "红楼…"


@pytest.mark.parametrize(
    "shelf",
    [
        ["QA9 .B3", "QA76 .A2", "QA76.5 .K4", "QA76.73 .P65", "QA76.73 .P98", "QB1 .A1"],
        ["512.12 ABC", "512.5 ABC", "513 ABC", "1000 ABC"],
        ["I242.4/8", "I242.4/20", "I242.4/100", "I247.5/3", "I247.55/1", "K2/1"],
        ["", "A 1", "A 2", "A 10"],
    ],
)
def test_call_numbers_sort_as_on_the_shelf(shelf: list[str]) -> None:
    mixed = shelf.copy()
    random.Random(1).shuffle(mixed)
    assert sorted(mixed, key=call_number_key) == shelf


def test_what_has_no_location_or_call_number_comes_last() -> None:
    places = [("", ""), ("", "A 1"), ("A", ""), ("A", "B 2"), ("B", "A 1")]
    expected = [("A", "B 2"), ("A", ""), ("B", "A 1"), ("", "A 1"), ("", "")]
    assert sorted(places, key=lambda place: shelf_key(*place)) == expected


@given(st.text(max_size=30))
def test_any_call_number_can_be_sorted(text: str) -> None:
    assert shelf_key("A", text) == shelf_key("A", text)
    assert call_number_key("") <= call_number_key(text)


def test_a_font_of_the_machine_is_embedded_and_has_chinese() -> None:
    found = font()
    if not found.embedded:
        pytest.skip("this machine has no TrueType font with Chinese")
    assert found.drawable("红楼梦\x00\u202e Dream\n") == "红楼梦 Dream "
    assert found.drawable("\U0010fffd") == ""
    assert found.drawable("\U0001f4d6") in (MISSING, "?", "\U0001f4d6")
    assert found.width("红楼", 10) > found.width("红", 10) > 0
    assert "DroidSansFallback" not in "".join(KNOWN)


def test_without_a_font_the_readers_program_brings_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from illcore_delivery.paper import fonts

    monkeypatch.setattr(fonts, "FOLDERS", ())
    fonts._found.cache_clear()
    try:
        found: Font = fonts.font()
    finally:
        fonts._found.cache_clear()
    assert (found.name, found.embedded) == (BUILT_IN, False)
    assert found.width("红楼", 10) == 20


def test_a_font_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.ttf cannot be"):
        font(str(tmp_path / "nothing.ttf"))
    (tmp_path / "junk.ttf").write_bytes(b"junk")
    with pytest.raises(ConfigError, match=r"junk\.ttf cannot be used"):
        font(str(tmp_path / "junk.ttf"))
