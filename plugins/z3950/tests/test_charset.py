"""Character sets of records: what is right comes out right, what is wrong is said, and nothing is guessed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pymarc.marc8 import marc8_to_unicode

from illcore_z3950.records.charset import UTF8, RecordCharset, WrongCharset, decode_all
from illcore_z3950.records.marc8 import decode_marc8

GBK = RecordCharset.named("gbk")
MARC8 = RecordCharset.named("MARC-8")
LATIN1 = RecordCharset.named("latin-1")


def record(*texts, charset):
    return [text.encode(charset) for text in texts]


@pytest.mark.parametrize(
    ("name", "normal"),
    [("GB2312", "gb18030"), ("gbk", "gb18030"), ("marc8", "marc-8"), ("MARC-8", "marc-8"), ("ISO-8859-1", "iso8859-1")],
)
def test_names(name, normal):
    assert RecordCharset.named(name).name == normal


def test_an_unknown_name_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="'klingon' is not a known character set"):
        RecordCharset.named("klingon")


CHINESE = ("三体", "刘慈欣著", "重庆出版社")
FRENCH = ("L'été à la communauté", "Lefèvre, Zoé", "Genève")


@pytest.mark.parametrize(
    ("texts", "written", "configured"),
    [
        (CHINESE, "utf-8", UTF8),
        (CHINESE, "utf-8", GBK),
        (CHINESE, "utf-8", MARC8),
        (CHINESE, "gbk", GBK),
        (("紅樓夢", "曹雪芹"), "gbk", GBK),
        (("𠮷野家", "〇"), "gb18030", GBK),
        (("Python编程入门", "T恤设计", "A股"), "gbk", GBK),
        (FRENCH, "latin-1", LATIN1),
        (FRENCH, "utf-8", LATIN1),
        (("Война и мир", "Толстой"), "windows-1251", RecordCharset.named("windows-1251")),
        (("紅樓夢", "曹雪芹"), "big5", RecordCharset.named("big5")),
        (("plain ASCII",), "ascii", MARC8),
    ],
)
def test_read_as_written(texts, written, configured):
    assert decode_all(record(*texts, charset=written), configured) == list(texts)


@pytest.mark.parametrize(
    ("texts", "written", "configured", "advice"),
    [
        (CHINESE, "gbk", UTF8, "gb18030 would fit"),
        (CHINESE, "gbk", LATIN1, "gb18030 would fit"),
        (CHINESE, "gbk", MARC8, "gb18030 would fit"),
        (FRENCH, "latin-1", UTF8, "set record_charset"),
        (FRENCH, "latin-1", GBK, "neither UTF-8 nor gb18030"),
        (("“smart” quotes", "résumé"), "windows-1252", LATIN1, "set record_charset"),
    ],
)
def test_a_wrong_setting_is_said_and_never_shown_as_mojibake(texts, written, configured, advice):
    with pytest.raises(WrongCharset, match=advice) as caught:
        decode_all(record(*texts, charset=written), configured)
    assert "record_charset" in caught.value.zh


def test_chinese_in_marc8_is_not_shown_as_its_escape_sequences():
    octets = b"\x1b$1!0N!6V\x1b(B"
    with pytest.raises(WrongCharset):
        decode_all([octets], UTF8)


def test_a_few_octets_that_happen_to_be_utf8_prove_nothing_against_a_chinese_setting():
    octets = "坛".encode("gbk")
    assert octets.decode("utf-8") == "̳"
    assert decode_all([octets], GBK) == ["坛"]
    assert decode_all(["Zoé".encode()], GBK, says_utf8=True) == ["Zoé"]


def test_a_field_is_read_in_the_character_set_of_the_whole_record():
    pieces = record("坛", "论坛文集", "北京出版社", charset="gbk")
    assert decode_all(pieces, GBK) == ["坛", "论坛文集", "北京出版社"]


@pytest.mark.parametrize("octets", [b"\xe2", b"\x1b", b"\x1b$", b"\xff", b"\x1b$1ab"])
def test_broken_marc8_is_an_error_and_not_a_blank(octets):
    with pytest.raises(UnicodeDecodeError):
        decode_marc8(octets)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"communaut\xe2e", "communauté"),
        (b"M\xe8uller", "Müller"),
        (b"\xa1\xe2od\xb0", "Łódʻ"),
        (b"H\x1bb2\x1bsO", "H₂O"),
        (b"\x1b(NmOSKWA\x1b(B", "Москва"),
        (b"", ""),
    ],
)
def test_marc8(octets, text):
    assert decode_marc8(octets) == text == marc8_to_unicode(octets)


def test_marc8_agrees_with_pymarc_on_real_records():
    root = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("ILL_STANDARDS", root.parent / "shared" / "standards")) / "z3950" / "marc" / "pymarc"
    if not folder.is_dir():
        pytest.skip("the sample records of the standards collection are not here (set ILL_STANDARDS)")
    lines = (folder / "test_marc8.txt").read_bytes().splitlines()
    assert len(lines) > 100
    for line in lines:
        assert decode_marc8(line) == marc8_to_unicode(line)
