"""The character set of a record: strict UTF-8 first, then the target's, decided for the whole record at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..values import known_charset
from .marc8 import decode_marc8

Decoder = Callable[[bytes], str]

_MARC8_NAMES = frozenset({"marc8", "marc-8", "marc_8", "ansel"})
_GB = frozenset({"gb2312", "gbk", "gb18030", "hz"})
_MULTIBYTE = re.compile(r"^(gb|big5|euc|shift|johab|cp932|cp949|cp950|hz)")
_LATIN = re.compile(r"^(iso8859-(1|2|3|4|9|10|13|14|15|16)|latin|cp125[02478]|cp437|cp850|mac-roman)")
_TWO_OCTETS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
_LONGER = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_ENOUGH = 4
_STRAY = re.compile("[\x1b\x80-\x87\x8a-\x97\x99-\x9b\x9d-\x9f]")
_RUN = re.compile("[\u00a1-\u02ff\u0300-\u036f]{3,}")
_HIGH = re.compile("[\u00a1-\uffff]")
_HANZI_RUN = re.compile("[\u2e80-\ufaff\U00020000-\U0003ffff]{2}")
_HANZI_IN_WORD = re.compile("[a-z][\u2e80-\ufaff]|[\u2e80-\ufaff][a-z]")
_SUGGESTED = ("gb18030", "marc-8", "big5")


class WrongCharset(ValueError):
    """A record is not in the character set that the account says. `str` is one sentence, `zh` the same in Chinese."""

    def __init__(self, charset: str, likely: str) -> None:
        en = f"The record is neither UTF-8 nor {charset}" if charset != "utf-8" else "The record is not UTF-8"
        zh = f"记录既不是 UTF-8，也不是 {charset}" if charset != "utf-8" else "记录不是 UTF-8"
        hint = f"{likely} would fit" if likely else "for example gb18030, marc-8 or latin-1"
        hint_zh = f"{likely} 可能合适" if likely else "例如 gb18030、marc-8 或 latin-1"
        super().__init__(f"{en}; set record_charset to what the target sends ({hint}).")
        self.zh = f"{zh}；请把 record_charset 设为对方实际使用的字符集（{hint_zh}）。"


@dataclass(frozen=True, slots=True)
class RecordCharset:
    """A character set for records by name; `name` is the normal form, `marc-8` for MARC-8."""

    name: str

    @classmethod
    def named(cls, name: str) -> RecordCharset:
        """GB2312 and GBK mean GB18030, which holds both. Raises ValueError if the name is not known."""
        key = name.strip().lower()
        if key in _MARC8_NAMES:
            return cls("marc-8")
        known = known_charset(key)
        return cls("gb18030" if known in _GB else known)

    def decode(self, octets: bytes) -> str:
        """Strictly. Raises UnicodeDecodeError."""
        if self.name == "marc-8":
            return "\x1f".join([decode_marc8(subfield) for subfield in octets.split(b"\x1f")])
        return octets.decode(self.name)


UTF8 = RecordCharset("utf-8")


def decode_all(pieces: Sequence[bytes], charset: RecordCharset, *, says_utf8: bool = False) -> list[str]:
    """The texts of all pieces of one record, all in the same character set.

    UTF-8 wins if the whole record is that; a few accents alone do not prove it against a Chinese character set, unless
    the record itself claims UTF-8 (`says_utf8`). Raises WrongCharset if neither fits.
    """
    whole = b"\x1f".join(pieces)
    if is_plain(whole):
        return [piece.decode("ascii") for piece in pieces]
    if _is_utf8(whole, charset, says_utf8):
        return [piece.decode("utf-8") for piece in pieces]
    texts = _strictly(pieces, charset)
    if texts is None:
        raise WrongCharset(charset.name, likely_charset(pieces, charset))
    return texts


def likely_charset(pieces: Sequence[bytes], besides: RecordCharset) -> str:
    """A character set that the octets fit, for the advice to a person; empty if none does."""
    for name in _SUGGESTED:
        if name != besides.name and _strictly(pieces, RecordCharset(name)) is not None:
            return name
    return ""


def ascii_only(piece: bytes) -> str:
    """The piece if it is plain ASCII, else nothing: half a text is worse than none."""
    return piece.decode("ascii") if is_plain(piece) else ""


def is_plain(piece: bytes) -> bool:
    """Whether it reads the same in all character sets."""
    return piece.isascii() and b"\x1b" not in piece


def is_multibyte(charset: RecordCharset) -> bool:
    """Whether it is one of the Chinese, Japanese and Korean character sets."""
    return _MULTIBYTE.match(charset.name) is not None


def _is_utf8(whole: bytes, charset: RecordCharset, says_utf8: bool) -> bool:
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if b"\x1b" in whole:
        return False
    if charset.name == "utf-8" or says_utf8 or not is_multibyte(charset):
        return True
    return _LONGER.search(whole) is not None or len(_TWO_OCTETS.findall(whole)) >= _ENOUGH


def _strictly(pieces: Sequence[bytes], charset: RecordCharset) -> list[str] | None:
    try:
        texts = [charset.decode(piece) for piece in pieces]
    except UnicodeDecodeError:
        return None
    escaped = any(b"\x1b" in piece for piece in pieces)
    return None if is_mojibake("\n".join(texts), charset, escaped=escaped) else texts


def is_mojibake(text: str, charset: RecordCharset, *, escaped: bool) -> bool:
    """Whether octets of another character set passed for this one. Only what real texts never show counts."""
    if _STRAY.search(text):
        return True
    if is_multibyte(charset):
        # One octet with an accent swallows the Latin letter behind it: hanzi inside words, and never two in a row.
        return bool(_HANZI_IN_WORD.search(text)) and not _HANZI_RUN.search(text)
    if _LATIN.match(charset.name) or (charset.name == "marc-8" and not escaped):
        high = len(_HIGH.findall(text))
        return high > 0 and sum(map(len, _RUN.findall(text))) * 2 > high
    return False
