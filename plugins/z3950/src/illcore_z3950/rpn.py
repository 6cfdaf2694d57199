"""The type-1 query as values, and its BER form in both directions (Z39.50-2003 section 3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from . import values as v
from .ber import CONTEXT, OID, SEQUENCE, Content, Malformed, Node, ctx
from .errors import QueryError
from .oids import BIB1

__all__ = ["Attribute", "Operation", "Operator", "Proximity", "Query", "Rpn", "SetRef", "Term", "TermKind"]

Operator: TypeAlias = Literal["and", "or", "not", "prox"]
TermKind: TypeAlias = Literal["general", "numeric", "string", "oid", "datetime", "null"]

_OPERATORS: tuple[Operator, ...] = ("and", "or", "not", "prox")
_TERM_KEYS: dict[TermKind, int] = {
    "general": ctx(45),
    "numeric": ctx(215),
    "string": ctx(216),
    "oid": ctx(217),
    "datetime": ctx(218),
    "null": ctx(221),
}
_TERM_KINDS = {key: kind for kind, key in _TERM_KEYS.items()}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its type (1 use, 2 relation, 3 position, 4 structure, 5 truncation, 6 completeness in Bib-1) and
    value, a number or a name; `set` only where it differs from the query's attribute set."""

    type: int
    value: int | str
    set: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A search term with its attributes. For kind `numeric` the text is a number, for `oid` a dotted form."""

    text: str
    attributes: tuple[Attribute, ...] = ()
    kind: TermKind = "general"


@dataclass(frozen=True, slots=True)
class SetRef:
    """An operand that is an earlier result set."""

    name: str


@dataclass(frozen=True, slots=True)
class Proximity:
    """How near the operands of `prox` must stand (section 3.7.2); `unit` is known (2 is word) or private."""

    exclusion: bool | None
    distance: int
    ordered: bool
    relation: int
    unit: int
    private: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands and what joins them."""

    operator: Operator
    left: Rpn
    right: Rpn
    proximity: Proximity | None = None


Rpn: TypeAlias = "Term | SetRef | Operation"


@dataclass(frozen=True, slots=True)
class Query:
    """A whole type-1 query."""

    rpn: Rpn
    attribute_set: str = BIB1


def attributes_node(attributes: tuple[Attribute, ...], charset: str) -> Node:
    """AttributeList, [44]."""
    elements: list[Node] = []
    for attribute in attributes:
        parts: list[Node] = [] if attribute.set is None else [v.oid(ctx(1), attribute.set)]
        parts.append(v.integer(ctx(120), attribute.type))
        if isinstance(attribute.value, int):
            parts.append(v.integer(ctx(121), attribute.value))
        else:
            parts.append((ctx(224), [(ctx(1), [v.string(ctx(1), attribute.value, charset)])]))
        elements.append((SEQUENCE, parts))
    return ctx(44), elements


def term_node(term: Term, charset: str) -> Node:
    """AttributesPlusTerm, [102]. Raises QueryError if the term cannot be written so."""
    return ctx(102), [attributes_node(term.attributes, charset), _value_node(term, charset)]


def _value_node(term: Term, charset: str) -> Node:
    key = _TERM_KEYS[term.kind]
    if term.kind == "numeric":
        try:
            return v.integer(key, int(term.text))
        except ValueError:
            raise QueryError(f"'{term.text}' is not a number.", f"“{term.text}”不是数字。") from None
    if term.kind == "oid":
        try:
            return v.oid(key, term.text)
        except ValueError:
            raise QueryError(f"'{term.text}' is not an object identifier.", f"“{term.text}”不是对象标识符。") from None
    if term.kind == "null":
        return v.null(key)
    try:
        return key, term.text.encode(charset, errors="surrogateescape")
    except UnicodeEncodeError:
        raise QueryError(
            f"The term '{term.text}' cannot be written in {charset}; set query_charset to what the target expects.",
            f"检索词“{term.text}”无法用 {charset} 编码，请把 query_charset 设为对方要求的字符集。",
        ) from None


def _rpn_node(rpn: Rpn, charset: str) -> Node:
    if isinstance(rpn, Term):
        return ctx(0), [term_node(rpn, charset)]
    if isinstance(rpn, SetRef):
        return ctx(0), [v.string(ctx(31), rpn.name)]
    operator: Node = v.null(ctx(_OPERATORS.index(rpn.operator)))
    if rpn.operator == "prox":
        operator = _proximity_node(rpn.proximity)
    return ctx(1), [_rpn_node(rpn.left, charset), _rpn_node(rpn.right, charset), (ctx(46), [operator])]


