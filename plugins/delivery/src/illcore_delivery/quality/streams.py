"""The streams of a PDF: whether each unpacks to what it claims, and to no more than may be read."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from PIL import Image

from .budget import MB
from .named import text_of
from .sizes import TooLarge, check_size

if TYPE_CHECKING:
    from .limits import Limits

Place = tuple[int, int]
"""Object number and generation."""

_PIECE = 1 << 20
_DEPTH = 6
_TAIL = 4096
_ENOUGH = 0.98
_HEADED = ("/DCTDecode", "/JPXDecode")
_NO_IMAGE = (OSError, SyntaxError, ValueError, EOFError)


def look_at_streams(pdf: pikepdf.Pdf, limits: Limits) -> dict[Place, str]:
    """Streams that are incomplete or broken, with why (`codes.WORDS`). Raises TooLarge."""
    broken: dict[Place, str] = {}
    scratch = pikepdf.new()
    total = 0
    for one in pdf.objects:
        if not isinstance(one, pikepdf.Stream):
            continue
        image = text_of(one.get("/Subtype")) == "/Image"
        try:
            claimed = _claimed(one, limits) if image else 0
            filters = _filters(one)
            whole, size = _unpack(one, filters, scratch, max(limits.stream_mb * MB, claimed * 2), limits)
        except (pikepdf.PdfError, zlib.error, *_NO_IMAGE):
            broken[one.objgen] = "@image" if image else "@content"
            continue
        total += size
        if total > limits.unpacked_mb * MB:
            raise TooLarge("bomb", limit=limits.unpacked_mb)
        if not whole or (filters and filters[-1] == "/FlateDecode" and size < claimed * _ENOUGH):
            broken[one.objgen] = "@image" if image else "@content"
    return broken


def pages_of(pdf: pikepdf.Pdf, wanted: set[Place], count: int) -> dict[Place, int]:
    """The first page (from 1) that shows each of these streams; those that no page shows are left out."""
    found: dict[Place, int] = {}
    for number in range(1, count + 1):
        page = pdf.pages[number - 1]
        content = page.obj.get("/Contents")
        parts = list(content) if isinstance(content, pikepdf.Array) else [content]
        for one in [*parts, *_shown(page.obj.get("/Resources"), _DEPTH, set())]:
            if isinstance(one, pikepdf.Stream) and one.objgen in wanted:
                found.setdefault(one.objgen, number)
    return found


def _shown(resources: object, depth: int, seen: set[Place]) -> Iterator[pikepdf.Stream]:
    if not isinstance(resources, pikepdf.Dictionary) or not depth:
        return
    objects = resources.get("/XObject")
    if not isinstance(objects, pikepdf.Dictionary):
        return
    for one in objects.as_dict().values():
        if isinstance(one, pikepdf.Stream) and one.objgen not in seen:
            seen.add(one.objgen)
            yield one
            mask = one.get("/SMask")
            if isinstance(mask, pikepdf.Stream):
                yield mask
            yield from _shown(one.get("/Resources"), depth - 1, seen)


def _claimed(image: pikepdf.Stream, limits: Limits) -> int:
    """How many bytes the rows of an image must have at least (0: unknown). Raises TooLarge."""
    width, height = (_number(image.get(name)) for name in ("/Width", "/Height"))
    bits = 1 if image.get("/ImageMask") else _number(image.get("/BitsPerComponent")) or 8
    colours = {"/DeviceRGB": 3, "/DeviceCMYK": 4, "/CalRGB": 3}.get(text_of(image.get("/ColorSpace")), 1)
    check_size(width, height, colours * bits, limits)
    known = isinstance(image.get("/ColorSpace"), pikepdf.Name) or bits == 1
    return (width * colours * bits + 7) // 8 * height if known else 0


def _check_header(raw: bytes, limits: Limits) -> None:
    """Raises TooLarge. What Pillow cannot read may still be drawn, within the limits of the process."""
    try:
        with Image.open(BytesIO(raw)) as image:
            check_size(*image.size, 8 * len(image.getbands()), limits)
    except _NO_IMAGE:
        return


def _unpack(
    one: pikepdf.Stream, filters: list[str], scratch: pikepdf.Pdf, most: int, limits: Limits
) -> tuple[bool, int]:
    """(whether it is complete, how many bytes it unpacks to); what only a drawing library reads is not unpacked."""
    raw = one.read_raw_bytes()
    if filters and filters[0] in _HEADED:
        _check_header(raw, limits)
        return filters[0] != "/DCTDecode" or b"\xff\xd9" in raw[-_TAIL:], len(raw)
    before = []
    while filters and filters[0] in ("/ASCII85Decode", "/ASCIIHexDecode"):
        before.append(pikepdf.Name(filters[0]))
        filters = filters[1:]
    if before and filters:
        raw = pikepdf.Stream(scratch, raw, Filter=pikepdf.Array(before)).read_bytes()
    rounds = 0
    while rounds < len(filters) and filters[rounds] == "/FlateDecode":
        rounds += 1
    if not rounds:
        return True, len(raw)
    inflated: list[Inflated] = []
    pieces: Iterable[bytes] = [raw]
    for _ in range(rounds):
        inflated.append(Inflated(pieces))
        pieces = inflated[-1]
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise TooLarge("bomb", limit=most // MB)
    return all(each.whole for each in inflated), size


class Inflated:
    """Pieces of zlib data, unpacked a piece at a time; `whole` once the end of the data was met."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.whole = False

    def __iter__(self) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # the check sum behind it is often missing and never needed
        head = b""
        for piece in self._pieces:
            if len(head) < 2:
                head += piece
                if len(head) < 2:
                    continue
                piece = head[2:]
            while piece and not inflate.eof:
                yield inflate.decompress(piece, _PIECE)
                piece = inflate.unconsumed_tail
            if inflate.eof:
                break
        while not inflate.eof:
            rest = inflate.decompress(inflate.unconsumed_tail, _PIECE)
            if not rest:
                break
            yield rest
        self.whole = inflate.eof or not head


def _filters(one: pikepdf.Stream) -> list[str]:
    found = one.get("/Filter")
    names = list(found) if isinstance(found, pikepdf.Array) else [] if found is None else [found]
    return [text_of(name) for name in names]


def _number(value: object) -> int:
    try:
        return max(0, int(str(value)))
    except (TypeError, ValueError, OverflowError):
        return 0
