"""What is wanted, as OCLC's `item` and as our Citation."""

import re
from collections.abc import Mapping
from typing import Any

from illcore.identifiers import oclc
from illcore.message import Message
from illcore.model import Citation

from ..remote import shape

_MEDIA = {
    "Article": "ARTICLE",
    "Book": "BOOK",
    "Chapter": "BOOK_CHAPTER",
    "ConferenceProc": "CONFERENCE",
    "Journal": "JOURNAL",
    "Map": "MAP",
    "MusicScore": "SCORE",
    "Newspaper": "NEWSPAPER",
    "Thesis": "THESIS",
}
_TYPES = {media: kind for kind, media in _MEDIA.items()}
_VOLUME_ISSUE = re.compile(r"^(?P<volume>.*?)\s*\((?P<issue>[^()]*)\)$")
_PARTS = ("Article", "Chapter", "ConferenceProc")
VERIFICATION = "illcore"
RUSH = "RUSH"


def service_of(message: Message) -> str:
    """LOAN or COPY; OCLC knows no "either", so a part of a work is asked for as a copy."""
    if message.service_type in ("loan", "copy"):
        return "LOAN" if message.service_type == "loan" else "COPY"
    cited = message.citation or Citation()
    is_part = cited.publication_type in _PARTS or cited.title_of_component or cited.pages
    return "COPY" if is_part else "LOAN"


def item_of(message: Message) -> dict[str, Any]:
    """The item of a request; only what is known stands in it."""
    cited = message.citation or Citation()
    number = oclc(cited.oclc) if cited.oclc else None
    volume = f"{cited.volume} ({cited.issue})" if cited.issue else cited.volume
    urgent = message.service_level.lower() in ("urgent", "rush", "express")
    identifiers = "; ".join(f"{name} {value}" for name, value in (("DOI", cited.doi), ("PMID", cited.pmid)) if value)
    words = "; ".join(part for part in (VERIFICATION, RUSH if urgent else "", identifiers) if part)
    item: dict[str, Any] = {
        "title": cited.title,
        "author": cited.author,
        "articleTitle": cited.title_of_component,
        "articleAuthor": cited.author_of_component,
        "mediaType": _MEDIA.get(cited.publication_type, ""),
        "oclcNumber": int(number) if number else None,
        "isbn": cited.isbn,
        "issn": cited.issn,
        "language": cited.language,
        "publisherName": cited.publisher,
        "publicationDate": cited.year,
        "publicationPlace": cited.place,
        "issueVolume": volume.strip(),
        "pages": cited.pages,
        "verification": words,
    }
    if message.any_edition:
        item["edition"] = {"editionType": "ANY"}
    elif cited.edition:
        item["edition"] = {"editionType": "SPECIFIC", "editionSpecific": cited.edition}
    return {name: value for name, value in item.items() if value not in ("", None)}


def citation_of(item: Mapping[str, Any]) -> Citation:
    """The Citation of an item."""
    volume, issue = shape.text(item.get("issueVolume")), ""
    found = _VOLUME_ISSUE.match(volume)
    if found:
        volume, issue = found["volume"], found["issue"]
    words = shape.text(item.get("verification"))
    return Citation(
        title=shape.text(item.get("title")) or shape.text(item.get("uniformTitle")),
        author=shape.text(item.get("author")),
        title_of_component=shape.text(item.get("articleTitle")),
        author_of_component=shape.text(item.get("articleAuthor")),
        edition=shape.text(shape.part(item, "edition").get("editionSpecific")),
        publisher=shape.text(item.get("publisherName")),
        place=shape.text(item.get("publicationPlace")),
        year=shape.text(item.get("publicationDate")) or shape.text(item.get("issueDate")),
        volume=volume,
        issue=issue,
        pages=shape.text(item.get("pages")),
        isbn=shape.text(item.get("isbn")),
        issn=shape.text(item.get("issn")),
        doi=_named("DOI", words),
        pmid=_named("PMID", words),
        oclc=shape.text(item.get("oclcNumber")),
        publication_type=_TYPES.get(shape.text(item.get("mediaType")).upper(), ""),
        language=shape.text(item.get("language")),
    )


def _named(name: str, words: str) -> str:
    found = re.search(rf"(?:^|; ){name} (\S+?)(?:;|$)", words)
    return found[1] if found else ""
