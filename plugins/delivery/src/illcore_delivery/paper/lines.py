"""Text in a given width: Latin breaks between words, Chinese between characters, what does not fit ends in ``…``."""

import re
from collections.abc import Callable

Width = Callable[[str], float]

_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\ufe30-\uffef\U00020000-\U0003ffff"
_PIECE = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+|\s+")
_NEVER_FIRST = "，。、；：？！）》」』】〕…—～·％,.;:?!)]}"
ELLIPSIS = "…"


def wrapped(text: str, width: Width, limit: float, most: int = 0) -> list[str]:
    """The lines of a text, none wider than ``limit`` (one character may be), at most ``most`` of them (0: all)."""
    lines: list[str] = []
    line, used = "", 0.0
    for piece in _pieces(" ".join(text.split()), width, limit):
        if line and used + width(piece.rstrip()) > limit:
            last = line[-1]
            if piece[0] in _NEVER_FIRST and len(line) > 1 and last.strip() and width(last + piece) <= limit:
                line, piece = line[:-1], last + piece
            lines.append(line.rstrip())
            line, used = "", 0.0
        piece = piece if line else piece.lstrip()
        line += piece
        used += width(piece)
    if line.strip():
        lines.append(line.rstrip())
    if not most or len(lines) <= most:
        return lines
    return [*lines[: most - 1], shortened(lines[most - 1] + ELLIPSIS, width, limit)]


def shortened(text: str, width: Width, limit: float) -> str:
    """The text, or as much of its beginning as fits with ``…`` behind it."""
    if width(text) <= limit:
        return text
    kept = text.removesuffix(ELLIPSIS)
    while kept and width(kept + ELLIPSIS) > limit:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def _pieces(text: str, width: Width, limit: float) -> list[str]:
    """What stays together; a word that is wider than a line is cut."""
    found: list[str] = []
    for piece in _PIECE.findall(text):
        if width(piece) <= limit or len(piece) == 1:
            found.append(piece)
            continue
        part = ""
        for sign in piece:
            if part and width(part + sign) > limit:
                found.append(part)
                part = ""
            part += sign
        found.append(part)
    return found
