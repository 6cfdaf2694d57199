"""Present and its segments (Z39.50-2003 section 3.2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import values as v
from ..ber import Content, Node, ctx
from .records import NO_RECORDS, Record, Records, name_plus_records, records_in


@dataclass(frozen=True, slots=True)
class PresentRequest:
    """Records `start` (from 1) to `start + count - 1` of a result set. `schema` (a URI or identifier) asks by a
    composition specification, version 3 only. `segments` limits the segments of one answer, None leaves it open."""

    result_set: str
    start: int
    count: int
    syntax: str = ""
    element_set: str = ""
    schema: str = ""
    segments: int | None = None

    def node(self) -> Node:
        """The APDU, [24]."""
        parts: list[Node] = [
            v.string(ctx(31), self.result_set),
            v.integer(ctx(30), self.start),
            v.integer(ctx(29), self.count),
        ]
        if self.schema:
            parts.append((ctx(209), self._composition()))
        elif self.element_set:
            parts.append((ctx(19), [v.string(ctx(0), self.element_set)]))
        if self.syntax:
            parts.append(v.oid(ctx(104), self.syntax))
        if self.segments is not None:
            parts.append(v.integer(ctx(204), self.segments))
        return ctx(24), parts

    def _composition(self) -> list[Node]:
        is_oid = self.schema.replace(".", "").isdigit()
        schema = v.oid(ctx(1), self.schema) if is_oid else v.string(ctx(300), self.schema)
        specification: list[Node] = [schema]
        if self.element_set:
            specification.append((ctx(2), [v.string(ctx(1), self.element_set)]))
        return [v.boolean(ctx(1), False), (ctx(2), specification)]


@dataclass(frozen=True, slots=True)
class PresentResponse:
    """`status`: 0 success, 1 to 4 partial, 5 failure."""

    returned: int
    next_position: int
    status: int
    records: Records = NO_RECORDS


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the records; the PresentResponse that ends the answer follows later."""

    records: tuple[Record, ...]


def present_response(content: Content, charset: str) -> PresentResponse:
    """Reads the content of [25]. Raises `Malformed`."""
    found = v.fields(content)
    return PresentResponse(
        returned=v.opt_int(found, ctx(24)) or 0,
        next_position=v.opt_int(found, ctx(25)) or 0,
        status=v.to_int(v.need(found, ctx(27), "presentStatus")),
        records=records_in(found, charset),
    )


def segment(content: Content, charset: str) -> Segment:
    """Reads the content of [45]. Raises `Malformed`."""
    return Segment(name_plus_records(v.need(v.fields(content), ctx(0), "segmentRecords"), charset))
