"""Each format of record gives the same book, and each way of saying who holds it the same copies."""

from __future__ import annotations

import pytest

from illcore.model import Citation, Query
from illcore_z3950.oids import SUTRS, UNIMARC, USMARC, XML
from illcore_z3950.pdus import Circulation
from illcore_z3950.pdus import Holding as OpacHolding
from illcore_z3950.records.book import Copy, clean, year_in
from illcore_z3950.records.charset import UTF8, RecordCharset
from illcore_z3950.records.fields import KNOWN, HoldingsField, named_fields
from illcore_z3950.records.holding import holdings_from
from illcore_z3950.records.read import Profile, read_octets
from illcore_z3950.testing.samples import BRIDGE_MARC8, THREE_BODY_CNMARC, gbk, iso2709, marc8
from illcore_z3950.xmltree import NotXml, parse_xml

BOTH = ("9787536692930", "7536692935")


def utf8(text):
    return text.encode()


THREE_BODY_MARC21 = [
    ("001", "", "012008000001"),
    ("008", "", "080319s2008    cc            000 1 chi d"),
    ("020", "  ", [("a", "978-7-5366-9293-0 (平装) :"), ("c", "CNY23.00")]),
    ("100", "1 ", [("a", "刘慈欣,")]),
    ("245", "10", [("a", "\x98三\x9c体 /"), ("c", "刘慈欣著.")]),
    ("250", "  ", [("a", "第1版.")]),
    ("264", " 1", [("a", "重庆 :"), ("b", "重庆出版社,"), ("c", "2008.")]),
]
MARCXML = """<?xml version="1.0"?><collection xmlns="http://www.loc.gov/MARC21/slim"><record>
<leader>00000nam a2200000   4500</leader><controlfield tag="001">012008000001</controlfield>
<datafield tag="020" ind1=" " ind2=" "><subfield code="a">7536692935</subfield></datafield>
<datafield tag="100" ind1="1" ind2=" "><subfield code="a">刘慈欣</subfield></datafield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">三体</subfield></datafield>
<datafield tag="250" ind1=" " ind2=" "><subfield code="a">第1版</subfield></datafield>
<datafield tag="260" ind1=" " ind2=" "><subfield code="c">2008</subfield></datafield></record></collection>"""
MODS = """<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>三体</title></titleInfo>
<name type="personal"><namePart>刘慈欣</namePart></name><identifier type="isbn">978-7-5366-9293-0</identifier>
<identifier type="isbn" invalid="yes">9787020002207</identifier>
<originInfo><edition>第1版</edition><dateIssued>2008</dateIssued></originInfo>
<location><physicalLocation>SHL</physicalLocation><shelfLocator>I247.55/7120</shelfLocator></location>
<recordInfo><recordIdentifier>012008000001</recordIdentifier></recordInfo></mods>"""
DC = """<dc xmlns="info:srw/schema/1/dc-schema" xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>三体</d:title>
<d:creator>刘慈欣</d:creator><d:date>2008</d:date><d:identifier>URN:ISBN:9787536692930</d:identifier></dc>"""
TEXT = "题名: 三体\n作者: 刘慈欣\n出版: 重庆, 2008\n版本: 第1版\nISBN 978-7-5366-9293-0\n"


@pytest.mark.parametrize(
    ("data", "syntax", "charset"),
    [
        (iso2709(THREE_BODY_MARC21, utf8), USMARC, "utf-8"),
        (iso2709(THREE_BODY_CNMARC, gbk), UNIMARC, "gb18030"),
        (iso2709(THREE_BODY_CNMARC, gbk), USMARC, "gb2312"),
        (iso2709(THREE_BODY_CNMARC, utf8), UNIMARC, "gb18030"),
        (MARCXML.encode(), XML, "utf-8"),
        (MARCXML.encode("utf-16"), XML, "utf-8"),
        (MARCXML.replace("?>", ' encoding="gb2312"?>', 1).encode("gbk"), XML, "utf-8"),
        (MARCXML.replace('<?xml version="1.0"?>', "").encode("gbk"), XML, "gbk"),
        (MODS.encode(), XML, "utf-8"),
        (DC.encode(), XML, "utf-8"),
        (TEXT.encode("gbk"), SUTRS, "gbk"),
    ],
    ids="marc21 cnmarc cnmarc-as-usmarc cnmarc-utf8 marcxml utf16 declared undeclared mods dc sutrs".split(),
)
def test_the_same_book_from_every_format(data, syntax, charset):
    found = read_octets(data, syntax, Profile(RecordCharset.named(charset)))
    book = found.book
    assert found.problem == ""
    assert (book.title, book.author, book.isbn, book.year) == ("三体", "刘慈欣", BOTH, "2008")
    assert book.edition.rstrip(".") in ("第1版", "")
    assert book.record_id in ("012008000001", "")


