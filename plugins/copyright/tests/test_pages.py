"""Pages and extents as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore_copyright.pages import page_count, says_whole, total_pages


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("12-19", 8),
        ("12–19", 8),
        ("pp. 12-19", 8),
        ("p.12", 1),
        ("S. 12-19", 8),
        ("Seiten 12 bis 19", 8),
        ("pages 12 to 19", 8),
        ("第12-19页", 8),
        ("第12至19页", 8),
        ("１２～１９", 8),
        ("12 - 19", 8),
        ("xii-xx", 9),
        ("XII-XX", 9),
        ("i", 1),
        ("S1-S9", 9),
        ("S1-9", 9),
        ("s112-9", 8),
        ("e100-e108", 9),
        ("12-9", 8),
        ("112-9", 8),
        ("1123-31", 9),
        ("5, 7-9", 4),
        ("5; 7-9", 4),
        ("5、7-9", 4),
        ("1-5, 3-8", 8),
        ("1-8, 3-5", 8),
        ("5, 5", 1),
        ("iv-vi, 1-20", 23),
        ("12 and 14", 2),
        ("019-012", None),
        ("19-12", None),
        ("S1-T9", None),
        ("xx-xii", None),
        ("xii-20", None),
        ("e1234", None),
        ("12ff", None),
        ("12+", None),
        ("12-", None),
        ("-", None),
        ("", None),
        ("1-2-3", None),
        ("iiii", None),
        ("1234567", None),
        ("chapter three", None),
        ("12-19a", None),
    ],
)
def test_pages_are_counted_or_unknown(text: str, count: int | None) -> None:
    assert page_count(text) == count


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("350", 350),
        ("350 p.", 350),
        ("xii, 350 p.", 362),
        ("xii+350 pages", 362),
        ("xii, 350 p. : ill. ; 24 cm", 362),
        ("[4], 350 p.", 354),
        ("350页", 350),
        ("350 S.", 350),
        ("0", None),
        ("2 v.", None),
        ("about 300", None),
        ("300-350", None),
        ("", None),
    ],
)
def test_the_extent_of_a_work_is_read_or_unknown(text: str, total: int | None) -> None:
    assert total_pages(text) == total


@pytest.mark.parametrize("text", ["all", "Whole book", "the entire work", "cover to cover", "complete", "全书", "整期"])
def test_a_whole_work_may_be_said_in_words(text: str) -> None:
    assert says_whole(text)
    assert page_count(text) is None


@given(st.text(max_size=60))
def test_whatever_is_written_is_counted_or_unknown(text: str) -> None:
    count, total = page_count(text), total_pages(text)
    assert count is None or count >= 0
    assert total is None or total > 0


@given(st.integers(1, 99_999), st.integers(0, 900))
def test_a_plain_range_has_as_many_pages_as_it_says(first: int, more: int) -> None:
    assert page_count(f"{first}-{first + more}") == more + 1


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 50)), min_size=1, max_size=6))
def test_pages_named_twice_count_once(ranges: list[tuple[int, int]]) -> None:
    pages = {page for first, more in ranges for page in range(first, first + more + 1)}
    assert page_count(", ".join(f"{first}-{first + more}" for first, more in ranges)) == len(pages)
