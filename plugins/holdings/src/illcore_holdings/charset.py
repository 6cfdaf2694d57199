"""Character sets of files: strict UTF-8 first, then the one that the user names, decided for a whole record."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from .marc.marc8 import decode_marc8

MARC8 = "marc-8"
_MARC8_NAMES = frozenset({"marc8", "marc-8", "marc_8", "ansel"})
_GB = frozenset({"gb2312", "gbk", "gb18030"})
_CJK_CODES = re.compile(r"gb18030|big5|euc|shift|johab|cp9")
_LONGER = re.compile("[\u0800-\uffff\U00010000-\U0010ffff]")
_STRAY = re.compile("[\x1b\x80-\x87\x8a-\x97\x99-\x9b\x9d-\x9f]")
_HANZI_RUN = re.compile("[\u2e80-\ufaff\U00020000-\U0003ffff]{2}")
_HANZI_IN_WORD = re.compile("[a-z][\u2e80-\ufaff]|[\u2e80-\ufaff][a-z]")
_ACCENTS_IN_A_ROW = re.compile("[\u00a1-\u036f]{3,}")
_HIGH = re.compile("[\u00a1-\uffff]")
_SUGGESTED = ("gb18030", MARC8, "big5")


class WrongCharset(ValueError):
    """The octets are not in the character set that was named; the text says which would fit."""


@dataclass(frozen=True, slots=True)
class Charset:
    """A character set by its normal name; `marc-8` is MARC-8."""

    name: str

    @classmethod
    def named(cls, name: str) -> Charset:
        """GB2312 and GBK mean GB18030, which holds both. Raises ValueError if the name is not known."""
        key = name.strip().lower()
        if key in _MARC8_NAMES:
            return cls(MARC8)
        try:
            codec = codecs.lookup(key)
        except LookupError:
            raise ValueError(
                f"the character set {name} is not known; utf-8, gb18030, gbk, big5, marc-8 and latin-1 are"
            ) from None
        if not codec._is_text_encoding:
            raise ValueError(f"{name} is no character set; utf-8, gb18030, gbk, big5, marc-8 and latin-1 are")
        return cls("gb18030" if codec.name in _GB else codec.name)

    def strictly(self, octets: bytes) -> str | None:
        """The text, or None if the octets are something else, or only pass for this."""
        try:
            text = decode_marc8(octets) if self.name == MARC8 else octets.decode(self.name)
        except UnicodeDecodeError:
            return None
        return None if _is_mojibake(text, self.name, b"\x1b" in octets) else text


UTF8 = Charset("utf-8")


def decode(octets: bytes, charset: Charset, *, says_utf8: bool = False) -> str:
    """The text of one record.

    UTF-8 wins if the whole record is that; a few accents alone do not prove it against a Chinese character set, unless
    the record itself claims UTF-8. Raises WrongCharset if neither fits.
    """
    if b"\x1b" not in octets:
        try:
            text = octets.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            if says_utf8 or text.isascii() or not _CJK_CODES.match(charset.name) or _LONGER.search(text):
                return text
            return charset.strictly(octets) or text
    found = charset.strictly(octets)
    if found is None:
        raise WrongCharset(wrong(octets, charset))
    return found


def wrong(octets: bytes, charset: Charset) -> str:
    """What is wrong with the octets, and what would fit."""
    fits = next((name for name in _SUGGESTED if name != charset.name and Charset(name).strictly(octets)), "")
    said = "it is not UTF-8" if charset == UTF8 else f"it is neither UTF-8 nor {charset.name}"
    return f"{said}; --charset {fits} would fit" if fits else said


def _is_mojibake(text: str, charset: str, escaped: bool) -> bool:
    """Whether octets of another character set passed for this one. Only what real texts never show counts."""
    if _STRAY.search(text):
        return True
    if _CJK_CODES.match(charset):
        # One octet with an accent swallows the Latin letter behind it: hanzi inside words, and never two in a row.
        return bool(_HANZI_IN_WORD.search(text)) and not _HANZI_RUN.search(text)
    if charset != "utf-8" and not escaped:
        high = len(_HIGH.findall(text))
        return high > 0 and sum(map(len, _ACCENTS_IN_A_ROW.findall(text))) * 2 > high
    return False
