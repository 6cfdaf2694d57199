"""What is too large to be unpacked safely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image

from .budget import MB

if TYPE_CHECKING:
    from .limits import Limits

Image.MAX_IMAGE_PIXELS = None  # limits.image_megapixels says more


class TooLarge(Exception):
    """It must not be read further; `code` and `values` are those of the finding."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values: dict[str, Any] = values


def check_size(width: int, height: int, bits: int, limits: Limits) -> None:
    """Raises TooLarge if an image has too many pixels or bytes."""
    pixels = width * height
    if pixels > limits.image_megapixels * 1_000_000 or pixels * bits / 8 > limits.image_mb * MB:
        raise TooLarge("image_too_large", width=width, height=height)
