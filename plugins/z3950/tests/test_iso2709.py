"""ISO 2709 records whose lengths lie, as real ones do."""

from __future__ import annotations

import pymarc
import pytest

from illcore_z3950.records.charset import UTF8, RecordCharset
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


def test_in_a_wrong_character_set_the_ascii_parts_stay_and_the_rest_is_named(books):
    book = pymarc.Record(books[0].as_marc())
    octets = book.as_marc().replace("三体".encode(), b"\xc8\xfd\xcc\xe5  ")
    marc = read_marc(octets, UTF8)
    assert marc.first("020").first("a") == "9787536692930"
    assert titles(marc) == []
    assert "The record is not UTF-8; set record_charset" in str(marc.problem)
