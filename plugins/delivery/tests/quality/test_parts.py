"""The pure parts: page ranges, page numbers, the angle of lines."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from illcore_delivery.quality.numbering import printed_numbers
from illcore_delivery.quality.pageranges import asked_pages, roman, roman_numeral
from illcore_delivery.quality.picture import DPI, look


@pytest.mark.parametrize(
    ("text", "count", "first", "last", "exact"),
    [
        ("123-145", 23, "123", "145", True),
        ("123–45", 23, "123", "145", True),
        ("pp. 12-13, 20, 40-41", 5, "12", "41", True),
        ("xii-xv", 4, "xii", "xv", True),
        ("XII–XV, 1-3", 7, "xii", "3", True),
        ("S12-S20", 9, "s12", "s20", True),
        ("S12-20", 9, "s12", "s20", True),
        ("第12-15页", 4, "12", "15", True),
        ("12至15页", 4, "12", "15", True),
        ("１２－１５", 4, "12", "15", True),
        ("12, 15", 2, "12", "15", True),
        ("101-104, 104", 4, "101", "104", True),
        ("123", 1, "123", "123", False),
        ("e1204", 1, "e1204", "e1204", False),
        ("123ff.", 1, "123", "123", False),
        ("123-", 1, "123", "123", False),
        ("123+", 1, "123", "123", False),
        ("S. 12-14", 3, "12", "14", True),
    ],
)
def test_pages_as_citations_write_them(text: str, count: int, first: str, last: str, exact: bool) -> None:
    asked = asked_pages(text)
    assert asked is not None
    assert (len(asked.labels), asked.labels[0], asked.labels[-1], asked.exact) == (count, first, last, exact)


@pytest.mark.parametrize("text", ["", "see note", "145-123", "1-999999", "12-xv", "1-2-3", "-", "figure"])
def test_what_names_no_pages_is_not_guessed_at(text: str) -> None:
    assert asked_pages(text) is None


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_no_text_breaks_it(text: str) -> None:
    asked = asked_pages(text)
    assert asked is None or 0 < len(asked.labels) <= 5001


@given(st.integers(1, 3999))
def test_roman_numerals_there_and_back(number: int) -> None:
    assert roman(roman_numeral(number)) == number


@given(st.integers(1, 900), st.integers(2, 40))
def test_a_span_has_all_its_pages(first: int, count: int) -> None:
    asked = asked_pages(f"{first}-{first + count - 1}")
    assert asked is not None
    assert asked.labels == tuple(str(number) for number in range(first, first + count))


def test_other_numbers_need_a_row_of_pages() -> None:
    """Years and tables at the foot of a page are no page numbers."""
    texts = [f"Results\nbody\nbody\nbody\n{number}" for number in (2019, 2019, 2019)]
    assert printed_numbers(texts, ["101", "102", "103"]).others == ""
    texts = [f"Journal\nbody\nbody\nbody\n{number}" for number in (201, 202, 203)]
    assert printed_numbers(texts, ["101", "102", "103"]).others == "201–203"


def test_a_missing_number_is_named() -> None:
    texts = [f"Journal\nbody\nbody\n{number}" for number in (5, 6, 8, 9)]
    assert printed_numbers(texts, ["5", "6", "7", "8", "9"]).missing == ("7",)


@pytest.mark.parametrize("angle", [-8, -2.5, 0, 1.5, 6])
def test_the_angle_of_lines_is_right_within_a_quarter_of_a_degree(angle: float, draw: Any) -> None:
    page = draw.scan(angle=angle)
    seen = look(page.resize((round(8.27 * DPI), round(11.69 * DPI)), Image.Resampling.BOX))
    assert seen.skew == pytest.approx(angle, abs=0.25)


@pytest.mark.parametrize("angle", [-3, 2.5])
def test_vertical_writing_has_an_angle_too(angle: float, draw: Any) -> None:
    lines = draw.scan().transpose(Image.Transpose.ROTATE_90).rotate(-angle, fillcolor=240)
    seen = look(lines.resize((round(11.69 * DPI), round(8.27 * DPI)), Image.Resampling.BOX))
    assert seen.skew == pytest.approx(angle, abs=0.25)


def test_a_photograph_has_no_angle() -> None:
    cloud = Image.effect_noise((40, 60), 120).resize((400, 600), Image.Resampling.BICUBIC)
    assert look(cloud).skew is None


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 2)])
def test_the_smallest_pages_can_be_looked_at(size: tuple[int, int]) -> None:
    assert look(Image.new("L", size, 255)).ink == 0
