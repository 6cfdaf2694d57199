"""ISO 2709: octets to a record of octets, forgiving what real systems get wrong about lengths."""

from __future__ import annotations

from itertools import pairwise

from .charset import RecordCharset, WrongCharset, ascii_only, decode_all
from .damage import LostText, salvage
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

    Where a few octets are wrong their subfields are left out, and `problem` names them. A record in another character
    set keeps its ASCII parts, loses the others, and says so in `problem`. Raises NotMarc.
    """
    leader, raw = split(octets)
    says_utf8 = leader[9:10] == "a"
    problem: WrongCharset | LostText | None = None
    try:
        texts = decode_all([data for _, data in raw], charset, says_utf8=says_utf8)
    except WrongCharset as wrong:
        texts, problem = _what_can_be_read(raw, charset, wrong, says_utf8)
    return Marc(leader, tuple([_field(tag, text) for (tag, _), text in zip(raw, texts, strict=True)]), problem)


def _field(tag: str, text: str) -> Field:
    indicators, *subfields = text.split("\x1f")
    if not subfields and tag < "010":
        return Field(tag, data=text)
    if len(indicators) != 2 or not indicators.isascii():
        indicators = ((indicators if indicators.isascii() else "") + "  ")[:2]
    parts = [(part[0] if part[0] < "\x80" else "?", part[1:]) for part in subfields if part]
    return Field(tag, indicators, tuple(parts))


def _what_can_be_read(
    raw: list[RawField], charset: RecordCharset, wrong: WrongCharset, says_utf8: bool
) -> tuple[list[str], WrongCharset | LostText]:
    """The text of each field, read subfield by subfield, and what could not be read."""
    parted = [data.split(_SUBFIELD) for _, data in raw]
    codes = [[ascii_only(part[:1]) or "?" for part in subfields] for _, *subfields in parted]
    pieces = [piece for first, *subfields in parted for piece in (first, *(part[1:] for part in subfields))]
    found = salvage(pieces, charset, says_utf8=says_utf8)
    read = iter(found if found is not None else [ascii_only(piece) for piece in pieces])
    texts: list[str] = []
    lost: list[str] = []
    for (tag, _), own in zip(raw, codes, strict=True):
        parts = [(name, next(read)) for name in ("", *own)]
        texts.append("\x1f".join(name + (text or "") for name, text in parts))
        lost += [f"{tag} ${name}" if name else tag for name, text in parts if text is None]
    return texts, wrong if found is None else LostText(lost, charset.name)


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
    datas = body.removesuffix(_FIELD_END).split(_FIELD_END)
    fields = _by_directory(entries, body) if len(datas) != len(entries) else None
    return leader, fields or _by_terminators(entries, datas)


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


def _by_terminators(entries: list[bytes], datas: list[bytes]) -> list[RawField]:
    """Field after field as they stand, whatever the directory says of lengths: they may be counted in characters."""
    if len(datas) > len(entries):
        raise NotMarc(f"it holds {len(datas)} fields, its directory names {len(entries)}")
    starts = [entry[7:] for entry in entries]
    if any(one > other for one, other in pairwise(starts)) and b"".join(starts).isdigit():
        entries = sorted(entries, key=lambda entry: entry[7:])
    return [(_tag(entry), data) for entry, data in zip(entries, datas, strict=False)]


def _tag(entry: bytes) -> str:
    return entry[:3].decode("ascii", errors="replace")
