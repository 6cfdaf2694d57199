"""The cover page: whose copy it is, of what, under which notice; and the legend and watermark for other pages."""

from io import BytesIO

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from illcore.model import BilingualText

from ..paper.fonts import Font
from ..paper.lines import wrapped
from .facts import Facts
from .terms import Terms
from .texts import TEXTS, both

PAGES = {"a4": A4, "letter": LETTER}
_MARGIN = 25 * mm
_FOOT = 12 * mm
_LEADING = 1.4
_GREY = Color(0.45, 0.45, 0.45, alpha=0.22)


def cover(facts: Facts, terms: Terms, font: Font, page: str = "a4") -> bytes:
    """The cover as PDF; long notices go on over further pages."""
    out = BytesIO()
    flow = _Flow(Canvas(out, pagesize=PAGES[page], invariant=1, pageCompression=1), font, *PAGES[page])
    flow.write(TEXTS["head"].zh, 18)
    flow.write(TEXTS["head"].en, 14)
    flow.gap(8 * mm)
    rows = (
        ("library", facts.library),
        ("partner", facts.partner),
        ("request", facts.request_id),
        ("title", facts.title),
        ("date", facts.on.isoformat()),
    )
    for label, value in rows:
        if value:
            flow.write(f"{both(label)}: {value}", 11)
            flow.gap(1 * mm)
    if terms.notices:
        flow.gap(6 * mm)
        flow.write(both("notices"), 13)
    for notice in terms.notices:
        for text in (notice.en, notice.zh):
            for paragraph in text.splitlines():
                flow.write(paragraph, 10)
            flow.gap(2 * mm)
    flow.canvas.setTitle(f"{facts.request_id}")
    flow.canvas.save()
    return out.getvalue()


def marks(width: float, height: float, facts: Facts, terms: Terms, font: Font) -> bytes:
    """A page of that size, in points, with nothing but legend and watermark on it."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1, pageCompression=1)
    dated = f"{facts.library} · {facts.on.isoformat()}"
    if terms.watermark is not None:
        _watermark(canvas, font, (width, height), [line for line in (_one_line(terms.watermark), dated) if line])
    legends = [_one_line(legend) for legend in terms.legends]
    if legends:
        _legend(canvas, font, width, [*legends, f"{dated} · {facts.request_id}"])
    canvas.save()
    return out.getvalue()


def _legend(canvas: Canvas, font: Font, width: float, texts: list[str]) -> None:
    """At the foot, on white, so that it can be read on a black scan too."""
    size = max(5.0, min(7.5, width / 80))
    side = min(_FOOT, width / 10)
    lines = [
        line
        for text in texts
        for line in wrapped(font.drawable(text), lambda part: font.width(part, size), width - 2 * side)
    ]
    height = len(lines) * size * 1.25
    canvas.setFillColor(Color(1, 1, 1, alpha=0.85))
    canvas.rect(side - 2, 6, width - 2 * side + 4, height + 4, stroke=0, fill=1)
    canvas.setFillColor(Color(0, 0, 0))
    canvas.setFont(font.name, size)
    for number, line in enumerate(reversed(lines)):
        canvas.drawString(side, 10 + number * size * 1.25, line)


def _watermark(canvas: Canvas, font: Font, page: tuple[float, float], texts: list[str]) -> None:
    """Across the page, light enough to read what is under it."""
    width, height = page
    long_side = (width**2 + height**2) ** 0.5 * 0.7
    canvas.saveState()
    canvas.translate(width / 2, height / 2)
    canvas.rotate(45 if height >= width else 30)
    canvas.setFillColor(_GREY)
    for number, text in enumerate(texts):
        clean = font.drawable(text)
        size = min(40.0, 20 * long_side / max(1.0, font.width(clean, 20)))
        canvas.setFont(font.name, size)
        canvas.drawCentredString(0, -number * 48, clean)
    canvas.restoreState()


def _one_line(text: BilingualText) -> str:
    return " ".join(" ".join((text.en, text.zh)).split())


class _Flow:
    """Text from the top of a page to its foot, then on over the next."""

    def __init__(self, canvas: Canvas, font: Font, width: float, height: float) -> None:
        self.canvas = canvas
        self._font = font
        self._width = width
        self._height = height
        self._top = height - _MARGIN

    def gap(self, points: float) -> None:
        self._top -= points

    def write(self, text: str, size: float) -> None:
        clean = self._font.drawable(text)
        width = self._width - 2 * _MARGIN
        for line in wrapped(clean, lambda part: self._font.width(part, size), width):
            if self._top - size * _LEADING < _MARGIN:
                self.canvas.showPage()
                self._top = self._height - _MARGIN
            self._top -= size * _LEADING
            self.canvas.setFont(self._font.name, size)
            self.canvas.drawString(_MARGIN, self._top, line)
