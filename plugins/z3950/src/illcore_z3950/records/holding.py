"""Records that were read → `Holding` values of the core: verified, best first, one for each place."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from illcore.model import Holding, Query

from .book import Copy
from .read import ReadRecord
from .verify import Verdict, verify


def holdings_from(
    records: Iterable[ReadRecord], query: Query, *, library: str = "", min_score: float = 0.0
) -> tuple[Holding, ...]:
    """The holdings of records that score at least `min_score`, best first.

    Copies of one library, location and call number are one holding: their number is added up, and it is available if
    any of them is. A record without copies is one holding of which nothing is known but that it exists.
    """
    found: list[Holding] = []
    for record in records:
        verdict = verify(record.book, query)
        if verdict.score >= min_score:
            found += [_holding(record, verdict, copies, library) for copies in _places(record.copies)]
    return tuple(sorted(found, key=lambda holding: -holding.score))


def _places(copies: tuple[Copy, ...]) -> list[list[Copy]]:
    def place(copy: Copy) -> tuple[str, str, str]:
        return copy.library, copy.location, copy.call_number

    return [list(group) for _, group in groupby(sorted(copies, key=place), key=place)] or [[]]


def _holding(record: ReadRecord, verdict: Verdict, copies: list[Copy], library: str) -> Holding:
    book = record.book
    best = min(copies, key=lambda copy: (copy.loanable is False, _ORDER[copy.available]), default=Copy())
    counted = [copy.copies or 1 for copy in copies]
    said = [copy for copy in copies if copy.copies is not None or copy.barcode]
    notes = dict.fromkeys(copy.note for copy in copies if copy.note)
    if record.problem:
        notes[record.problem] = None
    return Holding(
        library=best.library or library,
        title=book.title,
        author=book.author,
        isbn=book.isbn,
        issn=book.issn,
        edition=book.edition,
        year=book.year,
        location=best.location,
        call_number=best.call_number,
        barcode=best.barcode,
        copies=sum(counted) if said else None,
        available=_any(copy.available for copy in copies),
        loanable=_any(copy.loanable for copy in copies),
        url=best.url or book.url,
        record_id=book.record_id,
        score=verdict.score,
        why=verdict.why,
        note="; ".join(notes),
    )


_ORDER = {True: 0, None: 1, False: 2}


def _any(values: Iterable[bool | None]) -> bool | None:
    known = set(values)
    if True in known:
        return True
    return None if None in known or not known else False
