"""How one slip, strap or label is drawn into a rectangle of paper."""

from collections.abc import Callable
from dataclasses import dataclass

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import inch, mm
from reportlab.pdfgen.canvas import Canvas

from .codes import shown
from .fonts import Font
from .lines import wrapped
from .slip import Place, Slip
from .texts import TEXTS, both, names

BARS = (inch * 9 / 600, inch * 8 / 600, inch * 6 / 600)
"""How wide the narrowest bar may be, the widest that has room: 15, 13 or 10 mil, whole dots of a printer."""

MARGIN = 5 * mm
QR = 24 * mm
QUIET = 2.5 * mm
LEADING = 1.25


@dataclass(slots=True)
class Panel:
    """A rectangle of the sheet that is filled from the top. Lengths in points, the origin at the lower left."""

    canvas: Canvas
    font: Font
    x: float
    y: float
    width: float
    height: float
    top: float = 0.0
    floor: float = 0.0
    qr_top: float = 0.0
    beside: float = 0.0

    def __post_init__(self) -> None:
        self.top = self.y + self.height - MARGIN

    @property
    def left(self) -> float:
        """Where text begins."""
        return float(self.x + MARGIN)

    @property
    def inner(self) -> float:
        """How wide text may be."""
        return float(self.width - 2 * MARGIN)

    def write(self, text: str, size: float, most: int = 1) -> None:
        """Lines of text; none goes into the code at the foot, and what does not fit ends in ``…``."""
        step = size * LEADING
        room = min(most, int((self.top - self.floor) / step))
        if room < 1 or not text:
            return
        clean = self.font.drawable(text)
        lines = wrapped(clean, lambda part: self.font.width(part, size), self.inner, room)
        if self.top - len(lines) * step < self.qr_top:
            lines = wrapped(clean, lambda part: self.font.width(part, size), self.beside, room)
        for line in lines:
            self.top -= step
            self.canvas.setFont(self.font.name, size)
            self.canvas.drawString(self.left, self.top + size * 0.25, line)

    def fields(self, *pairs: tuple[str, str], size: float = 9, most: int = 2) -> None:
        """Label and value on a line; empty values are left out."""
        for label, value in pairs:
            if value:
                self.write(f"{both(label)}: {value}", size, most)

    def rule(self) -> None:
        """A line across."""
        self.top -= 1.5 * mm
        self.canvas.setLineWidth(0.5)
        self.canvas.line(self.left, self.top, self.x + self.width - MARGIN, self.top)
        self.top -= 0.5 * mm

    def gap(self, points: float) -> None:
        """Some room."""
        self.top -= points

    def code(self, slip: Slip) -> None:
        """The code at the foot: bars, and QR beside them where there is room, else above them on the right."""
        bottom, right = self.y + MARGIN, self.x + self.width - MARGIN
        side_by_side = self.inner >= 120 * mm
        room = self.inner - QUIET - QR if side_by_side else self.inner - QUIET + MARGIN
        every = [Code128(slip.code, barWidth=bar, barHeight=11 * mm, quiet=0) for bar in BARS]
        bars = next((one for one in every if one.width + 10 * one.barWidth <= room), every[-1])
        bars.drawOn(self.canvas, self.left + QUIET, bottom + 4 * mm)
        self.canvas.setFont(self.font.name, 8)
        self.canvas.drawString(self.left + QUIET, bottom, shown(slip.code))
        self.floor = bottom + 16 * mm
        above = bottom if side_by_side else self.floor
        self.qr_top = above + QR
        self.beside = self.inner - QR - 2 * mm
        self._qr(slip.code, right - QR, above)

    def _qr(self, code: str, x: float, y: float) -> None:
        widget = QrCodeWidget(code, barLevel="M", barWidth=QR, barHeight=QR)
        drawing = Drawing(QR, QR)
        drawing.add(widget)
        renderPDF.draw(drawing, self.canvas, x, y)


