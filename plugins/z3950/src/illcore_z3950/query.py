"""From a citation to queries: for each a list to be tried in order while the target refuses the attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce

from stdnum import isbn as isbn_numbers
from stdnum.exceptions import ValidationError

from .errors import QueryError
from .rpn import Attribute, Operation, Operator, Query, Rpn, Term

Ladder = tuple[tuple[Attribute, ...], ...]
"""Attribute lists to try in order."""

_WORD_LIST = Attribute(4, 6)


def _use(*values: int) -> Ladder:
    return tuple((Attribute(1, value),) for value in values)


def _words(*values: int) -> Ladder:
    first = Attribute(1, values[0])
    return ((first, _WORD_LIST), *_use(*values))


_ISBN = _use(7, 1007, 1016)
_ISSN = _use(8, 1007, 1016)
_TITLE = _words(4, 1016)
_AUTHOR = _words(1003, 1004, 1016)
_KEYWORD: Ladder = (*_words(1016), ())


@dataclass(frozen=True, slots=True)
class AccessPoints:
    """Which Bib-1 attributes stand for what at a target; the defaults go from the exact to the common.

    Use attributes: 7 ISBN, 8 ISSN, 4 title, 1003 author, 1004 personal name, 1007 standard identifier, 1016 any.
    """

    isbn: Ladder = _ISBN
    issn: Ladder = _ISSN
    title: Ladder = _TITLE
    author: Ladder = _AUTHOR
    keyword: Ladder = _KEYWORD


DEFAULT_ACCESS_POINTS = AccessPoints()


def queries(
    *,
    isbn: str = "",
    issn: str = "",
    title: str = "",
    author: str = "",
    keyword: str = "",
    access_points: AccessPoints = DEFAULT_ACCESS_POINTS,
) -> tuple[Query, ...]:
    """Queries that ask for all that is given, joined by AND, best first.

    An ISBN is searched as ISBN-13 and ISBN-10 without hyphens, an ISSN with and without its hyphen; where a target
    refuses OR, one form after the other follows. Raises QueryError if nothing is given or a number is not one.
    """
    asked: list[tuple[Ladder, tuple[str, ...]]] = []
    if isbn.strip():
        asked.append((access_points.isbn, isbn_forms(isbn)))
    if issn.strip():
        asked.append((access_points.issn, issn_forms(issn)))
    for ladder, text in (
        (access_points.title, title),
        (access_points.author, author),
        (access_points.keyword, keyword),
    ):
        if cleaned := " ".join(text.split()):
            asked.append((ladder, (cleaned,)))
    if not asked:
        raise QueryError(
            "There is nothing to search for; give an ISBN, ISSN, title, author or keyword.",
            "没有检索条件，请给出 ISBN、ISSN、题名、作者或关键词。",
        )
    if not all(ladder for ladder, _ in asked):
        raise QueryError("An access point has no attributes to try.", "某个检索点没有可用的属性。")
    steps = max(len(ladder) for ladder, _ in asked)
    found: list[Query] = []
    for step in range(steps):
        parts = [(ladder[min(step, len(ladder) - 1)], forms) for ladder, forms in asked]
        found.append(Query(_joined("and", [_any_form(attributes, forms) for attributes, forms in parts])))
        most_forms = max(len(forms) for _, forms in parts)
        if most_forms > 1:
            for index in range(most_forms):
                terms: list[Rpn] = [Term(forms[min(index, len(forms) - 1)], attributes) for attributes, forms in parts]
                found.append(Query(_joined("and", terms)))
    return tuple(dict.fromkeys(found))


def _any_form(attributes: tuple[Attribute, ...], forms: tuple[str, ...]) -> Rpn:
    return _joined("or", [Term(form, attributes) for form in forms])


def _joined(operator: Operator, parts: list[Rpn]) -> Rpn:
    return reduce(lambda left, right: Operation(operator, left, right), parts)


def isbn_forms(text: str) -> tuple[str, ...]:
    """ISBN-13 and, where there is one, ISBN-10, without hyphens. A number with a wrong check digit, as books do
    carry, is searched as printed. Raises QueryError if it has not 10 or 13 digits."""
    compact = re.sub(r"[^0-9Xx]", "", text).upper()
    if not re.fullmatch(r"\d{9}[\dX]|\d{13}", compact):
        raise QueryError(
            f"'{text}' is not an ISBN: it needs 10 or 13 digits.", f"“{text}”不是 ISBN：应为 10 位或 13 位数字。"
        )
    try:
        isbn_numbers.validate(compact)
        thirteen = isbn_numbers.to_isbn13(compact).replace("-", "")
        ten = isbn_numbers.to_isbn10(compact).replace("-", "") if thirteen.startswith("978") else ""
    except ValidationError:
        return (compact,)
    return (thirteen, ten) if ten else (thirteen,)


def issn_forms(text: str) -> tuple[str, ...]:
    """ISSN with and without its hyphen. Raises QueryError if it has not 8 digits."""
    compact = re.sub(r"[^0-9Xx]", "", text).upper()
    if not re.fullmatch(r"\d{7}[\dX]", compact):
        raise QueryError(f"'{text}' is not an ISSN: it needs 8 digits.", f"“{text}”不是 ISSN：应为 8 位数字。")
    return f"{compact[:4]}-{compact[4:]}", compact
