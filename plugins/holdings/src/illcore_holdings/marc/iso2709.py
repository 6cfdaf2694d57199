"""ISO 2709: octets of one record to text, forgiving what real systems get wrong about lengths."""

from __future__ import annotations

import re
from itertools import pairwise

from ..charset import Charset, decode
from .fields import Marc

_LEADER, _ENTRY = 24, 12
_MOST_FIELDS = 10_000
_TAG = re.compile(rb"[0-9A-Za-z]{3}")
NEXT_LEADER = re.compile(rb"[0-9]{5}[\x20-\x7e]{5}[2 ][2 ][0-9 ]{5}[\x20-\x7e]{3}[4 ][5 ][0 ][0 ][0-9A-Z]{3}[0-9]{9}")
"""What a leader with the begin of its directory looks like, to find the record behind a torn one."""


class NotMarc(ValueError):
    """The octets are no whole ISO 2709 record; the text says why."""


def read_iso2709(octets: bytes, charset: Charset) -> Marc:
    """The record. Its length, its base address and the lengths of its fields may lie; a missing field may not.

    Raises NotMarc, WrongCharset.
    """
    head, found, body = octets.partition(b"\x1e")
    if not found or len(head) < _LEADER + _ENTRY:
        raise NotMarc("it has no leader and directory")
    directory = head[_LEADER:]
    count, rest = divmod(len(directory), _ENTRY)
    if rest or count > _MOST_FIELDS:
        raise NotMarc(f"its directory has {len(directory)} octets, not 12 for each field")
    if body[-1:] == b"\x1e":
        body = body[:-1]
    text = decode(body, charset, says_utf8=head[9:10] == b"a")
    texts = text.split("\x1e")
    if len(texts) != count:
        raise NotMarc(f"its directory names {count} fields, {len(texts)} are there")
    entries = [directory[place : place + _ENTRY] for place in range(0, len(directory), _ENTRY)]
    starts = [entry[7:] for entry in entries]
    if any(one > other for one, other in pairwise(starts)) and b"".join(starts).isdigit():
        entries.sort(key=lambda entry: entry[7:])
    tags = [entry[:3].decode("ascii", errors="replace") for entry in entries]
    if not all(_TAG.fullmatch(entry[:3]) for entry in entries):
        raise NotMarc("its directory names no tags")
    return Marc.of(head[:_LEADER].decode("ascii", errors="replace"), tags, texts)
