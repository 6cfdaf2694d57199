"""What is looked for, in the forms in which it is compared."""

from __future__ import annotations

from dataclasses import dataclass

from illcore.identifiers import isbn13, issn, title_key
from illcore.model import Citation, Query

from .words import sought_words


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. `title_key` is a whole title that was cited, `part_words` are words of one that somebody typed."""

    isbn: str = ""
    issn: str = ""
    title: str = ""
    author: str = ""
    keyword: str = ""
    year: str = ""
    volume: str = ""
    issue: str = ""
    title_key: str = ""
    part_words: tuple[str, ...] = ()
    author_key: str = ""

    @classmethod
    def of(cls, query: Query) -> Asked:
        """From a query's fields and its citation; the fields win."""
        cited = query.citation or Citation()
        title = query.title or cited.title
        author = query.author or cited.author
        whole = not query.title or query.title == cited.title
        return cls(
            isbn=isbn13(query.isbn or cited.isbn) or "",
            issn=issn(query.issn or cited.issn) or "",
            title=title,
            author=author,
            keyword=query.keyword,
            year=cited.year,
            volume=cited.volume,
            issue=cited.issue,
            title_key=title_key(title) if whole and title else "",
            part_words=() if whole else tuple(sought_words(title, "t")),
            author_key=title_key(author) if author else "",
        )

    def __bool__(self) -> bool:
        return bool(self.isbn or self.issn or self.title or self.author or self.keyword)
