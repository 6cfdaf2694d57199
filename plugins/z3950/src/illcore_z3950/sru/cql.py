"""CQL built from what is asked for, with every term escaped (OASIS searchRetrieve part 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import QueryError
from ..query import isbn_forms, issn_forms

ACCESS_POINTS = ("isbn", "issn", "title", "author", "keyword")


def quoted(term: str) -> str:
    """A term in quotation marks that means itself: no masking, no anchoring, no end of the quotation."""
    return '"' + "".join("\\" + sign if sign in '"\\*?^' else sign for sign in " ".join(term.split())) + '"'


def cql_queries(given: Mapping[str, str], indexes: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Queries that ask for all that is given, joined by AND, best first; the indexes go down step by step.

    An ISBN is searched in both forms, an ISSN with and without hyphen, words with `all`. Raises QueryError.
    """
    asked = [(name, given[name]) for name in ACCESS_POINTS if given.get(name, "").strip()]
    if not asked:
        raise QueryError(
            "There is nothing to search for; give an ISBN, ISSN, title, author or keyword.",
            "没有检索条件，请给出 ISBN、ISSN、题名、作者或关键词。",
        )
    steps = max(len(indexes[name]) for name, _ in asked)
    found = []
    for step in range(steps):
        parts = [_clause(name, text, indexes[name][min(step, len(indexes[name]) - 1)]) for name, text in asked]
        found.append(" and ".join(parts) if len(parts) == 1 else " and ".join(f"({part})" for part in parts))
    return tuple(dict.fromkeys(found))


def _clause(name: str, text: str, index: str) -> str:
    if name == "isbn":
        return " or ".join(f"{index} = {quoted(form)}" for form in isbn_forms(text))
    if name == "issn":
        return " or ".join(f"{index} = {quoted(form)}" for form in issn_forms(text))
    return f"{index} all {quoted(text)}"
