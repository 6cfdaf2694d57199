"""Documents that are damaged, hostile or too much: the verdict of each, and that none breaks or holds up the check."""

import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any, NamedTuple

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Permissions, Stream, String
from PIL import Image

from illcore_delivery.quality import Report

MB = 1024 * 1024


class Case(NamedTuple):
    make: Callable[[Any], bytes]
    verdict: str
    against: frozenset[str]
    pages: int | None = None
    limits: Mapping[str, Any] = MappingProxyType({})
    name: str = "came.pdf"


def case(make: Callable[[Any], bytes], verdict: str, *against: str, **more: Any) -> Case:
    return Case(make, verdict, frozenset(against), **more)


def _pdf(draw: Any) -> bytes:
    return draw.printed(*draw.article(101, 4))


def _cut(share: float) -> Callable[[Any], bytes]:
    def make(draw: Any) -> bytes:
        data = draw.scanned(draw.scan(), draw.scan(rows=20))
        return data[: int(len(data) * share)]

    return make


def _without_xref(draw: Any) -> bytes:
    data = _pdf(draw)
    place = data.rindex(b"startxref")
    return data[:place] + b"startxref\n7\n%%EOF\n"


def _broken_stream(subtype: str) -> Callable[[Any], bytes]:
    """The second page's picture or text ends half-way; the file around it is sound."""

    def make(draw: Any) -> bytes:
        def edit(pdf: Pdf) -> None:
            page = pdf.pages[1]
            if subtype == "picture":
                (one,) = page.resources.XObject.as_dict().values()
                one.write(one.read_raw_bytes()[: len(one.read_raw_bytes()) // 2], filter=Name.DCTDecode)
            elif subtype == "rows":
                rows = zlib.compress(b"\xee" * (1654 * 1000))
                image = Stream(pdf, rows, Type=Name.XObject, Subtype=Name.Image, Width=1654, Height=2339)
                image.ColorSpace, image.BitsPerComponent, image.Filter = Name.DeviceGray, 8, Name.FlateDecode
                page.resources.XObject = Dictionary(image=image)
            else:
                data = zlib.compress(b"BT /F1 12 Tf (text) Tj ET " * 500)
                page.obj.Contents = Stream(pdf, data[: len(data) // 2], Filter=Name.FlateDecode)

        return draw.edited(draw.scanned(draw.scan(), draw.scan(rows=20)), edit, compress_streams=False)

    return make


def _locked(**passwords: Any) -> Callable[[Any], bytes]:
    return lambda draw: draw.edited(
        _pdf(draw), lambda pdf: None, encryption=pikepdf.Encryption(**passwords), stream_decode_level=None
    )


def _with(edit: Callable[[Pdf], None]) -> Callable[[Any], bytes]:
    return lambda draw: draw.edited(_pdf(draw), edit)


def _script(code: str = "app.alert(1)") -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(code))


def _link(action: Dictionary) -> Callable[[Pdf], None]:
    def edit(pdf: Pdf) -> None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[50, 50, 200, 70], A=action)
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])

    return edit


def _opens(action: Dictionary) -> Callable[[Pdf], None]:
    def edit(pdf: Pdf) -> None:
        pdf.Root.OpenAction = action

    return edit


def _chain() -> Dictionary:
    first = Dictionary(S=Name.GoTo, D=String("p1"))
    first.Next = Array([Dictionary(S=Name.Named, N=Name.NextPage, Next=_script())])
    return first


def _attach(pdf: Pdf) -> None:
    pdf.attachments["invoice.exe"] = b"MZ" + bytes(100)


def _named_script(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("start"), _script()])))


def _page_script(pdf: Pdf) -> None:
    pdf.pages[2].obj.AA = Dictionary(O=_script())


def _film(pdf: Pdf) -> None:
    film = Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=[50, 50, 200, 200], RichMediaContent=Dictionary())
    pdf.pages[0].obj.Annots = Array([film])


def _attached_note(pdf: Pdf) -> None:
    spec = Dictionary(Type=Name.Filespec, F=String("a.bat"), EF=Dictionary(F=pdf.make_stream(b"del *")))
    note = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[50, 50, 70, 70], FS=spec)
    pdf.pages[1].obj.Annots = Array([note])


