"""How records are found: ISBN, ISSN and whole titles as numbers; words of titles and authors, Chinese in pairs.

Both databases index exactly these words, so neither needs to know how to cut Chinese. A run of Chinese, Japanese or
Korean characters becomes all its pairs (三体问题: 三体 体问 问题), a single character stays; everything else becomes
words. Words of titles are led by `t`, of authors by `a`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from hashlib import blake2b

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+[+#]*)")
_ON_LATIN = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_APOSTROPHE = re.compile("['\u2019\u02bc`\u00b4]")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)'(?=\w)|'s\b")
_ANY_CJK = re.compile(f"[{_CJK}]")
_ARTICLES = frozenset("the a an le la les un une des der die das ein eine el los las il lo".split())
_LONGEST = 40
_MOST = 16
_EMPTY_WORDS = frozenset(
    "a an and by das de del der des die du el en et for from in is la las le les los of on or the to und with".split()
)


def number_key(number: str) -> int:
    """An ISBN of 13 digits as that number; an ISSN (`1234-567X`) as its first seven, for the eighth only checks."""
    return int(number[:4] + number[5:8]) if len(number) == 9 else int(number)


def whole_title_key(title: str) -> int | None:
    """A number below zero for a whole title without its leading article; None if there is nothing to compare.

    Two titles may share it; what is found by it must be compared.
    """
    return _whole(_runs(title))


def index_of(titles: Iterable[str], authors: Iterable[str]) -> tuple[list[str], list[int]]:
    """The words and the title numbers under which a record is found, each once."""
    words: dict[str, None] = {}
    keys: dict[int, None] = {}
    for title in titles:
        runs = _runs(title)
        if runs:
            words |= {f"t{word}": None for word in _words(runs)}
            key = _whole(runs)
            if key is not None:
                keys[key] = None
    for author in authors:
        words |= {f"a{word}": None for word in _words(_runs(author))}
    return list(words), list(keys)


def sought_words(text: str, kind: str) -> list[str]:
    """The words to look for, led by `kind` (`t`, `a`); the, of and the like are left out if others remain."""
    words = list(dict.fromkeys(_words(_runs(text))))
    telling = [word for word in words if word not in _EMPTY_WORDS] or words
    return [f"{kind}{word}" for word in telling[:_MOST]]


def has_cjk(text: str) -> bool:
    """Whether Chinese, Japanese or Korean characters stand in it."""
    return not text.isascii() and _ANY_CJK.search(text) is not None


def _whole(runs: list[tuple[str, str]]) -> int | None:
    key = "".join([cjk or other for cjk, other in (runs[1:] if len(runs) > 1 and runs[0][1] in _ARTICLES else runs)])
    if not key:
        return None
    return -1 - (int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1)


def _words(runs: list[tuple[str, str]]) -> Iterator[str]:
    for cjk, other in runs:
        if other:
            yield other[:_LONGEST]
        elif len(cjk) == 1:
            yield cjk
        else:
            yield from (cjk[place : place + 2] for place in range(len(cjk) - 1))


def _runs(text: str) -> list[tuple[str, str]]:
    """Pairs of which one is empty: a run of CJK characters, or a word."""
    return _RUN.findall(_folded(text))


def _folded(text: str) -> str:
    if text.isascii() and "'" not in text:
        return text.lower()
    text = unicodedata.normalize("NFKC", _APOSTROPHE.sub("'", text)).casefold()
    if "'" in text:
        text = _ELIDED.sub(" ", text).replace("'", "")
    without = _ON_LATIN.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFKC", without)
