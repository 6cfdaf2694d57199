"""ISO 2709 records whose lengths lie, as real ones do."""

from __future__ import annotations

import pymarc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore_z3950.records.charset import UTF8, RecordCharset, WrongCharset
from illcore_z3950.records.damage import LostText
from illcore_z3950.records.iso2709 import NotMarc, read_marc, split


@pytest.fixture
def octets(books):
    return books[0].as_marc()


def titles(marc):
    return [text for field in marc.all("245") for text in field.all("a")]


def test_a_record_as_pymarc_reads_it(books):
    for book in books:
        marc = read_marc(book.as_marc(), UTF8)
        assert marc.as_json()["fields"] == pymarc.Record(book.as_marc()).as_dict()["fields"]


@pytest.mark.parametrize("leader9", [" ", "a", "x", "\x00"])
@pytest.mark.parametrize("configured", ["utf-8", "marc-8", "gb18030", "latin-1"])
def test_the_leader_may_lie_about_the_character_set(octets, leader9, configured):
    octets = octets[:9] + leader9.encode() + octets[10:]
    assert titles(read_marc(octets, RecordCharset.named(configured))) == ["三体"]


@pytest.mark.parametrize("place", [slice(0, 5), slice(12, 17)], ids=["record length", "base address"])
@pytest.mark.parametrize("lie", [b"00000", b"99999", b"     ", b"-0001", b"abcde"])
def test_the_leader_may_lie_about_lengths(octets, place, lie):
    octets = octets[: place.start] + lie + octets[place.stop :]
    assert titles(read_marc(octets, UTF8)) == ["三体"]


def test_lengths_may_be_counted_in_characters(books):
    text = books[0].as_marc().decode("utf-8")
    counted = pymarc.Record(force_utf8=True)
    for field in books[0].get_fields():
        counted.add_field(field)
    directory_end = text.index("\x1e")
    entries, place, fixed = text[24:directory_end], 0, ""
    for number, data in enumerate(text[directory_end + 1 :].split("\x1e")[:-1]):
        fixed += f"{entries[12 * number : 12 * number + 3]}{len(data) + 1:04d}{place:05d}"
        place += len(data) + 1
    octets = (text[:24] + fixed + text[directory_end:]).encode()
    assert titles(read_marc(octets, UTF8)) == ["三体"]


def test_a_cut_off_record_keeps_what_came(octets):
    assert titles(read_marc(octets[:-20], UTF8)) == ["三体"] or read_marc(octets[:-20], UTF8).first("020").first("a")


def test_missing_terminator_and_blanks_in_front(octets):
    assert titles(read_marc(b"\r\n" + octets.rstrip(b"\x1d"), UTF8)) == ["三体"]


@pytest.mark.parametrize("junk", [b"", b"<record/>", b"x" * 100, b"\x1e\x1e\x1e", b"00026nam  2200025   4500\x1e\x1d"])
def test_what_is_no_marc(junk):
    with pytest.raises(NotMarc):
        split(junk)


def test_indicators_that_are_missing_and_odd_subfield_codes():
    body = b"\x1fatitle\x1f\xe9odd\x1f\x1e"
    octets = b"00000nam a2200000   4500" + b"245%04d00000\x1e" % len(body) + body + b"\x1d"
    field = read_marc(octets, RecordCharset.named("latin-1")).first("245")
    assert field.indicators == "  "
    assert field.subfields == (("a", "title"), ("?", "odd"))


