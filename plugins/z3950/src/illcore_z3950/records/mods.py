"""MODS → Book and copies (Library of Congress, MODS 3)."""

from __future__ import annotations

from ..xmltree import Node
from .book import Book, Copy, clean, distinct, isbn_forms, issn_forms, without_stop, year_in


def book_from_mods(root: Node) -> Book:
    """Reads the `mods` element itself or the first one inside a collection."""
    mods = _mods(root)
    titles = [_title(node) for node in mods.all("titleInfo") if not node.attributes.get("type")]
    others = [_title(node) for node in mods.all("titleInfo") if node.attributes.get("type")]
    main = [without_stop(node.says("title")) for node in mods.all("titleInfo")]
    names = [_name(node) for node in mods.all("name")]
    numbers = {kind: [n.text for n in mods.all("identifier") if _is(n, kind)] for kind in ("isbn", "issn", "issn-l")}
    origin = mods.first("originInfo")
    dates = [node.text for node in origin.all("dateIssued", "copyrightDate", "dateCreated")] if origin else []
    link = next((node.says("url") for node in mods.all("location") if node.says("url")), "")
    return Book(
        title=next(iter(distinct([*titles, *others])), ""),
        author=next((name for name in names if name), ""),
        isbn=isbn_forms(numbers["isbn"]),
        issn=issn_forms(numbers["issn"] + numbers["issn-l"]),
        edition=clean(origin.says("edition")) if origin else "",
        year=year_in(*dates),
        url=link,
        record_id=mods.says("recordInfo", "recordIdentifier"),
        titles=distinct([*main, *others]),
        authors=distinct(names),
    )


def copies_from_mods(root: Node) -> tuple[Copy, ...]:
    """`location` elements: who holds it, and where it stands."""
    found = []
    for place in _mods(root).all("location"):
        simple = place.first("holdingSimple")
        units = list(simple.all("copyInformation")) if simple else [place]
        for unit in units or [place]:
            found.append(
                Copy(
                    library=clean(place.says("physicalLocation")),
                    location=clean(unit.says("subLocation")),
                    call_number=clean(unit.says("shelfLocator") or place.says("shelfLocator")),
                    note=clean(unit.says("note")),
                )
            )
    return tuple(copy for copy in found if copy != Copy())


def _mods(root: Node) -> Node:
    return next((node for node in root.walk() if node.name == "mods"), root)


def _title(node: Node) -> str:
    begin = " ".join(part for part in (node.says("nonSort"), node.says("title")) if part)
    rest = [begin, node.says("subTitle"), node.says("partNumber"), node.says("partName")]
    return without_stop(" ".join(part for part in rest if part))


def _name(node: Node) -> str:
    dated = ("date", "termsOfAddress")
    parts = [part.text for part in node.all("namePart") if part.attributes.get("type") not in dated]
    if {part.attributes.get("type") for part in node.all("namePart")} >= {"family", "given"}:
        typed = {part.attributes.get("type"): part.text for part in node.all("namePart")}
        return without_stop(f"{typed['family']}, {typed['given']}")
    return without_stop(" ".join(parts))


def _is(node: Node, kind: str) -> bool:
    return node.attributes.get("type", "").casefold() == kind and node.attributes.get("invalid") != "yes"
