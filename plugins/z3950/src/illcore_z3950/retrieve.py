"""The records of a result set: other syntaxes and element sets on refusal, and what came before a failure is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .client import Session
from .diagnostics import Diagnostic
from .errors import Z3950Error
from .oids import SUTRS, UNIMARC, USMARC, XML, record_syntax
from .pdus import Record
from .stages import Deadline

_USUAL = (USMARC, UNIMARC, XML, SUTRS)
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Way:
    """How records are asked for: a record syntax by its identifier, and an element set, '' for the target's own."""

    syntax: str
    element_set: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records in order, those in whose place a diagnostic stands among them; `diagnostics` concern all of them.

    `failure` is what ended the session before all had come.
    """

    records: tuple[Record, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: Z3950Error | None = None


def ways(syntaxes: Sequence[str], element_set: str) -> tuple[Way, ...]:
    """The named syntaxes in their order and then the usual ones, each under the element set and then without one."""
    wanted = dict.fromkeys([*map(record_syntax, syntaxes), *_USUAL])
    names = dict.fromkeys([element_set, ""])
    return tuple(Way(syntax, name) for syntax in wanted for name in names)


def retrieve(session: Session, hits: int, most: int, ways: Sequence[Way], deadline: Deadline) -> Fetched:
    """Up to `most` of `hits` records. While the target refuses a syntax or element set the next way is tried."""
    first: Fetched | None = None
    refused: set[Way] = set()
    for way in ways:
        if way in refused:
            continue
        fetched = _fetch(session, min(most, hits), way, deadline)
        said = _refusal(fetched)
        if fetched.failure is not None or not said:
            return fetched
        first = first or fetched
        if any(one.asks_for_other_syntax for one in said):
            refused |= {other for other in ways if other.syntax == way.syntax}
        elif not any(one.asks_for_other_element_set for one in said):
            return fetched
    return first or Fetched()


def _fetch(session: Session, wanted: int, way: Way, deadline: Deadline) -> Fetched:
    found: list[Record] = []
    while len(found) < wanted:
        count = min(wanted - len(found), _MOST_AT_ONCE)
        try:
            part = session.present(len(found) + 1, count, deadline, syntax=way.syntax, element_set=way.element_set)
        except Z3950Error as error:
            return Fetched(tuple(found), failure=error)
        found += part.records
        if part.diagnostics or not part.records:
            return Fetched(tuple(found), part.diagnostics)
    return Fetched(tuple(found))


def _refusal(fetched: Fetched) -> tuple[Diagnostic, ...]:
    """Why not a single record came; nothing if one did."""
    if any(not record.diagnostics for record in fetched.records):
        return ()
    return fetched.diagnostics + tuple(said for record in fetched.records for said in record.diagnostics)
