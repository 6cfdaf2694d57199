"""Rows of delimited text: an unclosed quote, a wrong octet or a wrong number of cells spoils one row, not the file."""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from ..charset import MARC8, UTF8, Charset, WrongCharset, wrong
from ..faults import CannotLoad
from ..opened import SourceFile

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t|"
_MOST_LINES = 60
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number, counted from 1 below the heading; its cells, or why it has none."""

    number: int
    line: int
    raw: str
    cells: Sequence[str]
    reason: str = ""


class RowsFile:
    """A file of rows with a heading. `delimiter` None: found in the heading. `quotes` False: quotes are just text."""

    def __init__(self, file: SourceFile, charset: Charset, delimiter: str | None, *, quotes: bool = True) -> None:
        self._file = file
        self.encoding = _encoding(file, charset)
        self._quotes = quotes
        self._delimiter = delimiter or ","
        with self._open() as (text, _):
            self._heading, heading = self._first_line(text)
        if not quotes or delimiter:
            self._delimiter = delimiter or "\t"
        else:
            self._delimiter = max(_DELIMITERS, key=heading.count)
        self.heading = [cell.strip() for cell in self._cells(heading)]

    @property
    def head(self) -> bytes:
        """The heading as it stands in the file."""
        return self.octets(self._heading, begin=True)

    def octets(self, text: str, *, begin: bool = False) -> bytes:
        """A row as it stands in the file."""
        name = self.encoding
        if name == "utf-16" and not begin:
            name = "utf-16-le"
        elif name == "utf-8-sig" and not begin:
            name = "utf-8"
        return text.encode(name, errors="surrogateescape" if name != "utf-16-le" else "replace")

    def rows(self, after: int = 0) -> Iterator[tuple[Row, int]]:
        """The rows behind the row of this number, each with the octets that are done."""
        with self._open() as (text, disk):
            self._first_line(text)
            for row in self._rows(text):
                if row.number > after:
                    yield row, disk.tell()

    def _rows(self, text: TextIO) -> Iterator[Row]:
        waiting: deque[str] = deque()
        line, number = 1, 0
        while True:
            first = waiting.popleft() if waiting else text.readline()
            if not first:
                return
            taken = [first]
            if self._quotes and '"' in first and _ends_in_quotes(first, self._delimiter):
                taken = self._whole(first, waiting, text)
            line += len(taken)
            raw = "".join(taken)
            if not raw.strip(" \r\n\t,;\x1a\x00"):
                continue
            number += 1
            yield self._row(number, line - len(taken) + 1, raw)

    def _whole(self, first: str, waiting: deque[str], text: TextIO) -> list[str]:
        """The lines of a row whose quotes go over several; the first alone if they never close."""
        taken = [first]
        while len(taken) < _MOST_LINES and (more := waiting.popleft() if waiting else text.readline()):
            taken.append(more)
            if '"' in more and not _ends_in_quotes("".join(taken), self._delimiter):
                return taken
        waiting.extendleft(reversed(taken[1:]))
        return [first]

    def _row(self, number: int, line: int, raw: str) -> Row:
        if not raw.isascii() and any("\ud800" <= sign <= "\udfff" for sign in raw):
            octets = self.octets(raw)
            named = UTF8 if self.encoding.startswith("utf-8") else Charset(self.encoding)
            return Row(number, line, raw, (), wrong(octets, named))
        try:
            cells = self._cells(raw)
        except csv.Error as error:
            return Row(number, line, raw, (), f"it is no row: {error}")
        if len(cells) > len(self.heading) and any(cell.strip() for cell in cells[len(self.heading) :]):
            return Row(number, line, raw, (), f"it has {len(cells)} cells, the heading names {len(self.heading)}")
        return Row(number, line, raw, cells)

    def _cells(self, raw: str) -> list[str]:
        raw = raw.rstrip("\r\n")
        if '"' not in raw:
            return raw.split(self._delimiter)
        if not self._quotes:
            return [_unquoted(cell) for cell in raw.split(self._delimiter)]
        if _ends_in_quotes(raw, self._delimiter):
            raise csv.Error("a quote is not closed")
        return next(csv.reader(io.StringIO(raw, newline=""), delimiter=self._delimiter), [])

    def _first_line(self, text: TextIO) -> tuple[str, str]:
        """The heading as it stands, and without what Excel puts before it."""
        line = text.readline()
        raw = line
        if line.lower().startswith("sep="):
            raw += (line := text.readline())
        if not line.strip():
            raise CannotLoad(f"{self._file.path} has no heading in its first line")
        if any("\ud800" <= sign <= "\udfff" for sign in line):
            octets = self.octets(line)
            raise CannotLoad(f"the heading of {self._file.path} cannot be read: {wrong(octets, UTF8)}")
        return raw, line

    def _open(self) -> _Text:
        return _Text(self._file, self.encoding)


class _Text:
    """A file open as text; wrong octets become lone surrogates, so that only their row is lost."""

    def __init__(self, file: SourceFile, encoding: str) -> None:
        self._opened = file.open()
        self._encoding = encoding

    def __enter__(self) -> tuple[TextIO, TextIO]:
        octets, disk = self._opened.__enter__()
        errors = "replace" if self._encoding == "utf-16" else "surrogateescape"
        self._text = io.TextIOWrapper(octets, self._encoding, errors=errors, newline="")
        return self._text, disk  # type: ignore[return-value]

    def __exit__(self, *error: object) -> None:
        self._text.detach()
        self._opened.__exit__(None, None, None)


def _encoding(file: SourceFile, charset: Charset) -> str:
    """What its first octets say; else UTF-8 if it is that from begin to end, else the one that was named."""
    start = file.head(4)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    if charset.name == MARC8:
        raise CannotLoad("MARC-8 is for MARC records only; name another --charset")
    if charset == UTF8 or _is_utf8(file):
        return "utf-8"
    return charset.name


def _is_utf8(file: SourceFile) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open() as (octets, _):
        try:
            while chunk := octets.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _ends_in_quotes(row: str, delimiter: str) -> bool:
    """Whether a cell that begins with a quote is not closed; a quote elsewhere is a sign like others."""
    place = 0
    while True:
        if row[place : place + 1] == '"':
            place = row.find('"', place + 1)
            while place >= 0 and row[place + 1 : place + 2] == '"':
                place = row.find('"', place + 2)
            if place < 0:
                return True
        place = row.find(delimiter, place) + 1
        if not place:
            return False


def _unquoted(cell: str) -> str:
    stripped = cell.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] == '"':
        return stripped[1:-1].replace('""', '"')
    return cell


__all__ = ["Row", "RowsFile", "WrongCharset"]
