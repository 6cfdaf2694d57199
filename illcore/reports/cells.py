"""Small cells: which counts of a table a report must not show, so that none of them can be worked out from the rest.

A table has a row for each group (a category, a department) and a column for each class of requests; the totals of its
columns are known to all. Counts below ``k`` are hidden, then as many others as it takes.
"""

from collections.abc import Mapping

TOTAL = "total"
Table = Mapping[str, Mapping[str, int]]
Cell = tuple[str, str]


def hidden(table: Table, k: int) -> frozenset[Cell]:
    """The cells to hide, as (group, class), the groups' own totals among them as (group, ``total``).

    Zeros are shown. Whoever knows everything that is shown, that hidden counts are whole numbers above zero, and this
    rule, finds no hidden count, unless the table has too few counts to hide it behind: then all of them are hidden.
    """
    values = _values(table)
    chosen = {cell for cell, value in values.items() if 0 < value < k}
    again = True
    while again:
        again = False
        for cell in sorted(chosen):
            if _determined(cell, chosen, values):
                more = _next(cell, chosen, values)
                if more is None:
                    return frozenset(cell for cell, value in values.items() if value)
                chosen.add(more)
                again = True
    return frozenset(chosen)


def _values(table: Table) -> dict[Cell, int]:
    values: dict[Cell, int] = {}
    for group, counts in table.items():
        values |= {(group, name): count for name, count in counts.items()}
        values[group, TOTAL] = sum(counts.values())
    return values


def _next(known: Cell, chosen: set[Cell], values: Mapping[Cell, int]) -> Cell | None:
    """What hides a cell best and costs least: the smallest count beside it, in its row or its column."""
    beside = [
        (value, cell)
        for cell, value in values.items()
        if value and cell not in chosen and (cell[0] == known[0]) != (cell[1] == known[1])
    ]
    others = [(value, cell) for cell, value in values.items() if value and cell not in chosen]
    found = min(beside or others, default=None)
    return None if found is None else found[1]


Node = tuple[str, str]
"""A line of the table: ("row", group) or ("column", class)."""


def _determined(cell: Cell, chosen: set[Cell], values: Mapping[Cell, int]) -> bool:
    """Whether the sums leave this cell one value alone.

    Another solution differs from the true one by rings of hidden cells, where every second one is more and the others
    are less. So the cell is free if such a ring leads through it and no cell on it falls to zero.
    """
    steps: dict[Node, list[Node]] = {}
    for other in chosen - {cell}:
        for way in (1, -1) if values[other] > 1 else (1,):
            start, end = _ends(other, way)
            steps.setdefault(start, []).append(end)
    return not (_ring(cell, 1, steps) or (values[cell] > 1 and _ring(cell, -1, steps)))


def _ring(cell: Cell, way: int, steps: Mapping[Node, list[Node]]) -> bool:
    """Whether the cell can be one more (``way`` 1) or one less (-1) while all sums stay."""
    start, end = _ends(cell, way)
    reached, todo = {end}, [end]
    while todo:
        for there in steps.get(todo.pop(), ()):
            if there == start:
                return True
            if there not in reached:
                reached.add(there)
                todo.append(there)
    return False


def _ends(cell: Cell, way: int) -> tuple[Node, Node]:
    """A change leads from the line that it leaves unequal to the one that must make up for it.

    One more in a row wants one less in it elsewhere; a total counts on the other side of its row's equation.
    """
    row, column = ("row", cell[0]), ("column", cell[1])
    return (row, column) if (way > 0) != (cell[1] == TOTAL) else (column, row)
