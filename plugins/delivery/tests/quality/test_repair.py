"""`repair`: what comes out is sound and clean, and nothing else of it has changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from illcore_delivery.quality import CannotRepair, Limits, Operations, check, repair


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(data: bytes, name: str = "came.pdf") -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


def _hostile(draw: Any) -> bytes:
    def edit(pdf: pikepdf.Pdf) -> None:
        script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        pdf.Root.OpenAction = script
        pdf.attachments["a.exe"] = b"MZ"
        link = Dictionary(Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.Launch, F=String("cmd.exe")))
        film = Dictionary(Subtype=Name.RichMedia, Rect=[0, 0, 9, 9])
        web = Dictionary(Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=String("https://doi.org/")))
        pdf.pages[0].obj.Annots = Array([link, film, web])
        pdf.pages[1].obj.AA = Dictionary(O=script, C=Dictionary(S=Name.URI, URI=String("https://x.org")))

    return draw.edited(draw.printed(*draw.article(101, 4)), edit)


def test_a_clean_copy_passes_and_keeps_text_and_web_links(draw: Any, file: Callable[..., Path]) -> None:
    path = file(_hostile(draw))
    before = check(path)
    assert before.codes >= {"javascript", "launch_action", "embedded_file", "rich_media", "open_action"}
    assert before.cleanable
    clean = repair(path)
    assert clean.name == "came-repaired.pdf"
    assert check(clean).verdict == "pass"
    with pikepdf.open(clean) as pdf:
        assert len(pdf.pages) == 4
        (kept,) = [one for one in pdf.pages[0].obj.Annots if "/A" in one]
        assert str(kept.A.URI) == "https://doi.org/"
    assert draw.title in pypdfium2.PdfDocument(clean)[0].get_textpage().get_text_range()


def test_the_original_stays_as_it_came(draw: Any, file: Callable[..., Path]) -> None:
    data = _hostile(draw)
    path = file(data)
    repair(path)
    assert path.read_bytes() == data


def test_a_broken_table_of_objects_is_mended(draw: Any, file: Callable[..., Path]) -> None:
    data = draw.printed(*draw.article(101, 4))
    path = file(data[: data.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n")
    assert check(path).codes >= {"damaged"}
    report = check(repair(path))
    assert (report.verdict, report.pages) == ("pass", 4)


def test_a_web_page_before_the_pdf_is_cut_off(draw: Any, file: Callable[..., Path]) -> None:
    path = file(b"<html></html>" + draw.printed(["Errata to volume 12"]))
    assert repair(path).read_bytes().startswith(b"%PDF-")


def test_blank_pages_are_left_out(draw: Any, file: Callable[..., Path]) -> None:
    path = file(draw.scanned(draw.scan(), draw.flat(250), draw.scan(rows=20), draw.flat(245)))
    out = repair(path, Operations(drop_blank=True))
    report = check(out)
    assert (report.verdict, report.pages) == ("pass", 2)


def test_pages_are_turned_by_quarters(draw: Any, file: Callable[..., Path]) -> None:
    out = repair(file(draw.scanned(draw.scan(), draw.scan())), Operations(rotate=90, pages=(2,)))
    with pikepdf.open(out) as pdf:
        assert [int(page.obj.get("/Rotate", 0)) for page in pdf.pages] == [0, 90]


@pytest.mark.parametrize("angle", [4, -3])
def test_a_crooked_page_is_straightened_by_what_the_finding_says(
    angle: float, draw: Any, file: Callable[..., Path]
) -> None:
    path = file(draw.scanned(draw.scan(angle=angle)))
    (found,) = [one for one in check(path).findings if one.code == "skewed_page"]
    way = "clockwise" if angle > 0 else "counter-clockwise"
    assert found.text.en.startswith(f"The page is turned {way} by about ")
    assert check(repair(path, Operations(rotate=-angle))).verdict == "pass"


def test_millimetres_are_cropped_as_the_page_is_seen(draw: Any, file: Callable[..., Path]) -> None:
    turned = draw.edited(draw.printed(["Errata"]), lambda pdf: pdf.pages[0].rotate(90, relative=True))
    out = repair(file(turned), Operations(crop=(25.4, 0, 0, 12.7)))
    page = pypdfium2.PdfDocument(out)[0]
    width, height = page.get_size()
    assert (round(width), round(height)) == (round(841.9 - 72), round(595.3 - 36))
    with pikepdf.open(out) as pdf:
        left, bottom, right, top = (float(side) for side in pdf.pages[0].mediabox.as_list())
    assert (round(left), round(bottom), round(right), round(top)) == (0, 72, 559, 842)


@pytest.mark.parametrize(("kind", "name"), [("TIFF", "a.tif"), ("JPEG", "a.jpg"), ("PNG", "a.png")])
def test_pictures_become_a_pdf_of_their_size(kind: str, name: str, draw: Any, file: Callable[..., Path]) -> None:
    pages = [draw.scan()] * (2 if kind == "TIFF" else 1)
    out = repair(file(draw.image_file(kind, *pages, dpi=(200, 200)), name))
    report = check(out)
    assert (report.verdict, report.kind, report.pages) == ("pass", "pdf", len(pages))
    assert [round(side) for side in pypdfium2.PdfDocument(out)[0].get_size()] == [595, 842]


def test_a_jpeg_is_not_packed_again(draw: Any, file: Callable[..., Path]) -> None:
    data = draw.image_file("JPEG", draw.scan(), dpi=(200, 200))
    with pikepdf.open(repair(file(data, "a.jpg"))) as pdf:
        (image,) = pdf.pages[0].resources.XObject.as_dict().values()
        assert image.read_raw_bytes() == data


def test_a_photograph_is_turned_as_its_camera_says(draw: Any, file: Callable[..., Path]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = draw.scan().transpose(Image.Transpose.ROTATE_90)
    out = repair(file(draw.image_file("JPEG", sideways, dpi=(200, 200), exif=exif), "a.jpg"))
    width, height = pypdfium2.PdfDocument(out)[0].get_size()
    assert width < height


@pytest.mark.parametrize(
    ("make", "operations", "code"),
    [
        (lambda d: b"<html>", {}, "not_a_document"),
        (lambda d: b"%PDF-1.7\nnothing", {}, "unreadable"),
        (
            lambda d: d.edited(
                d.printed(["x"]),
                lambda pdf: None,
                encryption=pikepdf.Encryption(owner="o", user=""),
                stream_decode_level=None,
            ),
            {},
            "encrypted",
        ),
        (
            lambda d: d.edited(
                d.printed(["x"]), lambda pdf: setattr(pdf.Root, "AcroForm", Dictionary(XFA=pdf.make_stream(b"<x/>")))
            ),
            {},
            "xfa",
        ),
        (lambda d: d.scanned(d.flat(250)), {"drop_blank": True}, "all_blank"),
        (lambda d: d.printed(["x"]), {"pages": (2,), "rotate": 90}, "no_such_page"),
        (lambda d: d.printed(["x"]), {"crop": (200, 0, 100, 0)}, "nothing_left"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_file(
    make: Any, operations: dict[str, Any], code: str, draw: Any, file: Callable[..., Path]
) -> None:
    path = file(make(draw))
    with pytest.raises(CannotRepair, match=r"came\.pdf cannot be repaired: ") as refused:
        repair(path, Operations(**operations))
    assert refused.value.code == code
    assert "无法修复" in refused.value.text.zh
    assert [one.name for one in path.parent.iterdir()] == ["came.pdf"]


def test_a_repair_that_takes_too_long_is_stopped(draw: Any, file: Callable[..., Path]) -> None:
    with pytest.raises(CannotRepair) as refused:
        repair(file(draw.printed(["x"])), limits=Limits(wall_seconds=0.01))
    assert refused.value.code == "heavy"


def test_no_file_is_written_over(draw: Any, file: Callable[..., Path]) -> None:
    path = file(draw.printed(["x"]))
    with pytest.raises(FileExistsError, match="name another file"):
        repair(path, output=path)
