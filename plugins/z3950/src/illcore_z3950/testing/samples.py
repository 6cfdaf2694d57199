"""Records to test with, written in whatever character set a test needs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

RawField = tuple[str, str, Sequence[tuple[str, str]] | str]


def iso2709(fields: Sequence[RawField], encode: Callable[[str], bytes], leader9: str = " ") -> bytes:
    """A record in whatever character set: `fields` are (tag, indicators, subfields or data)."""
    directory, body = b"", b""
    for tag, indicators, content in fields:
        if isinstance(content, str):
            data = encode(content)
        else:
            data = indicators.encode() + b"".join(b"\x1f" + code.encode() + encode(text) for code, text in content)
        data += b"\x1e"
        directory += b"%s%04d%05d" % (tag.encode(), len(data), len(body))
        body += data
    base = 24 + len(directory) + 1
    leader = f"{base + len(body) + 1:05d}nam {leader9}22{base:05d}   450 ".encode()
    return leader + directory + b"\x1e" + body + b"\x1d"


THREE_BODY_CNMARC: Sequence[RawField] = [
    ("001", "", "012008000001"),
    ("010", "  ", [("a", "978-7-5366-9293-0"), ("d", "CNY23.00")]),
    ("100", "  ", [("a", "20080319d2008    em y0chiy50      ea")]),
    ("200", "1 ", [("a", "三体"), ("9", "san ti"), ("f", "刘慈欣著")]),
    ("205", "  ", [("a", "第1版")]),
    ("210", "  ", [("a", "重庆"), ("c", "重庆出版社"), ("d", "2008")]),
    ("701", " 0", [("a", "刘慈欣"), ("4", "著")]),
    ("905", "  ", [("a", "SHL"), ("b", "21234567"), ("d", "I247.55"), ("e", "7120"), ("f", "3")]),
]
DREAM_CNMARC: Sequence[RawField] = [
    ("001", "", "012008000002"),
    ("010", "  ", [("a", "978-7-02-000220-7")]),
    ("200", "1 ", [("a", "红楼梦"), ("f", "曹雪芹著")]),
    ("701", " 0", [("a", "曹雪芹")]),
]


def gbk(text: str) -> bytes:
    """As Chinese servers write it."""
    return text.encode("gbk")


def marc8(text: str) -> bytes:
    """ANSEL puts the diacritic before its letter; enough of it for the samples."""
    marks = {"\u0301": b"\xe2", "\u0308": b"\xe8", "\u0300": b"\xe1", "\u0302": b"\xe3"}
    octets = b""
    for char in text:
        letter, *above = list(unicodedata.normalize("NFD", char))
        octets += b"".join(marks[mark] for mark in above) + letter.encode("ascii")
    return octets


BRIDGE_MARC8: Sequence[RawField] = [
    ("001", "", "m8-1"),
    ("020", "  ", [("a", "2070368076 (br.)")]),
    ("100", "1 ", [("a", "Lefèvre, Zoé.")]),
    ("245", "10", [("a", "L'été à la communauté :"), ("b", "récit /"), ("c", "Zoé Lefèvre.")]),
    ("260", "  ", [("a", "Genève :"), ("b", "Müller,"), ("c", "c1985.")]),
    ("852", "  ", [("a", "CaQMU"), ("b", "Main"), ("h", "PQ2672"), ("i", ".E4"), ("p", "30001")]),
]