def _field(pdf: Pdf) -> None:
    field = Dictionary(FT=Name.Tx, T=String("name"), AA=Dictionary(K=_script("AFNumber_Keystroke()")))
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.make_indirect(field)]))


def _outline(pdf: Pdf) -> None:
    item = pdf.make_indirect(Dictionary(Title=String("Open"), A=Dictionary(S=Name.Launch, F=String("calc.exe"))))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=item, Last=item, Count=1))


def _dynamic(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp:xdp/>"))


def _zeros(megabytes: int) -> bytes:
    """zlib data that unpack to so many zeros, each MB by itself, so that making them takes no time."""
    pack = zlib.compressobj(9)
    first = pack.compress(bytes(MB)) + pack.flush(zlib.Z_FULL_FLUSH)
    return first[:2] + first[2:] * megabytes + pack.flush()


def _content(data: bytes, *filters: str) -> Callable[[Pdf], None]:
    def edit(pdf: Pdf) -> None:
        pdf.pages[0].obj.Contents = Stream(pdf, data, Filter=Array([Name(each) for each in filters]))

    return edit


def _picture(width: int, height: int, data: bytes, filter: str) -> Callable[[Pdf], None]:
    def edit(pdf: Pdf) -> None:
        image = Stream(pdf, data, Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height)
        image.ColorSpace, image.BitsPerComponent, image.Filter = Name.DeviceRGB, 8, Name(filter)
        pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(Im0=image))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"q 500 0 0 700 50 50 cm /Im0 Do Q")

    return edit


def _jpeg_of_65000(draw: Any) -> bytes:
    """The header of a small JPEG says 65,000 by 65,000."""
    data = draw.image_file("JPEG", Image.new("RGB", (64, 64), "white"))
    frame = data.index(b"\xff\xc0")
    return data[: frame + 5] + b"\xfd\xe8\xfd\xe8" + data[frame + 9 :]


def _box(*sides: float) -> Callable[[Pdf], None]:
    def edit(pdf: Pdf) -> None:
        pdf.pages[0].obj.MediaBox = Array(sides)
        if "/CropBox" in pdf.pages[0].obj:
            del pdf.pages[0].obj.CropBox

    return edit


def _tree(depth: int) -> Callable[[Pdf], None]:
    """A page below so many nodes."""

    def edit(pdf: Pdf) -> None:
        node = pdf.Root.Pages
        for _ in range(depth):
            above = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array([node]), Count=4))
            node.Parent = above
            node = above
        pdf.Root.Pages = node

    return edit


def _doubling(draw: Any) -> bytes:
    """Each form draws the next ten times: 10 to the power of 12 lines."""

    def edit(pdf: Pdf) -> None:
        inner = pdf.make_stream(b"0 0 m 500 700 l S")
        inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, 600, 800])
        for _ in range(12):
            outer = pdf.make_stream(b"/F Do " * 10)
            outer.Type, outer.Subtype, outer.BBox = Name.XObject, Name.Form, Array([0, 0, 600, 800])
            outer.Resources = Dictionary(XObject=Dictionary(F=inner))
            inner = outer
        pdf.pages[1].obj.Resources = Dictionary(XObject=Dictionary(F=inner))
        pdf.pages[1].obj.Contents = pdf.make_stream(b"/F Do")

    return draw.edited(_pdf(draw), edit)


