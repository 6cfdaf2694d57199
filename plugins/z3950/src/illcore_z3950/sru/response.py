"""What an SRU server answers, read by local names, so that both namespaces and any order of elements will do."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..diagnostics import Diagnostic
from ..errors import ProtocolBroken
from ..xmltree import Node, NotXml, parse_xml

_ROOTS = frozenset({"searchRetrieveResponse", "explainResponse", "scanResponse"})
PREFIX = "info:srw/diagnostic/1/"


@dataclass(frozen=True, slots=True)
class SruRecord:
    """A record, or the diagnostics that stand in its place (`data` is None then)."""

    schema: str
    data: Node | None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class SruAnswer:
    """A searchRetrieveResponse. `hits` is numberOfRecords, which may be wrong beside a diagnostic."""

    hits: int
    records: tuple[SruRecord, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class SruTerm:
    """An entry of an index; `records` None if the server does not say."""

    value: str
    records: int | None = None
    display: str = ""


@dataclass(frozen=True, slots=True)
class SruScan:
    """A scanResponse."""

    terms: tuple[SruTerm, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a server says of itself (ZeeRex). `schemas` maps short names to identifiers; `indexes` are `set.name`."""

    title: str = ""
    database: str = ""
    schemas: dict[str, str] = field(default_factory=dict)
    indexes: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def envelope(octets: bytes, peer: str) -> Node:
    """The response element, unwrapped from SOAP if need be. Raises ProtocolBroken."""
    try:
        root = parse_xml(octets)
    except (NotXml, ValueError) as error:
        raise _not_sru(peer, str(error).rstrip("."), "无法解析为 XML") from None
    found = next((node for node in root.walk() if node.name in _ROOTS), None)
    if found is not None:
        return found
    if root.name == "diagnostics" or root.first("diagnostic") is not None:
        return root
    raise _not_sru(peer, f"its root element is {root.name}", f"根元素为 {root.name}")


def search_answer(root: Node, peer: str) -> SruAnswer:
    """Reads a searchRetrieveResponse."""
    said = root.says("numberOfRecords")
    if said and not (said.isascii() and said.isdigit()):
        raise _not_sru(peer, f"numberOfRecords is '{said[:20]}'", "numberOfRecords 不是数字")
    records = root.first("records")
    found = tuple(_record(node, peer) for node in records.all("record")) if records else ()
    return SruAnswer(int(said[:18]) if said else 0, found, diagnostics_in(root))


def scan_answer(root: Node) -> SruScan:
    """Reads a scanResponse."""
    terms = root.first("terms")
    found = []
    for node in terms.all("term") if terms else ():
        number = node.says("numberOfRecords")
        count = int(number) if number.isascii() and number.isdigit() else None
        found.append(SruTerm(node.says("value"), count, node.says("displayTerm")))
    return SruScan(tuple(found), diagnostics_in(root))


def explanation(root: Node, peer: str) -> Explanation:
    """Reads an explainResponse."""
    record = root.first("record")
    data = _data(record, peer) if record is not None else None
    if data is None:
        return Explanation(diagnostics=diagnostics_in(root))
    schemas = {}
    indexes = []
    for node in data.walk():
        if node.name == "schema" and node.attributes.get("name"):
            schemas[node.attributes["name"]] = node.attributes.get("identifier", "")
        elif node.name == "map":
            for name in node.all("name"):
                prefix = name.attributes.get("set", "")
                indexes.append(f"{prefix}.{name.text}" if prefix else name.text)
    return Explanation(
        data.says("databaseInfo", "title"),
        data.says("serverInfo", "database"),
        schemas,
        tuple(dict.fromkeys(indexes)),
        diagnostics_in(root),
    )


def diagnostics_in(root: Node) -> tuple[Diagnostic, ...]:
    """Diagnostics about the whole answer: in `diagnostics`, or standing by themselves."""
    lists = [root] if root.name == "diagnostics" else [*root.all("diagnostics"), root]
    return tuple(_diagnostic(node) for each in lists for node in each.all("diagnostic"))


def _diagnostic(node: Node) -> Diagnostic:
    uri = node.says("uri") or node.says("code")
    return Diagnostic(PREFIX + uri if uri.isdigit() else uri, node.says("details"), node.says("message"))


def _record(node: Node, peer: str) -> SruRecord:
    schema = node.says("recordSchema")
    data = _data(node, peer)
    if data is not None and data.name == "diagnostic":
        return SruRecord(schema, None, (_diagnostic(data),))
    if data is not None and data.name == "diagnostics":
        return SruRecord(schema, None, diagnostics_in(data))
    if data is None:
        return SruRecord(schema, None, (Diagnostic(f"{PREFIX}63", message="The record is empty."),))
    return SruRecord(schema, data)


def _data(record: Node, peer: str) -> Node | None:
    """The record itself, whether it was packed as XML or as a string of XML."""
    data = record.first("recordData")
    if data is None:
        return None
    if data.children:
        return data.children[0]
    if not data.text:
        return None
    try:
        return parse_xml(data.text.encode("utf-8"))
    except NotXml as error:
        raise _not_sru(peer, f"a record packed as a string is not XML: {error}", "字符串形式的记录不是 XML") from None


def _not_sru(peer: str, en: str, zh: str) -> ProtocolBroken:
    return ProtocolBroken(f"{peer} sent an answer that is not SRU: {en}.", f"{peer} 的应答不是 SRU：{zh}。")
