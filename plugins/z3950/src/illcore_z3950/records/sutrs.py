"""SUTRS, unstructured text (Z39.50-2003 appendix REC) → Book, as far as labels or numbers tell."""

from __future__ import annotations

import re

from .book import ISBN, Book, clean, isbn_forms, issn_forms, year_in

_LABELS = {
    "title": "title",
    "题名": "title",
    "author": "author",
    "creator": "author",
    "name": "author",
    "作者": "author",
    "责任者": "author",
    "date": "year",
    "year": "year",
    "published": "year",
    "出版": "year",
    "edition": "edition",
    "版本": "edition",
}
_LINE = re.compile(r"^\s*([^:：]{1,30}?)\s*[:：]\s*(\S.*)$")
_ISSN = re.compile(r"(?<![\d-])\d{4}-\d{3}[\dXx](?![\d-])")


def book_from_text(text: str) -> Book:
    """Labelled lines (`Title: …`) are taken at their word; without a title the first line stands for it."""
    said: dict[str, str] = {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        match = _LINE.match(line)
        name = _LABELS.get(match[1].casefold()) if match else None
        if match and name:
            said.setdefault(name, clean(match[2]))
    title = said.get("title") or (clean(lines[0])[:300] if lines else "")
    return Book(
        title=title,
        author=said.get("author", ""),
        isbn=isbn_forms(ISBN.findall(text)),
        issn=issn_forms(_ISSN.findall(text)),
        edition=said.get("edition", ""),
        year=year_in(said.get("year", "")),
        titles=(title,) if title else (),
        authors=(said["author"],) if "author" in said else (),
    )
