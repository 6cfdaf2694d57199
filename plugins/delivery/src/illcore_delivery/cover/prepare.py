"""The copy as it is handed over: all its files as one PDF, with cover page, legend and watermark where they are due."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import Page, Pdf, Rectangle
from PIL import Image, ImageSequence

from illcore.errors import Refused
from illcore.hooktypes import DocumentFile

from ..paper.fonts import Font
from .facts import Facts
from .page import cover, marks
from .source import IMAGES, PDF
from .terms import Terms

MOST_PAGES = 10_000
MOST_PIXELS = 200_000_000
_DPI = 300.0


def prepare(
    files: Sequence[DocumentFile], terms: Terms, facts: Facts, font: Font, with_cover: bool, page: str, to: Path
) -> int:
    """Write the copy to a file and give its number of pages.

    Refused, with the file's name, for what is damaged, encrypted, too long or neither PDF nor image.
    """
    with ExitStack() as opened, Pdf.new() as whole:
        for one in files:
            part = opened.enter_context(_opened(one))
            with _told(one.name):
                if len(whole.pages) + len(part.pages) > MOST_PAGES:
                    raise Refused(f"{one.name} is too long: more than {MOST_PAGES} pages")
                whole.pages.extend(part.pages)
        name = files[0].name
        if not len(whole.pages):
            raise Refused(f"{name} has no pages")
        with _told(name):
            if terms.legends or terms.watermark is not None:
                _mark(whole, terms, facts, font)
            if with_cover or terms.notices:
                front = opened.enter_context(Pdf.open(BytesIO(cover(facts, terms, font, page))))
                for number, each in enumerate(front.pages):
                    whole.pages.insert(number, each)
            whole.save(to, deterministic_id=True)
        return len(whole.pages)


@contextmanager
def _opened(one: DocumentFile) -> Iterator[Pdf]:
    assert one.path is not None
    if one.media_type == PDF:
        with _told(one.name):
            pdf = Pdf.open(one.path)
    elif one.media_type in IMAGES:
        pdf = Pdf.open(BytesIO(_from_image(one.name, one.path)))
    else:
        raise Refused(f"{one.name} is neither PDF nor image ({one.media_type}), so that no notice can be put on it")
    with pdf:
        yield pdf


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except pikepdf.PasswordError:
        raise Refused(f"{name} is encrypted and cannot be handed over with the notice it needs") from None
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError) as error:
        raise Refused(f"{name} is damaged: {' '.join(str(error).split())[:200]}") from None


def _from_image(name: str, path: Path) -> bytes:
    """The pages of a TIFF, JPEG or PNG as PDF, at the size that its resolution gives them."""
    pages: list[Image.Image] = []
    out = BytesIO()
    try:
        with Image.open(path, formats=("TIFF", "JPEG", "PNG")) as image:
            total = 0
            for frame in ImageSequence.Iterator(image):
                total += frame.width * frame.height
                if total > MOST_PIXELS or len(pages) >= MOST_PAGES:
                    raise Refused(f"{name} is too large: more than {MOST_PIXELS:,} pixels")
                pages.append(frame.convert("1" if frame.mode == "1" else "L" if frame.mode in ("L", "LA") else "RGB"))
            dpi = float(image.info.get("dpi", (_DPI,))[0]) or _DPI
        pages[0].save(out, "PDF", resolution=dpi if 30 <= dpi <= 2400 else _DPI, save_all=True, append_images=pages[1:])
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused(f"{name} is no image that can be read: {' '.join(str(error).split())[:200]}") from None
    return out.getvalue()


def _mark(whole: Pdf, terms: Terms, facts: Facts, font: Font) -> None:
    """Legend and watermark on every page; pages of the same size share one drawing, and no page is unpacked."""
    drawn: dict[tuple[float, float], pikepdf.Object] = {}
    for page in whole.pages:
        box = Rectangle(page.cropbox)
        turned = int(page.obj.get("/Rotate", 0)) % 180 == 90
        size = (box.height, box.width) if turned else (box.width, box.height)
        rounded = (round(min(max(size[0], 36), 14400)), round(min(max(size[1], 36), 14400)))
        if rounded not in drawn:
            with Pdf.open(BytesIO(marks(*rounded, facts, terms, font))) as one:
                drawn[rounded] = whole.copy_foreign(one.pages[0].as_form_xobject())
        _overlay(page, drawn[rounded], box)


def _overlay(page: Page, form: pikepdf.Object, box: Rectangle) -> None:
    name = page.add_resource(form, pikepdf.Name.XObject)
    placed = page.calc_form_xobject_placement(form, name, box, allow_shrink=True, allow_expand=True)
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ\n" + placed)
