"""Bytes → text whatever the mail says of its charset: GB2312 that is GBK, nothing declared, something unknown. Pure."""

import codecs
import re
from email.header import decode_header
from functools import lru_cache

_WIDER = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
}
_UNDECLARED = frozenset(
    {"", "us-ascii", "ascii", "unknown-8bit", "8bit", "x-unknown", "default", "utf-7", "unicode-1-1-utf-7"}
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ODD = re.compile(r"[\u00a0-\u02ff\u2000-\u206f\ue000-\uf8ff\ufffd]")
_BETWEEN_LETTERS = re.compile(rb"[A-Za-z][\x80-\xff]{1,3}[A-Za-z]")
_LONG_RUN = re.compile(rb"[\x81-\xfe][\x40-\xfe][\x81-\xfe][\x40-\xfe]")
_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=")


def decode(data: bytes, declared: str = "") -> str:
    """The text. Never raises: what no charset explains stands as U+FFFD."""
    name = declared.strip().strip("\"'").lower()
    if name not in _UNDECLARED:
        codec = _codec(_WIDER.get(name, name))
        if codec:
            try:
                return data.decode(codec)
            except (UnicodeDecodeError, ValueError):
                return _guessed(data, codec)
    return _guessed(data, "")


def _guessed(data: bytes, codec: str) -> str:
    """UTF-8, then GB 18030 if that gives Chinese, then as declared with marks for what is broken, then Windows 1252."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = data.decode("gb18030", "replace")
    han, odd = len(_HAN.findall(text)), len(_ODD.findall(text))
    western = len(_BETWEEN_LETTERS.findall(data)) > len(_LONG_RUN.findall(data))
    if codec not in ("cp1252", "utf-8") and not western and han and han >= 4 * odd:
        return text
    utf8 = data.decode("utf-8", "replace")
    broken = utf8.count("\ufffd")
    if codec == "utf-8" and broken * 4 < len(utf8):
        return utf8
    if not western and han and han >= 4 * odd:
        return text
    return data.decode(codec, "replace") if codec else data.decode("cp1252", "replace")


@lru_cache(maxsize=256)
def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return found.name if found._is_text_encoding else ""


def header_text(value: object) -> str:
    """A header as people read it: encoded words, raw 8-bit bytes, folds; one line, at most 2,000 characters."""
    text = str(value or "")[:8000].replace("\0", "")
    raw = text.encode("utf-8", "surrogateescape")
    if any(byte > 127 for byte in raw):
        text = _guessed(raw, "")
    if "=?" in text:
        text = _words(text)
    return " ".join(text.split())[:2000]


def _words(text: str) -> str:
    if not _WORD.search(text):
        return text
    try:
        parts = decode_header(text)
    except (ValueError, LookupError, AssertionError):
        return text
    joined: list[tuple[bytes, str]] = []
    for part, charset in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "replace")
        name = charset or ""
        if joined and name and joined[-1][1] == name:
            joined[-1] = (joined[-1][0] + data, name)  # a character may be cut between two words
        else:
            joined.append((data, name))
    return "".join(decode(data, name) for data, name in joined)
