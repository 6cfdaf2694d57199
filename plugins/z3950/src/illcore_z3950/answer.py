"""What one search brought, for the engine (`holdings`) and for the one who sent a raw query (`as_json`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from illcore.errors import ConnectorError, Misconfigured
from illcore.model import Holding, Query

from .diagnostics import Diagnostic
from .records.holding import holdings_from
from .records.read import ReadRecord


@dataclass(frozen=True, slots=True)
class Found:
    """One place of the answer: a record, or the diagnostics that stand in place of one."""

    database: str
    syntax: str
    record: ReadRecord | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """`refusal`: the target refused the search or all records. `failure`: it fell silent after the search."""

    peer: str
    hits: int
    found: tuple[Found, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    refusal: ConnectorError | None = None
    failure: ConnectorError | None = None

    @property
    def records(self) -> list[ReadRecord]:
        """The records that came."""
        return [each.record for each in self.found if each.record is not None]

    @property
    def all_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Those of the whole answer and those in place of records."""
        return self.diagnostics + tuple(said for each in self.found for said in each.diagnostics)

    def holdings(self, query: Query, *, library: str, min_score: float) -> tuple[Holding, ...]:
        """The holdings. Raises the refusal; the failure or Misconfigured if no record came or none can be read."""
        if self.refusal is not None:
            raise self.refusal
        records = self.records
        if self.failure is not None and not records:
            raise self.failure
        if records and all(record.wrong_charset for record in records):
            raise Misconfigured(f"No record of {self.peer} can be read. {records[0].problem}")
        if records and all(record.problem and not record.book.title for record in records):
            raise Misconfigured(f"No record of {self.peer} can be used. {records[0].problem}")
        return holdings_from(records, query, library=library, min_score=min_score)

    def problems(self) -> list[str]:
        """Sentences for a person: what failed, what was refused, what cannot be read."""
        trouble = [str(error) for error in (self.refusal, self.failure) if error is not None]
        return [*trouble, *dict.fromkeys(record.problem for record in self.records if record.problem)]

    def as_json(self) -> dict[str, Any]:
        """`{"hits", "diagnostics": [{"code", "addinfo"}], "records": [{"position", "database", "syntax", …}]}`."""
        return {
            "hits": self.hits,
            "diagnostics": diagnostics_json(self.all_diagnostics),
            "records": [_record_json(number, each) for number, each in enumerate(self.found, 1)],
        }


def diagnostics_json(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """`code` is an integer of the Bib-1 set, else a text that names its set."""
    return [{"code": said.code, "addinfo": said.addinfo or said.message} for said in diagnostics]


def _record_json(number: int, found: Found) -> dict[str, Any]:
    place = {"position": number, "database": found.database, "syntax": found.syntax}
    if found.record is None:
        return place | {"diagnostics": diagnostics_json(found.diagnostics)}
    book = found.record.book
    said = {
        "title": book.title,
        "author": book.author,
        "isbn": list(book.isbn),
        "issn": list(book.issn),
        "edition": book.edition,
        "year": book.year,
        "record_id": book.record_id,
    }
    problem = {"problem": found.record.problem} if found.record.problem else {}
    return place | said | problem | found.record.shown()
