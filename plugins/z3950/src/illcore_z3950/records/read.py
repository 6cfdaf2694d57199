"""One record, whatever its format, → what it says, its copies, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..oids import SUTRS, UNIMARC, XML, record_syntax_name
from ..pdus import Holding as OpacHolding
from ..xmltree import Node, NotXml, parse_xml
from .book import Book, Copy
from .charset import UTF8, RecordCharset, WrongCharset, decode_all
from .dublincore import book_from_dublin_core, is_dublin_core
from .fields import DEFAULT, HoldingsField, copies_in
from .iso2709 import NotMarc, read_marc
from .marc import Marc
from .marc21 import book_from_marc21
from .marcxml import marc_in
from .mods import book_from_mods, copies_from_mods
from .opac import copies_from_opac
from .opacxml import copies_from_opac_xml
from .sutrs import book_from_text
from .unimarc import book_from_unimarc

Dialect = Literal["auto", "marc21", "unimarc", "cnmarc"]


@dataclass(frozen=True, slots=True)
class Profile:
    """How one target's records are read. `dialect` auto looks at the record: 245 is MARC 21, 200 without it UNIMARC."""

    charset: RecordCharset = UTF8
    dialect: Dialect = "auto"
    holdings: tuple[HoldingsField, ...] = DEFAULT


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record that was read. `shown` is how a raw search prints it; `problem` one sentence if it is not all there.

    `wrong_charset` says that none of its text can be trusted.
    """

    book: Book
    copies: tuple[Copy, ...]
    shown: Callable[[], dict[str, Any]] = dict
    problem: str = ""
    wrong_charset: bool = False


def read_octets(data: bytes, syntax: str, profile: Profile, opac: Sequence[OpacHolding] = ()) -> ReadRecord:
    """A record as it came by Z39.50; `syntax` is the object identifier of `data`. Never raises."""
    try:
        if syntax == XML:
            return read_xml(parse_xml(data, profile.charset), profile)
        if syntax == SUTRS:
            text = decode_all([data], profile.charset)[0]
            return ReadRecord(book_from_text(text), copies_from_opac(opac), lambda: {"text": text})
        return _read_marc(read_marc(data, profile.charset), syntax, profile, copies_from_opac(opac))
    except WrongCharset as error:
        return ReadRecord(Book(), copies_from_opac(opac), problem=str(error), wrong_charset=True)
    except (NotMarc, NotXml) as error:
        name = record_syntax_name(syntax) or "unnamed"
        problem = f"This {name} record cannot be read: {error}."
        return ReadRecord(Book(), copies_from_opac(opac), problem=problem)


def read_xml(root: Node, profile: Profile) -> ReadRecord:
    """A record that came as XML: MARCXML, MODS, Dublin Core, or an OPAC record around one of them."""
    copies = copies_from_opac_xml(root)
    marc = marc_in(root)
    if marc is not None:
        return _read_marc(marc, "", profile, copies)

    def shown() -> dict[str, Any]:
        return {"xml": root.as_xml()}

    if any(node.name == "mods" for node in root.walk()):
        return ReadRecord(book_from_mods(root), copies or copies_from_mods(root), shown)
    if is_dublin_core(root):
        return ReadRecord(book_from_dublin_core(root), copies, shown)
    problem = f"This XML record is of a kind that is not known here ({root.name}); ask for marcxml, mods or dc."
    return ReadRecord(Book(), copies, shown, problem)


def _read_marc(marc: Marc, syntax: str, profile: Profile, copies: tuple[Copy, ...]) -> ReadRecord:
    book = book_from_unimarc(marc) if _is_unimarc(marc, syntax, profile.dialect) else book_from_marc21(marc)
    return ReadRecord(
        book,
        copies or copies_in(marc, profile.holdings),
        lambda: {"marc": marc.as_json()},
        str(marc.problem or ""),
        wrong_charset=isinstance(marc.problem, WrongCharset),
    )


def _is_unimarc(marc: Marc, syntax: str, dialect: Dialect) -> bool:
    if dialect != "auto":
        return dialect != "marc21"
    if any(marc.all("245")):
        return False
    return syntax == UNIMARC or any(marc.all("200"))
