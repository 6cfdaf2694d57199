"""Sheets of slips as one PDF: several on A4, or one on each 4 × 6 inch label."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.units import inch, mm
from reportlab.pdfgen.canvas import Canvas

from .fonts import Font
from .panels import KINDS, Panel
from .shelf_order import shelf_key
from .slip import Slip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of paper in points, and into how many columns and rows it is cut."""

    width: float
    height: float
    columns: int = 1
    rows: int = 1


_A4 = (210 * mm, 297 * mm)
_UPRIGHT = Sheet(4 * inch, 6 * inch)
_ACROSS = Sheet(6 * inch, 4 * inch)
SHEETS = {
    "a4": {
        "pull": Sheet(*_A4, 2, 2),
        "straps": Sheet(*_A4, 1, 3),
        "labels": Sheet(*_A4, 2, 4),
        "returns": Sheet(*_A4, 2, 4),
    },
    "4x6": {"pull": _UPRIGHT, "straps": _ACROSS, "labels": _ACROSS, "returns": _ACROSS},
}
"""By paper and kind. Eight labels on A4 are the usual adhesive sheets of 105 × 74 mm."""


def in_order(slips: Sequence[Slip]) -> list[Slip]:
    """As one walks along the shelves; volumes of a request in their order."""
    return sorted(slips, key=lambda slip: (shelf_key(slip.location, slip.call_number), slip.request_id, slip.item))


def sheets(kind: str, slips: Sequence[Slip], font: Font, paper: str = "a4") -> bytes:
    """All slips of a kind in one PDF, in this order. ValueError if there is none."""
    if not slips:
        raise ValueError("there is nothing to print")
    sheet = SHEETS[paper][kind]
    out = BytesIO()
    canvas = Canvas(out, pagesize=(sheet.width, sheet.height), invariant=1, pageCompression=1)
    canvas.setTitle(f"{kind} {len(slips)}")
    canvas.setCreator("illcore")
    per_page = sheet.columns * sheet.rows
    for number, slip in enumerate(slips):
        if number and number % per_page == 0:
            canvas.showPage()
        if number % per_page == 0:
            _cuts(canvas, sheet)
        KINDS[kind](_panel(canvas, font, sheet, number % per_page), slip)
    canvas.save()
    return out.getvalue()


def _panel(canvas: Canvas, font: Font, sheet: Sheet, place: int) -> Panel:
    width, height = sheet.width / sheet.columns, sheet.height / sheet.rows
    row, column = divmod(place, sheet.columns)
    return Panel(canvas, font, column * width, sheet.height - (row + 1) * height, width, height)


def _cuts(canvas: Canvas, sheet: Sheet) -> None:
    """Thin dashes where the sheet is cut."""
    canvas.saveState()
    canvas.setLineWidth(0.2)
    canvas.setDash(1, 4)
    for column in range(1, sheet.columns):
        x = column * sheet.width / sheet.columns
        canvas.line(x, 0, x, sheet.height)
    for row in range(1, sheet.rows):
        y = row * sheet.height / sheet.rows
        canvas.line(0, y, sheet.width, y)
    canvas.restoreState()
