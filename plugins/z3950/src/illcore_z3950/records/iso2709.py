"""ISO 2709: octets to a record of octets, forgiving what real systems get wrong about lengths."""

from __future__ import annotations

from .charset import RecordCharset, WrongCharset, ascii_only, decode_all
from .marc import Field, Marc

_LEADER = 24
_ENTRY = 12
_FIELD_END, _SUBFIELD, _RECORD_END = b"\x1e", b"\x1f", b"\x1d"
_MOST_FIELDS = 10_000

RawField = tuple[str, bytes]


class NotMarc(ValueError):
    """The octets are no ISO 2709 record; the text says why."""


def read_marc(octets: bytes, charset: RecordCharset) -> Marc:
    """The record in `octets`. Lengths, the base address and the length in the leader may lie, and so may leader/09.

    A record in another character set keeps its ASCII parts, loses the others, and says so in `problem`.
    Raises NotMarc.
    """
    leader, raw = split(octets)
    parts = [_parts(tag, data) for tag, data in raw]
    pieces = [text for _, texts in parts for _, text in texts]
    problem: WrongCharset | None = None
    try:
        decoded = decode_all(pieces, charset, says_utf8=leader[9:10] == "a")
    except WrongCharset as error:
        decoded = [ascii_only(piece) for piece in pieces]
        problem = error
    texts = iter(decoded)
    fields = []
    for (tag, _), (indicators, subfields) in zip(raw, parts, strict=True):
        if indicators is None:
            fields.append(Field(tag, data=next(texts)))
        else:
            fields.append(Field(tag, indicators, tuple((code, next(texts)) for code, _ in subfields)))
    return Marc(leader, tuple(fields), problem)


def _parts(tag: str, data: bytes) -> tuple[str | None, list[tuple[str, bytes]]]:
    first, *subfields = data.split(_SUBFIELD)
    if not subfields and tag < "010":
        return None, [("", data)]
    indicators = (ascii_only(first) + "  ")[:2]
    if not subfields:
        return indicators, []
    return indicators, [(chr(part[0]) if part[0] < 0x80 else "?", part[1:]) for part in subfields if part]


def split(octets: bytes) -> tuple[str, list[RawField]]:
    """Leader, and the fields by tag as octets. Raises NotMarc."""
    octets = octets.lstrip(b"\r\n\x00").removeprefix(b"\xef\xbb\xbf")
    octets = octets.partition(_RECORD_END)[0]
    head, found, _ = octets.partition(_FIELD_END)
    if not found or len(head) < _LEADER:
        raise NotMarc("it has no directory")
    leader = head[:_LEADER].decode("ascii", errors="replace")
    directory = head[_LEADER:]
    entries = [directory[i : i + _ENTRY] for i in range(0, len(directory) - len(directory) % _ENTRY, _ENTRY)]
    if not entries or len(entries) > _MOST_FIELDS:
        raise NotMarc(f"its directory names {len(entries)} fields")
    body = octets[len(head) + 1 :]
    return leader, _by_directory(entries, body) or _by_terminators(entries, body)


def _by_directory(entries: list[bytes], body: bytes) -> list[RawField] | None:
    """As the directory says, if every field ends where it should; the base address in the leader is not needed."""
    found = []
    for entry in entries:
        if not entry[3:].isdigit():
            return None
        length, start = int(entry[3:7]), int(entry[7:])
        data = body[start : start + length]
        if not data.endswith(_FIELD_END) or _FIELD_END in data[:-1]:
            return None
        found.append((_tag(entry), data[:-1]))
    return found


def _by_terminators(entries: list[bytes], body: bytes) -> list[RawField]:
    """Field after field as they stand: lengths counted in characters instead of octets, or cut off at 9999."""
    datas = body.removesuffix(_FIELD_END).split(_FIELD_END)
    ordered = sorted(entries, key=_start)
    if len(datas) > len(ordered):
        raise NotMarc(f"it holds {len(datas)} fields, its directory names {len(ordered)}")
    return [(_tag(entry), data) for entry, data in zip(ordered, datas, strict=False)]


def _start(entry: bytes) -> int:
    return int(entry[7:]) if entry[7:].isdigit() else 0


def _tag(entry: bytes) -> str:
    return entry[:3].decode("ascii", errors="replace")
