"""Whether a record is what was asked for: identifiers first, then title, author and year. A score, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from illcore.identifiers import isbn13, issn, title_key
from illcore.model import Citation, Query

from .book import Book

_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_ALIKE = 0.85
_WEIGHTS = {"title": 0.65, "author": 0.25, "year": 0.1}
_OTHER_NUMBER = 0.6
_NO_CITATION = Citation()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` from 0, something else, to 1, certainly the same; `why` is one sentence."""

    score: float
    why: str


def verify(book: Book, query: Query) -> Verdict:
    """Compares with the citation of the query, or with its fields, which may hold only words of a title."""
    cited = query.citation or _NO_CITATION
    isbn = isbn13(query.isbn or cited.isbn) if query.isbn or cited.isbn else None
    number = issn(query.issn or cited.issn) if query.issn or cited.issn else None
    if isbn and isbn in book.isbn:
        return Verdict(1.0, f"The ISBN {isbn} is the same.")
    if number and number in book.issn:
        return Verdict(1.0, f"The ISSN {number} is the same.")
    found = {
        "title": _title(book, query.title, cited),
        "author": _author(book, query.author or cited.author),
        "year": _year(book, cited.year),
    }
    known = {name: value for name, value in found.items() if value is not None}
    other = _other_number(book, isbn, number)
    if not known:
        return Verdict(0.2, other) if other else _nothing_to_compare(book, query)
    score = sum(_WEIGHTS[name] * value for name, value in known.items()) / sum(_WEIGHTS[name] for name in known)
    if "title" in known:
        # An author or year alone never makes another title the same.
        score = min(score, known["title"] + 0.1)
    if other:
        score = min(score, _OTHER_NUMBER)
    parts = [f"the {name} {_degree(name, value)}" for name, value in known.items()]
    sentence = _listed(parts) + (f", but {other[0].lower()}{other[1:-1]}" if other else "")
    return Verdict(round(score, 3), f"{sentence[0].upper()}{sentence[1:]}.")


def _nothing_to_compare(book: Book, query: Query) -> Verdict:
    if not book.title:
        return Verdict(0.0, "The record has no title that can be read.")
    if query.raw:
        return Verdict(0.5, "It was found by a query in the catalogue's own language, which is not compared.")
    if query.isbn or query.issn:
        return Verdict(0.5, "The record has no such number; the catalogue says that it matches.")
    return Verdict(0.5, "It was found by a word from anywhere, which is not compared.")


def _title(book: Book, words: str, cited: Citation) -> float | None:
    whole = title_key(cited.title) if cited.title else ""
    part = title_key(words) if words and words != cited.title else ""
    if not (whole or part):
        return None
    titles = [title_key(text) for text in dict.fromkeys((book.title, *book.titles)) if text]
    if not titles:
        return 0.0
    if whole:
        return max(fuzz.ratio(whole, title) for title in titles) / 100
    return max(_contains(part, title) for title in titles)


def _contains(words: str, title: str) -> float:
    if _CJK.search(words):
        return 1.0 if words.replace(" ", "") in title.replace(" ", "") else fuzz.ratio(words, title) / 100
    wanted = words.split()
    there = title.split()
    return sum(max((fuzz.ratio(one, other) for other in there), default=0.0) >= 85 for one in wanted) / len(wanted)


def _author(book: Book, wanted: str) -> float | None:
    key = title_key(wanted) if wanted else ""
    authors = [title_key(text) for text in dict.fromkeys((book.author, *book.authors)) if text] if key else []
    if not authors:
        return None
    if _CJK.search(key):
        return 1.0 if any(key in one or one in key for one in authors) else 0.0
    return max(fuzz.token_set_ratio(key, one) for one in authors) / 100


def _year(book: Book, wanted: str) -> float | None:
    asked = re.search(r"\d{4}", wanted)
    if not asked or not book.year.isdigit():
        return None
    apart = abs(int(asked[0]) - int(book.year))
    return {0: 1.0, 1: 0.8}.get(apart, 0.0)


def _other_number(book: Book, isbn: str | None, number: str | None) -> str:
    if isbn and book.isbn:
        return f"The ISBN is another ({book.isbn[0]})."
    if number and book.issn:
        return f"The ISSN is another ({book.issn[0]})."
    return ""


def _degree(name: str, value: float) -> str:
    if name == "year":
        return {1.0: "is the same", 0.8: "differs by one"}.get(value, "is another")
    if value >= 1.0:
        return "is the same" if name == "author" else "agrees"
    return f"{'is alike' if value >= _ALIKE else 'differs'} ({value:.0%})"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
