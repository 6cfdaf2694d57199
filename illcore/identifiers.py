"""Identifiers of publications: normal forms, check digits, and the keys under which two citations are the same."""

import re
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from typing import Literal
from urllib.parse import unquote

from stdnum import isbn as _isbn
from stdnum import issn as _issn
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError

from illcore.model import BilingualText, Citation, ServiceType
from illcore.reasons import sentence

Kind = Literal["isbn", "issn", "doi", "pmid", "oclc"]
KINDS: tuple[Kind, ...] = ("isbn", "issn", "doi", "pmid", "oclc")

_ISBN_LABEL = re.compile(r"^(?:urn:)?isbn(?:[- ]?1[03](?=[:\s]))?[:\s]*", re.IGNORECASE)
_ISSN_LABEL = re.compile(r"^(?:urn:)?[ep]?-?issn(?:-l)?[:\s]*", re.IGNORECASE)
_DOI_LABEL = re.compile(r"^(?:https?://(?:www\.)?(?:dx\.)?doi\.org/|info:doi/|urn:doi:|doi[:\s]\s*)", re.IGNORECASE)
_PMID_LABEL = re.compile(
    r"^(?:https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/|info:pmid/|pmid[:\s]*)",
    re.IGNORECASE,
)
_OCLC_LABEL = re.compile(
    r"^(?:\(ocolc\)\s*(?:oc[mn]|on)?|info:oclcnum/|oclc[:\s]*(?:no\.?)?\s*|oc[mn]|on)", re.IGNORECASE
)
_QUALIFIER = re.compile(r"(?:\([^()]*\)|:.*)$")
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")


def isbn13(text: str) -> str | None:
    """An ISBN as 13 digits, from 10 or 13 with hyphens, label, qualifier ``(pbk.)`` or price; None if it is none."""
    if _is_usual_isbn(text):
        return text
    try:
        return str(_isbn.validate(_bare(text, _ISBN_LABEL), convert=True))
    except ValidationError:
        return None


def isbn10(text: str) -> str | None:
    """The same as 10 characters; None if it is no ISBN or one (979…) that has no such form."""
    number = isbn13(text)
    return str(_isbn.to_isbn10(number)) if number is not None and number.startswith("978") else None


def issn(text: str) -> str | None:
    """An ISSN as ``1234-567X`` (ISO 3297); None if it is none."""
    try:
        return str(_issn.format(_issn.validate(_bare(text, _ISSN_LABEL))))
    except ValidationError:
        return None


def doi(text: str) -> str | None:
    """A DOI in lower case without resolver or label (ISO 26324: case does not matter); None if it is none."""
    text = _plain(text)
    label = _DOI_LABEL.match(text)
    if label:
        text = text[label.end() :]
        if label.group().casefold().startswith("http"):
            text = unquote(text)
    text = text.rstrip(".,;")
    if text.endswith(")") and text.count(")") > text.count("("):
        text = text[:-1]
    return text.lower() if _DOI.fullmatch(text) else None


def pmid(text: str) -> str | None:
    """A PubMed number as 1 to 8 digits without leading zeros; None if it is none (a PMC number is another thing)."""
    number = _PMID_LABEL.sub("", _plain(text)).rstrip("/").lstrip("0")
    return number if re.fullmatch(r"[0-9]{1,8}", number) else None


def oclc(text: str) -> str | None:
    """An OCLC number as digits without prefix (``(OCoLC)``, ``ocm``, ``ocn``, ``on``) or leading zeros, else None."""
    number = _OCLC_LABEL.sub("", _plain(text)).strip().lstrip("0")
    return number if re.fullmatch(r"[0-9]{1,15}", number) else None


_NORMAL: dict[Kind, Callable[[str], str | None]] = {
    "isbn": isbn13,
    "issn": issn,
    "doi": doi,
    "pmid": pmid,
    "oclc": oclc,
}


def normal(kind: Kind, text: str) -> str | None:
    """The normal form of an identifier of that kind, or None."""
    return _NORMAL[kind](text)


def problem_of(kind: Kind, text: str) -> str | None:
    """One English sentence on what is wrong with the identifier; None if it is right or empty."""
    found = fault(kind, text)
    return found[1].en if found else None


