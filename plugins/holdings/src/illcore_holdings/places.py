"""A record that was found → `Holding` values: one for each place of a printed work, one for an e-resource."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pydantic import TypeAdapter, ValidationError

from illcore.model import Holding, Symbol

from .asked import Asked
from .record import Copy, Record
from .sets import HoldingSet
from .texts import said
from .verify import Verdict

_SYMBOL: TypeAdapter[str] = TypeAdapter(Symbol)
_ORDER = {True: 0, None: 1, False: 2}
_LICENCES = {"ill": True, "print": True, "none": False}


@dataclass(frozen=True, slots=True)
class Hit:
    """A record with its id, how well it fits, and the set it comes from."""

    id: int
    record: Record
    verdict: Verdict
    source: HoldingSet

    def holding(self, library: str) -> Holding:
        """What is the same for all of its places."""
        record = self.record
        return Holding(
            library=library,
            title=record.title,
            author=record.author,
            isbn=record.isbn,
            issn=record.issn,
            edition=record.edition,
            year=record.year,
            url=record.url,
            record_id=record.number or str(self.id),
            score=self.verdict.score,
            why=self.verdict.why,
        )


def printed(hit: Hit, loanable: bool | None, copyable: bool | None, *, known: bool) -> list[Holding]:
    """One holding for each library, location and call number; one of which nothing is known if there is no copy.

    `loanable` and `copyable` hold where record and source say nothing; `known` says that what the copies say of
    being there counts.
    """
    union, terms = hit.source.terms.union, hit.source.terms

    def place(copy: Copy) -> tuple[str, str, str]:
        return (copy.library if union else "", copy.location, copy.call_number)

    groups = [list(group) for _, group in groupby(sorted(hit.record.copies, key=place), key=place)] or [[]]
    found = []
    for copies in groups:
        best = min(copies, key=lambda copy: (copy.loanable is False, _ORDER[copy.available]), default=Copy())
        counted = any(copy.copies is not None or copy.barcode for copy in copies)
        notes = dict.fromkeys(note for note in (*(copy.note for copy in copies), hit.record.note) if note)
        changes = {
            "location": best.location,
            "call_number": best.call_number,
            "barcode": best.barcode,
            "copies": sum(copy.copies or 1 for copy in copies) if counted else None,
            "available": _any(copy.available for copy in copies) if known else None,
            "loanable": _first(_any(copy.loanable for copy in copies), terms.loanable, loanable),
            "copyable": _first(_any(copy.copyable for copy in copies), terms.copyable, copyable),
            "note": "; ".join(notes),
        }
        found.append(hit.holding(_library(best, hit.source)).model_copy(update=changes))
    return found


def online(hit: Hit, asked: Asked, today: date, language: str) -> list[Holding]:
    """An e-resource, which is never lent; nothing if it does not cover the year and volume that are cited."""
    record = hit.record
    # A serial of which no coverage is told may have any issue, or none.
    coverage, covered = record.coverage, None if record.coverage or record.issn else True
    why, score = hit.verdict.why, hit.verdict.score
    if coverage is not None and (asked.year or asked.volume):
        covered = coverage.holds(asked.year, asked.volume, asked.issue, today)
        if covered is False:
            return []
        why += said("covered" if covered else "maybe_covered", language, span=coverage)
        score = score if covered else round(score * 0.9, 3)
    abstracts, selected = record.depth.startswith("abstract"), record.depth.startswith("selected")
    depth = said("abstracts", language) if abstracts else said("selected", language) if selected else ""
    if record.licence in ("print", "none") and not record.free:
        why += said("space", language) + said(f"licence_{record.licence}", language)
    permitted = True if record.free else _first(_LICENCES.get(record.licence), hit.source.terms.copyable)
    notes = (
        said("free" if record.free else f"licence_{record.licence}", language),
        depth,
        str(coverage) if coverage else "",
        record.note,
    )
    changes = {
        "available": False if abstracts else None if selected else covered,
        "loanable": False,
        "copyable": False if abstracts else permitted,
        "formats": ("paper",) if record.licence == "print" and not record.free else (),
        "note": " ".join(note for note in notes if note),
        "why": why,
        "score": score,
    }
    return [hit.holding(hit.source.library).model_copy(update=changes)]


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
