"""ASN.1 values in BER: from the content of a node to a Python value and back (ITU-T X.690 section 8)."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from functools import lru_cache

from .ber import GENERAL_STRING, Content, Malformed, Node

Fields = Mapping[int, Content]


def integer(key: int, number: int) -> Node:
    """An INTEGER or ENUMERATED, two's complement, shortest."""
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return key, number.to_bytes(size, "big", signed=True)


def boolean(key: int, value: bool) -> Node:
    """A BOOLEAN; TRUE is FF."""
    return key, b"\xff" if value else b"\x00"


def null(key: int) -> Node:
    """A NULL."""
    return key, b""


def string(key: int, value: str, charset: str = "utf-8") -> Node:
    """A character string in `charset`. Raises UnicodeEncodeError if the charset cannot write it."""
    return key, value.encode(charset)


def bits(key: int, numbers: Iterable[int]) -> Node:
    """A BIT STRING in which the bits `numbers` are set, bit 0 first."""
    chosen = set(numbers)
    size = max(chosen, default=-1) + 1
    octets = bytearray((size + 7) // 8)
    for number in chosen:
        octets[number // 8] |= 0x80 >> number % 8
    return key, bytes((len(octets) * 8 - size,)) + bytes(octets)


@lru_cache(maxsize=512)
def _oid_octets(dotted: str) -> bytes:
    try:
        arcs = [int(arc) for arc in dotted.split(".")]
    except ValueError:
        raise ValueError(f"'{dotted}' is not an object identifier: write numbers joined by dots") from None
    if len(arcs) < 2 or min(arcs) < 0 or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39):
        raise ValueError(f"'{dotted}' is not an object identifier: its first arcs are out of range")
    octets = bytearray()
    for arc in [arcs[0] * 40 + arcs[1], *arcs[2:]]:
        group = [arc & 0x7F]
        while arc := arc >> 7:
            group.append(0x80 | arc & 0x7F)
        octets += bytes(reversed(group))
    return bytes(octets)


def oid(key: int, dotted: str) -> Node:
    """An OBJECT IDENTIFIER from its dotted form. Raises ValueError if the form is wrong."""
    return key, _oid_octets(dotted)


def to_octets(content: Content) -> bytes:
    """The octets of a string, whose encoding may be primitive or in segments (X.690 section 8.7.3)."""
    if isinstance(content, bytes):
        return content
    return b"".join([to_octets(part) for _, part in content])


def to_int(content: Content) -> int:
    """The number in an INTEGER or ENUMERATED."""
    if not isinstance(content, bytes) or not content:
        raise Malformed("an INTEGER without content")
    return int.from_bytes(content, "big", signed=True)


def to_bool(content: Content) -> bool:
    """The value of a BOOLEAN: any octet but 00 is TRUE."""
    if not isinstance(content, bytes) or len(content) != 1:
        raise Malformed("a BOOLEAN that is not one octet long")
    return content != b"\x00"


def to_bits(content: Content) -> frozenset[int]:
    """The numbers of the bits that are set, bit 0 first."""
    if not isinstance(content, bytes):
        raise Malformed("a BIT STRING in segments")
    return frozenset(
        8 * index + bit for index, octet in enumerate(content[1:]) if octet for bit in range(8) if octet & (0x80 >> bit)
    )


@lru_cache(maxsize=512)
def _oid_text(octets: bytes) -> str:
    if not octets or octets[-1] & 0x80:
        raise Malformed("an OBJECT IDENTIFIER that ends in the middle of an arc")
    arcs: list[int] = []
    arc = 0
    for octet in octets:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    root = min(arcs[0] // 40, 2)
    return ".".join(map(str, [root, arcs[0] - 40 * root, *arcs[1:]]))


def to_oid(content: Content) -> str:
    """The dotted form of an OBJECT IDENTIFIER."""
    if not isinstance(content, bytes) or len(content) > 256:
        raise Malformed("an OBJECT IDENTIFIER that is constructed or too long")
    return _oid_text(content)


def known_charset(name: str) -> str:
    """The codec's own name for a charset. Raises ValueError with one sentence if there is none."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"'{name}' is not a known character set; use for example utf-8, gb18030, latin-1") from None


def to_text(content: Content, charset: str = "utf-8") -> str:
    """A message string: strict UTF-8 first, then the target's `charset`, else with U+FFFD where it is unreadable.

    For names and messages only; bibliographic records keep their octets.
    """
    octets = to_octets(content)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode(charset, errors="replace")


def children(content: Content) -> list[Node]:
    """The nodes of a constructed value. Raises `Malformed` if it is primitive."""
    if isinstance(content, bytes):
        raise Malformed("a primitive value where a constructed one belongs")
    return content


def fields(content: Content) -> dict[int, Content]:
    """The fields of a SEQUENCE by key."""
    return dict(children(content))


def the_only(content: Content) -> Node:
    """The value inside an explicit tag. Raises `Malformed` if there is not exactly one."""
    inner = children(content)
    if len(inner) != 1:
        raise Malformed(f"{len(inner)} values inside a tag that encloses one")
    return inner[0]


def need(found: Fields, key: int, name: str) -> Content:
    """A mandatory field. Raises `Malformed` that names it."""
    try:
        return found[key]
    except KeyError:
        raise Malformed(f"{name} is missing") from None


def opt_int(found: Fields, key: int) -> int | None:
    """An optional INTEGER."""
    content = found.get(key)
    return None if content is None else to_int(content)


def opt_text(found: Fields, key: int, charset: str = "utf-8") -> str | None:
    """An optional character string."""
    content = found.get(key)
    return None if content is None else to_text(content, charset)


def general(value: str, charset: str = "utf-8") -> Node:
    """A GeneralString under its universal tag."""
    return string(GENERAL_STRING, value, charset)
