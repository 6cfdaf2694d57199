"""Small counts are hidden, and nobody can work a hidden one out from what is shown."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illcore.reports.cells import TOTAL, hidden

Table = dict[str, dict[str, int]]


def solutions(table: Table, cells: frozenset[tuple[str, str]]) -> Iterator[Mapping[tuple[str, str], int]]:
    """Every table of whole numbers above zero in the hidden cells that fits all that is shown, as an attacker would
    list them: the totals of the columns are known, those of the rows unless they are hidden.
    """
    names = sorted({name for counts in table.values() for name in counts})
    groups = sorted(table)
    columns = []
    for name in names:
        unknown = [group for group in groups if (group, name) in cells]
        rest = sum(table[group][name] for group in unknown)
        columns.append([dict(zip(unknown, parts, strict=True)) for parts in compositions(rest, len(unknown))])
    for chosen in product(*columns):
        value = {
            (g, n): found.get(g, table[g].get(n, 0)) for n, found in zip(names, chosen, strict=True) for g in groups
        }
        sums = {g: sum(value[g, n] for n in names) for g in groups}
        if all(sums[g] == sum(table[g].values()) for g in groups if (g, TOTAL) not in cells):
            yield {**value, **{(g, TOTAL): sums[g] for g in groups}}


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write a number as so many numbers above zero."""
    if parts == 0:
        yield ()
    elif parts == 1:
        yield (total,)
    else:
        for first in range(1, total - parts + 2):
            for others in compositions(total - first, parts - 1):
                yield (first, *others)


TABLES = st.dictionaries(
    st.sampled_from("abc"),
    st.fixed_dictionaries({name: st.integers(0, 5) for name in ("filled", "unfilled")}),
    min_size=1,
    max_size=3,
)


@settings(max_examples=300, deadline=None)
@given(TABLES, st.integers(2, 4))
def test_no_hidden_count_follows_from_what_is_shown(table: Table, k: int) -> None:
    cells = hidden(table, k)
    shown_small = [(group, name) for group, counts in table.items() for name, n in counts.items() if 0 < n < k]
    assert set(shown_small) <= cells
    everything = {(g, n) for g, counts in table.items() for n, count in counts.items() if count}
    if everything <= cells:
        return  # there was nothing to hide them behind; not even their number is shown
    possible: dict[tuple[str, str], set[int]] = {cell: set() for cell in cells}
    for solution in solutions(table, cells):
        for cell in cells:
            possible[cell].add(solution[cell])
        if all(len(values) > 1 for values in possible.values()):
            break
    assert all(len(values) > 1 for values in possible.values()), possible


def test_one_small_count_takes_a_second_one_with_it() -> None:
    cells = hidden({"staff": {"filled": 2}, "students": {"filled": 40}, "guests": {"filled": 9}}, 5)
    assert {group for group, name in cells if name == "filled"} == {"staff", "guests"}, "the smallest of the others"
    assert ("students", TOTAL) not in cells


def test_where_all_are_large_nothing_is_hidden() -> None:
    assert hidden({"staff": {"filled": 7, "open": 0}, "students": {"filled": 40, "open": 5}}, 5) == frozenset()


@pytest.mark.parametrize("k", [0, 1])
def test_a_library_may_show_all(k: int) -> None:
    assert hidden({"staff": {"filled": 1}, "students": {"filled": 2}}, k) == frozenset()


def test_two_ones_do_not_hide_behind_each_other() -> None:
    """Their sum is 2 and each is above zero: both would be known."""
    cells = hidden({"a": {"filled": 1}, "b": {"filled": 1}, "c": {"filled": 30}, "d": {"filled": 20}}, 2 + 1)
    assert ("d", "filled") in cells


def test_what_cannot_be_hidden_behind_anything_hides_all() -> None:
    assert hidden({"only": {"filled": 2, "open": 0}}, 5) == {("only", "filled"), ("only", TOTAL)}


def test_many_groups_are_quick() -> None:
    table = {f"d{n}": {"filled": n * 7 % 13, "unfilled": n % 3, "open": n % 5, "cancelled": n % 2} for n in range(80)}
    cells = hidden(table, 5)
    assert all((g, name) in cells for g, counts in table.items() for name, n in counts.items() if 0 < n < 5)
