"""Whether a record is what was asked for: identifiers first, then title, author and year. A score, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from illcore.identifiers import title_key

from .asked import Asked
from .record import Record
from .texts import said
from .words import has_cjk, index_of

_ALIKE = 0.85
_WEIGHTS = {"title": 0.65, "author": 0.25, "year": 0.1}
_OTHER_NUMBER = 0.6


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` from 0, something else, to 1, certainly the same; `why` is one sentence."""

    score: float
    why: str


def verify(record: Record, asked: Asked, language: str = "en") -> Verdict:
    """Compare with what was cited, or with words of a title or author."""
    if asked.isbn and asked.isbn in record.isbn:
        return Verdict(1.0, said("same_isbn", language, number=asked.isbn))
    if asked.issn and asked.issn in record.issn:
        return Verdict(1.0, said("same_issn", language, number=asked.issn))
    found = {"title": _title(record, asked), "author": _author(record, asked), "year": _year(record, asked)}
    known = {name: value for name, value in found.items() if value is not None}
    other = _other_number(record, asked, language)
    if not known:
        return (
            Verdict(0.5, said("word", language)) if asked.keyword else Verdict(0.2, other or said("no_match", language))
        )
    score = sum(_WEIGHTS[name] * value for name, value in known.items()) / sum(_WEIGHTS[name] for name in known)
    if "title" in known:
        # An author or year alone never makes another title the same.
        score = min(score, known["title"] + 0.1)
    parts = [_degree(name, value, language) for name, value in known.items()]
    sentence = said("and", language).join(parts)
    if other:
        score = min(score, _OTHER_NUMBER)
        sentence += said("but", language) + other
    return Verdict(round(score, 3), sentence[:1].upper() + sentence[1:] + said("stop", language))


def _title(record: Record, asked: Asked) -> float | None:
    if asked.title_key:
        return max(fuzz.ratio(asked.title_key, title_key(text)) for text in (record.title, *record.titles)) / 100
    if asked.part_words:
        return max(_share(asked.part_words, text) for text in (record.title, *record.titles))
    return None


def _share(wanted: tuple[str, ...], title: str) -> float:
    """How many of the words stand in a title; one that is spelt almost alike counts."""
    there = index_of([title], [])[0]
    return sum(word in there or _near(word, there) for word in wanted) / len(wanted)


def _near(word: str, there: list[str]) -> bool:
    return word.isascii() and any(fuzz.ratio(word, other) >= _ALIKE * 100 for other in there)


def _author(record: Record, asked: Asked) -> float | None:
    authors = [key for text in (record.author, *record.authors) if (key := title_key(text))]
    if not asked.author_key or not authors:
        return None
    if has_cjk(asked.author_key):
        return 1.0 if any(asked.author_key in one or one in asked.author_key for one in authors) else 0.0
    return max(fuzz.token_set_ratio(asked.author_key, one) for one in authors) / 100


def _year(record: Record, asked: Asked) -> float | None:
    """For books only: the year of a serial's citation is not the one in which the serial began."""
    wanted = re.search(r"\d{4}", asked.year)
    if not wanted or not record.year.isdigit() or record.issn:
        return None
    return {0: 1.0, 1: 0.8}.get(abs(int(wanted[0]) - int(record.year)), 0.0)


def _other_number(record: Record, asked: Asked, language: str) -> str:
    if asked.isbn and record.isbn:
        return said("other_isbn", language, number=record.isbn[0])
    if asked.issn and record.issn:
        return said("other_issn", language, number=record.issn[0])
    return ""


def _degree(name: str, value: float, language: str) -> str:
    if name == "year":
        degree = {1.0: "agrees", 0.8: "by_one"}.get(value, "another")
    else:
        degree = "agrees" if value >= 1.0 else "alike" if value >= _ALIKE else "differs"
    return said(degree, language, what=said(name, language), percent=f"{value:.0%}")