def pull(panel: Panel, slip: Slip) -> None:
    """For whoever fetches the item: where it stands first, then what it is, then for whom."""
    panel.code(slip)
    panel.write(f"{both('pull')} · {names(slip.ours.name, slip.ours.symbol)}", 8.5)
    if slip.urgent:
        panel.write(both("urgent"), 13)
    panel.rule()
    panel.fields(("location", slip.location), size=12)
    panel.write(slip.call_number, 17, 2)
    panel.fields(("barcode", slip.barcode), ("volume", slip.label))
    panel.rule()
    panel.fields(*_citation(slip), most=3)
    panel.rule()
    panel.fields(
        ("for", names(slip.theirs.name, slip.theirs.symbol)),
        ("service", " ".join(TEXTS[slip.service]) if slip.service in TEXTS else slip.service),
        ("needed_by", slip.needed_by),
        ("their_number", slip.their_number),
        ("item", _which(slip)),
    )


def strap(panel: Panel, slip: Slip) -> None:
    """Around the book: whose it is, when it is due, where it is fetched."""
    panel.code(slip)
    lender, borrower = _both_ends(slip)
    panel.write(both("straps"), 15)
    panel.rule()
    panel.fields(("due", slip.due), size=15)
    panel.fields(
        ("of", names(lender.name, lender.symbol)),
        ("for", names(borrower.name, borrower.symbol)),
        ("title", _title(slip)),
        ("volume", slip.label),
        ("item", _which(slip)),
        ("pickup", slip.pickup),
        size=10,
    )
    panel.fields(("conditions", "; ".join(slip.conditions)))
    panel.write(TEXTS["please"][0], 8, 2)
    panel.write(TEXTS["please"][1], 8, 2)


def address(panel: Panel, slip: Slip) -> None:
    """For a parcel to the partner."""
    _addressed(panel, slip, "labels", slip.theirs, slip.ours)


def return_address(panel: Panel, slip: Slip) -> None:
    """For the way back to the library that owns the item: enclosed by a supplier, stuck on by a requester."""
    _addressed(panel, slip, "returns", *_both_ends(slip))


def _addressed(panel: Panel, slip: Slip, head: str, to: Place, sender: Place) -> None:
    panel.code(slip)
    panel.write(f"{both('from')}: {names(sender.name, sender.symbol)}", 7)
    panel.write(" · ".join(sender.address), 7)
    panel.rule()
    panel.write(f"{both(head)}: ", 8)
    panel.write(to.name.zh or to.name.en or to.symbol, 13, 2)
    if to.name.zh and to.name.en:
        panel.write(to.name.en, 10, 2)
    for line in to.address or (both("no_address"),):
        panel.write(line, 10, 2)


def _both_ends(slip: Slip) -> tuple[Place, Place]:
    """Who owns the item, and who borrows it."""
    return (slip.theirs, slip.ours) if slip.role == "requester" else (slip.ours, slip.theirs)


def _which(slip: Slip) -> str:
    return f"{slip.item}/{slip.items}" if slip.items > 1 else ""


def _title(slip: Slip) -> str:
    return slip.citation.get("title") or slip.citation.get("title_of_component") or ""


def _citation(slip: Slip) -> list[tuple[str, str]]:
    cited = slip.citation
    issue = ", ".join(cited[name] for name in ("volume", "issue", "year") if name in cited)
    article = cited.get("title_of_component", "")
    return [
        ("title", cited.get("title", "")),
        ("author", cited.get("author", "")),
        ("article", article),
        ("author", cited.get("author_of_component", "")),
        ("issue", issue),
        ("pages", cited.get("pages", "")),
        ("edition", cited.get("edition", "")),
    ]


Drawn = Callable[[Panel, Slip], None]
KINDS: dict[str, Drawn] = {"pull": pull, "straps": strap, "labels": address, "returns": return_address}
"""By the name of the command."""
