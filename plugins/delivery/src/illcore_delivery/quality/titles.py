"""Whether the title that was asked for stands in a text: letters may be misread, lines broken, words hyphenated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from illcore.model import Citation

_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W_]+")
_BROKEN_WORD = re.compile(r"(?:[-\u00ad\u2010]\s*[\r\n]+\s*|[\ufffe\uffff\u00ad\x02]\s*)")
_EMPTY = frozenset(
    "a an and at by das de del der des die du el en et for from in into is la las le les los of on or the to und von "
    "with".split()
)
_PIECES_OF_BOOKS = frozenset(("Article", "Chapter"))
_FIRST = 3
_MISREAD = 85
_SOME = 4


class Titles(NamedTuple):
    """What is looked for. `telling`: long enough that its absence means something."""

    shown: str
    letters: str
    words: tuple[str, ...]
    cjk: bool
    telling: bool
    author: str
    doi: str


class Likeness(NamedTuple):
    """`share` of the title that was found, 0 to 1; `where` it was found for certain, else empty."""

    share: float
    where: str
    same_script: bool = True
    author: bool = False


class _Folded(NamedTuple):
    letters: str
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Folded:
        plain = _plain(text)
        words = _WORD.findall(plain)
        return cls("".join(words), frozenset(word for word in words if len(word) > 2))


def titles_of(citation: Citation) -> Titles | None:
    """The title of the article or chapter, else of the whole, without its subtitle; None if there is none."""
    shown = citation.title_of_component or citation.title
    main = _plain(re.split(r"\s[:/=]\s", shown)[0]) or _plain(shown)
    words = _WORD.findall(main)
    letters = "".join(words)
    if not letters:
        return None
    cjk = bool(_CJK.search(letters))
    telling = tuple(dict.fromkeys(word for word in words if word not in _EMPTY and len(word) > 2))
    host_only = not citation.title_of_component and citation.publication_type in _PIECES_OF_BOOKS
    enough = (len(letters) >= 4 if cjk else len(telling) >= 3) and not host_only
    return Titles(shown, letters, telling or tuple(words), cjk, enough, _surname(citation), citation.doi)


def likeness(titles: Titles, texts: Sequence[str], metadata: Sequence[str], enough: float) -> Likeness:
    """Looked for at the beginning of the document and on its last page, and in the titles of its metadata."""
    beginning = [text for text in texts if text.strip()][:_FIRST]
    if titles.doi and any(titles.doi in text.replace(" ", "").lower() for text in beginning):
        return Likeness(1.0, "@doi")
    for one in metadata:
        stated = _Folded.of(one).letters
        long_enough = len(stated) * 2 >= len(titles.letters)
        if long_enough and fuzz.partial_ratio(titles.letters, stated) >= _MISREAD:
            return Likeness(1.0, "@metadata")
    folded = [_Folded.of(text) for text in beginning]
    share = max((_share(titles, one, enough) for one in folded), default=0.0)
    if share >= enough:
        return Likeness(share, "@text")
    together = "".join(one.letters for one in folded)
    script = bool(_CJK.search(together)) == titles.cjk and not _other_form(titles.letters, together)
    return Likeness(share, "", script, bool(titles.author) and titles.author in together)


def _share(titles: Titles, text: _Folded, enough: float) -> float:
    whole = fuzz.partial_ratio(titles.letters, text.letters) / 100 if len(text.letters) >= len(titles.letters) else 0.0
    if whole >= enough or titles.cjk:
        pairs = [titles.letters[place : place + 2] for place in range(len(titles.letters) - 1)] or [titles.letters]
        return max(whole if whole >= enough else 0.0, sum(pair in text.letters for pair in pairs) / len(pairs))
    found = sum(_has(word, text) for word in titles.words)
    return found / len(titles.words)


def _has(word: str, text: _Folded) -> bool:
    if word in text.words:
        return True
    return (
        len(word) > _SOME and process.extractOne(word, text.words, scorer=fuzz.ratio, score_cutoff=_MISREAD) is not None
    )


def _other_form(title: str, text: str) -> bool:
    """Whether one is in simplified and the other in traditional characters, which cannot be compared letter by letter.

    GB 2312 has the simplified ones, Big5 the traditional.
    """
    return any(
        _only_in(title, mine, other) and _only_in(text, other, mine) > len(text) // 50
        for mine, other in (("gb2312", "big5"), ("big5", "gb2312"))
    )


def _only_in(text: str, charset: str, other: str) -> int:
    return sum(_has_sign(sign, charset) and not _has_sign(sign, other) for sign in _CJK.findall(text))


@lru_cache(maxsize=4096)
def _has_sign(sign: str, charset: str) -> bool:
    try:
        return bool(sign.encode(charset))
    except UnicodeEncodeError:
        return False


def _surname(citation: Citation) -> str:
    author = citation.author_of_component or citation.author
    first = re.split(r"[,;，；、/]", author)[0].strip()
    name = _Folded.of(first if _CJK.search(first) or "," in author else first.split()[-1] if first else "").letters
    return name if len(name) >= (2 if _CJK.search(name) else _SOME) else ""


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", _BROKEN_WORD.sub("", text)).casefold()
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", re.sub("(?<=[a-z])[\u0300-\u036f]+", "", apart))
