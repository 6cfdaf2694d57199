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

from illcore.identifiers import title_key

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+[+#]*)")
_ON_LATIN = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc`\u00b4")
_LONGEST = 40
_MOST = 16
_EMPTY_WORDS = frozenset(
    "a an and by das de del der des die du el en et for from in is la las le les los o of on or the to und with y".split()
)


def number_key(number: str) -> int:
    """An ISBN of 13 digits as that number; an ISSN (`1234-567X`) as its first seven, for the eighth only checks."""
    return int(number[:4] + number[5:8]) if len(number) == 9 else int(number)


def whole_title_key(title: str) -> int | None:
    """A number below zero for a whole title as it is compared; None if there is nothing to compare.

    Two titles may share it; what is found by it must be compared.
    """
    key = title_key(title).replace(" ", "")
    if not key:
        return None
    return -1 - (int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1)


def words_of(titles: Iterable[str], authors: Iterable[str]) -> list[str]:
    """The words under which a record is found, each once."""
    found = {f"t{word}": None for title in titles for word in _words(title)}
    found |= {f"a{word}": None for author in authors for word in _words(author)}
    return list(found)


def sought_words(text: str, kind: str) -> list[str]:
    """The words to look for, led by `kind` (`t`, `a`); the, of and the like are left out if others remain."""
    words = list(dict.fromkeys(_words(text)))
    telling = [word for word in words if word not in _EMPTY_WORDS] or words
    return [f"{kind}{word}" for word in telling[:_MOST]]


def has_cjk(text: str) -> bool:
    """Whether Chinese, Japanese or Korean characters stand in it."""
    return any(match[1] for match in _RUN.finditer(text))


def _words(text: str) -> Iterator[str]:
    for match in _RUN.finditer(_folded(text)):
        run = match[1]
        if run is None:
            yield match[2][:_LONGEST]
        elif len(run) == 1:
            yield run
        else:
            yield from (run[place : place + 2] for place in range(len(run) - 1))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower().translate(_APOSTROPHES)
    text = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    without = _ON_LATIN.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFKC", without)
