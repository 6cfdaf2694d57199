"""A record in which some octets are wrong: what can still be read of it for certain, and the words about the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .charset import UTF8, RecordCharset, is_mojibake, is_multibyte, is_plain

_TWO_OCTETS = re.compile("[\u0080-\u07ff]")
_LONGER = re.compile("[\u0800-\U0010ffff]")
_PROOF = 3
_HANZI_RUN = re.compile("[\u2e80-\ufaff\U00020000-\U0003ffff]{2}")
_MOST_NAMED = 6


class LostText(ValueError):
    """Some subfields cannot be read. `str` is one sentence, `zh` the same in Chinese."""

    def __init__(self, lost: Sequence[str], charset: str) -> None:
        names = list(dict.fromkeys(lost))
        more = len(names) - _MOST_NAMED
        listed, listed_zh = ", ".join(names[:_MOST_NAMED]), "、".join(names[:_MOST_NAMED])
        if more > 0:
            listed, listed_zh = f"{listed} and {more} more", f"{listed_zh}等 {len(names)} 处"
        other, other_zh = ("", "") if charset == UTF8.name else (f" nor {charset}", f"，也不是 {charset}")
        neither = "not" if charset == UTF8.name else "neither"
        super().__init__(f"Octets in {listed} are {neither} UTF-8{other} and were left out; the rest was read.")
        self.zh = f"{listed_zh} 中有字节不是 UTF-8{other_zh}，已略去；其余内容已读取。"


def salvage(pieces: Sequence[bytes], charset: RecordCharset, *, says_utf8: bool = False) -> list[str | None] | None:
    """The texts of the pieces (subfields) of one record, None for those that are damaged.

    None at all if it is not certain that the record is UTF-8 or in `charset`: then the setting is wrong, not the
    record, and what happens to pass would be mojibake.
    """
    for candidate in dict.fromkeys((UTF8, charset)):
        texts = [_text(piece, candidate) for piece in pieces]
        telling = [text for piece, text in zip(pieces, texts, strict=True) if not is_plain(piece)]
        good = [text for text in telling if text is not None]
        if _is_certain(good, len(telling) - len(good), candidate, charset, says_utf8):
            return texts
    return None


def _text(piece: bytes, charset: RecordCharset) -> str | None:
    if charset == UTF8 and b"\x1b" in piece:
        return None
    try:
        text = charset.decode(piece)
    except UnicodeDecodeError:
        return None
    return None if is_mojibake(text, charset, escaped=b"\x1b" in piece) else text


def _is_certain(
    good: Sequence[str], bad: int, candidate: RecordCharset, configured: RecordCharset, says_utf8: bool
) -> bool:
    whole = "\n".join(good)
    if candidate == UTF8:
        # Three octets in a row that are UTF-8 by chance are rare, two are not.
        proof = len(_TWO_OCTETS.findall(whole)) + _PROOF * len(_LONGER.findall(whole))
        return len(good) >= bad and proof >= (1 if says_utf8 or not is_multibyte(configured) else _PROOF)
    if is_mojibake(whole, candidate, escaped=False):
        return False
    if is_multibyte(candidate):
        return len(good) >= bad and _HANZI_RUN.search(whole) is not None
    return len(good) > bad
