"""Under which keys copies are counted: of one journal, one issue, one book, one item, one reader. Never a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from hashlib import sha256

from illcore.identifiers import issn, match_key, title_key
from illcore.model import Citation

from .dates import Published

_LONGEST = 120
_LABEL = re.compile(r"\b(?:v|vol|volume|n|no|nr|num|number|iss|issue|jg|bd|band|h|heft)\b\.?|[第卷册冊期号號]")
_PARTS = {"title_of_component": "", "author_of_component": "", "pages": "", "doi": "", "pmid": ""}


def title_keys(same: Mapping[str, str]) -> Mapping[str, str]:
    """The table `issn_l` of a policy by normalised ISSN or title. ValueError for an ISSN that is none."""
    found = {}
    for name, number in same.items():
        normal = issn(number)
        if normal is None:
            raise ValueError(f"issn_l: {number!r} is no ISSN")
        found[_named(name)] = normal
    return found


def journal_key(citation: Citation, same: Mapping[str, str]) -> str:
    """The ISSN-L of a periodical, else its ISSN, else its title as compared; empty if neither is there.

    `same` (from `title_keys`) leads from the ISSN of another form, or from a title, to the ISSN-L.
    """
    number = issn(citation.issn)
    if number:
        return same.get(number, number)
    if not citation.title:
        return ""
    title = _named(citation.title)
    return same.get(title, title)


def journals(names: Iterable[str], same: Mapping[str, str]) -> frozenset[str]:
    """The keys of periodicals that a setting names by ISSN or title."""
    return frozenset(same.get(name, name) for name in map(_named, names))


def issue_key(citation: Citation, same: Mapping[str, str], published: Published | None) -> str:
    """One issue of a periodical; empty if it cannot be told, as from the volume or the year alone."""
    journal = journal_key(citation, same)
    if not journal or not (citation.issue or (published and published.exact)):
        return ""
    when = ""
    if not (citation.volume and citation.issue):
        month = published.first.isoformat()[:7] if published and not citation.issue else ""
        when = month or (str(published.first.year) if published else title_key(citation.year))
    return _short("|".join((journal, _number(citation.volume), _number(citation.issue), when)))


def work_key(citation: Citation) -> str:
    """A book or other work that is no periodical: by ISBN or OCLC number, else title, author and year; else empty."""
    return match_key(citation.model_copy(update=_PARTS), "loan").removeprefix("whole|")


def item_key(citation: Citation) -> str:
    """The article, chapter or pages themselves; empty if they cannot be told apart from others."""
    return match_key(citation, "copy").removeprefix("part|")


def reader_mark(*parts: str) -> str:
    """Stands for a reader or a department in a key, so that neither can be read from the ledger."""
    return sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def _number(text: str) -> str:
    """A volume or issue without its label and leading zeros; ``Suppl 1`` stays another than ``1``."""
    plain = _LABEL.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    return ".".join(part.lstrip("0") or "0" for part in re.findall(r"\d+|[^\W\d_]+", plain))


def _named(name: str) -> str:
    return issn(name) or _short(title_key(name))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else sha256(text.encode()).hexdigest()