def fault(kind: Kind, text: str) -> tuple[str, BilingualText] | None:
    """The code of what is wrong (``isbn_check_digit`` …) with its sentence; None if the text is right or empty."""
    if not text.strip() or normal(kind, text) is not None:
        return None
    shown = text.strip() if len(text.strip()) <= 60 else text.strip()[:60] + "…"
    if kind not in ("isbn", "issn"):
        code = f"{kind}_form"
        return code, sentence(code, value=shown)
    bare = _bare(text, _ISBN_LABEL if kind == "isbn" else _ISSN_LABEL)
    code = _fault_in_digits(kind, bare)
    length = len(_isbn.compact(bare) if kind == "isbn" else _issn.compact(bare))
    return code, sentence(code, value=shown, length=length)


def _fault_in_digits(kind: Literal["isbn", "issn"], bare: str) -> str:
    try:
        (_isbn if kind == "isbn" else _issn).validate(bare)
    except InvalidChecksum:
        return f"{kind}_check_digit"
    except InvalidLength:
        return f"{kind}_length"
    except InvalidComponent:
        return f"{kind}_prefix"
    except ValidationError:
        return f"{kind}_characters"
    raise AssertionError(f"{bare!r} is a right {kind}")


def _plain(text: str) -> str:
    """Full-width digits and letters as a Chinese keyboard writes them become plain ones, white space one space."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _bare(text: str, label: re.Pattern[str]) -> str:
    return _QUALIFIER.sub("", label.sub("", _plain(text)))


# --- the same thing ------------------------------------------------------------------------------------------------


def _is_usual_isbn(text: str) -> bool:
    """The usual form by far, for which the general way takes ten times as long."""
    if len(text) != 13 or not (text.isascii() and text.isdigit()) or text[:3] not in ("978", "979"):
        return False
    return not (sum(map(int, text[::2])) + 3 * sum(map(int, text[1::2]))) % 10


_ARTICLES = frozenset(
    (
        "the a an le la les un une des der die das den dem ein eine el los las una il lo gli uno os as um uma "
        "de het een"
    ).split()
)
_ELIDED = re.compile(r"^[ld]['\u2019\u02bc]\s*(?=\w)")
_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_SPACE_AT_CJK = re.compile(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")
_APOSTROPHES = frozenset("'\u2019\u02bc`\u00b4")
_KEPT_SIGNS = frozenset("+#")
_NUMBER_WORDS = frozenset(
    (
        "v vol vols volume n no nr num number iss issue bd band heft h t tome p pp page pages seite seiten "
        "第 卷 册 期 号 号码 页"
    ).split()
)
_STATEMENT = re.compile(rf"^\s*[\[(（〔【][^\])）〕】]{{1,4}}[\])）〕】]\s*(?=[{_CJK}])")
_ROLE = re.compile(rf"(?<=[{_CJK}])\s*等?\s*(?:主编|编著|编译|编写|撰著|[著编撰译])$")
_PAGE_RANGE = re.compile(r"(?<=\d)\W*[-\u2010-\u2015~～,;，；]")
_PARTS = frozenset({"article", "chapter"})
_LONGEST = 64
_MOST_SIGNS = 20_000


def title_key(text: str) -> str:
    """A title as compared: NFKC, case folded, one leading article and all punctuation gone, single spaces.

    ``+`` and ``#`` stay (C, C++, C#); diacritics stay; no spaces beside Chinese, Japanese or Korean characters.
    Traditional and simplified Chinese are NOT folded into each other: 紅樓夢 and 红楼梦 have different keys, for the
    mapping is not one to one. A title of nothing but an article or punctuation stays as it is.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    words = _words(_ELIDED.sub("", folded))
    first, _, rest = words.partition(" ")
    if rest and first in _ARTICLES:
        words = rest
    return words or "".join(folded.split())


def match_key(citation: Citation, service_type: ServiceType | None = None) -> str:
    """The strongest of ``match_keys``; empty if the citation identifies nothing."""
    return next(iter(match_keys(citation, service_type)), "")


def match_keys(citation: Citation, service_type: ServiceType | None = None) -> tuple[str, ...]:
    """Short texts (at most 80 characters), strongest first; two requests that share any ask for the same thing.

    One key for each identifier, and one for normalised title, author and year. A part (``part|``: an article, a
    chapter, some pages) and the whole (``whole|``) never share a key: the copy of a chapter is no duplicate of the loan
    of its book, while loan and copy_or_loan of one book are. ``service_type`` loan means the whole, whatever pages
    stand there. Volumes of a set and issues of a journal stay apart. A part is placed in its container by its own
    title, or by its first page if it has none. A DOI or PMID alone names an article; a chapter's may be its book's, so
    there the place in the book belongs to the key. The copy of a DOI of no named type is a part.
    """
    part = service_type != "loan" and _asks_for_part(citation, service_type)
    keys = _part_keys(citation) if part else _whole_keys(citation)
    return tuple(dict.fromkeys(_short(("part" if part else "whole", *key)) for key in keys))


