"""Exact mean, median and 90th percentile: by PostgreSQL itself; from sorted values where SQLite has no quantiles.

Both interpolate linearly between neighbours, as ``percentile_cont`` of SQL does. The statements given have the
columns ``role``, ``key`` and ``took``, in microseconds.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select

from illcore.model import Role
from illcore.reports.figures import DAY, Span

Found = Iterator[tuple[tuple[Role, str], Span]]
"""Role and key, span; only where there is a case."""


def percentile_spans(connection: Connection, cases: Select[Any]) -> Found:
    """One aggregate of the database."""
    one = cases.subquery().c
    quantiles = [func.percentile_cont(part).within_group(one.took) for part in (0.5, 0.9)]
    statement = select(one.role, one.key, func.count(), func.avg(one.took), *quantiles).group_by(one.role, one.key)
    for role, key, n, *values in connection.execute(statement):
        yield (role, key), Span(n, *(float(value) / DAY for value in values))


def sorted_spans(connection: Connection, cases: Select[Any]) -> Found:
    """One scan, sorted here: not slower than SQLite's window functions, and it needs no second pass for the mean."""
    found: dict[tuple[Role, str], list[int]] = defaultdict(list)
    for role, key, took in connection.execute(cases):
        found[role, key].append(took)
    for group, values in found.items():
        values.sort()
        yield group, span_of(values)


def span_of(values: Sequence[int]) -> Span:
    """The span of sorted microseconds; at least one."""
    return Span(len(values), sum(values) / len(values) / DAY, _at(values, 1, 2) / DAY, _at(values, 9, 10) / DAY)


def _at(values: Sequence[int], part: int, of: int) -> float:
    place, rest = divmod((len(values) - 1) * part, of)
    if not rest:
        return values[place]
    return values[place] + (values[place + 1] - values[place]) * rest / of
