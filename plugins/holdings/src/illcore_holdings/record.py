"""What one loaded record says: a publication, the copies of it, or the coverage and licence of an e-resource."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from illcore.identifiers import isbn13, issn

from .coverage import Coverage
from .words import index_of, number_key

_NON_SORT = re.compile("[\x88\x89\x98\x9c]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_END = re.compile(r"\s*[/:;,=]+\s*$")
_YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)")
_INITIAL = re.compile(r"\w{2}\.$")
_LONGEST = 1000


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
    copyable: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """`isbn` are 13 digits, `issn` have their hyphen. `titles` and `authors` are further forms to compare with.

    `licence` is `ill`, `print`, `none` or, unknown, empty. `free` is open to everybody. `depth` is KBART's
    coverage_depth. `electronic` says that there is no copy to lend.
    """

    title: str = ""
    author: str = ""
    isbn: tuple[str, ...] = ()
    issn: tuple[str, ...] = ()
    edition: str = ""
    year: str = ""
    url: str = ""
    number: str = ""
    note: str = ""
    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()
    electronic: bool = False
    free: bool = False
    licence: str = ""
    depth: str = ""
    coverage: Coverage | None = None

    def index(self) -> tuple[list[str], list[int]]:
        """The words and the numbers under which it is found."""
        words, keys = index_of((self.title, *self.titles), (self.author, *self.authors))
        return words, [number_key(number) for number in (*self.isbn, *self.issn)] + keys


_FIELDS = tuple(field.name for field in fields(Record) if field.name not in ("copies", "coverage"))
_COPY_FIELDS = tuple(field.name for field in fields(Copy))
_COVERAGE_FIELDS = tuple(field.name for field in fields(Coverage))
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def dump_record(record: Record) -> str:
    """The record as JSON, without what it does not say."""
    body = {name: value for name in _FIELDS if (value := getattr(record, name))}
    if record.copies:
        body["copies"] = [
            {name: value for name in _COPY_FIELDS if (value := getattr(copy, name)) not in (None, "")}
            for copy in record.copies
        ]
    if record.coverage is not None:
        body["coverage"] = {name: value for name in _COVERAGE_FIELDS if (value := getattr(record.coverage, name))}
    return _dumps(body)


def load_record(body: str) -> Record:
    """The record again."""
    found: dict[str, Any] = json.loads(body)
    for name in ("isbn", "issn", "titles", "authors"):
        if name in found:
            found[name] = tuple(found[name])
    if "copies" in found:
        found["copies"] = tuple(Copy(**copy) for copy in found["copies"])
    if "coverage" in found:
        found["coverage"] = Coverage(**found["coverage"])
    return Record(**found)


def clean(text: str) -> str:
    """The text without non-sorting marks, control characters and the punctuation that ISBD puts at its end."""
    if not text.isprintable():
        text = _CONTROL.sub(" ", _NON_SORT.sub("", text))
    text = " ".join(text.split())
    return _END.sub("", text)[:_LONGEST] if text[-1:] in "/:;,=" else text[:_LONGEST]


def without_stop(text: str) -> str:
    """`clean`, and no full stop at the end unless it belongs to an initial."""
    cleaned = clean(text)
    return cleaned[:-1] if cleaned.endswith(".") and _INITIAL.search(cleaned) else cleaned


def year_in(*texts: str) -> str:
    """The first year (1000 to 2099) that stands in any of the texts."""
    return next((match[1] for text in texts for match in [_YEAR.search(text)] if match), "")


def numbers(isbns: Iterable[str], issns: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """The right ISBNs and ISSNs in normal form, each once, and the first wrong one as it stands, or nothing."""
    wrong = ""
    right: tuple[dict[str, None], dict[str, None]] = {}, {}
    for texts, normal, found in ((isbns, _isbn, right[0]), (issns, issn, right[1])):
        for text in texts:
            number = normal(text)
            if number:
                found[number] = None
            else:
                wrong = wrong or text
    return tuple(right[0]), tuple(right[1]), wrong


def _isbn(text: str) -> str | None:
    """`isbn13`, which takes ten times as long for the usual case of 13 digits."""
    digits = text.partition(" ")[0].replace("-", "")
    if len(digits) == 13 and digits.isascii() and digits.isdigit() and digits[:3] in ("978", "979"):
        total = sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))
        if not total % 10:
            return digits
    return isbn13(text)


def distinct(texts: Iterable[str], *besides: str) -> tuple[str, ...]:
    """The texts that say something, each once, without those that are known already."""
    return tuple(dict.fromkeys(text for text in texts if text and text not in besides))