def _asks_for_part(citation: Citation, service_type: ServiceType | None) -> bool:
    kind = citation.publication_type.casefold()
    if kind in _PARTS or citation.title_of_component or citation.pages or citation.pmid:
        return True
    return bool(service_type == "copy" and citation.doi and not kind)


def _whole_keys(citation: Citation) -> list[tuple[str, ...]]:
    volume, issue = _number_key(citation.volume), _number_key(citation.issue)
    year = _year_key(citation.year)
    keys: list[tuple[str, ...]] = []
    for kind, number in _identifiers(citation, ("isbn", "oclc", "doi", "pmid")):
        keys.append((kind, number, volume))
    for kind, number in _identifiers(citation, ("issn",)):
        keys.append((kind, number, volume, issue, "" if volume else year))
    title = _compact(citation.title)
    if title:
        keys.append(("title", title, _author_key(citation.author), year, volume, issue))
    return keys


def _part_keys(citation: Citation) -> list[tuple[str, ...]]:
    volume, issue = _number_key(citation.volume), _number_key(citation.issue)
    year = _year_key(citation.year)
    place = _compact(citation.title_of_component) or _number_key(_PAGE_RANGE.split(citation.pages)[0])
    in_book = bool(citation.isbn) or citation.publication_type.casefold() == "chapter"
    keys: list[tuple[str, ...]] = []
    for kind, number in _identifiers(citation, ("doi", "pmid")):
        keys.append((kind, number, place) if in_book else (kind, number))
    if place:
        for kind, number in _identifiers(citation, ("isbn", "oclc")):
            keys.append((kind, number, volume, place))
        for kind, number in _identifiers(citation, ("issn",)):
            keys.append((kind, number, volume, issue, "" if volume else year, place))
    title = _compact(citation.title)
    if place or title:
        author = "" if title else _author_key(citation.author_of_component or citation.author)
        keys.append(("title", title, author, year, volume, issue, place))
    return keys


def _identifiers(citation: Citation, kinds: tuple[Kind, ...]) -> list[tuple[str, str]]:
    found = ((kind, normal(kind, getattr(citation, kind))) for kind in kinds)
    return [(kind, number) for kind, number in found if number]


def _short(key: tuple[str, ...]) -> str:
    text = "|".join(key)
    return text if len(text) <= _LONGEST else f"{key[0]}|{key[1]}|{sha256(text.encode()).hexdigest()}"


def _words(folded: str) -> str:
    return _SPACE_AT_CJK.sub("", " ".join(folded.translate(_SIGNS).split()))


class _Signs(dict[int, str]):
    """What stands in words in place of each sign; worked out when a sign is first met."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        kept = "" if sign in _APOSTROPHES else " " if _separates(sign) else sign
        if len(self) < _MOST_SIGNS:
            self[code] = kept
        return kept


_SIGNS = _Signs()


def _separates(sign: str) -> bool:
    return sign not in _KEPT_SIGNS and unicodedata.category(sign)[0] in "PSZC"


def _compact(text: str) -> str:
    return title_key(text).replace(" ", "").replace("|", "")


def _author_key(text: str) -> str:
    """Names in any order: ``Tolkien, J. R. R.`` and ``J.R.R. Tolkien``; (清)曹雪芹著 is 曹雪芹."""
    plain = _ROLE.sub("", _STATEMENT.sub("", _plain(text)))
    return "".join(sorted(_words(plain.casefold()).split()))


def _number_key(text: str) -> str:
    """A volume, issue or page without its label and leading zeros: ``Vol. 012`` and 第12卷 are ``12``."""
    parts = re.findall(r"\d+|[^\W\d_]+", _plain(text).casefold())
    kept = [part for part in _unlabelled(parts) if part] or parts
    return ".".join(kept)


def _unlabelled(parts: list[str]) -> list[str]:
    return [(part.lstrip("0") or "0") if part.isdigit() else _without_label(part) for part in parts]


def _without_label(word: str) -> str:
    return "" if word in _NUMBER_WORDS else word.strip("第卷册期号页")


def _year_key(text: str) -> str:
    found = re.search(r"\d{4}", _plain(text))
    return found.group() if found else _compact(text)
