"""Inside the confined process: write a document anew, with its pages turned, straightened, cropped or left out."""

from __future__ import annotations

from io import BytesIO
from math import cos, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped]

from . import active
from .bitmap_pages import as_pdf
from .judging import is_blank
from .pages import one_page
from .picture import look
from .sizes import TooLarge
from .sniff import HEAD, sniff
from .streams import look_at_streams
from .telling import Teller

if TYPE_CHECKING:
    from .limits import Limits

_POINTS = 72 / 25.4


class _No(Exception):
    """It cannot be done; the text is a code of `mend.REFUSALS`."""


def mend(arguments: dict[str, Any], limits: Limits, teller: Teller) -> None:
    """Tell `done` with how many `pages` it has now, what was `removed` and `dropped`; or `refused` with why."""
    try:
        teller.done(**_mend(arguments, limits))
    except _No as error:
        teller.done(refused=str(error))
    except TooLarge:
        teller.done(refused="too_large")


def _mend(arguments: dict[str, Any], limits: Limits) -> dict[str, int]:
    with _opened(Path(arguments["path"]), limits) as pdf:
        count = len(pdf.pages)
        if not 0 < count <= limits.pages:
            raise _No("no_pages" if count == 0 else "too_large")
        look_at_streams(pdf, limits)
        removed = active.remove(pdf)
        left = {place.code for place in active.places(pdf)}
        if "xfa_form" in left:
            raise _No("xfa")
        if left:
            raise _No("active")
        chosen = arguments["pages"] or range(1, count + 1)
        if max(chosen) > count:
            raise _No("no_such_page")
        dropped = _blank(pdf, limits, chosen) if arguments["drop_blank"] else []
        if len(dropped) == count:
            raise _No("all_blank")
        for number in chosen:
            _turn(pdf, pdf.pages[number - 1], arguments["rotate"])
            if any(arguments["crop"]):
                _crop(pdf.pages[number - 1], arguments["crop"])
        for number in sorted(dropped, reverse=True):
            del pdf.pages[number - 1]
        pdf.save(arguments["output"], object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return {"pages": len(pdf.pages), "removed": removed, "dropped": len(dropped)}


def _opened(path: Path, limits: Limits) -> pikepdf.Pdf:
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD)).kind
    if kind is None:
        raise _No("not_a_document")
    if kind != "pdf":
        try:
            return as_pdf(path, kind, limits)
        except ValueError:
            raise _No("unreadable") from None
    try:
        pdf = pikepdf.open(path)
    except pikepdf.PasswordError:
        raise _No("encrypted") from None
    except (pikepdf.PdfError, ValueError):
        raise _No("unreadable") from None
    if pdf.is_encrypted:
        raise _No("encrypted")
    return pdf


def _blank(pdf: pikepdf.Pdf, limits: Limits, chosen: Any) -> list[int]:
    copy = BytesIO()
    pdf.save(copy)
    copy.seek(0)
    document = pypdfium2.PdfDocument(copy)
    blank = []
    for number in chosen:
        page = one_page(document, pdf, number - 1, limits)
        if page is not None:
            seen = look(page.picture)
            if is_blank(page, seen, limits) and seen.dark < limits.dark_dark:
                blank.append(number)
    return blank


def _turn(pdf: pikepdf.Pdf, page: pikepdf.Page, degrees: float) -> None:
    """Quarters by `/Rotate`; the rest, clockwise as the page is seen, by turning what is drawn about the middle."""
    quarters = round(degrees / 90)
    if quarters % 4:
        page.rotate(quarters * 90, relative=True)
    rest = degrees - quarters * 90
    if abs(rest) < 0.01:
        return
    left, bottom, right, top = (float(side) for side in page.cropbox.as_list())
    x, y, turn = (left + right) / 2, (bottom + top) / 2, -radians(rest)
    a, b = cos(turn), sin(turn)
    matrix = (a, b, -b, a, x - a * x + b * y, y - b * x - a * y)
    page.contents_add(f"q {' '.join(f'{number:.6f}' for number in matrix)} cm\n".encode(), prepend=True)
    page.contents_add(b"\nQ")


def _crop(page: pikepdf.Page, millimetres: list[float]) -> None:
    """Take so much off the left, top, right and bottom of the page as it is seen."""
    quarters = int(page.obj.get("/Rotate", 0)) // 90 % 4
    turned = [*millimetres[quarters:], *millimetres[:quarters]]
    off_left, off_top, off_right, off_bottom = (length * _POINTS for length in turned)
    left, bottom, right, top = (float(side) for side in page.cropbox.as_list())
    left, right = min(left, right) + off_left, max(left, right) - off_right
    bottom, top = min(bottom, top) + off_bottom, max(bottom, top) - off_top
    if right - left < 10 or top - bottom < 10:
        raise _No("nothing_left")
    page.mediabox = page.cropbox = pikepdf.Rectangle(left, bottom, right, top)
