"""The pages that a citation asks for: `123-45, xii–xv, S12-S20`, as numbers in their order."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_MOST = 5000
_DASHES = re.compile(r"\s*(?:[-\u2010-\u2015\u2212~\u301c\uff5e\u81f3\u5230]|\bto\b|\bbis\b)\s*")
_LABELS = re.compile(r"\b(?:pages?|pp?|seiten?|s(?=\.\s*\d))\b\.?|[\u7b2c\u9875\u9801]|页码", re.IGNORECASE)
_ONE = re.compile(r"([a-z]{0,3})(\d{1,6})([a-z]?)")
_ROMAN = re.compile(r"(?=[ivxlcdm])m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


class Asked(NamedTuple):
    """`labels`: the page numbers as printed (`123`, `xii`, `s12`), in order. `exact`: all of them are known.

    A single number may be where something begins (`123`, `123ff.`, `e1204`): then it is not exact.
    """

    labels: tuple[str, ...]
    exact: bool


def asked_pages(text: str) -> Asked | None:
    """From `citation.pages`; None if it names no pages that can be understood."""
    plain = _LABELS.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    labels: list[str] = []
    exact, single = True, 0
    for part in re.split(r"[,;，；、&+]|\band\b|\bund\b|\u548c", plain):
        part = part.strip(" .:()[]")
        if not part:
            exact = exact and "+" not in plain
            continue
        open_end = re.fullmatch(r"(\S+?)\s*(?:ff|f|sqq|seq|-)\.?", part)
        ends = _DASHES.split(open_end[1] if open_end else part)
        found = _span(ends)
        if found is None or len(labels) + len(found) > _MOST:
            return None
        labels += found
        single += len(found) == 1 and len(ends) == 1
        exact = exact and not open_end
    if not labels:
        return None
    ordered = tuple(dict.fromkeys(labels))
    return Asked(ordered, exact and not (single == 1 and len(ordered) == 1))


def roman(text: str) -> int | None:
    """The value of a roman numeral in lower case; None if it is none."""
    if not _ROMAN.fullmatch(text):
        return None
    values = [_VALUES[sign] for sign in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def roman_numeral(number: int) -> str:
    """1 to 3999 in lower case."""
    parts = zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
    said = ""
    for value, sign in parts:
        count, number = divmod(number, value)
        said += sign * count
    return said


def _span(ends: list[str]) -> list[str] | None:
    if len(ends) == 1:
        return _labels(ends[0], ends[0])
    return _labels(ends[0], ends[1]) if len(ends) == 2 else None


def _labels(first: str, last: str) -> list[str] | None:
    low, high = roman(first), roman(last)
    if low is not None and high is not None:
        return [roman_numeral(number) for number in range(low, high + 1)] if low <= high <= low + _MOST else None
    begin, end = _ONE.fullmatch(first), _ONE.fullmatch(last)
    if begin is None or end is None:
        return None
    prefix, low_digits, high_digits = begin[1], begin[2], end[2]
    if end[1] not in ("", prefix):
        return None
    if len(high_digits) < len(low_digits):  # 123-45
        high_digits = low_digits[: len(low_digits) - len(high_digits)] + high_digits
    from_, to = int(low_digits), int(high_digits)
    if not from_ <= to <= from_ + _MOST:
        return None
    return [f"{prefix}{number}" for number in range(from_, to + 1)]
