"""What stands on a copy: cover page, legend, watermark; what goes on paper; what cannot be handed over."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from illcore.errors import Misconfigured, Refused, TryLater
from illcore.hooktypes import DocumentFile, Obligation
from illcore.model import BilingualText
from illcore_delivery.cover.terms import terms_of

NOTICE = Obligation(
    code="notice",
    text=BilingualText(en="NOTICE: This material may be protected by copyright law.", zh="本资料受著作权法保护。"),
)
LEGEND = Obligation(code="legend", text=BilingualText(en="Request complies with section 50 of the Copyright Act."))


def text_of(octets: bytes) -> list[str]:
    with pypdfium2.PdfDocument(octets) as pdf:
        return ["".join(page.get_textpage().get_text_bounded().split()) for page in pdf]


def handed_over(desk: Any, *obligations: Obligation, **more: Any) -> bytes:
    path = desk.link(*obligations, **more)
    answer = desk.ask(path)
    if answer.headers["content-type"].startswith("text/html"):
        answer = desk.ask(desk.follow(path, desk.ask(path, "POST")))
    assert answer.status_code == 200
    return bytes(answer.content)


def test_the_cover_page_has_the_notice_the_libraries_and_the_request(lite: Any) -> None:
    pages = text_of(handed_over(lite, NOTICE, partner="ISIL:CN-320006", files=(lite.document(3),)))
    assert len(pages) == 4
    for part in (
        "NOTICE:Thismaterialmaybeprotectedbycopyrightlaw.",
        "本资料受著作权法保护。",
        "国家图书馆NationalLibrary",
        "南京大学图书馆NanjingUniversityLibrary",
        "01JH0000000000R1",
        "红楼梦研究",
        "2026-01-05",
    ):
        assert part in pages[0]
    assert pages[1:] == ["page1ofthearticle", "page2ofthearticle", "page3ofthearticle"]


def test_legend_and_watermark_stand_on_every_page_with_date_and_library(lite: Any) -> None:
    pages = text_of(handed_over(lite, LEGEND, Obligation(code="watermark"), files=(lite.document(3),)))
    assert len(pages) == 3
    for number, page in enumerate(pages):
        assert f"page{number + 1}ofthearticle" in page
        assert "Requestcomplieswithsection50oftheCopyrightAct." in page
        assert page.count("国家图书馆NationalLibrary·2026-01-05") == 2


def test_turned_pages_and_pages_of_other_sizes_are_stamped_upright(lite: Any) -> None:
    source = lite.folder / "mixed.pdf"
    with pikepdf.Pdf.new() as pdf:
        for size, turn in (((595, 842), 0), ((842, 595), 90), ((200, 300), 180), ((1200, 900), 270)):
            page = pdf.add_blank_page(page_size=size)
            page.rotate(turn, relative=False)
        pdf.save(source)
    octets = handed_over(lite, LEGEND, files=(DocumentFile(name="mixed.pdf", path=source),))
    with pypdfium2.PdfDocument(octets) as pdf:
        for page in pdf:
            image = page.render(scale=1).to_pil().convert("L")
            dark = image.point(lambda value: 255 * (value < 128)).getbbox()
            assert dark is not None
            assert dark[1] > image.height * 0.7, "the legend stands at the foot, as the page is read"


def test_a_long_notice_goes_on_over_further_pages(lite: Any) -> None:
    long = BilingualText(en="All rights reserved and more. " * 300, zh="保留一切权利。" * 900)
    pages = text_of(handed_over(lite, Obligation(code="notice", text=long)))
    assert len(pages) > 2
    assert "".join(pages).count("保留一切权利。") == 900


def test_two_documents_become_one(lite: Any) -> None:
    files = (lite.document(2, "a.pdf"), lite.document(3, "b.pdf"))
    assert len(text_of(handed_over(lite, files=files))) == 5


def test_scans_as_tiff_become_pdf_with_their_notice(lite: Any) -> None:
    path = lite.folder / "scan.tif"
    pages = [Image.new("1", (1240, 1754), 1), Image.new("L", (1240, 1754), 200)]
    pages[0].save(path, save_all=True, append_images=pages[1:], dpi=(150, 150))
    scan = DocumentFile(name="扫描.tif", path=path, media_type="image/tiff")
    octets = handed_over(lite, NOTICE, files=(scan,))
    with pypdfium2.PdfDocument(octets) as pdf:
        assert [tuple(round(side) for side in page.get_size()) for page in list(pdf)[1:]] == [(595, 842)] * 2
    (row,) = lite.rows("delivery_link")
    assert (row["name"], row["media_type"]) == ("扫描.pdf", "application/pdf")
    assert lite.ask(lite.link(files=(scan,), key="r:2:1")).headers["content-type"] == "image/tiff"


@pytest.mark.parametrize("code", ["paper_only", "print_and_destroy"])
def test_paper_only_makes_no_link_but_an_order_to_print(desk: Any, code: str) -> None:
    order = desk.order(desk.document(2), obligations=(Obligation(code=code), LEGEND))
    receipt = desk.deliver(order)
    assert receipt.detail == {"paper": True, "print": 1, "pages": 3}
    assert desk.deliver(order) == receipt
    assert desk.rows("delivery_link") == []
    (row,) = desk.rows("delivery_print")
    assert (row["request_id"], row["printed_at"]) == ("01JH0000000000R1", None)


def encrypted(folder: Path) -> Path:
    path = folder / "secret.pdf"
    with pikepdf.Pdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path, encryption=pikepdf.Encryption(owner="o", user="u"))
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("encrypted", "x.pdf is encrypted"),
        ("junk", "x.pdf is damaged"),
        ("truncated image", "no image that can be read"),
        ("text", "neither PDF nor image"),
        ("missing", "is not there any more"),
        ("address", "must be fetched before"),
        ("large", "larger than 2,048 bytes"),
    ],
)
def test_what_cannot_carry_its_notice_is_refused_in_a_sentence(lite: Any, kind: str, said: str) -> None:
    path = lite.folder / "x"
    one = DocumentFile(name="x.pdf", path=path)
    if kind == "encrypted":
        one = DocumentFile(name="x.pdf", path=encrypted(lite.folder))
    elif kind == "junk":
        path.write_bytes(b"%PDF-1.7\njunk")
    elif kind == "truncated image":
        out = BytesIO()
        Image.effect_noise((400, 400), 90).save(out, "PNG")
        path.write_bytes(out.getvalue()[:5000])
        one = DocumentFile(name="x.png", path=path, media_type="image/png")
    elif kind == "text":
        path.write_text("hello")
        one = DocumentFile(name="x.txt", path=path, media_type="text/plain")
    elif kind == "address":
        one = DocumentFile(name="x.pdf", url="https://supplier.example/x.pdf")
    elif kind == "large":
        lite.again(max_bytes=2048)
        path.write_bytes(b"x" * 2049)
    with pytest.raises(Refused) as error:
        lite.deliver(lite.order(one, obligations=(NOTICE,)))
    assert said in str(error.value)
    assert lite.rows("delivery_link") == []
    assert list(lite.folder.glob("kept/*/*")) == []


def test_a_page_with_a_bomb_in_it_is_stamped_without_unpacking_it(lite: Any) -> None:
    import zlib

    path = lite.folder / "bomb.pdf"
    with pikepdf.Pdf.new() as pdf:
        page = pdf.add_blank_page()
        packer = zlib.compressobj(9)
        packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
        stream = pikepdf.Stream(pdf, b"")
        stream.write(packed, filter=pikepdf.Name.FlateDecode)
        page.obj.Contents = stream
        pdf.save(path)
    assert len(handed_over(lite, LEGEND, files=(DocumentFile(name="bomb.pdf", path=path),))) < 1_000_000


def test_the_strictest_of_several_policies_holds() -> None:
    def ask(code: str, number: int | None = None) -> Obligation:
        return Obligation(code=code, number=number)

    found = terms_of(
        [ask("link_views", 5), ask("link_views", 2), ask("link_days", 9), ask("link_business_days", 5), NOTICE, NOTICE]
    )
    assert (found.views, found.days, found.business_days, found.paper) == (2, 9, 5, False)
    assert found.notices == (NOTICE.text,)
    assert terms_of([ask("declaration"), ask("fee")]) == terms_of([])


@pytest.mark.parametrize("code", ["hand_deliver_by_owl", "link_days", "link_views", "legend"])
def test_a_duty_that_cannot_be_met_is_no_delivery(code: str) -> None:
    with pytest.raises(Refused, match=code):
        terms_of([Obligation(code=code)])


def test_an_unknown_duty_with_a_text_is_shown() -> None:
    assert terms_of([Obligation(code="other", text=NOTICE.text)]).notices == (NOTICE.text,)


def test_a_disk_that_cannot_be_written_is_tried_later(lite: Any) -> None:
    (lite.folder / "file").write_text("no folder")
    lite.again(folder=lite.folder / "file" / "below")
    with pytest.raises(TryLater, match="cannot be"):
        lite.deliver()


def test_a_broken_secret_is_named(lite: Any) -> None:
    (lite.folder / "kept").mkdir()
    (lite.folder / "kept" / "secret.key").write_text("too short")
    with pytest.raises(Misconfigured, match=r"secret\.key is no key"):
        lite.deliver()


def test_a_library_that_is_not_served_is_named(lite: Any) -> None:
    with pytest.raises(Misconfigured, match="ISIL:NOBODY"):
        lite.deliver(lite.order(library="ISIL:NOBODY"))