def test_marc8():
    profile = Profile(RecordCharset.named("marc-8"))
    found = read_octets(iso2709(BRIDGE_MARC8, marc8), USMARC, profile)
    assert found.book.title == "L'été à la communauté : récit"
    assert found.book.author == "Lefèvre, Zoé"
    assert found.book.isbn == ("9782070368075", "2070368076")
    assert found.book.year == "1985"
    assert found.copies == (Copy("CaQMU Main", "", "PQ2672 .E4", "30001"),)


def test_issn_and_linking_issn():
    serial = [("022", "  ", [("a", "0028-0836"), ("l", "1476-4687")]), ("245", "00", [("a", "Nature.")])]
    book = read_octets(iso2709(serial, utf8), USMARC, Profile()).book
    assert (book.title, book.issn) == ("Nature", ("0028-0836", "1476-4687"))


def test_the_title_in_its_own_script_counts():
    fields = [
        ("245", "10", [("a", "San ti /")]),
        ("880", "10", [("6", "245-01/$1"), ("a", "三体 /"), ("c", "刘慈欣.")]),
    ]
    book = read_octets(iso2709(fields, utf8), USMARC, Profile()).book
    assert book.title == "San ti"
    assert "三体" in book.titles


@pytest.mark.parametrize(
    ("dialect", "title"), [("auto", "三体"), ("unimarc", "三体"), ("cnmarc", "三体"), ("marc21", "")]
)
def test_the_dialect_is_told_by_the_record_or_the_account(dialect, title):
    found = read_octets(iso2709(THREE_BODY_CNMARC, utf8), USMARC, Profile(UTF8, dialect))
    assert found.book.title == title


COPIES = {
    "koha on the shelf": (
        (
            "952",
            "  ",
            [("0", "0"), ("1", "0"), ("7", "0"), ("b", "MAIN"), ("c", "STACKS"), ("o", "I247 L62"), ("p", "1")],
        ),
        Copy("MAIN", "STACKS", "I247 L62", "1", available=True, loanable=True),
    ),
    "koha on loan": (
        ("952", "  ", [("1", "0"), ("7", "0"), ("b", "MAIN"), ("q", "2026-01-01")]),
        Copy("MAIN", available=False, loanable=True),
    ),
    "koha lost": (("952", "  ", [("1", "2"), ("b", "MAIN")]), Copy("MAIN", available=False)),
    "koha reference": (("952", "  ", [("1", "0"), ("7", "1"), ("b", "M")]), Copy("M", available=True, loanable=False)),
    "koha says nothing": (("952", "  ", [("b", "MAIN"), ("o", "X")]), Copy("MAIN", "", "X")),
    "marc 21": (
        (
            "852",
            "0 ",
            [("a", "DLC"), ("b", "Main"), ("c", "Ref"), ("k", "Ref"), ("h", "QA76"), ("i", ".K6"), ("z", "damaged")],
        ),
        Copy("DLC Main", "Ref", "Ref QA76 .K6", note="damaged"),
    ),
    "cnmarc": (
        ("905", "  ", [("a", "SHL"), ("b", "212"), ("d", "I247.55"), ("e", "7120"), ("f", "3")]),
        Copy("SHL", "", "I247.55/7120", "212", 3),
    ),
    "french": (("995", "  ", [("b", "BU"), ("f", "77"), ("k", "840 LEF")]), Copy("BU", "", "840 LEF", "77")),
}


@pytest.mark.parametrize("name", COPIES)
def test_copies(name):
    field, copy = COPIES[name]
    found = read_octets(iso2709([("245", "10", [("a", "X")]), field], utf8), USMARC, Profile())
    assert found.copies == (copy,)


def test_a_library_has_its_own_holdings_field():
    own = HoldingsField(
        tag="949", library="l", call_number="ch", joiner=" ", status="s", available=("-",), unavailable=("d",)
    )
    profile = Profile(holdings=(own,))
    fields = [
        ("245", "10", [("a", "X")]),
        ("852", "  ", [("a", "ignored")]),
        *(("949", "  ", [("l", "A"), ("c", "1"), ("h", "2"), ("s", status)]) for status in ("-", "d", "?")),
    ]
    found = read_octets(iso2709(fields, utf8), USMARC, profile)
    assert [copy.available for copy in found.copies] == [True, False, None]
    assert {(copy.library, copy.call_number) for copy in found.copies} == {("A", "1 2")}


def test_holdings_fields_by_name():
    assert named_fields(["905"]) == (KNOWN["905"],)
    with pytest.raises(ValueError, match="holdings field '999' is not known"):
        named_fields(["999"])


