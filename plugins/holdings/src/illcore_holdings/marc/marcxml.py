"""MARCXML: one `record` element as it was cut out of its file, to text (loc.gov/standards/marcxml; UNIMARC alike)."""

from __future__ import annotations

from lxml import etree

from .fields import SUBFIELD, Marc
from .iso2709 import NotMarc

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def read_marcxml(octets: bytes, prologue: bytes, declarations: bytes) -> Marc:
    """The record. `prologue` is the XML declaration of its file, `declarations` the namespaces of its root.

    Raises NotMarc.
    """
    try:
        root = etree.fromstring(prologue + b"<r " + declarations + b">" + octets + b"</r>", _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotMarc(f"it is no XML: {str(error).partition(', line')[0]}") from None
    leader, tags, texts = "", [], []
    for element in root.iter("{*}leader", "{*}controlfield", "{*}datafield"):
        tag = element.get("tag", "")
        name = etree.QName(element).localname
        if name == "leader":
            leader = element.text or ""
        elif name == "controlfield":
            tags.append(tag)
            texts.append(element.text or "")
        else:
            parts = [(sub.get("code") or "?")[:1] + "".join(map(str, sub.itertext())) for sub in element]
            tags.append(tag)
            texts.append("".join([element.get("ind1", " "), element.get("ind2", " "), *(SUBFIELD + p for p in parts)]))
    if not tags:
        raise NotMarc("it has no fields")
    return Marc.of(leader, tags, texts)
