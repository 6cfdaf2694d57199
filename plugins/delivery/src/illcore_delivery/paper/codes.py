"""The code on slips, straps and labels: library, request and item in 21 signs, with a check sign.

``TTRRRRRRRRRRRRRRRRNNC``: two signs for the library, the sixteen of the request's id, two for the item's number
(``00``: the request as a whole), all in Crockford's base 32, then the check sign of ISO 7064 MOD 37,36.
"""

import hashlib
import re
from dataclasses import dataclass

from stdnum.iso7064 import mod_37_36

from illcore.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MOST_ITEMS = 32 * 32 - 1
_CODE = re.compile(rf"[{ALPHABET}]{{20}}[0-9A-Z]")
_ID = re.compile(rf"[{ALPHABET}]{{16}}")
_ALIKE = str.maketrans("OIL", "011")
_PARTS = (2, 6, 10, 14, 18, 20, 21)


@dataclass(frozen=True, slots=True)
class Code:
    """What a code names. ``item`` 0 is the request as a whole; ``tag`` the library's sign, empty for a bare id."""

    request_id: str
    item: int = 0
    tag: str = ""

    def of(self, library: str) -> bool:
        """Whether it may be a code of this library."""
        return self.tag in ("", tag_of(library))


def tag_of(library: str) -> str:
    """The two signs that stand for a library; one in 1,024 other libraries has the same."""
    number = int.from_bytes(hashlib.sha256(library.encode()).digest()[:2], "big") % 1024
    return _two(number)


def code_of(library: str, request_id: str, item: int = 0) -> str:
    """The code of a request's item. Invalid if the id is none of the engine's, or the number too high."""
    if not _ID.fullmatch(request_id):
        raise Invalid(f"the request id {request_id!r} does not fit into a code; it must have 16 signs of base 32")
    if not 0 <= item <= MOST_ITEMS:
        raise Invalid(f"item {item} does not fit into a code; {MOST_ITEMS} is the highest number")
    body = f"{tag_of(library)}{request_id}{_two(item)}"
    return body + str(mod_37_36.calc_check_digit(body))


def shown(code: str) -> str:
    """A code as people read it aloud: ``TT-RRRR-RRRR-RRRR-RRRR-NN-C``."""
    return "-".join(code[start:end] for start, end in zip((0, *_PARTS), _PARTS, strict=False))


def parse_code(text: str) -> Code:
    """What a scanner or a person typed. Small letters, blanks and hyphens do not matter.

    Nor do O for 0 and I or L for 1, but in the check sign. A request's bare id is a code too. Raises Invalid.
    """
    given = re.sub(r"[\s\-\u2010-\u2015]+", "", text).upper()
    body = given[:20].translate(_ALIKE)
    if _ID.fullmatch(body) and len(given) == 16:
        return Code(body)
    if len(given) != 21 or not _CODE.fullmatch(body + given[20]):
        raise Invalid(f"{_quoted(text)} is no code of a slip or strap: it has 21 signs; scan it again")
    if str(mod_37_36.calc_check_digit(body)) != given[20]:
        raise Invalid(f"{_quoted(text)} was misread: its check sign does not fit; scan it again")
    return Code(body[2:18], ALPHABET.index(body[18]) * 32 + ALPHABET.index(body[19]), body[:2])


def _two(number: int) -> str:
    return ALPHABET[number // 32] + ALPHABET[number % 32]


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
