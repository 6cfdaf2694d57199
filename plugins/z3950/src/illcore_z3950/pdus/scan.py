"""Scan: the terms of an index around a starting point (Z39.50-2003 section 3.2.8)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import values as v
from ..ber import OID, Content, Node, ctx
from ..diagnostics import Diagnostic
from ..oids import BIB1
from ..rpn import Term, term_node, value_from_node
from .diagrec import diagnostic_list, diagnostics_from


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """`count` terms; the start term is to stand at `position` (from 1) among them."""

    term: Term
    databases: tuple[str, ...]
    count: int = 20
    position: int = 1
    step: int | None = None
    attribute_set: str = BIB1
    charset: str = "utf-8"

    def node(self) -> Node:
        """The APDU, [35]. Raises QueryError if the term cannot be written in `charset`."""
        parts: list[Node] = [
            (ctx(3), [v.string(ctx(105), name) for name in self.databases]),
            v.oid(OID, self.attribute_set),
            term_node(self.term, self.charset),
        ]
        if self.step is not None:
            parts.append(v.integer(ctx(5), self.step))
        parts += [v.integer(ctx(6), self.count), v.integer(ctx(7), self.position)]
        return ctx(35), parts


@dataclass(frozen=True, slots=True)
class ScanEntry:
    """A term, how to show it, and in how many records it stands (None: not said); or why it cannot be given."""

    term: str = ""
    display: str = ""
    occurrences: int | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanResponse:
    """`status`: 0 success, 1 to 5 partial, 6 failure. `position` of the start term among `entries`, from 1."""

    status: int
    entries: tuple[ScanEntry, ...] = ()
    position: int | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def scan_response(content: Content, charset: str) -> ScanResponse:
    """Reads the content of [36]. Raises `Malformed`."""
    found = v.fields(content)
    lists = v.fields(found[ctx(7)]) if ctx(7) in found else {}
    entries = v.children(lists[ctx(1)]) if ctx(1) in lists else []
    return ScanResponse(
        status=v.to_int(v.need(found, ctx(4), "scanStatus")),
        entries=tuple(_entry(node, charset) for node in entries),
        position=v.opt_int(found, ctx(6)),
        diagnostics=diagnostic_list(lists[ctx(2)], charset) if ctx(2) in lists else (),
    )


def _entry(node: Node, charset: str) -> ScanEntry:
    key, content = node
    if key == ctx(2):
        return ScanEntry(diagnostics=diagnostics_from(v.the_only(content), charset))
    parts = v.children(content)
    found = dict(parts)
    term, _ = value_from_node(parts[0], charset) if parts else ("", "general")
    return ScanEntry(term, v.opt_text(found, ctx(0), charset) or term, v.opt_int(found, ctx(2)))
