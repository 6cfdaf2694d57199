"""TIFF, JPEG and PNG as documents: each frame is a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from .asked import compare
from .budget import Budget
from .judging import Page, Seen, judge
from .picture import DPI
from .sizes import TooLarge, check_size
from .sniff import Kind
from .telling import Teller

if TYPE_CHECKING:
    from illcore.model import Citation

    from .limits import Limits

BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, OverflowError)
"""What Pillow raises for a file that is broken."""

_A4_INCHES = 11.69
_SMALL_INCHES = 3.0
_BITS = {"1": 1, "L": 8, "P": 8, "I;16": 16, "LA": 16, "CMYK": 32, "RGBA": 32, "I": 32, "F": 32}


def check_bitmap(
    path: Path, kind: Kind, expected: Citation | None, limits: Limits, budget: Budget, teller: Teller
) -> None:
    """Tell all there is to say of an image file of that kind."""
    try:
        image = Image.open(path, formats=(kind.upper(),))
        count = getattr(image, "n_frames", 1)
    except BROKEN:
        teller.found("unreadable", why="@no_structure")
        return
    teller.pages(count)
    if count > limits.pages:
        teller.found("too_many_pages", pages=count, limit=limits.pages)
        count = limits.pages
    seen = Seen()
    with image:
        for index in range(count):
            if budget.spent():
                teller.found("not_all_seen", first=index + 1, last=count)
                break
            teller.looking(index + 1)
            try:
                page = _page(image, index, limits)
            except TooLarge as error:
                teller.found(error.code, index + 1, **error.values)
                return
            except BROKEN:
                teller.found("damaged_page", index + 1, why="@image")
                seen.texts.append("")
                continue
            seen.texts.append("")
            seen.wide += page.wide
            seen.blank += judge(page, limits, teller)
    if seen.blank and seen.blank == len(seen.texts):
        teller.found("all_blank")
    compare(seen, getattr(image, "n_frames", 1), expected, limits, teller)


def _page(image: Image.Image, index: int, limits: Limits) -> Page:
    image.seek(index)
    width, height = image.size
    frame_size(image, limits)
    dpi = frame_dpi(image)
    scale = DPI / dpi
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if image.format == "JPEG":
        image.draft("L", size)
    picture = _on_white(image).resize(size, Image.Resampling.BOX)
    return Page(index + 1, picture, True, False, dpi, width > 1.2 * height)


def frame_size(image: Image.Image, limits: Limits) -> None:
    """Raises TooLarge if the frame must not be unpacked."""
    check_size(*image.size, _BITS.get(image.mode, 24), limits)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("LA", "RGBA", "PA") or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        return ground.convert("L")
    if image.mode.startswith("I"):
        return image.point(lambda level: level / 256).convert("L")
    return image.convert("L")


def frame_dpi(image: Image.Image) -> float:
    """As the file says, if that makes a page of a size that pages have; else as if it were A4."""
    longer = max(image.size)
    stated = image.info.get("dpi", (0, 0))
    try:
        claimed = float(max(stated))
    except (TypeError, ValueError):
        claimed = 0.0
    if claimed >= 30 and _SMALL_INCHES <= longer / claimed <= 2 * _A4_INCHES:
        return claimed
    return longer / _A4_INCHES
