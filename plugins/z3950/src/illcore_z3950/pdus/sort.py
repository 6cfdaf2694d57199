"""Sort (Z39.50-2003 section 3.2.7)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import values as v
from ..ber import OID, Content, Node, ctx
from ..diagnostics import Diagnostic
from ..oids import BIB1
from ..rpn import Attribute, attributes_node
from .diagrec import diagnostic_list


@dataclass(frozen=True, slots=True)
class SortKey:
    """What to sort by: attributes such as use = title, or the name of a field of the target's own."""

    attributes: tuple[Attribute, ...] = ()
    field: str = ""
    descending: bool = False
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class SortRequest:
    """Sorts `inputs` into the result set `output`, the main key first."""

    inputs: tuple[str, ...]
    output: str
    keys: tuple[SortKey, ...]
    attribute_set: str = BIB1

    def node(self) -> Node:
        """The APDU, [43]."""
        return ctx(43), [
            (ctx(3), [v.general(name) for name in self.inputs]),
            v.string(ctx(4), self.output),
            (ctx(5), [self._key(key) for key in self.keys]),
        ]

    def _key(self, key: SortKey) -> Node:
        if key.field:
            element = v.string(ctx(0), key.field)
        else:
            element = (ctx(2), [v.oid(OID, self.attribute_set), attributes_node(key.attributes, "utf-8")])
        return 16, [
            (ctx(1), [element]),
            v.integer(ctx(1), int(key.descending)),
            v.integer(ctx(2), int(not key.case_sensitive)),
        ]


@dataclass(frozen=True, slots=True)
class SortResponse:
    """`status`: 0 success, 1 partial, 2 failure."""

    status: int
    diagnostics: tuple[Diagnostic, ...] = ()
    hits: int | None = None


def sort_response(content: Content, charset: str) -> SortResponse:
    """Reads the content of [44]. Raises `Malformed`."""
    found = v.fields(content)
    diagnostics = found.get(ctx(5))
    return SortResponse(
        v.to_int(v.need(found, ctx(3), "sortStatus")),
        diagnostic_list(diagnostics, charset) if diagnostics is not None else (),
        v.opt_int(found, ctx(6)),
    )
