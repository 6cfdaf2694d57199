"""MARC-8, strictly: what the tables do not know is an error, never a blank.

Source: Library of Congress, "MARC-8 Encoding Environment"; the code tables are pymarc's.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

_BASIC_LATIN, _ANSEL, _EACC = 0x42, 0x45, 0x31
_SHORT = {b"s": _BASIC_LATIN, b"g": 0x67, b"b": 0x62, b"p": 0x70}
_ESCAPE = re.compile(rb"\x1b(?:([sgbp])|\$?([(,)-])!?([0-9A-Za-z])|\$([0-9A-Za-z]))")
# Non-sorting marks and joiners, the only C1 controls that MARC-8 uses.
_CONTROLS = {0x88: "\x98", 0x89: "\x9c", 0x8D: "\u200d", 0x8E: "\u200c"}
_DELIMITERS = re.compile(rb"[\x1e\x1f]")


def decode_marc8(octets: bytes) -> str:
    """The text of fields and subfields, composed (NFC); each subfield begins with the default sets.

    Raises UnicodeDecodeError where the octets are not MARC-8.
    """
    if octets.isascii() and b"\x1b" not in octets:
        return octets.decode("ascii")
    found: list[str] = []
    begin = 0
    for end in [match.start() for match in _DELIMITERS.finditer(octets)] + [len(octets)]:
        found.append(_subfield(octets, begin, end))
        found.append(octets[end : end + 1].decode("ascii"))
        begin = end + 1
    return "".join(found)


def _subfield(octets: bytes, place: int, end: int) -> str:
    g0, g1 = _BASIC_LATIN, _ANSEL
    found: list[str] = []
    marks: list[str] = []
    sets, odd = _tables()
    while place < end:
        octet = octets[place]
        if octet == 0x1B:
            escape = _ESCAPE.match(octets, place, end)
            if escape is None:
                raise _wrong(octets, place, "an escape sequence that leads nowhere")
            g0, g1 = _designated(escape, g0, g1)
            place = escape.end()
            continue
        charset = g0 if octet < 0x80 else g1
        size = 3 if charset == _EACC and octet > 0x20 and octet != 0x7F else 1
        code = int.from_bytes(octets[place : place + size], "big") if size == 3 else octet
        if code <= 0x20 or code == 0x7F:
            char, combining = chr(code), False
        elif code in _CONTROLS:
            char, combining = _CONTROLS[code], False
        elif known := sets.get(charset, {}).get(code):
            char, combining = chr(known[0]), bool(known[1])
        elif code in odd:
            char, combining = chr(odd[code]), False
        else:
            raise _wrong(octets, place, f"0x{code:x} is not a character of set 0x{charset:x}")
        place += size
        if combining:
            marks.append(char)
        else:
            found.append(char)
            found += marks
            marks.clear()
    if marks:
        raise _wrong(octets, end - 1, "a diacritic without a letter")
    return unicodedata.normalize("NFC", "".join(found))


def _designated(escape: re.Match[bytes], g0: int, g1: int) -> tuple[int, int]:
    short, side, final, plain = escape.groups()
    if short:
        return _SHORT[short], g1
    if plain:
        return plain[0], g1
    return (final[0], g1) if side in b"(," else (g0, final[0])


@cache
def _tables() -> tuple[Any, Any]:
    # 16,000 entries: loaded when the first record needs them.
    from pymarc.marc8_mapping import CODESETS, ODD_MAP

    return CODESETS, ODD_MAP


def _wrong(octets: bytes, place: int, reason: str) -> UnicodeDecodeError:
    return UnicodeDecodeError("marc-8", octets, max(place, 0), min(place + 1, len(octets)), reason)
