"""A PDF from its outside to its pages: does it open, is it whole, is it safe to draw, what do its pages show.

qpdf (pikepdf) opens it twice: strictly, and where that fails once more with repair; what had to be repaired is never
simply good. Only what is within the limits is handed to pdfium to be drawn.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pikepdf

from .active import Place, places
from .asked import compare
from .budget import Budget
from .pages import look_at_pages
from .sizes import TooLarge
from .sniff import Sniffed
from .streams import look_at_streams, pages_of
from .telling import Teller

if TYPE_CHECKING:
    from illcore.model import Citation

    from .limits import Limits

_TAIL = 2048


class Opened(NamedTuple):
    """`whole`: it opened without any repair. `truncated`: its end is missing."""

    pdf: pikepdf.Pdf
    whole: bool
    truncated: bool


def open_pdf(path: Path, teller: Teller) -> Opened | None:
    """Open it and tell what was in the way; None if it cannot be opened at all."""
    truncated = _end_is_missing(path)
    try:
        try:
            return Opened(pikepdf.open(path, attempt_recovery=False), True, False)
        except pikepdf.PasswordError:
            raise
        except (pikepdf.PdfError, ValueError):
            return Opened(pikepdf.open(path), False, truncated)
    except pikepdf.PasswordError:
        teller.found("encrypted")
    except (pikepdf.PdfError, ValueError):
        if truncated:
            teller.found("truncated", pages=0)
        else:
            teller.found("unreadable", why="@no_structure")
    return None


def check_pdf(
    path: Path, found: Sniffed, expected: Citation | None, limits: Limits, budget: Budget, teller: Teller
) -> None:
    """Tell all there is to say of a PDF that begins where `found` says."""
    offset = found.offset
    if found.junk:
        teller.found("leading_junk", count=offset)
    opened = open_pdf(path, teller)
    if opened is None:
        return
    pdf = opened.pdf
    try:
        count = len(pdf.pages)
        objects = len(pdf.objects)
    except (pikepdf.PdfError, ValueError, RuntimeError):
        teller.found("unreadable", why="@no_structure")
        return
    teller.pages(count)
    if opened.truncated:
        teller.found("truncated", pages=count)
    elif not opened.whole and not offset:
        teller.found("damaged", why="@xref")
    if pdf.is_encrypted:
        allowed = pdf.allow.print_lowres or pdf.allow.print_highres
        teller.found("restricted", printing="@allowed" if allowed else "@forbidden")
    if objects > limits.objects:
        teller.found("too_complex", count=objects, limit=limits.objects)
        return
    tell_active(places(pdf), teller)
    if not count:
        teller.found("no_pages")
        return
    if count > limits.pages:
        teller.found("too_many_pages", pages=count, limit=limits.pages)
    if not _safe(pdf, min(count, limits.pages), limits, teller):
        return
    faults = len(pdf.get_warnings())
    if opened.whole and faults:
        teller.found("syntax", count=faults)
    drawn: Path | BytesIO = path if opened.whole and not offset and not pdf.is_encrypted else rebuilt(pdf)
    seen = look_at_pages(drawn, pdf, min(count, limits.pages), limits, budget, teller)
    if seen is not None:
        compare(seen, count, expected, limits, teller)


def tell_active(found: list[Place], teller: Teller) -> None:
    """One finding for each kind and page."""
    told = set()
    for place in found:
        key = (place.code, place.page)
        if key not in told:
            told.add(key)
            teller.found(place.code, place.page, **place.values)


def rebuilt(pdf: pikepdf.Pdf) -> BytesIO:
    """The same, written anew: with a sound table of objects, without encryption, without what nothing refers to."""
    copy = BytesIO()
    pdf.save(
        copy,
        fix_metadata_version=False,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        encryption=False,
    )
    copy.seek(0)
    return copy


def _safe(pdf: pikepdf.Pdf, count: int, limits: Limits, teller: Teller) -> bool:
    """Whether pdfium may draw it: nothing unpacks to too much, no page is too large."""
    try:
        broken = look_at_streams(pdf, limits)
    except TooLarge as error:
        teller.found(error.code, **error.values)
        return False
    known = pages_of(pdf, set(broken), count) if broken else {}
    for place, why in broken.items():
        if place in known:
            teller.found("damaged_page", known[place], why=why)
        else:
            teller.found("damaged_part", why="@part")
    safe = True
    for number in range(1, count + 1):
        box = _box(pdf.pages[number - 1])
        if box is None:
            teller.found("page_empty_box", number)
        elif max(box) > limits.page_inches * 72:
            width, height = (round(side / 72) for side in box)
            teller.found("page_too_large", number, width=width, height=height, limit=round(limits.page_inches))
            safe = False
    return safe


def _box(page: pikepdf.Page) -> tuple[float, float] | None:
    """Width and height in units of the page; None if it has no size that can be understood."""
    try:
        left, bottom, right, top = (float(side) for side in page.cropbox.as_list())
    except (pikepdf.PdfError, TypeError, ValueError, AttributeError, OverflowError, RuntimeError):
        return None
    width, height = abs(right - left), abs(top - bottom)
    return (width, height) if width > 0 and height > 0 else None


def _end_is_missing(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    return b"%%EOF" not in tail or b"startxref" not in tail
