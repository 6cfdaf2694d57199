"""Dublin Core → Book (DCMI Metadata Terms); identifiers are told apart by their form."""

from __future__ import annotations

from ..xmltree import Node
from .book import Book, clean, distinct, isbn_forms, issn_forms, without_stop, year_in

_NAMESPACES = ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/", "info:srw/schema/1/dc-v1.1")


def is_dublin_core(root: Node) -> bool:
    """Whether anything at or right under `root` is in a namespace of Dublin Core."""
    return any(node.namespace in _NAMESPACES for node in (root, *root.children))


def book_from_dublin_core(root: Node) -> Book:
    """Reads the elements at any depth; the first title and creator are the main ones."""
    said: dict[str, list[str]] = {}
    for node in root.walk():
        if not node.children and node.text:
            said.setdefault(node.name, []).append(node.text)
    titles = [without_stop(text) for name in ("title", "alternative") for text in said.get(name, [])]
    authors = [without_stop(text) for name in ("creator", "contributor") for text in said.get(name, [])]
    numbers = said.get("identifier", [])
    return Book(
        title=titles[0] if titles else "",
        author=authors[0] if authors else "",
        isbn=isbn_forms(numbers),
        issn=issn_forms(numbers),
        edition=clean(next(iter(said.get("edition", [])), "")),
        year=year_in(*said.get("date", []), *said.get("issued", [])),
        url=next((text for text in numbers if text.startswith(("http://", "https://"))), ""),
        titles=distinct(titles),
        authors=distinct(authors),
    )
