"""`ill slips`: what is printed, for which requests, in which order; read back by a scanner and as text."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from illcore_delivery.paper.codes import code_of, parse_code

OWN = "ISIL:CN-110001"
NANJING = "ISIL:CN-320006"
KINDS = ["pull", "straps", "labels", "returns"]


def text_of(path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: apt-get install poppler-utils")
    run = subprocess.run(["pdftotext", "-layout", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True)
    return run.stdout.decode()


def codes(pages: list[list[tuple[str, str]]], kind: str) -> list[str]:
    return [text for page in pages for found, text in page if found == kind]


@pytest.fixture
def picking(desk: Any) -> list[str]:
    """Six loans that are being fetched, with Chinese titles."""
    titles = ["红楼梦", "三国演义", "水浒传", "西游记", "龍龕手鑑", "Les Misérables"]
    ids = [desk.promised(n, "中文书库", f"I242.4/{10 - n}", title) for n, title in enumerate(titles)]
    for id in ids:
        desk.session.act(id, "print_slip")
    return ids


@pytest.mark.parametrize("paper", ["a4", "4x6"])
@pytest.mark.parametrize("kind", KINDS)
def test_paper_is_read_back_by_a_scanner_and_as_text(
    ill: Any, picking: list[str], scanner: Any, kind: str, paper: str
) -> None:
    code, out, err = ill("slips", kind, *picking, "--paper", paper, "--output", "out.pdf", "--json")
    assert (code, err) == (0, "")
    expected = sorted(code_of(OWN, id, 1) for id in picking)
    assert sorted(slip["code"] for slip in json.loads(out)["slips"]) == expected
    pages = scanner(Path("out.pdf"), 300)
    assert sorted(codes(pages, "Code 128")) == expected
    assert sorted(codes(pages, "QR Code")) == expected
    text = text_of(Path("out.pdf"))
    for part in ("红楼梦", "龍龕手鑑", "Misérables") if kind in ("pull", "straps") else ("南京", "国家图书馆"):
        assert part in text
    sheets = {"a4": {"pull": 2, "straps": 2, "labels": 1, "returns": 1}}.get(paper, dict.fromkeys(KINDS, 6))[kind]
    assert len(pages) == sheets
    with pikepdf.Pdf.open("out.pdf") as pdf:
        sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in pdf.pages}
    assert sizes == ({(595, 842)} if paper == "a4" else {(288, 432)} if kind == "pull" else {(432, 288)})


def test_a_hundred_slips_are_one_file_in_the_order_of_the_shelves(desk: Any, ill: Any, scanner: Any) -> None:
    shelves = [("西文书库", f"QA{n}") for n in range(50)] + [("中文书库", f"I242.4/{n}") for n in range(50)]
    ids = {shelf: desk.promised(n, *shelf, title=f"红楼梦 {n}") for n, shelf in enumerate(reversed(shelves))}
    code, out, _ = ill("slips", "pull", "--output", "all.pdf", "--json")
    assert code == 0
    assert len(json.loads(out)["slips"]) == 100
    printed = [parse_code(text).request_id for text in codes(scanner(Path("all.pdf"), 100), "QR Code")]
    expected = [("中文书库", f"I242.4/{n}") for n in range(50)] + [("西文书库", f"QA{n}") for n in range(50)]
    assert printed == [ids[shelf] for shelf in expected]


def test_pull_slips_are_due_until_they_are_marked(desk: Any, ill: Any) -> None:
    new, promised = desk.asked(1), desk.promised(2, "A", "B 2")
    desk.session.submit({"service_type": "loan", "citation": {"title": "Ours"}, "reader": {"id": "R1"}})
    code, out, err = ill("slips", "pull", "--output", "a.pdf", "--mark", "--json")
    told = json.loads(out)
    assert (code, told["marked"]) == (0, [promised])
    assert {slip["request"] for slip in told["slips"]} == {new, promised}
    assert "1 of them stay due until they are answered" in err
    assert desk.session.get(promised)["state"] == "picking"
    code, out, _ = ill("slips", "pull", "--output", "b.pdf", "--json")
    assert {slip["request"] for slip in json.loads(out)["slips"]} == {new}


def test_one_slip_for_each_volume(desk: Any, ill: Any, scanner: Any) -> None:
    id = desk.asked(1)
    volumes = [{"label": f"第{n}卷", "call_number": f"I242/{n}", "barcode": f"B{n}"} for n in (1, 2, 3)]
    desk.session.act(id, "will_supply", items=volumes)
    assert ill("slips", "pull", id, "--output", "v.pdf")[0] == 0
    assert [parse_code(text).item for text in sorted(codes(scanner(Path("v.pdf")), "QR Code"))] == [1, 2, 3]
    text = text_of(Path("v.pdf"))
    assert all(part in text for part in ("第1卷", "第2卷", "第3卷", "2/3"))


def test_straps_and_labels_for_what_leaves_and_what_came(desk: Any, ill: Any) -> None:
    leaves = desk.promised(1, "A", "B 1")
    desk.session.act(leaves, "print_slip")
    copy = desk.promised(2, "A", "B 2", service_type="copy")
    desk.session.act(copy, "print_slip")
    came = desk.session.submit(
        {
            "service_type": "loan",
            "citation": {"title": "聊斋志异", "publication_type": "Book"},
            "reader": {"id": "R-SECRET", "name": "李读者"},
            "suppliers": [NANJING],
            "delivery": {"method": "pickup", "place": "东馆服务台"},
        }
    )
    desk.session.act(came, "receive")
    found = {kind: ill("slips", kind, "--output", f"{kind}.pdf", "--json")[1] for kind in KINDS}
    due = {kind: {slip["request"] for slip in json.loads(out)["slips"]} for kind, out in found.items()}
    assert due == {"pull": set(), "straps": {leaves, came}, "labels": {leaves, copy}, "returns": {leaves}}
    text = text_of(Path("straps.pdf"))
    assert "东馆服务台" in text
    assert "R-SECRET" not in text
    assert "李读者" not in text
    assert not Path("pull.pdf").exists()


def test_a_missing_postal_address_is_told(desk: Any, ill: Any) -> None:
    id = desk.promised(1, "A", "B 1", partner="ISIL:GB-UkLoBL")
    code, _, err = ill("slips", "labels", id, "--output", "l.pdf")
    assert code == 0
    assert "ISIL:GB-UkLoBL has no postal address" in err
    assert "British Library" in text_of(Path("l.pdf"))


def test_long_and_hostile_titles_stay_on_their_slip(desk: Any, ill: Any, scanner: Any) -> None:
    hostile = "<b>红楼梦</b> & \u202eevil\u202c \\(x\\) " + "很长的题名" * 150 + " x" * 200
    id = desk.promised(1, "库" * 200, "I242.4/" + "9" * 200, hostile)
    for kind in KINDS:
        assert ill("slips", kind, id, "--paper", "4x6", "--output", f"{kind}.pdf")[0] == 0
        assert codes(scanner(Path(f"{kind}.pdf"), 300), "Code 128") == [code_of(OWN, id, 1)]
    assert "<b>红楼梦</b> &" in text_of(Path("straps.pdf"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["pull", "--output", "x.pdf", "--paper", "a3"], 2, "--paper a3: write one of a4, 4x6"),
        (["pull", "--output", "x.pdf", "--state", "nowhere"], 2, "there is no such state"),
        (["pull", "01JH0000000000R1", "--state", "new", "--output", "x.pdf"], 2, "not both"),
        (["pull", "01JH0000000000R1", "--output", "x.pdf"], 1, "01JH0000000000R1"),
        (["pull", "--output", "x.pdf", "--as", "reader:R1"], 1, "by staff"),
        (["copies", "01JH0000000000R1", "--output", "x.pdf"], 1, "no copy of 01JH0000000000R1"),
        (["pull"], 2, "--output"),
    ],
)
def test_one_clear_sentence(ill: Any, arguments: list[str], code: int, said: str) -> None:
    found, out, err = ill("slips", *arguments)
    assert found == code
    assert out == ""
    assert said in err or found == 2
    assert not Path("x.pdf").exists()


def test_nothing_due_writes_no_file_and_says_so(ill: Any) -> None:
    code, out, err = ill("slips", "pull", "--output", "x.pdf")
    assert (code, out) == (0, "")
    assert "nothing is due" in err
    assert not Path("x.pdf").exists()


def test_a_place_that_cannot_be_written_is_named(desk: Any, ill: Any) -> None:
    desk.promised(1, "A", "B 1")
    code, _, err = ill("slips", "pull", "--output", "no/such/folder/x.pdf", "--mark")
    assert code == 1
    assert "no/such/folder/x.pdf cannot be written" in err
    assert len(json.loads(ill("slips", "pull", "--output", "y.pdf", "--json")[1])["slips"]) == 1


def test_paper_copies_are_printed_marked_and_deleted(desk: Any, ill: Any, tmp_path: Path) -> None:
    from illcore.connectors import Deadline
    from illcore.hooktypes import DeliveryOrder, DocumentFile, Obligation
    from illcore.message import Address
    from illcore_delivery.cabinet import Cabinets
    from illcore_delivery.config import DeliveryConfig
    from illcore_delivery.connector import DeliveryConnector

    connector = DeliveryConnector(DeliveryConfig(), desk.engine._host, Cabinets())
    for n, pages in enumerate((2, 3)):
        source = tmp_path / f"{n}.pdf"
        with pikepdf.Pdf.new() as pdf:
            for _ in range(pages):
                pdf.add_blank_page()
            pdf.save(source)
        order = DeliveryOrder(
            library=OWN,
            request_id=f"01JH0000000000R{n}",
            to=Address(),
            files=(DocumentFile(name=f"{n}.pdf", path=source),),
            obligations=(Obligation(code="paper_only"),),
        )
        connector.illcore_deliver(order, f"r:{n}:1", Deadline(desk.engine.clock, 30))
    code, out, _ = ill("slips", "copies", "--output", "copies.pdf", "--json")
    assert code == 0
    assert [(one["request"], one["pages"]) for one in json.loads(out)["copies"]] == [
        ("01JH0000000000R0", 3),
        ("01JH0000000000R1", 4),
    ]
    with pikepdf.Pdf.open("copies.pdf") as pdf:
        assert len(pdf.pages) == 3 + 1 + 4
    assert ill("slips", "copies", "01JH0000000000R0", "--output", "one.pdf", "--mark")[0] == 0
    assert len(list((tmp_path / "delivery").glob("??/*"))) == 1
    code, out, _ = ill("slips", "copies", "--output", "rest.pdf", "--mark", "--json")
    assert [one["request"] for one in json.loads(out)["copies"]] == ["01JH0000000000R1"]
    assert "nothing is due" in ill("slips", "copies", "--output", "none.pdf")[2]
    assert list((tmp_path / "delivery").glob("??/*")) == []
