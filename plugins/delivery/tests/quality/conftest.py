"""What the documents of the corpus are made of: pictures of scanned pages, and PDFs around them."""

import random
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from illcore_delivery.quality import Limits, Report, check

TITLE = "Interlibrary lending of scarce periodicals in small research libraries"
CJK_TITLE = "基于区块链的馆际互借信任机制研究"


@cache
def scan(
    dpi: int = 200, ink: int = 40, paper: int = 240, angle: float = 0.0, rows: int = 50, mode: str = "L"
) -> Image.Image:
    """A4 as a scanner sees it: lines of words, uneven paper, turned clockwise by some degrees."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    page = Image.new("L", (width, height), paper)
    pen, font, chance = ImageDraw.Draw(page), ImageFont.load_default(dpi * 10 / 72), random.Random(7)
    for row in range(rows):
        words = ["".join(chance.choice("abcdefghilmnoprstu") for _ in range(chance.randint(2, 9))) for _ in range(12)]
        line = " ".join(words)[: 70 if chance.random() < 0.8 else 30]
        pen.text((dpi * 0.9, dpi * 0.9 + row * dpi * 14 / 72), line, fill=ink, font=font)
    if angle:
        page = page.rotate(-angle, resample=Image.Resampling.BICUBIC, fillcolor=paper)
    return page.convert(mode)


@cache
def flat(level: int, dpi: int = 200, specks: int = 0) -> Image.Image:
    """A page of one grey, with dust."""
    page = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), level)
    pen, chance = ImageDraw.Draw(page), random.Random(3)
    for _ in range(specks):
        x, y = chance.randrange(page.size[0]), chance.randrange(page.size[1])
        pen.ellipse((x, y, x + 3, y + 3), fill=90)
    return page


def scanned(*pages: Image.Image, dpi: int = 200) -> bytes:
    """A PDF of pictures alone."""
    out = BytesIO()
    first, *others = (page.copy() for page in pages)  # Pillow leaves marks of saving on a picture
    first.save(out, "PDF", resolution=dpi, save_all=True, append_images=others)
    return out.getvalue()


def printed(
    *pages: Sequence[str],
    title: str = "",
    picture: Image.Image | None = None,
    font: str = "Helvetica",
    size: tuple[float, float] = A4,
    more: Callable[[Canvas, int], None] | None = None,
) -> bytes:
    """A PDF with lines of text on each page; on a picture they are invisible, as text recognition leaves them."""
    if font in ("STSong-Light", "MSung-Light"):
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    out = BytesIO()
    canvas = Canvas(out, pagesize=size)
    if title:
        canvas.setTitle(title)
    for number, lines in enumerate(pages):
        if picture is not None:
            canvas.drawImage(_reader(picture), 0, 0, *size)
        text = canvas.beginText(60, size[1] - 60)
        text.setFont(font, 11)
        text.setTextRenderMode(0 if picture is None else 3)
        for line in lines:
            text.textLine(line)
        canvas.drawText(text)
        if more is not None:
            more(canvas, number)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _reader(picture: Image.Image) -> ImageReader:
    out = BytesIO()
    picture.save(out, "JPEG", quality=70)
    out.seek(0)
    return ImageReader(out)


FILLER = [
    "The staff of the lending department keep statistics of all transactions in the course of the year and",
    "compare them with those of their neighbours, which shows how unequal the burden of the work has become.",
    "Requests for journal articles have grown while the lending of monographs has been declining since 1995.",
    "A questionnaire was sent to one hundred and twenty institutions, of which more than eighty have answered.",
]


def article(first: int, count: int, title: str = TITLE, missing: Sequence[int] = ()) -> list[list[str]]:
    """Pages of text with running page numbers; the first has the title."""
    pages = []
    for number in range(first, first + count):
        head = [title, "A. Librarian"] if number == first else ["Journal of Library Practice 41 (2019) 2"]
        if number not in missing:
            pages.append([*head, *FILLER * 6, f"{number}"])
    return pages


def edited(data: bytes, edit: Callable[[pikepdf.Pdf], None], **saving: Any) -> bytes:
    """The PDF after a change."""
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        edit(pdf)
        pdf.save(out, **({"stream_decode_level": pikepdf.StreamDecodeLevel.none, "compress_streams": False} | saving))
    return out.getvalue()


def image_file(kind: str, *pages: Image.Image, **options: Any) -> bytes:
    """TIFF, JPEG or PNG."""
    out = BytesIO()
    first, *others = (page.copy() for page in pages)
    if others:
        options |= {"save_all": True, "append_images": others}
    first.save(out, kind, **options)
    return out.getvalue()


class Drawing:
    """Everything above, for tests, which cannot import from here."""

    scan = staticmethod(scan)
    flat = staticmethod(flat)
    scanned = staticmethod(scanned)
    printed = staticmethod(printed)
    article = staticmethod(article)
    edited = staticmethod(edited)
    image_file = staticmethod(image_file)
    title = TITLE
    cjk_title = CJK_TITLE
    filler = FILLER


@pytest.fixture(scope="session")
def draw() -> Drawing:
    return Drawing()


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., Report]:
    """`checked(data, expected, name="x.pdf", **limits)`: the report on a file with these bytes."""

    def run(data: bytes, expected: Any = None, name: str = "came.pdf", earlier: Any = (), **limits: Any) -> Report:
        path = tmp_path / name
        path.write_bytes(data)
        return check(path, expected, earlier, "en", Limits(**limits))

    return run
