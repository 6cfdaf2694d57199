"""EXTERNAL and OtherInformation: how Z39.50 wraps what it does not define itself (Z39.50-2003 section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .. import values as v
from ..ber import EXTERNAL, OID, Content, Malformed, Node, ctx

_VALUE, _OCTETS, _BITS = ctx(0), ctx(1), ctx(2)


class External(NamedTuple):
    """Something of type `oid` ('' if the sender left it out): octets, or one ASN.1 value."""

    oid: str
    data: bytes | None = None
    value: Node | None = None

    def node(self, key: int = EXTERNAL) -> Node:
        """EXTERNAL under its own tag, or under `key` where it is IMPLICIT."""
        parts: list[Node] = [v.oid(OID, self.oid)] if self.oid else []
        if self.value is not None:
            parts.append((ctx(0), [self.value]))
        else:
            parts.append((ctx(1), self.data or b""))
        return key, parts


def external_from(content: Content) -> External:
    """Reads the content of an EXTERNAL."""
    oid = ""
    for key, part in v.children(content):
        if key == OID:
            oid = v.to_oid(part)
        elif key == _OCTETS:
            return External(oid, data=v.to_octets(part))
        elif key == _VALUE:
            return External(oid, value=v.the_only(part))
        elif key == _BITS:
            return External(oid, data=v.to_octets(part)[1:])
    raise Malformed("an EXTERNAL without content")


def other_information(*items: External) -> Node:
    """OtherInformation, [201], made of externally defined items."""
    return ctx(201), [(16, [item.node(ctx(4))]) for item in items]


def externals_in(content: Content | None) -> Iterator[External]:
    """The externally defined items of an OtherInformation, in order; other kinds are passed over."""
    if content is None:
        return
    for _, item in v.children(content):
        for key, part in v.children(item):
            if key == ctx(4):
                yield external_from(part)
