"""Which font the paper is set in: one of the machine's that has Chinese, embedded as a subset."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from illcore.errors import ConfigError

BUILT_IN = "STSong-Light"
"""Of the reader's program, not in the file; for machines without any Chinese font."""

KNOWN = (
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "NotoSansSC-Regular.ttf",
    "NotoSansSC[wght].ttf",
    "NotoSansSC-VF.ttf",
    "SourceHanSansSC-VF.ttf",
    "msyh.ttc",
    "simsun.ttc",
    "simhei.ttf",
    "Deng.ttf",
    "STHeiti Light.ttc",
    "Songti.ttc",
    "uming.ttc",
    "ukai.ttc",
)
"""File names, best first. Fonts with PostScript outlines (most .otf, the .ttc of Noto CJK) cannot be embedded here."""

FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
MISSING = "〓"
"""Stands for a character that the font does not have, as printers do it (the geta mark)."""


class Font:
    """A registered font by its ``name``. ``embedded``: its shapes travel in the file."""

    def __init__(self, name: str, glyphs: frozenset[int] | None) -> None:
        self.name = name
        self.embedded = glyphs is not None
        self._glyphs = glyphs

    def width(self, text: str, size: float) -> float:
        """In points."""
        return float(pdfmetrics.stringWidth(text, self.name, size))

    def drawable(self, text: str) -> str:
        """The text without controls, and with a mark where the font lacks a character."""
        known = self._glyphs
        kept = "".join(" " if c.isspace() else c for c in text if c.isprintable() or c.isspace())
        if known is None:
            return "".join(c if ord(c) < 0x10000 else "?" for c in kept)
        mark = MISSING if ord(MISSING) in known else "?"
        return "".join(c if ord(c) in known else mark for c in kept)


def font(path: str = "") -> Font:
    """The font at a path; without one the first of ``KNOWN`` on this machine, else ``BUILT_IN``. ConfigError."""
    if path:
        return _at(path)
    return _found()


@cache
def _at(path: str) -> Font:
    try:
        return _embedded(Path(path).expanduser())
    except OSError as error:
        raise ConfigError(f"the font {path} cannot be read: {error.strerror or error}") from None
    except (TTFError, ValueError) as error:
        raise ConfigError(f"the font {path} cannot be used: {' '.join(str(error).split())}") from None


@cache
def _found() -> Font:
    for path in _candidates(Path(folder).expanduser() for folder in FOLDERS):
        try:
            return _embedded(path)
        except (OSError, TTFError, ValueError):
            continue
    pdfmetrics.registerFont(UnicodeCIDFont(BUILT_IN))
    return Font(BUILT_IN, None)


def _embedded(path: Path) -> Font:
    name = f"illcore-{path}"
    shapes = TTFont(name, str(path), subfontIndex=0) if path.suffix.lower() == ".ttc" else TTFont(name, str(path))
    glyphs = frozenset(shapes.face.charToGlyph)
    if ord("馆") not in glyphs or ord("A") not in glyphs:
        raise ValueError("it must have both Chinese and Latin letters")
    pdfmetrics.registerFont(shapes)
    return Font(name, glyphs)


def _candidates(folders: Iterable[Path]) -> list[Path]:
    there: dict[str, Path] = {}
    for folder in folders:
        for place, _, files in os.walk(folder):
            for file in files:
                if file in KNOWN:
                    there.setdefault(file, Path(place) / file)
    return [there[name] for name in KNOWN if name in there]
