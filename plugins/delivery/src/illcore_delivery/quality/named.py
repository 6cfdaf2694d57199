"""Names and strings of a PDF as text, whatever their bytes are."""

from __future__ import annotations

import pikepdf


def text_of(value: object) -> str:
    """As text; what is not UTF-8, UTF-16 or PDFDocEncoding with a sign in the place of what cannot be read."""
    try:
        return str(value)
    except UnicodeDecodeError:
        return bytes(value).decode("latin-1") if isinstance(value, pikepdf.String) else "\ufffd"