def _proximity_node(proximity: Proximity | None) -> Node:
    if proximity is None:
        raise QueryError("A proximity operation says nothing about the distance.", "邻近检索缺少距离参数。")
    parts = [] if proximity.exclusion is None else [v.boolean(ctx(1), proximity.exclusion)]
    parts += [
        v.integer(ctx(2), proximity.distance),
        v.boolean(ctx(3), proximity.ordered),
        v.integer(ctx(4), proximity.relation),
        (ctx(5), [v.integer(ctx(2 if proximity.private else 1), proximity.unit)]),
    ]
    return ctx(3), parts


def query_node(query: Query, charset: str = "utf-8") -> Node:
    """Query as [21] with choice type-1. Raises QueryError if a term cannot be written in `charset`."""
    return ctx(21), [(ctx(1), [v.oid(OID, query.attribute_set), _rpn_node(query.rpn, charset)])]


def query_from_node(content: Content, charset: str = "utf-8") -> Query:
    """The query in the content of [21]: what a server reads. Raises `Malformed`."""
    key, body = v.the_only(content)
    if key not in (ctx(1), ctx(101)):
        raise Malformed(f"query type [{key & ~CONTEXT}] is not RPN")
    parts = v.children(body)
    if len(parts) != 2 or parts[0][0] != OID:
        raise Malformed("an RPN query is an attribute set and a structure")
    return Query(_rpn_from_node(parts[1], charset), v.to_oid(parts[0][1]))


def _rpn_from_node(node: Node, charset: str) -> Rpn:
    key, content = node
    if key == ctx(0):
        operand, body = v.the_only(content)
        if operand == ctx(31):
            return SetRef(v.to_text(body))
        if operand == ctx(102):
            return term_from_node(body, charset)
        raise Malformed("an operand that is neither term nor result set")
    parts = v.children(content)
    if key != ctx(1) or len(parts) != 3:
        raise Malformed("an operation is two operands and an operator")
    choice, body = v.the_only(parts[2][1])
    number = choice & ~CONTEXT
    if number >= len(_OPERATORS):
        raise Malformed(f"operator [{number}] is not known")
    return Operation(
        _OPERATORS[number],
        _rpn_from_node(parts[0], charset),
        _rpn_from_node(parts[1], charset),
        _proximity_from(body) if number == 3 else None,
    )


def _proximity_from(content: Content) -> Proximity:
    found = v.fields(content)
    choice, unit = v.the_only(v.need(found, ctx(5), "proximityUnitCode"))
    exclusion = found.get(ctx(1))
    return Proximity(
        None if exclusion is None else v.to_bool(exclusion),
        v.to_int(v.need(found, ctx(2), "distance")),
        v.to_bool(v.need(found, ctx(3), "ordered")),
        v.to_int(v.need(found, ctx(4), "relationType")),
        v.to_int(unit),
        choice == ctx(2),
    )


def term_from_node(content: Content, charset: str = "utf-8") -> Term:
    """The term in the content of AttributesPlusTerm."""
    parts = v.children(content)
    if len(parts) != 2:
        raise Malformed("a term is a list of attributes and a value")
    attributes = tuple(_attribute_from(element) for _, element in v.children(parts[0][1]))
    text, kind = value_from_node(parts[1], charset)
    return Term(text, attributes, kind)


def value_from_node(node: Node, charset: str = "utf-8") -> tuple[str, TermKind]:
    """The text and kind of a Term."""
    key, content = node
    kind = _TERM_KINDS.get(key)
    if kind is None:
        raise Malformed("a term of a kind that is not supported")
    if kind == "numeric":
        return str(v.to_int(content)), kind
    if kind == "oid":
        return v.to_oid(content), kind
    return ("" if kind == "null" else v.to_text(content, charset)), kind


def _attribute_from(content: Content) -> Attribute:
    found = v.fields(content)
    own = found.get(ctx(1))
    number = found.get(ctx(121))
    value: int | str
    if number is not None:
        value = v.to_int(number)
    else:
        first = v.the_only(v.need(v.fields(v.need(found, ctx(224), "attributeValue")), ctx(1), "list"))
        value = v.to_text(first[1]) if first[0] == ctx(1) else v.to_int(first[1])
    kind = v.to_int(v.need(found, ctx(120), "attributeType"))
    return Attribute(kind, value, None if own is None else v.to_oid(own))
