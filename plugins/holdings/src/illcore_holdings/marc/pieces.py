"""MARC dumps as readings: files of ISO 2709 records or MARCXML, cut into records without trusting any length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..charset import Charset, WrongCharset
from ..faults import CannotLoad
from ..opened import SourceFile
from ..reading import NotHeld, Reading
from .bibliographic import Schema, record_from
from .fields import Marc
from .iso2709 import NEXT_LEADER, NotMarc, read_iso2709
from .items import USUAL, ItemField
from .marcxml import read_marcxml

_CHUNK = 1 << 18
_LONGEST = 4 << 20
_BLANK = b"\r\n\t \x00\x1a"
_DECLARATION = re.compile(rb"^\s*(<\?xml[^>]*\?>)")
_NAMESPACE = re.compile(rb"""xmlns(?::[\w.-]+)?\s*=\s*("[^"]*"|'[^']*')""")
_RECORD = re.compile(rb"<((?:[\w.-]+:)?record)[\s>/]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class MarcOptions:
    """How a dump is read: its character set if it is not UTF-8, its dialect, where its copies stand."""

    charset: Charset
    schema: Schema = "auto"
    items: tuple[ItemField, ...] = USUAL


class Iso2709Reader:
    """Records end with 0x1D. One that is torn off takes no other with it. Positions are octets."""

    kind = "marc"
    head = b""
    foot = b""

    def __init__(self, file: SourceFile, options: MarcOptions) -> None:
        self._file = file
        self._options = options

    def read(self, position: int) -> Iterator[Reading]:
        with self._file.open(position) as (octets, disk):
            for begin, end, raw in _cut(octets, position):
                reading = self._reading(begin, raw, end, disk.tell())
                parts = _apart(begin, raw) if reading.raw else ()
                if not parts:
                    yield reading
                for place, piece in parts:
                    yield self._reading(place, piece, end, disk.tell())

    def _reading(self, place: int, raw: bytes, end: int, done: int) -> Reading:
        where = f"octet {place}"
        try:
            if len(raw) > _LONGEST:
                raise NotMarc(f"no record ends within {_LONGEST} octets")
            marc = read_iso2709(raw.rstrip(b"\x1d").lstrip(_BLANK).removeprefix(b"\xef\xbb\xbf"), self._options.charset)
            return _understood(marc, self._options, end, done, where, raw)
        except (NotMarc, WrongCharset) as error:
            return Reading(end, done, where, raw=raw, reason=str(error))


class MarcXmlReader:
    """Each `record` element is read for itself, so that a broken one takes no other with it. Positions are octets."""

    kind = "marcxml"

    def __init__(self, file: SourceFile, options: MarcOptions) -> None:
        self._file = file
        self._options = options
        start = file.head()
        if start[:2] in _UTF16:
            raise CannotLoad(f"{file.path} is UTF-16; save it as UTF-8 first")
        first = _RECORD.search(start)
        if first is None:
            raise CannotLoad(f"{file.path} holds no MARCXML: there is no element record near its begin")
        declared = _DECLARATION.match(start.removeprefix(b"\xef\xbb\xbf"))
        self._prologue = declared[1] if declared else b""
        names = {match[0].partition(b"=")[0].strip(): match[0] for match in _NAMESPACE.finditer(start[: first.start()])}
        self._names = b" ".join(names.values())
        self._element = first[1]
        self.head = self._prologue + b"<collection " + self._names + b">\n"
        self.foot = b"</collection>\n"

    def read(self, position: int) -> Iterator[Reading]:
        begin, end = b"<" + self._element, b"</" + self._element + b">"
        with self._file.open(position) as (octets, disk):
            for place, piece, after in _elements(octets, position, begin, end):
                yield self._reading(place, piece, after, disk.tell())

    def _reading(self, place: int, raw: bytes, after: int, done: int) -> Reading:
        where = f"octet {place}"
        try:
            marc = read_marcxml(raw, self._prologue, self._names)
            return _understood(marc, self._options, after, done, where, raw)
        except NotMarc as error:
            return Reading(after, done, where, raw=raw + b"\n", reason=str(error))


def _understood(marc: Marc, options: MarcOptions, position: int, done: int, place: str, raw: bytes) -> Reading:
    try:
        record, wrong = record_from(marc, options.schema, options.items)
    except NotHeld:
        return Reading(position, done, place)
    return Reading(position, done, place, record, wrong_number=wrong)


def _cut(octets: BinaryIO, position: int) -> Iterator[tuple[int, int, bytes]]:
    """Begin, end and octets of each piece that ends with 0x1D, or with the file, or is too long to be one."""
    rest = b""
    while chunk := octets.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\x1d")
        for piece in whole:
            end = position + len(piece) + 1
            if piece.strip(_BLANK):
                yield position, end, piece + b"\x1d"
            position = end
        if len(rest) > _LONGEST:
            yield position, position + len(rest), rest
            position, rest = position + len(rest), b""
    if rest.strip(_BLANK):
        yield position, position + len(rest), rest


def _apart(begin: int, raw: bytes) -> tuple[tuple[int, bytes], ...]:
    """A bad piece in two, if a record that lost its end, or junk, stands before another one; else nothing."""
    starts = [match.start() for match in NEXT_LEADER.finditer(raw, 1)] if len(raw) <= _LONGEST else []
    if not starts or not raw[: starts[-1]].strip(_BLANK):
        return ()
    return (begin, raw[: starts[-1]]), (begin + starts[-1], raw[starts[-1] :])


def _elements(octets: BinaryIO, position: int, begin: bytes, end: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Begin, octets and end of each element; one that is not closed before the next begins ends there."""
    rest, eof = b"", False
    while not eof:
        chunk = octets.read(_CHUNK)
        eof = not chunk
        rest += chunk
        used = 0
        while True:
            start = _start_of(rest, begin, used)
            if start < 0:
                used = max(used, len(rest) - len(begin))
                break
            closed, following = rest.find(end, start), _start_of(rest, begin, start + 1)
            stop = closed + len(end) if closed >= 0 else -1
            if following >= 0 and (stop < 0 or following < stop):
                stop = following
            if stop < 0 and not eof and len(rest) - start < _LONGEST:
                used = start
                break
            stop = len(rest) if stop < 0 else stop
            yield position + start, rest[start:stop].strip(), position + stop
            used = stop
        rest, position = rest[max(used, 0) :], position + max(used, 0)


def _start_of(octets: bytes, begin: bytes, place: int) -> int:
    """Where an element of exactly this name begins; `<records` is another."""
    while (place := octets.find(begin, place)) >= 0:
        after = octets[place + len(begin) : place + len(begin) + 1]
        if after in (b" ", b">", b"\n", b"\r", b"\t", b"/", b""):
            return place
        place += 1
    return -1
