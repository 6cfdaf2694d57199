"""APDUs as a target sends them: what the scripted target and tests answer with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import values as v
from ..ber import EXTERNAL, SEQUENCE, Content, Node, ctx, encode
from ..oids import CHARSET_NAME, CHARSET_NEGOTIATION, DIAG1, USER_INFO_1, USMARC
from ..pdus.diagrec import default_format_node
from ..pdus.external import External, other_information
from ..pdus.init import WANTED

Diagnosis = tuple[int, str]
"""A Bib-1 code and its addinfo."""


def encode_indefinite(node: Node) -> bytes:
    """As `encode`, with an indefinite length on every constructed value, the way YAZ sends it."""
    key, content = node
    if isinstance(content, bytes):
        return encode(node)
    identifier = encode((key, []))[:-1]
    return identifier + b"\x80" + b"".join(encode_indefinite(child) for child in content) + b"\x00\x00"


def init_answer(
    *,
    accepted: bool = True,
    version: int = 3,
    options: Iterable[int] = WANTED,
    diagnoses: Sequence[Diagnosis] = (),
    charset: str = "",
) -> Node:
    """InitResponse; `charset` is one chosen by name in negotiation."""
    parts: list[Node] = [
        v.bits(ctx(3), range(version)),
        v.bits(ctx(4), options),
        v.integer(ctx(5), 1 << 20),
        v.integer(ctx(6), 1 << 20),
        v.boolean(ctx(12), accepted),
        v.string(ctx(111), "scripted target"),
    ]
    if diagnoses:
        items: list[Node] = [(SEQUENCE, [(ctx(1), [default_format_node(*d, key=ctx(1))])]) for d in diagnoses]
        reasons = External(DIAG1, value=(SEQUENCE, items))
        parts.append((ctx(11), [External(USER_INFO_1, value=other_information(reasons)).node()]))
    if charset:
        name = External(CHARSET_NAME, data=charset.encode())
        chosen: Node = (ctx(2), [(ctx(1), [(ctx(3), [name.node(ctx(2))])])])
        parts.append(other_information(External(CHARSET_NEGOTIATION, value=chosen)))
    return ctx(21), parts


def record(data: bytes, *, syntax: str = USMARC, database: str = "main") -> Node:
    """NamePlusRecord with octets."""
    name = [v.string(ctx(0), database)] if database else []
    return SEQUENCE, [*name, (ctx(1), [(ctx(1), [External(syntax, data=data).node(EXTERNAL)])])]


def structured_record(value: Node, *, syntax: str, database: str = "main") -> Node:
    """NamePlusRecord with one ASN.1 value."""
    return SEQUENCE, [
        v.string(ctx(0), database),
        (ctx(1), [(ctx(1), [External(syntax, value=value).node(EXTERNAL)])]),
    ]


def surrogate(code: int, addinfo: str = "", *, database: str = "main") -> Node:
    """NamePlusRecord with a diagnostic in place of the record."""
    return SEQUENCE, [
        v.string(ctx(0), database),
        (ctx(1), [(ctx(2), [default_format_node(code, addinfo)])]),
    ]


def _records(records: Sequence[Node], diagnoses: Sequence[Diagnosis]) -> list[Node]:
    if len(diagnoses) == 1:
        return [default_format_node(*diagnoses[0], key=ctx(130))]
    if diagnoses:
        return [(ctx(205), [default_format_node(*d) for d in diagnoses])]
    return [(ctx(28), list(records))] if records else []


def search_answer(
    hits: int,
    *,
    succeeded: bool = True,
    records: Sequence[Node] = (),
    diagnoses: Sequence[Diagnosis] = (),
) -> Node:
    """SearchResponse; one diagnosis stands alone, several stand as a list."""
    return ctx(23), [
        v.integer(ctx(23), hits),
        v.integer(ctx(24), len(records)),
        v.integer(ctx(25), len(records) + 1),
        v.boolean(ctx(22), succeeded),
        *_records(records, diagnoses),
    ]


def present_answer(records: Sequence[Node] = (), *, status: int = 0, diagnoses: Sequence[Diagnosis] = ()) -> Node:
    """PresentResponse."""
    return ctx(25), [
        v.integer(ctx(24), len(records)),
        v.integer(ctx(25), 0),
        v.integer(ctx(27), status),
        *_records(records, diagnoses),
    ]


def segment(records: Sequence[Node]) -> Node:
    """A Segment ahead of the PresentResponse."""
    return ctx(45), [v.integer(ctx(24), len(records)), (ctx(0), list(records))]


def close_apdu(reason: int, information: str = "") -> Node:
    """Close."""
    text = [v.string(ctx(3), information)] if information else []
    return ctx(48), [v.integer(ctx(211), reason), *text]


def circulation(*, available: bool | None, item: str) -> Node:
    """CircRecord; `available` None leaves the mandatory field out, as some targets do."""
    flags = [] if available is None else [v.boolean(ctx(1), available)]
    return SEQUENCE, [*flags, v.string(ctx(5), item), v.boolean(ctx(6), True), v.boolean(ctx(7), False)]


def opac_value(data: bytes, holdings: Sequence[Content], *, syntax: str = USMARC) -> Node:
    """OPACRecord around bibliographic octets; each holding is the content of a HoldingsAndCircData."""
    return SEQUENCE, [
        External(syntax, data=data).node(ctx(1)),
        (ctx(2), [(ctx(2), holding) for holding in holdings]),
    ]
