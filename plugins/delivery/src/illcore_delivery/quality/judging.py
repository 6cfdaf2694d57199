"""What one page shows, said as findings; the same for pages of a PDF and for images."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from .picture import Look, look
from .telling import Teller

if TYPE_CHECKING:
    from .limits import Limits

_TRACE = 1e-6


class Page(NamedTuple):
    """`picture`: the page, small and grey. `scan`: images cover it and no visible text stands on them.

    `printed`: visible text stands on it. `dpi`: of its images, if it is a scan. `wide`: broader than high.
    """

    number: int
    picture: Image.Image
    scan: bool
    printed: bool
    dpi: float | None
    wide: bool
    text: str = ""


@dataclass(slots=True)
class Seen:
    """What is known of a document once its pages were looked at; `texts` has one entry for each page looked at."""

    texts: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    wide: int = 0
    blank: int = 0


def judge(page: Page, limits: Limits, teller: Teller) -> bool:
    """Tell what is wrong with a page, and give its thumbnail; whether it is blank."""
    seen = look(page.picture)
    blank = is_blank(page, seen, limits)
    if blank and seen.dark < limits.black_dark:
        teller.found("blank_page", page.number)
    elif seen.dark >= limits.black_dark and not page.printed:
        teller.found("black_page", page.number)
    elif seen.dark >= limits.dark_dark:
        teller.found("dark_page", page.number, share=round(seen.dark * 100))
    if seen.skew is not None and abs(seen.skew) >= limits.skew_degrees:
        way = "@clockwise" if seen.skew > 0 else "@counter"
        teller.found("skewed_page", page.number, degrees=abs(seen.skew), way=way)
    if page.scan and page.dpi is not None and not blank:
        tell_resolution(page.number, page.dpi, limits, teller)
    if page.number <= limits.thumbnails:
        teller.thumbnail(page.number, _jpeg(page.picture, limits.thumbnail_pixels))
    return blank and seen.dark < limits.black_dark


def is_blank(page: Page, seen: Look, limits: Limits) -> bool:
    """A page whose fonts are missing here looks empty; its text says that it is not."""
    if page.printed:
        return seen.ink <= _TRACE and sum(sign.isalnum() for sign in page.text) < limits.text_letters
    return seen.ink <= limits.blank_ink


def tell_resolution(number: int, dpi: float, limits: Limits, teller: Teller) -> None:
    """A scan of so many dots to the inch; 2 % less than a limit is still as good."""
    if dpi < limits.illegible_dpi * 0.98:
        teller.found("illegible_resolution", number, dpi=round(dpi))
    elif dpi < limits.low_dpi * 0.98:
        teller.found("low_resolution", number, dpi=round(dpi), limit=limits.low_dpi)


def _jpeg(picture: Image.Image, pixels: int) -> bytes:
    small = picture.copy()
    small.thumbnail((pixels, pixels))
    out = BytesIO()
    small.save(out, "JPEG", quality=60)
    return out.getvalue()
