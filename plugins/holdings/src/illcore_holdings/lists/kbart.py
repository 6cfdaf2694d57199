"""KBART title lists → Record (NISO RP-9-2014, "KBART: Knowledge Bases and Related Tools", 6.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..charset import Charset
from ..coverage import Coverage, WrongCoverage
from ..faults import CannotLoad
from ..opened import SourceFile
from ..reading import Reading
from ..record import Record, clean, distinct, numbers, year_in
from .licence import licence
from .rows import Row, RowsFile

Cell = Callable[[str], str]
_OLD_NAMES = {"coverage_notes": "notes", "title": "publication_title"}
_EXCEL_DATES = {"0000": "", "0": "", "present": "", "current": ""}


class KbartReader:
    """Each row is a record of its own; a title with gaps has several. Positions are rows.

    `licence_column` names a column that says what the licence permits; where it is empty, or none is named,
    `permitted` holds.
    """

    kind = "kbart"
    foot = b""

    def __init__(self, file: SourceFile, charset: Charset, licence_column: str = "", permitted: str = "") -> None:
        self._rows = RowsFile(file, charset, "\t", quotes=False)
        names = [name.lower().strip().replace(" ", "_") for name in self._rows.heading]
        self._places = {_OLD_NAMES.get(name, name): place for place, name in reversed(list(enumerate(names)))}
        if "publication_title" not in self._places or len(names) < 3:
            raise CannotLoad(
                f"{file.path} is no KBART list: its first line must name the columns, parted by tabs, "
                "among them publication_title"
            )
        column = licence_column.lower().strip().replace(" ", "_")
        if column and column not in self._places:
            raise CannotLoad(f"{file.path} has no column {licence_column}; it has {', '.join(self._rows.heading)}")
        self._column = column
        self._permitted = permitted
        self.head = self._rows.head

    def read(self, position: int) -> Iterator[Reading]:
        for row, done in self._rows.rows(position):
            yield self._reading(row, done)

    def _reading(self, row: Row, done: int) -> Reading:
        where = f"line {row.line}"
        reason = row.reason
        if not reason:
            try:
                record, wrong = self._record(row)
                return Reading(row.number, done, where, record, wrong_number=wrong)
            except (WrongCoverage, ValueError) as error:
                reason = str(error)
        return Reading(row.number, done, where, raw=self._rows.octets(row.raw), reason=reason)

    def _record(self, row: Row) -> tuple[Record, str]:
        def cell(name: str) -> str:
            place = self._places.get(name, -1)
            return clean(row.cells[place]) if 0 <= place < len(row.cells) else ""

        title = cell("publication_title")
        if not title:
            raise ValueError("it has no publication_title")
        monograph = cell("publication_type").casefold() == "monograph"
        ids = [text for name in ("print_identifier", "online_identifier") if (text := cell(name))]
        books = [text for text in ids if _looks_like_isbn(text)]
        isbn, issn, wrong = numbers(books, [text for text in ids if text not in books])
        year = year_in(cell("date_monograph_published_print"), cell("date_monograph_published_online"))
        return (
            Record(
                title=title,
                author=cell("first_author") or cell("first_editor"),
                isbn=isbn,
                issn=issn,
                edition=cell("monograph_edition"),
                year=year,
                url=cell("title_url"),
                number=cell("title_id"),
                note=cell("notes"),
                authors=distinct([cell("first_editor")], cell("first_author") or cell("first_editor")),
                electronic=True,
                free=cell("access_type").upper() == "F",
                licence=self._licence(cell),
                depth=cell("coverage_depth").casefold(),
                coverage=None if monograph else _coverage(cell),
            ),
            wrong,
        )

    def _licence(self, cell: Cell) -> str:
        said = cell(self._column) if self._column else ""
        found = licence(said)
        if found is None:
            raise ValueError(f"the licence “{said[:40]}” is not understood; write ill, print, none or unknown")
        return found if said else self._permitted


def _coverage(cell: Cell) -> Coverage | None:
    def day(name: str) -> str:
        text = cell(name)
        return _EXCEL_DATES.get(text.casefold(), text)

    found = Coverage(
        first_date=day("date_first_issue_online"),
        first_volume=cell("num_first_vol_online"),
        first_issue=cell("num_first_issue_online"),
        last_date=day("date_last_issue_online"),
        last_volume=cell("num_last_vol_online"),
        last_issue=cell("num_last_issue_online"),
        embargo=cell("embargo_info"),
    )
    found.check()
    return None if found == Coverage() else found


def _looks_like_isbn(text: str) -> bool:
    return sum(sign.isdigit() for sign in text) > 8
