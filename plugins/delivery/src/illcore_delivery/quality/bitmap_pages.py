"""TIFF, JPEG and PNG written as PDF, each frame a page in its own size, nothing of a picture lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zlib import compress

import pikepdf
from PIL import Image

from .bitmaps import BROKEN, frame_dpi, frame_size
from .sniff import Kind

if TYPE_CHECKING:
    from .limits import Limits


_ORIENTATION = 0x0112
_TURNS = {3: 180, 6: 90, 8: 270}


def as_pdf(path: Path, kind: Kind, limits: Limits) -> pikepdf.Pdf:
    """A new PDF with the frames of an image file. Raises ValueError if one is broken, TooLarge."""
    pdf = pikepdf.new()
    try:
        with Image.open(path, formats=(kind.upper(),)) as image:
            for index in range(min(getattr(image, "n_frames", 1), limits.pages + 1)):
                image.seek(index)
                frame_size(image, limits)
                _add_page(pdf, image, path.read_bytes() if kind == "jpeg" and index == 0 else b"")
    except BROKEN as error:
        raise ValueError("a picture is broken") from error
    return pdf


def _add_page(pdf: pikepdf.Pdf, image: Image.Image, jpeg: bytes) -> None:
    dpi = frame_dpi(image)
    width, height = (side * 72 / dpi for side in image.size)
    page = pdf.add_blank_page(page_size=(width, height))
    stream = _stream(pdf, image, jpeg)
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=stream))
    page.obj.Rotate = _TURNS.get(image.getexif().get(_ORIENTATION, 1), 0)
    page.contents_add(f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Im0 Do Q".encode())


def _stream(pdf: pikepdf.Pdf, image: Image.Image, jpeg: bytes) -> pikepdf.Stream:
    if jpeg and image.mode in ("L", "RGB"):
        image.load()  # a broken one is refused, not copied
        return _image(pdf, jpeg, image, 8, "/DCTDecode")
    if image.mode == "1":
        return _image(pdf, compress(image.tobytes()), image, 1, "/FlateDecode")
    plain = image.convert("L" if image.mode in ("L", "LA", "I;16", "I", "F") else "RGB")
    return _image(pdf, compress(plain.tobytes()), plain, 8, "/FlateDecode")


def _image(pdf: pikepdf.Pdf, data: bytes, image: Image.Image, bits: int, filter: str) -> pikepdf.Stream:
    return pikepdf.Stream(
        pdf,
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.size[0],
        Height=image.size[1],
        ColorSpace=pikepdf.Name.DeviceRGB if image.mode == "RGB" else pikepdf.Name.DeviceGray,
        BitsPerComponent=bits,
        Filter=pikepdf.Name(filter),
    )
