"""The table that drives reader and writer: one row per element, derived from the annotations of the model."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from . import codes
from .model import MESSAGES, SchemeValue
from .model.wire import Wire

NAMESPACE = "http://illtransactions.org/2013/iso18626"


class Kind(Enum):
    """What an element holds."""

    TEXT = "text"
    PAIR = "scheme/value pair"
    CODE = "closed code"
    TIME = "dateTime"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    GROUP = "elements"


_KINDS: dict[type, Kind] = {
    str: Kind.TEXT,
    SchemeValue: Kind.PAIR,
    datetime: Kind.TIME,
    int: Kind.INTEGER,
    Decimal: Kind.DECIMAL,
    bool: Kind.BOOLEAN,
}


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One element of one group.

    name, element: field and element name. type: the enum of a code. table: of a group. required: 1.2 wants it.
    limit: how often 1.2 allows it (0: any number). blank: what stands in the model for a required element that
    did not come. spellings: what is understood for a code, case-folded. opening, closing: the tags.
    """

    name: str
    element: str
    kind: Kind
    type: Any
    table: "Table | None"
    many: bool
    required: bool
    limit: int
    blank: Any
    wire: Wire
    spellings: Mapping[str, str]
    allowed: frozenset[str]
    opening: str
    closing: str


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of one group in schema order, and by the names they have on the wire (`uri name` or bare)."""

    cls: type
    rows: tuple[Row, ...]
    by_name: Mapping[str, Row]
    required: tuple[Row, ...]
    choice: bool
    moved: Mapping[str, str]
    blank: Any


_tables: dict[type, Table] = {}


def table_of(group: type) -> Table:
    """The table of a class of the model."""
    if group not in _tables:
        _tables[group] = _table(group)
    return _tables[group]


def _table(group: type) -> Table:
    hints = get_type_hints(group, include_extras=True)
    rows = tuple(
        _row(field.name, hints[field.name], field.default is MISSING and field.default_factory is MISSING)
        for field in fields(group)
    )
    by_name = {}
    for row in rows:
        for name in (row.element, *row.wire.also):
            by_name[name] = by_name[f"{NAMESPACE} {name}"] = row
    required = tuple(row for row in rows if row.required)
    return Table(
        cls=group,
        rows=rows,
        by_name=by_name,
        required=required,
        choice=getattr(group, "CHOICE", False),
        moved=getattr(group, "MOVED", {}),
        blank=group(**{row.name: row.blank for row in required}),
    )


def _row(name: str, hint: Any, required: bool) -> Row:
    types, many, wire = _unwrap(hint)
    code = next((each for each in types if issubclass(each, StrEnum)), None)
    kind = Kind.CODE if code else _KINDS.get(types[0], Kind.GROUP)
    element = wire.name or _camel(name)
    table = table_of(types[0]) if kind is Kind.GROUP else None
    blank: Any = None
    if kind in (Kind.TEXT, Kind.CODE):
        blank = ""
    elif kind is Kind.PAIR:
        blank = SchemeValue("")
    elif table:
        blank = table.blank
    return Row(
        name=name,
        element=element,
        kind=kind,
        type=code or types[0],
        table=table,
        many=many,
        required=required or wire.may_be_empty,
        limit=(wire.limit if many else 1),
        blank=() if many else blank if required or wire.may_be_empty else None,
        wire=wire,
        spellings=codes.spellings(code) if code else codes.known_spellings(element) if kind is Kind.PAIR else {},
        allowed=codes.allowed(code) if code else frozenset(),
        opening=f"<{element}>",
        closing=f"</{element}>",
    )


def _unwrap(hint: Any) -> tuple[list[type], bool, Wire]:
    """The types of an annotation without None, whether it is a tuple of them, and its remarks."""
    origin = get_origin(hint)
    if origin is Annotated:
        inner, wire = get_args(hint)
        types, many, _ = _unwrap(inner)
        return types, many, wire
    if origin is tuple:
        types, _, wire = _unwrap(get_args(hint)[0])
        return types, True, wire
    if origin in (Union, UnionType):
        parts = [_unwrap(each) for each in get_args(hint) if each is not type(None)]
        return [each for types, _, _ in parts for each in types], any(many for _, many, _ in parts), parts[0][2]
    return [hint], False, Wire()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


ROOTS: dict[str, Table] = {element: table_of(cls) for element, cls in MESSAGES.items()}
"""Element name → table of the six messages."""

ELEMENT_OF: dict[type, str] = {cls: element for element, cls in MESSAGES.items()}
