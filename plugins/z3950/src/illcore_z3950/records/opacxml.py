"""Holdings of OPAC records written as XML, the way YAZ proxies send them over SRU (`opacRecord`) → copies."""

from __future__ import annotations

from ..pdus.opac import Circulation, Holding
from ..xmltree import Node
from .book import Copy
from .opac import copies_from_opac


def copies_from_opac_xml(root: Node) -> tuple[Copy, ...]:
    """The `holding` elements; none if `root` is another kind of record."""
    if root.name != "opacRecord":
        return ()
    holdings = root.first("holdings")
    return copies_from_opac([_holding(node) for node in holdings.all("holding")]) if holdings else ()


def _holding(node: Node) -> Holding:
    circulations = node.first("circulations")
    return Holding(
        nuc_code=node.says("nucCode"),
        local_location=node.says("localLocation"),
        shelving_location=node.says("shelvingLocation"),
        call_number=node.says("callNumber"),
        copy_number=node.says("copyNumber"),
        public_note=node.says("publicNote"),
        terms_of_use=node.says("termsUseRepro"),
        enum_and_chron=node.says("enumAndChron"),
        circulation=tuple(_circulation(item) for item in circulations.all("circulation")) if circulations else (),
    )


def _circulation(node: Node) -> Circulation:
    return Circulation(
        available_now=_flag(node, "availableNow"),
        availability_date=node.says("availabilityDate") or node.says("availablityDate"),
        restrictions=node.says("restrictions"),
        item_id=node.says("itemId"),
        renewable=_flag(node, "renewable"),
        on_hold=_flag(node, "onHold"),
        enum_and_chron=node.says("enumAndChron"),
        temporary_location=node.says("temporaryLocation"),
    )


def _flag(node: Node, name: str) -> bool | None:
    element = node.first(name)
    return None if element is None else element.attributes.get("value", element.text).strip() in ("1", "true")
