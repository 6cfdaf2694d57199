"""The page numbers that are printed at the head and foot of pages, against those that were asked for."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from .pageranges import roman

_LINES = 2
_TOKEN = re.compile(r"(?<![\w.,/-])([a-z]{0,3}\d{1,6}|[ivxlc]{1,9})(?![\w/-]|[.,]\d)")
_YEARS = range(1800, 2101)


class Printed(NamedTuple):
    """`others`: the span that is printed where none of the wanted is (`201–208`), else empty.

    `missing`: wanted numbers on no page, if most of them are on one; `unnumbered`: pages that show none of them.
    """

    others: str
    missing: tuple[str, ...]
    unnumbered: int


def printed_numbers(texts: Sequence[str], wanted: Sequence[str]) -> Printed:
    """From the text of each page, in order, and the labels that were asked for."""
    pages = [_candidates(text) for text in texts]
    labels = set(wanted)
    seen = {label for page in pages for label in page if label in labels}
    if not seen:
        return Printed(_other_span(pages), (), len(pages))
    if len(seen) * 2 < len(labels):
        return Printed("", (), len(pages))
    unnumbered = sum(not labels & page for page in pages)
    return Printed("", tuple(label for label in wanted if label not in seen), unnumbered)


def _candidates(text: str) -> set[str]:
    lines = [line for line in unicodedata.normalize("NFKC", text).casefold().splitlines() if line.strip()]
    edges = lines[:_LINES] + lines[-_LINES:]
    return {token for line in edges for token in _TOKEN.findall(line) if token.isdigit() or _is_label(token)}


def _is_label(token: str) -> bool:
    return roman(token) is not None or token[-1].isdigit()


def _other_span(pages: Sequence[set[str]]) -> str:
    """Numbers that rise by one from page to page, on most pages and on three at least."""
    offsets: Counter[int] = Counter()
    for index, page in enumerate(pages):
        for token in page:
            if token.isdigit() and int(token) not in _YEARS:
                offsets[int(token) - index] += 1
    if not offsets:
        return ""
    offset, support = max(offsets.items(), key=lambda each: (each[1], -each[0]))
    numbered = sum(bool(page) for page in pages)
    if support < 3 or support * 2 < numbered or offset <= 1:
        return ""
    on = [index for index, page in enumerate(pages) if str(index + offset) in page]
    return f"{on[0] + offset}–{on[-1] + offset}"