def _raw(objects: list[bytes], root: int = 1) -> bytes:
    """A file of these objects, numbered from 1, with a right table."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start)


def _pages_that_contain_themselves(draw: Any) -> bytes:
    return _raw([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"])


def _count_that_lies(draw: Any) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 700]/Contents 4 0 R>>"
    content = b"<</Length 20>>\nstream\n10 10 400 600 re  S \nendstream"
    return _raw([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 900000000>>", page, content])


def _nested(draw: Any) -> bytes:
    deep = b"[" * 200_000 + b"]" * 200_000
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 700]/X " + deep + b">>"
    return _raw([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page])


def _packed_objects(draw: Any) -> bytes:
    """The catalogue stands in a stream of objects that unpacks to 2 GB."""
    packed = _zeros(2048)
    body = b"%PDF-1.7\n"
    stream = b"1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
    place, body = len(body), body + stream + packed + b"\nendstream\nendobj\n"
    start = len(body)
    rows = [(0, 0, 0), (1, place, 0), (2, 1, 0), (1, start, 0)]
    table = b"".join(bytes([kind]) + where.to_bytes(4, "big") + bytes([index]) for kind, where, index in rows)
    head = b"3 0 obj\n<</Type/XRef/Size 4/W[1 4 1]/Root 2 0 R/Length %d>>\nstream\n" % len(table)
    return body + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


def _many(count: int) -> Callable[[Any], bytes]:
    def make(draw: Any) -> bytes:
        out = BytesIO()
        with pikepdf.open(BytesIO(draw.printed(["Proceedings of the annual meeting", "one page of very many"]))) as pdf:
            for _ in range(count - 1):
                pdf.pages.append(pdf.pages[0])
            pdf.save(out)
        return out.getvalue()

    return make


WEB_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Session expired</body></html>"

CASES = {
    # damaged
    "cut at 98 %": case(_cut(0.98), "fail", "truncated"),
    "cut at the half": case(_cut(0.5), "fail", "truncated"),
    "cut at 10 %": case(_cut(0.1), "fail", "truncated", pages=0),
    "cut in its header": case(_cut(0.00001), "fail", "truncated", pages=0),
    "the last line is missing": case(lambda d: _pdf(d)[:-30], "fail", "truncated", pages=4),
    "a broken table of objects": case(_without_xref, "review", "damaged", pages=4),
    "half of a picture": case(_broken_stream("picture"), "fail", "damaged_page", "blank_page", pages=2),
    "half of the rows of a picture": case(_broken_stream("rows"), "fail", "damaged_page", pages=2),
    "half of a page's text": case(_broken_stream("text"), "fail", "damaged_page", "blank_page", pages=2),
    "a number of pages that lies": case(_count_that_lies, "pass", pages=1),
    "a header and nothing more": case(
        lambda d: b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"startxref\n9\n%%EOF\n", "fail", "unreadable"
    ),
    "no pages": case(
        lambda d: _raw([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        "fail",
        "no_pages",
        pages=0,
    ),
    "pages that contain themselves": case(_pages_that_contain_themselves, "fail", "unreadable", pages=0),
    # something else
    "empty": case(lambda d: b"", "fail", "empty_file", pages=0),
    "a web page named .pdf": case(lambda d: WEB_PAGE, "fail", "not_a_document", pages=0),
    "a ZIP archive named .pdf": case(lambda d: b"PK\x03\x04" + bytes(60), "fail", "not_a_document", pages=0),
    "plain text": case(lambda d: "全文请见附件".encode(), "fail", "not_a_document", pages=0),
    "a web page before the PDF": case(lambda d: WEB_PAGE + _pdf(d), "review", "leading_junk", pages=4),
    "blank lines before the PDF": case(lambda d: b"\r\n\r\n" + _pdf(d), "pass", pages=4),
    "a mail's headers before the PDF": case(
        lambda d: b"Content-Type: application/pdf\r\n\r\n" + _pdf(d), "review", "leading_junk", pages=4
    ),
    "a picture named .pdf": case(
        lambda d: d.image_file("JPEG", d.scan(), dpi=(200, 200)), "review", "wrong_suffix", pages=1
    ),
    "a PDF named .docx": case(_pdf, "review", "wrong_suffix", name="came.docx", pages=4),
    # locked
    "locked with a password": case(_locked(owner="o", user="u"), "fail", "encrypted", pages=0),
    "locked with an old password": case(
        _locked(owner="o", user="u", R=3, aes=False, metadata=False), "fail", "encrypted", pages=0
    ),
    "not to be printed": case(
        _locked(owner="o", user="", allow=Permissions(print_lowres=False, print_highres=False)), "review", "restricted"
    ),
    "printing allowed, changes not": case(_locked(owner="o", user=""), "review", "restricted", pages=4),
    # active content
    "a script when it is opened": case(_with(_opens(_script())), "review", "javascript", pages=4),
    "a script by name": case(_with(_named_script), "review", "javascript"),
    "a script when a page is opened": case(_with(_page_script), "review", "javascript"),
    "a script behind other actions": case(_with(_link(_chain())), "review", "javascript"),
    "a script in a form field": case(_with(_field), "review", "javascript"),
    "a link that starts a program": case(
        _with(_link(Dictionary(S=Name.Launch, F=String("cmd.exe")))), "review", "launch_action"
    ),
    "a bookmark that starts a program": case(_with(_outline), "review", "launch_action"),
    "a link to a file on the reader's machine": case(
        _with(_link(Dictionary(S=Name.URI, URI=String("file:///etc/passwd")))), "review", "dangerous_link"
    ),
    "a link of bytes that are no text": case(
        _with(_link(Dictionary(S=Name.URI, URI=String(b"file://\xef\xbb\xbf\xff\xfe\x81")))), "review", "dangerous_link"
    ),
    "a link to a file server": case(
        _with(_link(Dictionary(S=Name.URI, URI=String("\\\\evil\\share\\x")))), "review", "dangerous_link"
    ),
    "it goes to the web when it is opened": case(
        _with(_opens(Dictionary(S=Name.URI, URI=String("https://example.org/?seen")))), "review", "open_action"
    ),
    "it sends data away": case(
        _with(_link(Dictionary(S=Name.SubmitForm, F=String("https://example.org/")))), "review", "submit_action"
    ),
    "an embedded file": case(_with(_attach), "review", "embedded_file"),
    "a file pinned to a page": case(_with(_attached_note), "review", "embedded_file"),
    "a film": case(_with(_film), "review", "rich_media"),
    "a dynamic form": case(_with(_dynamic), "fail", "xfa_form"),
    # bombs
    "text that unpacks to 300 MB": case(_with(_content(_zeros(300), "/FlateDecode")), "fail", "bomb"),
    "text packed twice": case(
        _with(_content(zlib.compress(_zeros(300), 9), "/FlateDecode", "/FlateDecode")),
        "fail",
        "bomb",
        limits={"stream_mb": 64},
    ),
    "a picture that claims 100,000 × 100,000": case(
        _with(_picture(100_000, 100_000, zlib.compress(b"x"), "/FlateDecode")), "fail", "image_too_large"
    ),
    "a JPEG that claims 65,000 × 65,000": case(
        lambda d: d.edited(_pdf(d), _picture(64, 64, _jpeg_of_65000(d), "/DCTDecode")), "fail", "image_too_large"
    ),
    "objects that unpack to 2 GB": case(_packed_objects, "fail", "unreadable", limits={"memory_mb": 256}),
    "a page of 3 km": case(_with(_box(0, 0, 9_000_000, 9_000_000)), "fail", "page_too_large"),
    "a page without a size": case(_with(_box(0, 0, 0, 0)), "fail", "page_empty_box"),
    "a page below 20,000 nodes": case(_with(_tree(20_000)), "fail", "unreadable"),
    "lists within lists, 200,000 deep": case(_nested, "fail", "no_pages"),
    "forms that draw each other without end": case(_doubling, "fail", "too_heavy", limits={"wall_seconds": 1.5}),
    "the same within a limit of CPU time": case(_doubling, "fail", "too_heavy", limits={"cpu_seconds": 1}),
    "2,000 pages": case(_many(2000), "review", "too_many_pages", pages=2000, limits={"thumbnails": 0, "pages": 100}),
    "more objects than are read": case(_many(300), "fail", "too_complex", limits={"objects": 200}),
    "a file larger than is read": case(lambda d: bytes(1100 * 1024), "fail", "file_too_large", limits={"file_mb": 1}),
}


@pytest.mark.parametrize("name", CASES)
def test_document(name: str, draw: Any, checked: Callable[..., Report]) -> None:
    case = CASES[name]
    report = checked(case.make(draw), name=case.name, **case.limits)
    against = {each.code for each in report.findings if each.severity != "info"}
    assert (report.verdict, against) == (case.verdict, case.against), report.detail()
    if case.pages is not None:
        assert report.pages == case.pages
