"""What a core query asks for, in the order in which to ask: numbers first, then words."""

from __future__ import annotations

from illcore.identifiers import isbn13, issn
from illcore.model import Query

_FIELDS = ("isbn", "issn", "title", "author", "keyword")


def stages(wanted: Query) -> tuple[dict[str, str], ...]:
    """Access points with what they ask, `{"isbn": …}` first; the next stage is for when the one before finds nothing.

    Without a citation all fields count at once, as they were given. With one, a right ISBN or ISSN alone is asked for
    first, since catalogues spell titles differently, and then title and author.
    """
    given = {name: getattr(wanted, name) for name in _FIELDS}
    cited = wanted.citation
    if cited is None:
        return (given,)
    for name in ("isbn", "issn", "title", "author"):
        given[name] = given[name] or getattr(cited, name)
    found: list[dict[str, str]] = []
    if isbn13(given["isbn"]):
        found.append({"isbn": given["isbn"]})
    elif issn(given["issn"]):
        found.append({"issn": given["issn"]})
    words = {name: given[name] for name in ("title", "author", "keyword") if given[name].strip()}
    if words.keys() & {"title", "keyword"}:
        found.append(words)
    return tuple(found) or (given,)
