"""The pages of a PDF as pdfium draws them: a small picture of each, its images' resolution, its text."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from math import hypot, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from PIL import Image

from .budget import Budget
from .judging import Page, Seen, judge
from .named import text_of
from .picture import DPI
from .telling import Teller

if TYPE_CHECKING:
    from .limits import Limits

_LONGEST = 900
_MOST_OBJECTS = 5000
_MOST_TEXT = 4000
_FORMS = 4
_INVISIBLE = 3
_PART = 0.05


class Drawn(NamedTuple):
    """What stands on a page: how much of it images cover, their dots to the inch, whether text can be seen on them."""

    covered: float
    dpi: float | None
    printed: bool
    images: int
    upright: bool


def look_at_pages(
    drawn: Path | BytesIO, pdf: pikepdf.Pdf, count: int, limits: Limits, budget: Budget, teller: Teller
) -> Seen | None:
    """Tell what the first `count` pages show; None if pdfium opens nothing."""
    try:
        document = pypdfium2.PdfDocument(drawn)
        known = len(document)
    except pypdfium2.PdfiumError:
        teller.found("unreadable", why="@no_structure")
        return None
    if known != len(pdf.pages):
        teller.found("damaged", why="@count")
    seen = Seen(titles=_titles(pdf))
    for index in range(count):
        if budget.spent():
            teller.found("not_all_seen", first=index + 1, last=count)
            break
        teller.looking(index + 1)
        page = one_page(document, pdf, index, limits) if index < known else None
        if page is None:
            teller.found("damaged_page", index + 1, why="@page")
            seen.texts.append("")
            continue
        seen.texts.append(page.text)
        seen.wide += page.wide
        seen.blank += judge(page, limits, teller)
    if seen.blank and seen.blank == len(seen.texts):
        teller.found("all_blank")
    return seen


def one_page(document: Any, pdf: pikepdf.Pdf, index: int, limits: Limits) -> Page | None:
    """A page (from 0) as it is drawn; None if it cannot be. `document` and `pdf` are the same, opened twice."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return None
    try:
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            return None
        text = _text(page)
        drawn = _drawn(page, width * height)
        picture = _plain_picture(pdf, index, page, drawn) or _rendered(page, width, height)
    except pypdfium2.PdfiumError:
        return None
    finally:
        page.close()
    printed = drawn.printed and bool(text.strip())
    scan = drawn.covered >= limits.scan_share and not drawn.printed
    return Page(index + 1, picture, scan, printed, drawn.dpi, width > 1.2 * height, text)


def _rendered(page: Any, width: float, height: float) -> Image.Image:
    bitmap = page.render(scale=min(DPI / 72, _LONGEST / max(width, height)), grayscale=True)
    picture: Image.Image = bitmap.to_pil().copy()
    bitmap.close()
    return picture


def _text(page: Any) -> str:
    text = page.get_textpage()
    try:
        count = text.count_chars()
        if count <= 2 * _MOST_TEXT:
            return str(text.get_text_range(0, count)) if count > 0 else ""
        head, foot = text.get_text_range(0, _MOST_TEXT), text.get_text_range(count - _MOST_TEXT, _MOST_TEXT)
        return f"{head}\n{foot}"
    finally:
        text.close()


def _drawn(page: Any, area: float) -> Drawn:
    covered, dpi, printed, images, upright = 0.0, 0.0, False, 0, True
    for one in islice(page.get_objects(max_depth=_FORMS), _MOST_OBJECTS):
        if one.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            images += 1
            matrix = one.get_matrix()
            size = abs(matrix.a * matrix.d - matrix.b * matrix.c)
            upright = matrix.b == matrix.c == 0 and matrix.a > 0 and matrix.d > 0 and one.container is None
            form = one.container
            while form is not None:
                inner = form.get_matrix()
                size *= abs(inner.a * inner.d - inner.b * inner.c)
                form = form.container
            covered += size / area
            if size >= _PART * area:
                across, down = one.get_px_size()
                dpi = max(dpi, 72 * sqrt(across * down / size))
            if size >= area / 2:
                printed = False  # what stands below a scan is not seen
        elif one.type == pdfium.FPDF_PAGEOBJ_TEXT and not printed:
            printed = pdfium.FPDFTextObj_GetTextRenderMode(one) != _INVISIBLE
    return Drawn(covered, dpi or None, printed, images, upright)


def _plain_picture(pdf: pikepdf.Pdf, index: int, page: Any, drawn: Drawn) -> Image.Image | None:
    """The page's only image, if it is a plain JPEG that fills the page: read small, four times as fast as drawn."""
    if drawn.images != 1 or drawn.printed or not drawn.upright or drawn.covered < 0.95:
        return None
    try:
        objects = pdf.pages[index].resources.get("/XObject")
        found = list(objects.as_dict().values()) if isinstance(objects, pikepdf.Dictionary) else []
        if len(found) != 1 or not _is_plain(found[0]):
            return None
        with Image.open(BytesIO(found[0].read_raw_bytes()), formats=("JPEG",)) as image:
            if image.mode not in ("L", "RGB"):
                return None
            across, down = page.get_size()
            wanted = hypot(across, down) / 72 * DPI / hypot(*image.size)
            size = (max(1, round(image.size[0] * wanted)), max(1, round(image.size[1] * wanted)))
            image.draft("L", size)
            small = image.convert("L").resize(size, Image.Resampling.BOX)
    except (OSError, SyntaxError, ValueError, pikepdf.PdfError):
        return None
    turns = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    turn = turns.get(page.get_rotation())
    return small if turn is None else small.transpose(turn)


def _is_plain(image: object) -> bool:
    if not isinstance(image, pikepdf.Stream) or text_of(image.get("/Filter")) != "/DCTDecode":
        return False
    return not any(key in image for key in ("/Decode", "/SMask", "/Mask", "/ImageMask", "/DecodeParms"))


def _titles(pdf: pikepdf.Pdf) -> list[str]:
    """The titles in the document's information and in its XMP metadata."""
    found = []
    try:
        found.append(str(pdf.docinfo.get("/Title", "")))
        found.append(str(pdf.open_metadata().get("dc:title", "")))
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError):
        return found
    return [one for one in found if one.strip()]
