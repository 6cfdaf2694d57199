"""How many pages a citation asks for, and how many a work has, from what people write."""

from __future__ import annotations

import re
import unicodedata

_DASHES = re.compile(r"[\u2010-\u2015\u2212~\u301c\u2053]|(?<=[\dⅰ-ⅿivxlcdm])\s*(?:to|bis|至|到)\s*(?=\S)")
_LABELS = re.compile(r"(?:\bpages?|\bpgs?|\bpp?|\bseiten?|\bs(?=\.))(?![a-z])\.?|第|[页頁]")
_SEPARATORS = re.compile(r"[,;、&+]|\band\b|\bund\b|和|及")
_END = re.compile(r"([a-z]{0,2})([0-9]{1,6})")
_ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_UNIT = re.compile(r"\s*(?:pages?|pp?|seiten|s|leaves|[页頁])\.?$")
_WHOLE = re.compile(
    r"(?:the\s+)?(?:all|whole|entire|complete|full|cover to cover)(?:\s+(?:book|work|issue|volume|text|pages?))?"
    r"|全[书書文册冊本刊部]|全|整[本册冊期]"
)

Interval = tuple[str, int, int]
"""Numbering (``roman``, or the letters before the digits), first and last page."""


def page_count(text: str) -> int | None:
    """How many pages ``12-19``, ``xii-xx``, ``S1-S9``, ``5, 7-9`` or 第12～19页 are; None if that cannot be told.

    A last page that is shorter than the first is completed from it, as in medicine: ``112-9`` is 112 to 119. Pages
    named twice count once. Article numbers (``e1234``), open ranges (``12ff``, ``12+``) and ranges that run backwards
    give None.
    """
    found: list[Interval] = []
    for part in _SEPARATORS.split(_DASHES.sub("-", _LABELS.sub(" ", _plain(text)))):
        interval = _interval("".join(part.split()))
        if interval is None:
            return None
        found.append(interval)
    return _size(found)


def is_one_page(text: str) -> bool:
    """Whether a single page is named, which is often only where an article or chapter begins."""
    return page_count(text) == 1


def says_whole(text: str) -> bool:
    """Whether the pages are given as ``all``, ``whole book``, 全书 and the like."""
    return bool(_WHOLE.fullmatch(_plain(text).strip(" .")))


def total_pages(text: str) -> int | None:
    """How many pages a work has, from ``350``, ``xii, 350 p.``, ``350 p. : ill. ; 24 cm`` or 350页; None if unclear."""
    extent = re.split(r"[:;]", _plain(text), maxsplit=1)[0].strip()
    total = 0
    for part in re.split(r"[,+]", extent):
        number = _UNIT.sub("", part.strip().strip("[]").strip()).strip("[]")
        value = int(number) if re.fullmatch(r"[0-9]{1,6}", number) else _roman(number)
        if value is None:
            return None
        total += value
    return total or None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _interval(part: str) -> Interval | None:
    first, dash, last = part.strip(".").partition("-")
    begins = _page(first)
    if begins is None:
        return None
    if not dash:
        return None if begins[0] == "e" else (*begins, begins[1])
    ends = _page(_completed(first, last))
    if ends is None or begins[0] != ends[0] or ends[1] < begins[1]:
        return None
    return (*begins, ends[1])


def _completed(first: str, last: str) -> str:
    """The last page with the letters and leading digits that it shares with the first: ``S112``, ``9``: ``S119``."""
    begins, ends = _END.fullmatch(first), re.fullmatch(r"[0-9]+", last)
    if begins is None:
        return last
    if ends is None:
        return last
    digits = begins[2]
    return begins[1] + digits[: max(0, len(digits) - len(last))] + last


def _page(text: str) -> tuple[str, int] | None:
    found = _END.fullmatch(text)
    if found:
        return found[1], int(found[2])
    number = _roman(text)
    return None if number is None else ("roman", number)


def _roman(text: str) -> int | None:
    if not text or not _ROMAN.fullmatch(text):
        return None
    values = [_VALUES[sign] for sign in text]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def _size(intervals: list[Interval]) -> int:
    count, reached = 0, ("", 0)
    for kind, first, last in sorted(intervals):
        begin = max(first, reached[1] + 1) if kind == reached[0] else first
        count += max(0, last - begin + 1)
        reached = (kind, max(last, reached[1]) if kind == reached[0] else last)
    return count
