"""What a small grey picture of a page shows: ink, darkness, and the angle of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import radians, tan
from operator import mul, sub
from statistics import median
from typing import NamedTuple

from PIL import Image

DPI = 48
"""The resolution at which pages are looked at: a line of 10-point print has six rows, enough to tell its angle."""

_MARGIN = 0.04
_INK = 48
_DARK = 64
_STRIP = 8
_COARSE = tuple(range(-13, 14))
_FINE = tuple(step / 10 for step in (-6, -4, -2, 2, 4, 6))
_FINEST = (-0.1, 0.1)
_CLEAR = 15.0
"""Lines of print stand out 30 times and more, drawings and photographs at most 10 times."""


class Look(NamedTuple):
    """`ink`: the part of the page that is darker than its paper; `dark`: that is nearly black.

    `skew`: degrees by which the lines are turned clockwise; None where no lines are to be seen.
    """

    ink: float
    dark: float
    skew: float | None


def look(picture: Image.Image) -> Look:
    """Measure a page in mode `L`. Its outer 4 % are left out: shadows of the lid, punch holes."""
    width, height = picture.size
    across, down = int(width * _MARGIN), int(height * _MARGIN)
    inner = picture.crop((across, down, max(width - across, across + 1), max(height - down, down + 1)))
    counts = inner.histogram()
    total = inner.size[0] * inner.size[1]
    paper = max(_level(counts, total), 128)
    ink = sum(counts[: paper - _INK]) / total
    dark = sum(counts[:_DARK]) / total
    skew = _skew(inner, paper) if 0.003 < ink < 0.4 else None
    return Look(ink, dark, skew)


def _level(counts: Sequence[int], total: int) -> int:
    """The brightness of half of the page: that of the paper."""
    seen = 0
    for level, count in enumerate(counts):
        seen += count
        if seen * 2 >= total:
            return level
    return 255


def _skew(page: Image.Image, paper: int) -> float | None:
    """The shear at which the rows (or, of vertical writing, the columns) differ most: there the lines lie straight."""
    ink = page.point(_ink_table(paper))
    angle = _angle(ink)
    if angle is not None:
        return angle
    angle = _angle(ink.transpose(Image.Transpose.TRANSPOSE))
    return None if angle is None else -angle


def _angle(ink: Image.Image) -> float | None:
    """Degrees clockwise; None if no angle stands out or it lies at the end of what is tried."""
    width, height = ink.size
    if width < 8 * _STRIP or height < 64:
        return None
    strips = _strips(ink)
    wide = width / len(strips)
    scores = {float(angle): _score(strips, angle, wide, height) for angle in _COARSE}
    usual = median(scores.values())
    for steps in (_FINE, _FINEST):
        best = max(scores, key=scores.__getitem__)
        scores |= {best + step: _score(strips, best + step, wide, height) for step in steps}
    best = max(scores, key=scores.__getitem__)
    if abs(best) >= _COARSE[-1] or usual <= 0 or scores[best] < _CLEAR * usual:
        return None
    return round(best, 1)


def _strips(ink: Image.Image) -> list[int]:
    """The page cut into upright strips; each is one number that holds the mean ink of its rows in 16 bits a row.

    So a strip is moved by shifting its number, and the rows of all strips are added at once by adding the numbers.
    """
    width, height = ink.size
    narrow = ink.resize((width // _STRIP, height), Image.Resampling.BOX).transpose(Image.Transpose.TRANSPOSE)
    rows = narrow.tobytes()
    strips = []
    for begin in range(0, len(rows), height):
        spread = bytearray(2 * height)
        spread[::2] = rows[begin : begin + height]
        strips.append(int.from_bytes(spread, "little"))
    return strips


def _score(strips: Sequence[int], degrees: float, wide: float, height: int) -> int:
    slope = tan(radians(degrees)) * wide
    middle, room = (len(strips) - 1) / 2, abs(round(slope * len(strips))) + 1
    total = 0
    for place, strip in enumerate(strips):
        total += strip << 16 * (room - round(slope * (place - middle)))
    rows = memoryview(total.to_bytes(2 * (height + 2 * room), "little")).cast("H")
    steps = list(map(sub, rows[1:], rows))
    return sum(map(mul, steps, steps))


@lru_cache(maxsize=256)
def _ink_table(paper: int) -> list[int]:
    """Paper becomes 0, ink 255."""
    low = max(paper - 160, 0)
    span = max(paper - _INK // 2 - low, 1)
    return [min(255, max(0, (low + span - level) * 255 // span)) for level in range(256)]
