"""Who holds what is wanted, by WorldCat Search API v2."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from illcore import identifiers
from illcore.connectors import Deadline
from illcore.errors import Refused
from illcore.identifiers import title_key
from illcore.model import Citation, Holding, Query

from .config import OclcConfig
from .remote import shape
from .remote.service import Service

_PAGE = 50
_MOST_PAGES = 20
_SYMBOLS = 5
_BIBS = 10
_TITLES = 3
_SUPPLIER = "S"


@dataclass(frozen=True, slots=True)
class _Sought:
    """One known item: a parameter of the API and its value, and why it is what was asked for."""

    name: str
    value: str
    why: str
    score: float = 1.0


class Holdings:
    """The search side of one account."""

    def __init__(self, config: OclcConfig, service: Service) -> None:
        self._config = config
        self._service = service

    def search(self, query: Query, deadline: Deadline) -> list[Holding]:
        """By OCLC number, else ISBN, else ISSN, else title and author; up to `query.maximum` holdings."""
        if query.raw:
            raise Refused(f"an OCLC account takes no queries in {', '.join(sorted(query.raw))}")
        found: dict[tuple[str, str], Holding] = {}
        for sought in self._sought(query, deadline):
            for holding in self._held(sought, query.maximum, deadline):
                found.setdefault((holding.record_id, holding.library), holding)
                if len(found) >= query.maximum:
                    return list(found.values())
        return list(found.values())

    def _sought(self, query: Query, deadline: Deadline) -> Sequence[_Sought]:
        cited = query.citation or Citation()
        for name, label, value, normal in (
            ("oclcNumber", "OCLC number", cited.oclc, identifiers.oclc),
            ("isbn", "ISBN", query.isbn or cited.isbn, identifiers.isbn13),
            ("issn", "ISSN", query.issn or cited.issn, identifiers.issn),
        ):
            number = normal(value) if value else None
            if number:
                return [_Sought(name, number, f"the {label} {number} is the same")]
        title, author = query.title or cited.title, query.author or cited.author
        if not self._config.title_search or not (title or query.keyword):
            return []
        return self._by_words(title, author, query.keyword, deadline)

    def _by_words(self, title: str, author: str, keyword: str, deadline: Deadline) -> list[_Sought]:
        words = [
            f"{index}: {_quoted(text)}" for index, text in (("ti", title), ("au", author), ("kw", keyword)) if text
        ]
        params = [("q", " AND ".join(words)), ("limit", str(_BIBS))]
        url = f"{self._config.search_url}/brief-bibs"
        data = self._service.read("WorldCat did not search", url, deadline, params)
        found = []
        for bib in shape.rows(data.get("briefRecords")):
            number, same = shape.text(bib.get("oclcNumber"), 20), _same_title(title, shape.text(bib.get("title")))
            if number.isdigit() and (same or not title):
                score, why = (0.9, "the title is the same") if same else (0.5, "found by a word, not compared")
                found.append(_Sought("oclcNumber", number, why, score))
        return found[:_TITLES]

    def _held(self, sought: _Sought, maximum: int, deadline: Deadline) -> Iterator[Holding]:
        named = self._config.held_by_symbol
        groups = [named[first : first + _SYMBOLS] for first in range(0, len(named), _SYMBOLS)] or [()]
        for group in groups:
            for bib in self._bibs(sought, group, deadline):
                for body in shape.rows(shape.part(bib, "institutionHolding").get("briefHoldings")):
                    holding = _holding(bib, body, sought)
                    if holding is not None:
                        yield holding

    def _bibs(self, sought: _Sought, symbols: Sequence[str], deadline: Deadline) -> Iterator[Mapping[str, Any]]:
        """All records, page by page. The first page goes without offset, for the service is said to reject 0.

        Whether it counts from 0 or from 1, the offset of the next page is the number of records so far: counted from 1
        one record comes twice, and counts once.
        """
        config = self._config
        params = [(sought.name, sought.value), ("limit", str(_PAGE))]
        params += [("heldBySymbol", ",".join(symbols))] if symbols else []
        params += [("heldInCountry", config.held_in_country)] if config.held_in_country else []
        params += [("heldInState", config.held_in_state)] if config.held_in_state else []
        params += [("holdingsAllEditions", "true")] if config.all_editions else []
        url, seen = f"{config.search_url}/bibs-holdings", 0
        for _ in range(_MOST_PAGES):
            more = [("offset", str(seen))] if seen else []
            data = self._service.read("WorldCat told no holdings", url, deadline, [*params, *more])
            bibs = shape.rows(data.get("briefRecords"))
            yield from bibs
            seen += len(bibs)
            if not bibs or seen >= (shape.whole(data.get("numberOfRecords")) or 0):
                break


def _holding(bib: Mapping[str, Any], body: Mapping[str, Any], sought: _Sought) -> Holding | None:
    symbol = shape.text(body.get("oclcSymbol"), 32) or shape.text(body.get("registryId"), 20)
    if not symbol:
        return None
    status = shape.text(body.get("illStatus"), 10).upper()
    lends = None if status in ("", _SUPPLIER) else False
    address = shape.part(body, "address")
    place = (shape.text(body.get("institutionName"), 200), shape.text(address.get("city"), 100))
    return Holding(
        library=f"OCLC:{symbol}",
        title=shape.text(bib.get("title")),
        author=shape.text(bib.get("creator")),
        isbn=shape.texts(bib.get("isbns")),
        issn=shape.texts(bib.get("issns")),
        year=shape.text(bib.get("date"), 40),
        location=", ".join(part for part in place if part),
        loanable=lends,
        copyable=lends,
        record_id=shape.text(bib.get("oclcNumber"), 20),
        score=sought.score,
        why=sought.why,
        note="" if lends is None else f"no supplier at OCLC (illStatus {status})",
    )


def _same_title(wanted: str, found: str) -> bool:
    """Equal, or equal up to a subtitle on either side."""
    if not wanted or not found:
        return False
    heads = {title_key(wanted), title_key(wanted.partition(":")[0])}
    return bool(heads & {title_key(found), title_key(found.partition(":")[0])} - {""})


def _quoted(words: str) -> str:
    """A phrase that ends nothing early and begins nothing new."""
    return '"' + " ".join(words.replace('"', " ").replace("\\", " ").split()) + '"'
