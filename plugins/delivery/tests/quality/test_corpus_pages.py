"""Documents that are sound as files: what their pages show, and whether they are what was asked for."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pikepdf
import pytest
from PIL import Image, ImageOps
from reportlab.lib.pagesizes import A4, landscape

from illcore.model import Citation
from illcore_delivery.quality import Report

ASKED = Citation(
    title="Journal of Library Practice",
    title_of_component="Interlibrary lending of scarce periodicals in small research libraries",
    author_of_component="Librarian, Anna",
    publication_type="Article",
    pages="101-104",
)
OTHER = "Photosynthesis of alpine mosses under artificial ultraviolet radiation"
CJK = ["摘要 馆际互借是图书馆之间相互利用馆藏的一种服务方式，本文讨论其信任问题。"] * 8

TRADITIONAL = ["圖書館之間互相利用館藏的服務方式。"] * 9


class Case(NamedTuple):
    make: Callable[[Any], bytes]
    verdict: str
    against: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    expected: Citation | None = None
    page: int | None = None


def case(make: Callable[[Any], bytes], verdict: str = "pass", *against: str, **more: Any) -> Case:
    also = more.pop("also", "")
    return Case(make, verdict, frozenset(against), frozenset(also.split()), **more)


def asked(**change: str) -> Citation:
    return ASKED.model_copy(update=change)


def _mosses(draw: Any, count: int = 4, first: int = 101) -> bytes:
    pages = draw.article(first, count, OTHER)
    text = ["Mosses of the high Alps were exposed to lamps for three weeks and their carbon uptake was measured."] * 9
    return draw.printed(*[[page[0], "B. Botanist", *text, page[-1]] for page in pages])


def _unmapped(draw: Any) -> bytes:
    """Letters are mapped to private signs, as by a font without a table of characters."""
    data = draw.printed(*draw.article(101, 4))
    table = (
        b"1 begincodespacerange <00> <ff> endcodespacerange 2 beginbfrange <20> <20> <0020> <21> <7e> <e021> endbfrange"
    )

    def edit(pdf: pikepdf.Pdf) -> None:
        cmap = pdf.make_stream(b"/CIDInit /ProcSet findresource begin begincmap " + table + b" endcmap end")
        for page in pdf.pages:
            for font in page.resources.Font.as_dict().values():
                font.ToUnicode = cmap

    return draw.edited(data, edit)


def _turned(draw: Any) -> bytes:
    def edit(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            page.rotate(90, relative=True)

    sideways = draw.scan().transpose(Image.Transpose.ROTATE_90)
    return draw.edited(draw.scanned(sideways, sideways), edit)


def _links(draw: Any) -> bytes:
    def more(canvas: Any, number: int) -> None:
        canvas.linkURL("https://doi.org/10.1000/182", (50, 50, 200, 70))
        canvas.bookmarkPage(f"p{number}")
        canvas.addOutlineEntry(f"Page {number}", f"p{number}")

    return draw.printed(*draw.article(101, 4), more=more)


CASES = {
    # sound
    "a grey scan": case(lambda d: d.scanned(d.scan(), d.scan(rows=20)), also="no_text_layer"),
    "a black-and-white scan of 300 dpi": case(lambda d: d.scanned(d.scan(300, mode="1"), dpi=300)),
    "a colour scan": case(lambda d: d.scanned(d.scan(mode="RGB"))),
    "a scan turned upright by its page": case(_turned),
    "a scan with text layer, as asked": case(
        lambda d: d.printed(*d.article(101, 4), picture=d.scan()),
        expected=ASKED,
        also="text_layer right_article",
    ),
    "an article from the publisher, as asked": case(
        lambda d: d.printed(*d.article(101, 4)), expected=ASKED, also="text_layer right_article"
    ),
    "one line of print": case(lambda d: d.printed(["Errata to volume 12"]), also="no_text_layer"),
    "a drawing": case(lambda d: d.printed([], more=lambda c, n: c.circle(300, 400, 150))),
    "links to the web and a table of contents": case(_links, expected=ASKED),
    "written anew with object streams": case(
        lambda d: d.edited(
            d.scanned(d.scan()), lambda pdf: None, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True
        )
    ),
    "crooked by 1°, which nobody sees": case(lambda d: d.scanned(d.scan(angle=1))),
    # as asked, in other ways
    "the title stands in the metadata alone": case(
        lambda d: d.printed(*d.article(101, 4, "Volume 41"), title=d.title), expected=ASKED, also="right_article"
    ),
    "the title is hyphenated and misread": case(
        lambda d: d.printed(
            ["Interlibrary lend1ng of scarce peri-", "odicals in srnall research libraries", *d.filler * 3, "101"],
            *d.article(102, 3, "continued"),
        ),
        expected=ASKED,
        also="right_article",
    ),
    "the DOI is the right one": case(
        lambda d: d.printed(*d.article(101, 4, "https://doi.org/10.1000/ILL.41.2")),
        expected=asked(doi="10.1000/ill.41.2"),
        also="right_article",
    ),
    "a Chinese article, as asked": case(
        lambda d: d.printed(["基于区块链的馆际互借", "信任机制研究", *CJK, "33"], [*CJK, "34"], font="STSong-Light"),
        expected=Citation(title="图书馆学研究", title_of_component="基于区块链的馆际互借信任机制研究", pages="33-34"),
        also="right_article",
    ),
    "a cover sheet came along": case(
        lambda d: d.printed(["Delivered by the lending library", d.title], *d.article(101, 4)), expected=ASKED
    ),
    "two pages to a sheet": case(
        lambda d: d.scanned(*[d.scan().transpose(Image.Transpose.ROTATE_90).resize((2339, 1654))] * 2),
        expected=ASKED,
        also="double_pages",
    ),
    "several spans of pages": case(lambda d: d.scanned(*[d.scan()] * 4), expected=asked(pages="12-13, 20, 33")),
    "pages that begin somewhere": case(lambda d: d.scanned(*[d.scan()] * 9), expected=asked(pages="12")),
    "pages that nobody can understand": case(lambda d: d.scanned(d.scan()), expected=asked(pages="see note")),
    "a text layer of private signs": case(_unmapped, expected=ASKED, also="unusable_text"),
    # pages
    "one page is blank": case(lambda d: d.scanned(d.scan(), d.flat(242), d.scan()), "review", "blank_page", page=2),
    "a blank page with dust on grey paper": case(
        lambda d: d.scanned(d.scan(), d.flat(205, specks=25)), "review", "blank_page", page=2
    ),
    "all pages are blank": case(lambda d: d.scanned(d.flat(250), d.flat(250)), "fail", "blank_page", "all_blank"),
    "a page without content": case(lambda d: d.printed(["Errata"], []), "review", "blank_page", page=2),
    "a text layer without its picture": case(
        lambda d: d.printed(*d.article(101, 2), picture=d.flat(255, 50)),
        "fail",
        "blank_page",
        "all_blank",
    ),
    "one page is black": case(lambda d: d.scanned(d.scan(), d.flat(8)), "fail", "black_page", page=2),
    "negatives of microfilm": case(
        lambda d: d.scanned(d.scan(), ImageOps.invert(d.scan(rows=30))), "review", "dark_page", page=2
    ),
    "one page is crooked by 4°": case(lambda d: d.scanned(d.scan(), d.scan(angle=4)), "review", "skewed_page", page=2),
    "crooked by 3° the other way, in black and white": case(
        lambda d: d.scanned(d.scan(300, angle=-3, mode="1"), dpi=300), "review", "skewed_page", page=1
    ),
    "a crooked page that was turned": case(
        lambda d: d.edited(d.scanned(d.scan(angle=5)), lambda pdf: pdf.pages[0].rotate(180, relative=True)),
        "review",
        "skewed_page",
        page=1,
    ),
    "scanned with 110 dpi": case(lambda d: d.scanned(d.scan(110), dpi=110), "review", "low_resolution", page=1),
    "scanned with 60 dpi": case(lambda d: d.scanned(d.scan(60), dpi=60), "fail", "illegible_resolution", page=1),
    "60 dpi under a text layer": case(
        lambda d: d.printed(*d.article(101, 4), picture=d.scan(60)), "fail", "illegible_resolution", expected=ASKED
    ),
    # something else came
    "another article": case(lambda d: _mosses(d), "fail", "wrong_article", expected=ASKED),
    "another article under the picture of a scan": case(
        lambda d: d.printed(*[[OTHER, *["Mosses of the high Alps were exposed to lamps."] * 12]] * 4, picture=d.scan()),
        "fail",
        "wrong_article",
        expected=ASKED,
    ),
    "another Chinese article": case(
        lambda d: d.printed(
            *[["高校图书馆阅读推广人才培养", *CJK[:1], *["读者活动与阅读推广的案例。"] * 9]] * 2, font="STSong-Light"
        ),
        "fail",
        "wrong_article",
        expected=Citation(title_of_component="敦煌遗书数字化修复中的色彩还原", pages="33-34"),
    ),
    "another article by the same author": case(
        lambda d: d.printed(*[["Mosses of the Alps", "Anna Librarian", *["Lamps shone for three weeks."] * 30]] * 4),
        "review",
        "title_not_found",
        expected=ASKED,
    ),
    "an English text for a Chinese title": case(
        lambda d: d.printed(*d.article(33, 2)),
        "review",
        "title_not_found",
        expected=Citation(title_of_component="基于区块链的馆际互借信任机制研究", pages="33-34"),
    ),
    "traditional characters for a simplified title": case(
        lambda d: d.printed(
            ["基於區塊鏈的館際互借信任機制研究", *["圖書館之間互相利用館藏的服務方式。"] * 9], font="MSung-Light"
        ),
        "review",
        "title_not_found",
        expected=Citation(title_of_component="基于区块链的馆际互借信任机制研究"),
    ),
    "half of the title's words": case(
        lambda d: d.printed(*d.article(101, 4, "Lending scarce periodicals, an inquiry into research")),
        "review",
        "title_not_found",
        expected=asked(author_of_component=""),
    ),
    "too few pages": case(lambda d: d.scanned(d.scan()), "fail", "pages_missing", expected=ASKED),
    "far too many pages": case(lambda d: d.scanned(*[d.scan()] * 8), "review", "pages_extra", expected=ASKED),
    "the right title, other pages": case(
        lambda d: d.printed(*d.article(201, 4)), "review", "wrong_pages", expected=ASKED
    ),
    "one page twice, one not at all": case(
        lambda d: d.printed(*(pages := d.article(101, 4, missing=[103])), pages[-1]),
        "review",
        "pages_not_seen",
        expected=ASKED,
    ),
    "landscape slides": case(
        lambda d: d.printed(*[["Results", "42 % answered"]] * 3, size=landscape(A4)), also="no_text_layer"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_document(name: str, draw: Any, checked: Callable[..., Report]) -> None:
    case = CASES[name]
    report = checked(case.make(draw), case.expected)
    against = {each.code for each in report.findings if each.severity != "info"}
    assert (report.verdict, against) == (case.verdict, case.against), report.detail()
    assert case.also <= report.codes
    if case.page is not None:
        assert [each.page for each in report.findings if each.code in against] == [case.page]
    assert [each.page for each in report.thumbnails] == list(range(1, report.pages + 1))
