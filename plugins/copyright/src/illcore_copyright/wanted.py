"""What a request wants, as copyright law sees it: a loan, an article, part of a work or the whole; how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from illcore.hooktypes import RequestView
from illcore.model import Citation

from . import keys
from .dates import Published, published
from .pages import is_one_page, page_count, says_whole, total_pages
from .settings import PolicyConfig

Kind = Literal["loan", "article", "part", "whole", "unknown"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """``article`` of a periodical, ``part`` of another work, ``whole`` work or issue; keys are empty where unknown.

    ``pages`` and ``total`` are numbers of pages, None where they cannot be told; ``chapter`` says that the part is one
    chapter or contribution.
    """

    kind: Kind
    publication_type: str
    journal: str
    issue: str
    work: str
    item: str
    pages: int | None
    total: int | None
    chapter: bool
    published: Published | None

    @classmethod
    def of(cls, request: RequestView, config: PolicyConfig) -> Wanted:
        """From what a policy may see of a request."""
        citation = request.citation
        kind = _kind(request)
        when = published(citation.year)
        chapter = kind == "part" and bool(citation.title_of_component)
        pages = page_count(citation.pages) if citation.pages else None
        if chapter and is_one_page(citation.pages):
            pages = None
        total = total_pages(citation.total_pages) if citation.total_pages else None
        if kind == "part" and pages and total and pages >= total:
            kind = "whole"
        same = config.same_titles
        return cls(
            kind=kind,
            publication_type=citation.publication_type.casefold(),
            journal=keys.journal_key(citation, same),
            issue=keys.issue_key(citation, same, when),
            work=keys.work_key(citation),
            item=keys.item_key(citation),
            pages=pages,
            total=total,
            chapter=chapter,
            published=when,
        )

    @property
    def share(self) -> Fraction | None:
        """Which part of the work is wanted; None if that cannot be told."""
        return Fraction(self.pages, self.total) if self.pages and self.total else None


def percent(share: Fraction) -> str:
    """A share as people read it: ``33.3 %``."""
    return f"{float(share * 100):.3g} %"


def _kind(request: RequestView) -> Kind:
    if (request.supplied_as or request.service_type) == "loan":
        return "loan"
    citation = request.citation
    if says_whole(citation.pages):
        return "whole"
    placed = bool(citation.pages or citation.title_of_component)
    kind = citation.publication_type.casefold()
    if kind == "article" or citation.pmid:
        return "article"
    if kind == "chapter":
        return "part"
    if kind in ("journal", "newspaper") or (kind == "conferenceproc" and citation.issn and not citation.isbn):
        return "article" if placed else "whole"
    if kind:
        return "part" if placed else "whole"
    return _of_no_named_type(citation, placed)


def _of_no_named_type(citation: Citation, placed: bool) -> Kind:
    if citation.isbn:
        return "part" if placed else "whole"
    if citation.issn:
        if placed or citation.doi:
            return "article"
        return "whole" if citation.volume or citation.issue else "unknown"
    if citation.doi or (citation.title_of_component and (citation.volume or citation.issue)):
        return "article"
    return "part" if placed else "unknown"
