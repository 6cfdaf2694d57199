"""The order in which somebody walks along the shelves: by location, then call number."""

import re
import unicodedata

_PIECE = re.compile(r"(\d+)|([^\W\d_]+)")
Key = tuple[tuple[int, int, str], ...]


def call_number_key(call_number: str) -> Key:
    """Sorts as shelves do: ``QA9`` before ``QA76``, ``.P7`` after ``.P65``, ``I247.5/8`` before ``I247.5/20``.

    A number counts as a whole, but after a point or behind a letter that is not the first (a Cutter number) it is a
    decimal. Without digits and letters it comes first.
    """
    text = unicodedata.normalize("NFKC", call_number).upper()
    key: list[tuple[int, int, str]] = []
    letters = 0
    for found in _PIECE.finditer(text):
        number, word = found.groups()
        before = text[: found.start()]
        if word:
            letters += 1
            key.append((0, 0, word))
        elif before.endswith(".") or (letters > 1 and before[-1:].isalpha()):
            key.append((2, 0, number))
        else:
            key.append((1, int(number[:18]), ""))
        if "/" in text[found.end() : found.end() + 1]:
            letters = 0
    return tuple(key)


def shelf_key(location: str, call_number: str) -> tuple[bool, str, bool, Key, str]:
    """The key for sorting; what has no location, or no call number, comes last."""
    return (not location, location, not call_number, call_number_key(call_number), call_number)
