"""Search (Z39.50-2003 section 3.2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import values as v
from ..ber import Content, Node, ctx
from ..rpn import Query, query_node
from .records import NO_RECORDS, Records, records_in

_LARGE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search in one or several databases. `piggyback` first records are asked for with the response, in `syntax`
    and, if not empty, under `element_set`; 0 asks for none."""

    query: Query
    databases: tuple[str, ...]
    result_set: str = "default"
    replace: bool = True
    piggyback: int = 0
    syntax: str = ""
    element_set: str = ""
    charset: str = "utf-8"

    def node(self) -> Node:
        """The APDU, [22]. Raises QueryError if the query cannot be written in `charset`."""
        parts: list[Node] = [
            v.integer(ctx(13), 0),
            v.integer(ctx(14), _LARGE if self.piggyback else 1),
            v.integer(ctx(15), self.piggyback),
            v.boolean(ctx(16), self.replace),
            v.string(ctx(17), self.result_set),
            (ctx(18), [v.string(ctx(105), name) for name in self.databases]),
        ]
        if self.element_set and self.piggyback:
            parts.append((ctx(101), [v.string(ctx(0), self.element_set)]))
        if self.syntax:
            parts.append(v.oid(ctx(104), self.syntax))
        parts.append(query_node(self.query, self.charset))
        return ctx(22), parts


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """`succeeded` is searchStatus; a search may succeed and still say diagnostics, about its piggybacked records."""

    hits: int
    returned: int
    next_position: int
    succeeded: bool
    records: Records = NO_RECORDS
    result_set_status: int | None = None
    present_status: int | None = None


def search_response(content: Content, charset: str) -> SearchResponse:
    """Reads the content of [23]. Raises `Malformed`."""
    found = v.fields(content)
    return SearchResponse(
        hits=v.to_int(v.need(found, ctx(23), "resultCount")),
        returned=v.opt_int(found, ctx(24)) or 0,
        next_position=v.opt_int(found, ctx(25)) or 0,
        succeeded=v.to_bool(v.need(found, ctx(22), "searchStatus")),
        records=records_in(found, charset),
        result_set_status=v.opt_int(found, ctx(26)),
        present_status=v.opt_int(found, ctx(27)),
    )
