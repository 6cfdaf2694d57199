"""MARC 21 bibliographic → Book (Library of Congress, MARC 21 Format for Bibliographic Data)."""

from __future__ import annotations

from .book import Book, clean, distinct, isbn_forms, issn_forms, without_stop, year_in
from .marc import Field, Marc

_AUTHORS = ("100", "110", "111", "700", "710", "711")


def book_from_marc21(marc: Marc) -> Book:
    """Title from 245, authors from 100 to 111 and 700 to 711 or 245 $c, numbers from 020 and 022; 880 counts too."""
    title = marc.first("245")
    vernacular = [field for field in marc.all("880") if field.first("6")[:3] == "245"]
    linked = [field for field in marc.all("880") if field.first("6")[:3] in _AUTHORS]
    named = [_name(field) for field in marc.all(*_AUTHORS)]
    stated = without_stop(title.first("c"))
    published = [field for field in marc.all("264", "260") if field.tag == "260" or field.indicators[1] != "4"]
    fixed = marc.first("008").data
    return Book(
        title=without_stop(title.joined("abnp")),
        author=next((name for name in named if name), stated),
        isbn=isbn_forms(text for field in marc.all("020") for text in field.all("a")),
        issn=issn_forms(text for field in marc.all("022") for code in "al" for text in field.all(code)),
        edition=clean(marc.first("250").joined("ab")),
        year=year_in(*(field.joined("c") for field in published), fixed[7:11]),
        url=marc.first("856").first("u").strip(),
        record_id=marc.first("001").data.strip(),
        titles=distinct(
            [without_stop(title.first("a"))]
            + [without_stop(field.joined("abnp")) for field in vernacular]
            + [without_stop(field.first("a")) for field in (*vernacular, *marc.all("246", "130", "240"))]
        ),
        authors=distinct([*named, *map(_name, linked), stated]),
    )


def _name(field: Field) -> str:
    return without_stop(field.joined("abcq" if field.tag[1:] == "00" else "ab"))
