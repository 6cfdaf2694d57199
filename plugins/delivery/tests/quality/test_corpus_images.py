"""TIFF, JPEG and PNG as documents."""

import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from PIL import Image

from illcore.model import Citation
from illcore_delivery.quality import Report

A4 = {"dpi": (200, 200)}
THREE = Citation(title_of_component="Interlibrary lending of scarce periodicals", pages="5-7")


class Case(NamedTuple):
    name: str
    make: Callable[[Any], bytes]
    verdict: str
    against: frozenset[str] = frozenset()
    pages: int = 1
    expected: Citation | None = None
    limits: Mapping[str, Any] = MappingProxyType({})


def case(name: str, make: Callable[[Any], bytes], verdict: str = "pass", *against: str, **more: Any) -> Case:
    return Case(name, make, verdict, frozenset(against), **more)


def _png_of_60000(draw: Any) -> bytes:
    data = bytearray(draw.image_file("PNG", Image.new("1", (40, 40))))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


CASES = {
    "a TIFF of three pages, as asked": case(
        "a.tif",
        lambda d: d.image_file("TIFF", *[d.scan(mode="1")] * 3, compression="group4", **A4),
        pages=3,
        expected=THREE,
    ),
    "a TIFF with a page too few": case(
        "a.tiff",
        lambda d: d.image_file("TIFF", *[d.scan(mode="1")] * 2, compression="group4", **A4),
        "fail",
        "pages_missing",
        pages=2,
        expected=THREE,
    ),
    "a TIFF with a blank page": case(
        "a.tif",
        lambda d: d.image_file("TIFF", d.scan(), d.flat(250), **A4),
        "review",
        "blank_page",
        pages=2,
    ),
    "a black TIFF": case("a.tif", lambda d: d.image_file("TIFF", d.flat(3), **A4), "fail", "black_page"),
    "a crooked TIFF": case(
        "a.tif", lambda d: d.image_file("TIFF", d.scan(angle=4), compression="tiff_lzw", **A4), "review", "skewed_page"
    ),
    "a TIFF cut at the half": case(
        "a.tif", lambda d: (data := d.image_file("TIFF", d.scan(), **A4))[: len(data) // 2], "fail", "damaged_page"
    ),
    "a TIFF without its end, where its table stands": case(
        "a.tif",
        lambda d: d.image_file("TIFF", d.scan(), compression="tiff_lzw", **A4)[:-9000],
        "fail",
        "unreadable",
        pages=0,
    ),
    "a JPEG": case("a.jpg", lambda d: d.image_file("JPEG", d.scan(mode="RGB"), **A4)),
    "a JPEG that does not say how large it is": case("a.jpeg", lambda d: d.image_file("JPEG", d.scan(150))),
    "a JPEG from a telephone": case("a.jpg", lambda d: d.image_file("JPEG", d.scan(250), dpi=(72, 72))),
    "a JPEG cut at the half": case(
        "a.jpg",
        lambda d: (data := d.image_file("JPEG", d.scan(), **A4))[: len(data) // 2],
        "fail",
        "damaged_page",
    ),
    "a JPEG with 60 dpi": case("a.jpg", lambda d: d.image_file("JPEG", d.scan(60)), "fail", "illegible_resolution"),
    "a JPEG with 120 dpi": case(
        "a.jpg", lambda d: d.image_file("JPEG", d.scan(120), dpi=(120, 120)), "review", "low_resolution"
    ),
    "a PNG": case("a.png", lambda d: d.image_file("PNG", d.scan(mode="1"), **A4)),
    "a PNG on nothing": case(
        "a.png",
        lambda d: d.image_file("PNG", Image.merge("LA", (d.flat(0), Image.eval(d.scan(), lambda v: 240 - v))), **A4),
    ),
    "a PNG that claims 60,000 × 60,000": case("a.png", _png_of_60000, "fail", "image_too_large"),
    "a TIFF with more pages than are read": case(
        "a.tif",
        lambda d: d.image_file("TIFF", *[d.scan(mode="1")] * 3, compression="group4", **A4),
        "review",
        "too_many_pages",
        pages=3,
        limits={"pages": 2},
    ),
    "a TIFF named .pdf": case(
        "a.pdf", lambda d: d.image_file("TIFF", d.scan(mode="1"), **A4), "review", "wrong_suffix"
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_image(what: str, draw: Any, checked: Callable[..., Report]) -> None:
    case = CASES[what]
    report = checked(case.make(draw), case.expected, name=case.name, **case.limits)
    against = {each.code for each in report.findings if each.severity != "info"}
    assert (report.verdict, against, report.pages) == (case.verdict, case.against, case.pages), report.detail()
