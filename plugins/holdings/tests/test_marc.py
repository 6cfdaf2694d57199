"""MARC dumps as real systems write them: character sets, leaders that lie, records that are torn, junk between them."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymarc import XMLWriter

from illcore_holdings.charset import Charset
from illcore_holdings.faults import CannotLoad
from illcore_holdings.formats import FileOptions, reader_for
from illcore_holdings.marc.items import item_field
from illcore_holdings.opened import SourceFile
from illcore_holdings.reading import Reading
from illcore_holdings.record import Record

ISBN = "9787536692930"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Reading]]:
    """`read(octets, position=0, charset=…, **options)`: what comes out of a file with these octets."""

    def through(octets: bytes, position: int = 0, charset: str = "utf-8", **options: Any) -> list[Reading]:
        path = tmp_path / "dump"
        path.write_bytes(octets)
        reader = reader_for(SourceFile.at(path), FileOptions(charset=Charset.named(charset), **options))
        return list(reader.read(position))

    return through


def records(readings: list[Reading]) -> list[Record]:
    return [reading.record for reading in readings if reading.record is not None]


def reasons(readings: list[Reading]) -> list[str]:
    return [reading.reason for reading in readings if reading.raw]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8"])
def test_cnmarc_in_gbk_and_utf8(read: Any, chinese: Any, encoding: str) -> None:
    (found,) = records(read(chinese("三体", "刘慈欣", "978-7-5366-9293-0", encoding), charset="gbk"))
    assert (found.title, found.author, found.isbn, found.year) == ("三体", "刘慈欣", (ISBN,), "2008")
    (copy,) = found.copies
    assert (copy.library, copy.location, copy.call_number) == ("CN-110001", "中文书库", "I247.55/88")
    assert (copy.barcode, copy.copies) == ("00123", 2)


def test_a_charset_that_was_not_named_is_said_and_nothing_is_garbled(read: Any, chinese: Any) -> None:
    readings = read(chinese("三体", "刘慈欣", ISBN, "gbk"))
    assert records(readings) == []
    assert reasons(readings) == ["it is not UTF-8; --charset gb18030 would fit"]


def test_a_few_accents_in_gbk_are_not_taken_for_utf8(read: Any, chinese: Any) -> None:
    title = "脗"  # its octets in GBK are a letter with an accent in UTF-8
    assert title.encode("gbk").decode("utf-8").isalpha()
    octets = chinese(title, "A", ISBN, "gbk").replace("重庆出版社著中文书库".encode("gbk"), b"")
    (found,) = records(read(octets, charset="gbk"))
    assert found.title == title


def test_marc8_with_accents_and_chinese(read: Any, made: Any) -> None:
    octets = bytes(made([("001", "1"), ("245", {"a": "XXXX", "b": "YYYYYY"})], " ").as_marc())
    octets = octets.replace(b"XXXX", b"Caf\xe2e"[:4] + b"e").replace(b"YYYYYY", b"\x1b$1!0!")
    octets = octets.replace(b"\x1b$1!0!", b"\x1b$1!=s\x1b(B")
    readings = read(octets, charset="marc-8")
    (found,) = records(readings)
    assert found.title.startswith("Café")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in found.title)


def test_octets_that_are_no_marc8_are_no_record(read: Any, made: Any) -> None:
    octets = bytes(made([("001", "1"), ("245", {"a": "XXXX"})], " ").as_marc()).replace(b"XXXX", b"ab\xff\xfe")
    assert reasons(read(octets, charset="marc-8")) == ["it is neither UTF-8 nor marc-8"]


@pytest.mark.parametrize(
    "lie",
    [
        lambda octets: b"99999" + octets[5:],
        lambda octets: b"00000" + octets[5:],
        lambda octets: octets[:12] + b"00000" + octets[17:],
        lambda octets: octets[:9] + b" " + octets[10:],
        lambda octets: octets[:27] + b"9999" + octets[31:],
    ],
    ids=["length too long", "length zero", "base address", "says MARC-8", "length of a field"],
)
def test_a_lying_leader_or_directory_is_survived(read: Any, marc21: Any, lie: Callable[[bytes], bytes]) -> None:
    octets = lie(marc21(1, "三体", ISBN)) + marc21(2, "Second")
    assert [found.title for found in records(read(octets))] == ["三体", "Second"]


def test_a_torn_record_takes_no_other_with_it(read: Any, marc21: Any) -> None:
    torn = marc21(2, "Torn off")[:-30]
    readings = read(marc21(1, "First") + torn + marc21(3, "Third"))
    assert [found.title for found in records(readings)] == ["First", "Third"]
    assert [reading.raw for reading in readings if reading.raw] == [torn]
    assert "fields" in reasons(readings)[0]


def test_the_end_of_a_file_that_was_cut_off_is_bad(read: Any, marc21: Any) -> None:
    readings = read(marc21(1, "First") + marc21(2, "Second")[:-40])
    assert [found.title for found in records(readings)] == ["First"]
    assert len(reasons(readings)) == 1


def test_junk_between_records_is_kept_as_bad_and_blanks_are_nothing(read: Any, marc21: Any) -> None:
    octets = b"\xef\xbb\xbf" + marc21(1, "First") + b"\r\n\r\n" + b"<html>502</html>" + marc21(2, "Second") + b"\n\x1a"
    readings = read(octets, format="marc")
    assert [found.title for found in records(readings)] == ["First", "Second"]
    assert [reading.raw for reading in readings if reading.raw] == [b"\r\n\r\n<html>502</html>"]


def test_octets_without_any_end_are_cut_and_reading_goes_on(read: Any, marc21: Any) -> None:
    readings = read(marc21(1, "First") + b"x" * (9 << 20) + b"\x1d" + marc21(2, "Second"))
    assert [found.title for found in records(readings)] == ["First", "Second"]
    assert reasons(readings)[0] == "no record ends within 4194304 octets"


def test_reading_goes_on_behind_any_record(read: Any, marc21: Any) -> None:
    octets = marc21(1, "First") + b"\n" + marc21(2, "Second") + marc21(3, "Third")
    for place, reading in enumerate(read(octets), start=1):
        rest = [found.title for found in records(read(octets, reading.position, format="marc"))]
        assert rest == ["First", "Second", "Third"][place:]


def test_deleted_records_and_withdrawn_copies_are_no_holdings(read: Any, made: Any) -> None:
    gone = made([("245", {"a": "Gone"}), ("952", {"o": "A 1", "1": "1"}), ("952", {"o": "A 2", "0": "1"})])
    partly = made([("245", {"a": "Partly"}), ("952", {"o": "A 1", "1": "1"}), ("952", {"o": "A 2", "0": "0"})])
    deleted = made([("245", {"a": "Deleted"})])
    deleted.leader = deleted.leader[:5] + "d" + deleted.leader[6:]
    readings = read(b"".join(bytes(one.as_marc()) for one in (gone, partly, deleted)))
    assert [(found.title, [copy.call_number for copy in found.copies]) for found in records(readings)] == [
        ("Partly", ["A 2"])
    ]
    assert reasons(readings) == []


def test_availability_and_loans_of_koha_items(read: Any, made: Any) -> None:
    items = [{"o": "in", "7": "0"}, {"o": "out", "q": "2026-01-01"}, {"o": "stays", "7": "1"}]
    (found,) = records(read(bytes(made([("245", {"a": "T"}), *(("952", item) for item in items)]).as_marc())))
    assert [(copy.call_number, copy.available, copy.loanable) for copy in found.copies] == [
        ("in", True, True),
        ("out", False, None),
        ("stays", True, False),
    ]


def test_a_field_of_the_librarys_own(read: Any, made: Any) -> None:
    octets = bytes(made([("245", {"a": "T"}), ("949", {"l": "Attic", "a": "X", "b": "7", "i": "B9"})]).as_marc())
    own = item_field("949 location=l call_number=ab joiner=. barcode=i")
    (found,) = records(read(octets, items=(own,)))
    assert [(copy.location, copy.call_number, copy.barcode) for copy in found.copies] == [("Attic", "X.7", "B9")]


@pytest.mark.parametrize("wrong", ["111", "94 location=l", "949 place=l", "949 location=?"])
def test_a_wrong_items_field_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        item_field(wrong)


def test_other_scripts_and_further_titles_are_found_too(read: Any, made: Any) -> None:
    fields = [
        ("100", {"a": "Liu, Cixin."}),
        ("245", {"a": "\x98The\x9c San ti :", "b": "a novel /", "c": "Liu Cixin."}),
        ("246", {"a": "Three body"}),
        ("880", {"6": "245-01", "a": "三体"}),
        ("880", {"6": "100-02", "a": "刘慈欣"}),
    ]
    (found,) = records(read(bytes(made(fields).as_marc())))
    assert found.title == "The San ti : a novel"
    assert found.titles == ("The San ti", "三体", "Three body")
    assert found.authors == ("刘慈欣", "Liu Cixin")


def test_a_wrong_isbn_does_not_lose_the_record(read: Any, marc21: Any) -> None:
    (reading,) = read(marc21(1, "First", "9787536692931"))
    assert reading.record is not None
    assert reading.record.isbn == ()
    assert reading.wrong_number == "9787536692931"


@pytest.mark.parametrize(
    ("fields", "electronic"),
    [
        ([("856", {"u": "https://example.org/1"})], False),
        ([("008", "240101s2024    cc      o     000 0 chi d"), ("856", {"u": "https://example.org/1"})], True),
        ([("007", "cr |||"), ("856", {"u": "https://example.org/1"})], True),
        ([("007", "cr |||"), ("856", {"u": "https://example.org/1"}), ("852", {"h": "A 1"})], False),
    ],
)
def test_a_link_alone_makes_no_e_resource(read: Any, made: Any, fields: Any, electronic: bool) -> None:
    (found,) = records(read(bytes(made([("245", {"a": "T"}), *fields]).as_marc())))
    assert (found.electronic, found.url) == (electronic, "https://example.org/1")


def xml(tmp_path: Path, records: list[Any]) -> bytes:
    with (tmp_path / "made.xml").open("wb") as file:
        writer = XMLWriter(file)
        for record in records:
            writer.write(record)
        writer.close(close_fh=False)
    return (tmp_path / "made.xml").read_bytes()


def test_marcxml(read: Any, made: Any, tmp_path: Path) -> None:
    octets = xml(tmp_path, [made([("245", {"a": f"三体 {n} <&>"}), ("020", {"a": ISBN})]) for n in range(3)])
    readings = read(octets)
    assert [found.title for found in records(readings)] == [f"三体 {n} <&>" for n in range(3)]
    assert records(read(octets, readings[1].position, format="marcxml"))[0].title == "三体 2 <&>"


def test_marcxml_with_a_prefix_another_encoding_and_a_broken_record(read: Any) -> None:
    def one(title: str) -> str:
        return (
            f'<m:record><m:leader>00000nam  2200000 a 4500</m:leader><m:datafield tag="245" ind1=" " ind2=" ">'
            f'<m:subfield code="a">{title}</m:subfield></m:datafield></m:record>'
        )

    text = (
        '<?xml version="1.0" encoding="GB18030"?>\n<m:collection xmlns:m="http://www.loc.gov/MARC21/slim">'
        + one("三体")
        + one("<broken")
        + one("torn")[:60]
        + one("红楼梦")
        + "</m:collection>"
    )
    readings = read(text.encode("gb18030"))
    assert [found.title for found in records(readings)] == ["三体", "红楼梦"]
    assert len(reasons(readings)) == 2
    assert all("no XML" in reason for reason in reasons(readings))


def test_no_entity_of_a_marcxml_file_is_resolved(read: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    text = (
        f'<!DOCTYPE c [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]><collection><record><leader/>'
        '<datafield tag="245"><subfield code="a">T &x;</subfield></datafield></record></collection>'
    )
    assert records(read(text.encode())) == []


def test_utf16_xml_is_refused_with_advice(read: Any) -> None:
    with pytest.raises(CannotLoad, match="UTF-8"):
        read("<collection><record/></collection>".encode("utf-16"), format="marcxml")


def test_a_packed_dump(read: Any, marc21: Any) -> None:
    octets = gzip.compress(marc21(1, "First") + marc21(2, "Second"))
    readings = read(octets)
    assert [found.title for found in records(readings)] == ["First", "Second"]
    assert [found.title for found in records(read(octets, readings[0].position))] == ["Second"]
