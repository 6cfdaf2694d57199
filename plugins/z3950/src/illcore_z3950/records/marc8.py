"""MARC-8, strictly: what the tables do not know is an error, never a blank.

Source: Library of Congress, "MARC-8 Encoding Environment"; the code tables are pymarc's.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

_ESCAPE = 0x1B
_BASIC_LATIN, _ANSEL, _EACC = 0x42, 0x45, 0x31
_G0, _G1 = frozenset(b"(,"), frozenset(b")-")
_SHORT_SETS = {ord("s"): _BASIC_LATIN, ord("g"): 0x67, ord("b"): 0x62, ord("p"): 0x70}
# Non-sorting marks and joiners, the only C1 controls that MARC-8 uses.
_CONTROLS = {0x88: "\x98", 0x89: "\x9c", 0x8D: "\u200d", 0x8E: "\u200c"}


def decode_marc8(octets: bytes) -> str:
    """The text of one subfield, composed (NFC). Raises UnicodeDecodeError where the octets are not MARC-8."""
    g0, g1 = _BASIC_LATIN, _ANSEL
    found: list[str] = []
    waiting: list[str] = []
    place, end = 0, len(octets)
    while place < end:
        octet = octets[place]
        if octet == _ESCAPE:
            g0, g1, place = _designated(octets, place, g0, g1)
            continue
        code, size = octet, 1
        if octet < 0x80 and g0 == _EACC and octet > 0x20:
            code, size = int.from_bytes(octets[place : place + 3], "big"), 3
        char, combining = _character(octets, place, code, g0 if octet < 0x80 else g1)
        place += size
        if combining:
            waiting.append(char)
        else:
            found.append(char)
            found += waiting
            waiting.clear()
    if waiting:
        raise _wrong(octets, end - 1, "a diacritic without a letter")
    return unicodedata.normalize("NFC", "".join(found))


def _character(octets: bytes, place: int, code: int, charset: int) -> tuple[str, bool]:
    if code <= 0x20 or code == 0x7F:
        return chr(code), False
    if code in _CONTROLS:
        return _CONTROLS[code], False
    sets, odd = _tables()
    known = sets.get(charset, {}).get(code)
    if known is not None:
        return chr(known[0]), bool(known[1])
    if code in odd:
        return chr(odd[code]), False
    raise _wrong(octets, place, f"0x{code:x} is not a character of set 0x{charset:x}")


@cache
def _tables() -> tuple[Any, Any]:
    # 16,000 entries: loaded when the first record needs them.
    from pymarc.marc8_mapping import CODESETS, ODD_MAP

    return CODESETS, ODD_MAP


def _designated(octets: bytes, place: int, g0: int, g1: int) -> tuple[int, int, int]:
    following = octets[place + 1 : place + 4]
    if following[:1] == b"$":
        rest = following[1:]
        if rest[:1] and rest[0] in _G1 and len(rest) > 1:
            return g0, rest[1], place + 4
        if rest[:1] == b"," and len(rest) > 1:
            return rest[1], g1, place + 4
        if rest[:1]:
            return rest[0], g1, place + 3
    elif following[:1] and following[0] in _SHORT_SETS:
        return _SHORT_SETS[following[0]], g1, place + 2
    elif len(following) > 1 and following[0] in _G0:
        return following[1], g1, place + 3
    elif len(following) > 1 and following[0] in _G1:
        final = following[2] if following[1:2] == b"!" and len(following) > 2 else following[1]
        return g0, final, place + (4 if following[1:2] == b"!" else 3)
    raise _wrong(octets, place, "an escape sequence that leads nowhere")


def _wrong(octets: bytes, place: int, reason: str) -> UnicodeDecodeError:
    return UnicodeDecodeError("marc-8", octets, place, min(place + 1, len(octets)), reason)
