"""Which reader a file needs: as it is asked, or as its first octets say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .charset import UTF8, Charset
from .faults import CannotLoad
from .lists.kbart import KbartReader
from .lists.special import CsvReader
from .marc.bibliographic import Schema
from .marc.items import USUAL, ItemField
from .marc.pieces import Iso2709Reader, MarcOptions, MarcXmlReader
from .opened import SourceFile
from .reading import Reader

FORMATS = ("auto", "marc", "marcxml", "kbart", "csv")
USUAL_SOURCE = {"marc": "catalogue", "marcxml": "catalogue", "kbart": "electronic", "csv": "special"}
_LEADER = b"0123456789 "


@dataclass(frozen=True, slots=True)
class FileOptions:
    """All that may be said about a file. `licence` and `licence_column` are for KBART, `mapping` for CSV."""

    format: str = "auto"
    charset: Charset = UTF8
    schema: Schema = "auto"
    items: tuple[ItemField, ...] = USUAL
    licence: str = ""
    licence_column: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None


def reader_for(file: SourceFile, options: FileOptions) -> Reader:
    """Raises CannotLoad if the file is in no known format, or not in the one that was asked for."""
    kind = options.format if options.format != "auto" else _kind(file)
    marc = MarcOptions(options.charset, options.schema, options.items)
    if kind == "marc":
        return Iso2709Reader(file, marc)
    if kind == "marcxml":
        return MarcXmlReader(file, marc)
    if kind == "kbart":
        return KbartReader(file, options.charset, options.licence_column, options.licence)
    return CsvReader(file, options.charset, options.mapping, options.delimiter)


def _kind(file: SourceFile) -> str:
    start = file.head(4096)
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \x00")
    if bare.startswith(b"<"):
        return "marcxml"
    if b"\x1e" in start and all(octet in _LEADER for octet in bare[:5]):
        return "marc"
    heading = start.replace(b"\x00", b"").partition(b"\n")[0].lower()
    if b"publication_title\t" in heading or b"\tpublication_title" in heading:
        return "kbart"
    if b"\x1e" in start:
        return "marc"
    if b"," in heading or b"\t" in heading or b";" in heading:
        return "csv"
    raise CannotLoad(f"the format of {file.path} is not recognised; say which: --format marc, marcxml, kbart or csv")