def chinese(*damaged: bytes) -> bytes:
    """A record in UTF-8 with Chinese in four subfields, some of them replaced by other octets."""
    texts = [text.encode() for text in ("三体", "重庆出版社", "刘慈欣", "科幻小说")]
    texts[: len(damaged)] = damaged
    fields = [
        (b"001", b"rec1"),
        (b"020", b"  \x1fa9787536692930"),
        (b"245", b"10\x1fa" + texts[0] + b"\x1fbplain"),
        (b"260", b"  \x1fb" + texts[1]),
        (b"700", b"1 \x1fa" + texts[2]),
        (b"650", b" 4\x1fa" + texts[3]),
    ]
    directory, body = b"", b""
    for tag, data in fields:
        directory += b"%s%04d%05d" % (tag, len(data) + 1, len(body))
        body += data + b"\x1e"
    return b"00000nam a2200000   4500" + directory + b"\x1e" + body + b"\x1d"


def test_one_wrong_octet_costs_its_subfield_alone_and_is_named():
    marc = read_marc(chinese("三体".encode()[:-1]), UTF8)
    assert marc.first("245").subfields == (("a", ""), ("b", "plain"))
    assert marc.first("260").first("b") == "重庆出版社"
    assert marc.first("700").first("a") == "刘慈欣"
    assert str(marc.problem) == "Octets in 245 $a are not UTF-8 and were left out; the rest was read."
    assert isinstance(marc.problem, LostText)
    assert "245 $a 中有字节不是 UTF-8" in marc.problem.zh


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "marc-8", "latin-1"])
def test_a_field_in_another_character_set_is_left_out_of_a_record_in_utf8(charset):
    marc = read_marc(chinese("三体".encode("gbk")), RecordCharset.named(charset))
    assert titles(marc) == []
    assert marc.first("700").first("a") == "刘慈欣"
    assert "245 $a" in str(marc.problem)


def test_a_damaged_record_in_gbk_keeps_what_is_whole():
    whole = [text.encode("gbk") for text in ("重庆出版社", "刘慈欣", "科幻小说")]
    marc = read_marc(chinese("三体".encode("gbk")[:-1], *whole), RecordCharset.named("gbk"))
    assert titles(marc) == []
    assert [marc.first(tag).first("ab") for tag in ("260", "700", "650")] == ["重庆出版社", "刘慈欣", "科幻小说"]
    assert "245 $a are neither UTF-8 nor gb18030" in str(marc.problem)


def test_a_damaged_record_in_marc8_keeps_what_is_whole():
    octets = chinese(b"\x1b$1ab", b"communaut\xe2e", b"M\xe8uller", b"plain")
    marc = read_marc(octets, RecordCharset.named("marc-8"))
    assert [marc.first(tag).first("ab") for tag in ("245", "260", "700")] == ["plain", "communauté", "Müller"]
    assert "245 $a" in str(marc.problem)


@pytest.mark.parametrize("charset", ["utf-8", "marc-8", "latin-1"])
def test_in_a_wrong_character_set_the_ascii_parts_stay_and_the_setting_is_named(charset):
    octets = chinese(*(text.encode("gbk") for text in ("三体", "重庆出版社", "刘慈欣", "科幻小说")))
    marc = read_marc(octets, RecordCharset.named(charset))
    assert marc.first("020").first("a") == "9787536692930"
    assert marc.first("245").subfields == (("a", ""), ("b", "plain"))
    assert not any(marc.first(tag).first("ab") for tag in ("260", "700", "650"))
    assert isinstance(marc.problem, WrongCharset)
    assert "set record_charset" in str(marc.problem)


@given(
    st.lists(st.text("三体重庆出版社刘慈欣科幻小说红楼梦", min_size=2, max_size=8), min_size=3, max_size=3),
    st.binary(min_size=1, max_size=12).filter(lambda octets: not set(octets) & {0x1D, 0x1E, 0x1F}),
)
def test_whatever_one_subfield_holds_the_others_are_read(texts, junk):
    marc = read_marc(chinese(junk, *(text.encode() for text in texts)), UTF8)
    assert [marc.first(tag).first("ab") for tag in ("260", "700", "650")] == texts
    (title,) = [text for code, text in marc.first("245").subfields if code == "a"]
    assert title.encode() == junk or (title == "" and "245 $a" in str(marc.problem))
