"""What a file is, by its first bytes; names and declared types are not believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["pdf", "tiff", "jpeg", "png"]

HEAD = 1024
"""How many bytes are looked at; a PDF's header must stand within them (ISO 32000-1 annex H, note 13)."""

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "pdf": (".pdf",),
    "tiff": (".tif", ".tiff"),
    "jpeg": (".jpg", ".jpeg", ".jpe"),
    "png": (".png",),
}
_BLANKS = b"\xef\xbb\xbf\0 \t\r\n"
_IMAGES: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "@zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "@office"),
    (b"Rar!", "@archive"),
    (b"7z\xbc\xaf\x27\x1c", "@archive"),
    (b"\x1f\x8b", "@archive"),
    (b"MZ", "@program"),
    (b"\x7fELF", "@program"),
    (b"AT&TFORM", "@djvu"),
    (b"CAJ", "@caj"),
    (b"KDH", "@caj"),
    (b"GIF8", "@gif"),
    (b"%!PS", "@postscript"),
)


class Sniffed(NamedTuple):
    """`kind` if it can be checked, else `seems` names what it looks like (`codes.WORDS`).

    `offset`: where the PDF begins. `junk`: more than blanks and byte order marks stand before it.
    """

    kind: Kind | None
    seems: str = ""
    offset: int = 0
    junk: bool = False


def sniff(head: bytes) -> Sniffed:
    """From the first `HEAD` bytes."""
    for magic, kind in _IMAGES:
        if head.startswith(magic):
            return Sniffed(kind)
    offset = head.find(b"%PDF-")
    if offset >= 0:
        return Sniffed("pdf", offset=offset, junk=bool(head[:offset].strip(_BLANKS)))
    for magic, seems in _OTHERS:
        if head.startswith(magic):
            return Sniffed(None, seems)
    return Sniffed(None, _text(head.lstrip(_BLANKS).lower()))


def _text(head: bytes) -> str:
    if head.startswith((b"<!doctype html", b"<head", b"<body", b"<script", b"<!--")) or b"<html" in head:
        return "@webpage"
    if head.startswith(b"<?xml"):
        return "@xml"
    return "@plain" if head and all(sign >= 0x20 or sign in b"\t\r\n\f" for sign in head) else "@unknown"
