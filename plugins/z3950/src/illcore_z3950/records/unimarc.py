"""UNIMARC and CNMARC bibliographic → Book (IFLA UNIMARC Manual; WH/T 15-2002 新版中国机读目录格式)."""

from __future__ import annotations

from .book import Book, clean, distinct, isbn_forms, issn_forms, without_stop, year_in
from .marc import Field, Marc

_AUTHORS = ("700", "710", "720", "701", "711", "721", "702", "712", "722")


def book_from_unimarc(marc: Marc) -> Book:
    """Title from 200, authors from 700 to 722 or 200 $f, numbers from 010 and 011, year from 210, 214 or 100."""
    title = marc.first("200")
    named = [_name(field) for field in marc.all(*_AUTHORS)]
    stated = without_stop(title.first("f"))
    published = [field.joined("dh") for field in marc.all("210", "214")]
    other = marc.all("500", "510", "512", "517", "540", "541")
    return Book(
        title=without_stop(title.joined("aehi")),
        author=next((name for name in named if name), stated),
        isbn=isbn_forms(text for field in marc.all("010") for text in field.all("a")),
        issn=issn_forms(text for field in marc.all("011") for code in "af" for text in field.all(code)),
        edition=clean(marc.first("205").joined("ab")),
        year=year_in(*published, marc.first("100").first("a")[9:13]),
        url=marc.first("856").first("u").strip(),
        record_id=marc.first("001").data.strip(),
        titles=distinct(without_stop(text) for field in (title, *other) for text in field.all("a")),
        authors=distinct([*named, stated]),
    )


def _name(field: Field) -> str:
    corporate = field.tag[1] == "1"
    separator = " " if corporate else ", "
    return without_stop(separator.join(part for part in (clean(field.first("a")), clean(field.first("b"))) if part))
