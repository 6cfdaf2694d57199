"""A search in the loaded holdings: candidates, verified, one holding for each place, best first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from illcore.model import Holding, Symbol

from .asked import Asked
from .find import Finder
from .record import Copy, Record
from .sets import HoldingSet, visible_sets
from .tables import set_of
from .texts import said
from .verify import Verdict, verify

_SYMBOL: TypeAdapter[str] = TypeAdapter(Symbol)
_ORDER = {True: 0, None: 1, False: 2}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where is searched, and what holds where records and sources say nothing."""

    libraries: Collection[str] = ()
    sources: Collection[str] = ()
    loanable: bool | None = None
    copyable: bool | None = None
    believe: timedelta = timedelta(days=2)
    min_score: float = 0.5
    language: str = "en"


def search(connection: Connection, asked: Asked, scope: Scope, now: datetime, most: int) -> list[Holding]:
    """At most so many holdings that score enough, best first. Serials that do not cover what is cited are no holdings."""
    sets = {
        one.id: one
        for one in visible_sets(connection)
        if (not scope.libraries or one.library in scope.libraries)
        and (not scope.sources or one.source in scope.sources)
    }
    found: list[Holding] = []
    for number, record in Finder(connection, sets).candidates(asked).items():
        verdict = verify(record, asked, scope.language)
        if verdict.score >= scope.min_score:
            found += _holdings(number, record, verdict, sets[set_of(number)], asked, scope, now)
    found.sort(key=lambda one: (-one.score, _ORDER[one.available], one.library, one.record_id))
    return found[:most]


def _holdings(
    number: int, record: Record, verdict: Verdict, source: HoldingSet, asked: Asked, scope: Scope, now: datetime
) -> Iterable[Holding]:
    if record.electronic:
        online = _online(number, record, verdict, source, asked, scope, now)
        return [online] if online else []
    fresh = source.finished_at is not None and now - source.finished_at <= scope.believe
    return [_printed(number, record, verdict, source, copies, scope, fresh) for copies in _places(record, source)]


def _places(record: Record, source: HoldingSet) -> list[list[Copy]]:
    def place(copy: Copy) -> tuple[str, str, str]:
        return (copy.library if source.terms.union else "", copy.location, copy.call_number)

    return [list(group) for _, group in groupby(sorted(record.copies, key=place), key=place)] or [[]]


def _printed(
    number: int, record: Record, verdict: Verdict, source: HoldingSet, copies: list[Copy], scope: Scope, fresh: bool
) -> Holding:
    best = min(copies, key=lambda copy: (copy.loanable is False, _ORDER[copy.available]), default=Copy())
    counted = [copy.copies or 1 for copy in copies]
    notes = dict.fromkeys(note for note in (*(copy.note for copy in copies), record.note) if note)
    return Holding(
        library=_library(best, source),
        location=best.location,
        call_number=best.call_number,
        barcode=best.barcode,
        copies=sum(counted) if any(copy.copies is not None or copy.barcode for copy in copies) else None,
        available=_any(copy.available for copy in copies) if fresh else None,
        loanable=_first(_any(copy.loanable for copy in copies), source.terms.loanable, scope.loanable),
        copyable=_first(_any(copy.copyable for copy in copies), source.terms.copyable, scope.copyable),
        note="; ".join(notes),
        **_common(number, record, verdict),
    )


def _online(
    number: int, record: Record, verdict: Verdict, source: HoldingSet, asked: Asked, scope: Scope, now: datetime
) -> Holding | None:
    language = scope.language
    why, score, covered = verdict.why, verdict.score, True if record.coverage is None else None
    if record.coverage is not None and (asked.year or asked.volume):
        covered = record.coverage.holds(asked.year, asked.volume, asked.issue, now.date())
        if covered is False:
            return None
        why += said("covered" if covered else "maybe_covered", language, span=record.coverage)
        score = score if covered else round(score * 0.9, 3)
    abstracts, selected = record.depth.startswith("abstract"), record.depth.startswith("selected")
    licence = {"ill": True, "print": True, "none": False}.get(record.licence)
    notes = [
        said("free", language) if record.free else said(f"licence_{record.licence}", language),
        said("abstracts", language) if abstracts else said("selected", language) if selected else "",
        str(record.coverage) if record.coverage else "",
        record.note,
    ]
    return Holding(
        library=_library(Copy(), source),
        available=False if abstracts else None if selected else covered,
        loanable=False,
        copyable=False if abstracts else True if record.free else _first(licence, source.terms.copyable),
        note=" ".join(note for note in notes if note),
        **(_common(number, record, verdict) | {"why": why, "score": score}),
    )


def _common(number: int, record: Record, verdict: Verdict) -> dict[str, object]:
    return {
        "title": record.title,
        "author": record.author,
        "isbn": record.isbn,
        "issn": record.issn,
        "edition": record.edition,
        "year": record.year,
        "url": record.url,
        "record_id": record.number or str(number),
        "score": verdict.score,
        "why": verdict.why,
    }


def _library(copy: Copy, source: HoldingSet) -> str:
    """The symbol in a union catalogue's copy, if it is one; else the library whose source it is."""
    if source.terms.union and copy.library:
        named = copy.library if ":" in copy.library else f"ISIL:{copy.library}"
        try:
            return _SYMBOL.validate_python(named)
        except ValidationError:
            return source.library
    return source.library


def _first(*values: bool | None) -> bool | None:
    return next((value for value in values if value is not None), None)


def _any(values: Iterable[bool | None]) -> bool | None:
    known = set(values)
    if True in known:
        return True
    return None if None in known or not known else False
