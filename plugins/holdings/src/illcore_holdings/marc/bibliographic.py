"""MARC 21, UNIMARC and CNMARC bibliographic records → Record.

Sources: Library of Congress, MARC 21 Format for Bibliographic Data; IFLA, UNIMARC Manual;
WH/T 15-2002 新版中国机读目录格式.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from ..reading import NotHeld
from ..record import Record, clean, distinct, numbers, without_stop, year_in
from .fields import Field, Marc
from .iso2709 import NotMarc
from .items import USUAL, ItemField, copies_in

Schema = Literal["auto", "marc21", "unimarc"]
_AUTHORS_21 = ("100", "110", "111", "700", "710", "711")
_AUTHORS_UNI = ("700", "710", "720", "701", "711", "721", "702", "712", "722")


class _Values(TypedDict):
    title: str
    author: str
    edition: str
    year: str
    titles: tuple[str, ...]
    authors: tuple[str, ...]


def record_from(marc: Marc, schema: Schema = "auto", items: tuple[ItemField, ...] = USUAL) -> tuple[Record, str]:
    """The record, and a number in it that is no ISBN or ISSN, or nothing.

    Raises NotMarc if it has no title, NotHeld if it is marked as deleted or all of its copies are gone.
    """
    if marc.leader[5:6] == "d":
        raise NotHeld("it is marked as deleted")
    copies = copies_in(marc, items)
    if copies is None:
        raise NotHeld("all of its copies are lost or withdrawn")
    if schema == "auto":
        schema = "marc21" if "245" in marc.fields or "200" not in marc.fields else "unimarc"
    values, isbns, issns = (_marc21 if schema == "marc21" else _unimarc)(marc)
    if not values["title"]:
        raise NotMarc(f"it has no title ({'245' if schema == 'marc21' else '200'})")
    isbn, issn, wrong = numbers(isbns, issns)
    url = next((field.first("u").strip() for field in marc.all("856") if field.text[1:2] != "2"), "")[:2000]
    number = clean(marc.first("001").data)[:100]
    electronic = bool(url) and not copies and _is_online(marc, schema)
    return Record(**values, isbn=isbn, issn=issn, url=url, number=number, copies=copies, electronic=electronic), wrong


def _is_online(marc: Marc, schema: Schema) -> bool:
    """Whether the record describes an online resource itself; a link alone may lead to a table of contents."""
    if schema == "unimarc":
        return marc.leader[6:7] == "l" or "135" in marc.fields
    form = marc.first("008").data[23:24]
    carrier = any(field.data.startswith("cr") for field in marc.all("007"))
    return carrier or form in ("o", "s") or any(field.text[1:2] == "0" for field in marc.all("856"))


def _marc21(marc: Marc) -> tuple[_Values, list[str], list[str]]:
    title = marc.first("245")
    vernacular = [field for field in marc.all("880") if field.first("6")[:3] == "245"]
    linked = [field for field in marc.all("880") if field.first("6")[:3] in _AUTHORS_21]
    named = [_name_21(field) for field in marc.all(*_AUTHORS_21)]
    stated = without_stop(title.first("c"))
    whole = without_stop(title.joined("abnp"))
    author = next((name for name in named if name), stated)
    published = [field.joined("c") for field in marc.all("264", "260")]
    others = [without_stop(field.joined("abnp")) for field in vernacular]
    others += [without_stop(field.first("a")) for field in (*vernacular, *marc.all("246", "130", "240"))]
    return (
        _Values(
            title=whole,
            author=author,
            edition=clean(marc.first("250").joined("ab")),
            year=year_in(*published, marc.first("008").data[7:11]),
            titles=distinct([without_stop(title.first("a")), *others], whole),
            authors=distinct([*named, *map(_name_21, linked), stated], author),
        ),
        [text for field in marc.all("020") for text in field.all("a")],
        [text for field in marc.all("022") for code in "al" for text in field.all(code)],
    )


def _unimarc(marc: Marc) -> tuple[_Values, list[str], list[str]]:
    title = marc.first("200")
    named = [_name_uni(tag, field) for tag in _AUTHORS_UNI for field in marc.all(tag)]
    stated = without_stop(title.first("f"))
    whole = without_stop(title.joined("aehi"))
    author = next((name for name in named if name), stated)
    published = [field.joined("dh") for field in marc.all("210", "214")]
    other = marc.all("500", "510", "512", "517", "540", "541")
    return (
        _Values(
            title=whole,
            author=author,
            edition=clean(marc.first("205").joined("ab")),
            year=year_in(*published, marc.first("100").first("a")[9:13]),
            titles=distinct([without_stop(text) for field in (title, *other) for text in field.all("a")], whole),
            authors=distinct([*named, stated], author),
        ),
        [text for field in marc.all("010") for text in field.all("a")],
        [text for field in marc.all("011") for code in "af" for text in field.all(code)],
    )


def _name_21(field: Field) -> str:
    return without_stop(field.joined("abcq"))


def _name_uni(tag: str, field: Field) -> str:
    by = " " if tag[1] == "1" else ", "
    return without_stop(by.join(part for part in (clean(field.first("a")), clean(field.first("b"))) if part))
