"""What a bibliographic record says, whatever its format, and one copy of what it describes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from illcore.identifiers import isbn10, isbn13, issn

ISBN = re.compile(r"(?<![\dXx])(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\dXx])")
_NON_SORT = re.compile("[\x88\x89\x98\x9c]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]+")
_ENDS = "/:;,="
_END = re.compile(rf"\s*[{_ENDS}]+$")
_WORD_AND_STOP = re.compile(r"\w{2}\.$")
_YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Book:
    """A publication. `titles` are further forms of its title, to compare with: the main title, other scripts.

    `isbn` holds both forms of each number, `issn` the linking one too.
    """

    title: str = ""
    author: str = ""
    isbn: tuple[str, ...] = ()
    issn: tuple[str, ...] = ()
    edition: str = ""
    year: str = ""
    url: str = ""
    record_id: str = ""
    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy, or several that stand in one place. None is unknown, which is neither yes nor no."""

    library: str = ""
    location: str = ""
    call_number: str = ""
    barcode: str = ""
    copies: int | None = None
    available: bool | None = None
    loanable: bool | None = None
    url: str = ""
    note: str = ""


def clean(text: str) -> str:
    """The text without non-sorting marks, control characters and the punctuation that ISBD puts at its end."""
    if not text.isprintable():
        text = _CONTROL.sub(" ", _NON_SORT.sub("", text))
    text = " ".join(text.split())
    return _END.sub("", text) if text[-1:] in _ENDS else text


def without_stop(text: str) -> str:
    """`clean`, and no full stop at the end unless it belongs to an initial."""
    cleaned = clean(text)
    return cleaned[:-1] if cleaned.endswith(".") and _WORD_AND_STOP.search(cleaned) else cleaned


def year_in(*texts: str) -> str:
    """The first year (1000 to 2099) that stands in any of the texts."""
    return next((match[1] for text in texts for match in [_YEAR.search(text)] if match), "")


def isbn_forms(texts: Iterable[str]) -> tuple[str, ...]:
    """Each ISBN as 13 and, if there is one, 10 digits, without hyphens; what is no ISBN is left out."""
    found: list[str] = []
    for text in texts:
        number = isbn13(text) or next((n for n in map(isbn13, ISBN.findall(text)) if n), None)
        found += [form for form in (number, isbn10(number or "")) if form]
    return tuple(dict.fromkeys(found))


def issn_forms(texts: Iterable[str]) -> tuple[str, ...]:
    """Each ISSN with its hyphen; what is no ISSN is left out."""
    return tuple(dict.fromkeys(number for number in map(issn, texts) if number))


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts that say something, each once."""
    return tuple(dict.fromkeys(text for text in texts if text))
