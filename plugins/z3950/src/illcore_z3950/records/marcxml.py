"""MARCXML → Marc (Library of Congress, MARC 21 XML Schema; also marcxchange, ISO 25577)."""

from __future__ import annotations

from ..xmltree import Node
from .marc import Field, Marc


def marc_in(root: Node) -> Marc | None:
    """The first MARC record at or under `root`; None if there is none."""
    record = next(
        (node for node in root.walk() if node.name == "record" and node.first("datafield", "controlfield")), None
    )
    if record is None:
        return None
    fields = [_field(node) for node in record.all("controlfield", "datafield")]
    leader = record.first("leader")
    return Marc("".join(p for p in leader.parts if isinstance(p, str)) if leader else "", tuple(fields))


def _field(node: Node) -> Field:
    tag = node.attributes.get("tag", "")[:3]
    if node.name == "controlfield":
        return Field(tag, data="".join(part for part in node.parts if isinstance(part, str)))
    indicators = "".join((node.attributes.get(name) or " ")[0] for name in ("ind1", "ind2"))
    subfields = tuple((sub.attributes.get("code", "?")[:1], sub.text) for sub in node.all("subfield"))
    return Field(tag, indicators, subfields)