@pytest.mark.parametrize(
    ("item", "available"),
    [
        (Circulation(available_now=True, on_hold=False), True),
        (Circulation(available_now=False), False),
        (Circulation(available_now=True, on_hold=True), False),
        (Circulation(), None),
    ],
)
def test_opac_availability_may_be_unknown(item, available):
    holding = OpacHolding(nuc_code="A", shelving_location="S", call_number="C", circulation=(item,))
    found = read_octets(iso2709(THREE_BODY_MARC21, utf8), USMARC, Profile(), (holding,))
    assert [(c.library, c.location, c.call_number, c.available) for c in found.copies] == [("A", "S", "C", available)]


def test_opac_records_as_xml():
    xml = f"""<opacRecord><bibliographicRecord>{MARCXML.partition("?>")[2]}</bibliographicRecord><holdings><holding>
    <nucCode>A</nucCode><callNumber>C</callNumber><circulations><circulation><availableNow value="0"/>
    <itemId>5</itemId></circulation></circulations></holding></holdings></opacRecord>"""
    found = read_octets(xml.encode(), XML, Profile())
    assert found.book.title == "三体"
    assert found.copies == (Copy("A", "", "C", "5", 1, available=False),)


@pytest.mark.parametrize(
    ("data", "syntax", "what"),
    [
        (b"junk", USMARC, "This usmarc record cannot be read: it has no directory"),
        (b"<a", XML, "This xml record cannot be read: it is not well-formed"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', XML, "DOCTYPE"),
        (b"<foo/>", XML, r"of a kind that is not known here \(foo\)"),
        ("三体".encode("gbk"), SUTRS, "set record_charset"),
        (b"<a>\xc8\xfd\xcc\xe5</a>", XML, "set record_charset"),
    ],
)
def test_what_cannot_be_read_is_said(data, syntax, what):
    found = read_octets(data, syntax, Profile())
    assert found.book.title == ""
    assert __import__("re").search(what, found.problem)


def test_xml_is_bounded():
    with pytest.raises(NotXml, match="nested deeper"):
        parse_xml(b"<a>" * 100 + b"</a>" * 100)
    with pytest.raises(NotXml, match="more than 200000 elements"):
        parse_xml(b"<a>" + b"<b/>" * 200_001 + b"</a>")


def test_xml_is_written_back():
    xml = '<a xmlns="u:1"><b x="1 &amp; &quot;2&quot;">t&lt;</b><c xmlns=""/></a>'
    assert parse_xml(parse_xml(xml.encode()).as_xml().encode()).as_xml() == parse_xml(xml.encode()).as_xml()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("\x98The \x9cbook /", "The book"), ("\x88Le\x89 livre :", "Le livre"), ("a\x1b[31mb", "a [31mb"), ("C++", "C++")],
)
def test_clean(text, cleaned):
    assert clean(text) == cleaned


def test_year():
    assert year_in("[出版年不详]", "c1999-2001") == "1999"
    assert year_in("20080319") == ""


SAME_PLACE = [
    ("952", "  ", [("b", "A"), ("o", "X"), ("p", str(n)), ("1", "0"), *due]) for n, due in ((1, [("q", "d")]), (2, []))
]


def test_copies_of_one_place_are_one_holding():
    other = ("952", "  ", [("b", "B"), ("o", "X"), ("p", "3")])
    record = read_octets(iso2709([*THREE_BODY_MARC21, *SAME_PLACE, other], utf8), USMARC, Profile())
    here, there = holdings_from([record], Query(citation=Citation(isbn="9787536692930")))
    assert (here.library, here.copies, here.available, here.barcode) == ("A", 2, True, "2")
    assert (there.library, there.copies, there.available) == ("B", 1, None)


def test_without_holdings_nothing_is_known_but_that_it_exists():
    record = read_octets(iso2709(THREE_BODY_MARC21, utf8), USMARC, Profile())
    (only,) = holdings_from([record], Query(title="三体"), library="ISIL:X")
    assert (only.library, only.available, only.copies, only.loanable) == ("ISIL:X", None, None, None)


def test_a_record_in_a_wrong_charset_is_a_holding_that_says_so():
    record = read_octets(iso2709(THREE_BODY_CNMARC, gbk), UNIMARC, Profile())
    (only,) = holdings_from([record], Query(isbn="9787536692930"))
    assert (only.title, only.isbn, only.call_number) == ("", BOTH, "I247.55/7120")
    assert "set record_charset" in only.note


def test_a_record_with_one_wrong_octet_is_a_whole_holding_that_names_what_is_left_out():
    octets = iso2709(THREE_BODY_CNMARC, str.encode)
    read = read_octets(octets.replace("重庆".encode(), b"\xd6\xd8\xc7\xec\x80\x80", 1), UNIMARC, Profile())
    assert not read.wrong_charset
    (holding, *_) = holdings_from([read], Query(title="三体"))
    assert holding.title.startswith("三体")
    assert holding.score == 1.0
    assert "are not UTF-8 and were left out; the rest was read." in holding.note
