"""Statements that every transition runs, rendered once for each kind of database instead of with every execution."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect

Row = Mapping[str, Any]


@dataclass(slots=True, frozen=True)
class _Rendered:
    """The text, the values that always stand in it, their order where it counts, and how they become the driver's."""

    text: str
    fixed: Row
    order: tuple[str, ...]
    converted: tuple[tuple[Any, Callable[[Any], Any]], ...]


class Prepared:
    """A Core statement whose parameters come as rows. What it returns is as the driver gives it: texts and numbers.

    ``columns`` are those that an INSERT sets; without them it sets all, or what its own ``values`` say.
    """

    def __init__(self, statement: Any, columns: Iterable[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._rendered: dict[str, _Rendered] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> CursorResult[Any]:
        """Execute it once for every row; ``rowcount`` of the result counts all of them."""
        how = self._for(connection.dialect)
        return connection.exec_driver_sql(how.text, [_values(how, row) for row in rows])

    def read(self, connection: Connection, row: Row) -> CursorResult[Any]:
        """Execute a SELECT with these values. Instants come back as the numbers that they are stored as."""
        how = self._for(connection.dialect)
        return connection.exec_driver_sql(how.text, _values(how, row))

    def _for(self, dialect: Dialect) -> _Rendered:
        how = self._rendered.get(dialect.name)
        if how is None:
            how = self._rendered[dialect.name] = self._render(dialect)
        return how

    def _render(self, dialect: Dialect) -> _Rendered:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        names = list(compiled.positiontup) if compiled.positional else list(binds)
        made = {name: binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
        return _Rendered(
            compiled.string,
            {name: bind.effective_value for name, bind in binds.items() if not bind.required},
            tuple(names) if compiled.positional else (),
            tuple(
                (place, made[name])
                for place, name in (enumerate(names) if compiled.positional else ((n, n) for n in names))
                if made[name] is not None
            ),
        )


def _values(how: _Rendered, row: Row) -> Any:
    given = {**how.fixed, **row} if how.fixed else row
    values: Any = [given[name] for name in how.order] if how.order else dict(given)
    for place, convert in how.converted:
        values[place] = convert(values[place])
    return tuple(values) if how.order else values
