"""The stub's WorldCat: bibliographic records and who holds them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from illcore.identifiers import isbn13, issn, title_key

from ..remote import shape

Bib = Mapping[str, Any]

_TERM = re.compile(r"(ti|au|kw)\s*:\s*(?:\"([^\"]*)\"|(\S+))")


def bib(number: int, title: str, creator: str, *holders: tuple[str, int], **more: Any) -> Bib:
    """A brief record with its holdings; `holders` are symbols with registry ids."""
    return {
        "oclcNumber": str(number),
        "title": title,
        "creator": creator,
        "date": more.pop("date", "1996"),
        "language": more.pop("language", "chi"),
        "generalFormat": "Book",
        "specificFormat": "PrintBook",
        "publisher": more.pop("publisher", "人民文学出版社"),
        "isbns": list(more.pop("isbns", ())),
        "issns": list(more.pop("issns", ())),
        "mergedOclcNumbers": [],
        "catalogingInfo": {"catalogingAgency": "XAA", "catalogingLanguage": "chi", "levelOfCataloging": " "},
        "institutionHolding": {
            "totalHoldingCount": len(holders),
            "totalEditions": 1,
            "briefHoldings": [holding(symbol, id, **more) for symbol, id in holders],
        },
    }


def holding(symbol: str, registry_id: int, status: str = "S", country: str = "CN", state: str = "CN-11") -> Bib:
    """One brief holding."""
    return {
        "country": country,
        "state": state,
        "oclcSymbol": symbol,
        "registryId": registry_id,
        "institutionName": f"Stub Library {symbol}",
        "self": False,
        "illStatus": status,
        "address": {"street1": "1 Library Road", "city": "北京", "state": state, "postalCode": "100081"},
        "institutionType": "ACADEMIC",
    }


DEFAULT_BIBS: tuple[Bib, ...] = (
    bib(41266045, "红楼梦", "曹雪芹", ("XBB", 1002), ("XCC", 1003), isbns=("9787020002207", "702000220X")),
    bib(780941515, "Simon's Cat", "Simon Tofield", ("XBB", 1002), isbns=("9781847674791",), language="eng"),
    bib(1752384, "图书馆学报", "", ("XBB", 1002), issns=("1000-0798",), date="1974"),
)


def known_item(bibs: Sequence[Bib], query: Mapping[str, str]) -> list[Bib]:
    """Records of an OCLC number, ISBN or ISSN, narrowed by `heldBySymbol`, `heldInCountry`, `heldInState`."""
    symbols = {each for each in query.get("heldBySymbol", "").split(",") if each}
    found: list[Bib] = []
    for each in bibs:
        if not _is_item(each, query):
            continue
        holders = [
            one
            for one in shape.rows(shape.part(each, "institutionHolding").get("briefHoldings"))
            if (not symbols or one.get("oclcSymbol") in symbols)
            and query.get("heldInCountry", "") in ("", one.get("country"))
            and query.get("heldInState", "") in ("", one.get("state"))
        ]
        counts = {**shape.part(each, "institutionHolding"), "totalHoldingCount": len(holders)}
        found.append({**each, "institutionHolding": {**counts, "briefHoldings": holders}})
    return found


def by_words(bibs: Iterable[Bib], query: str) -> list[Bib]:
    """Records that hold every word of `ti:`, `au:` and `kw:`; without an index `kw:` is meant."""
    terms = [(name, quoted or plain) for name, quoted, plain in _TERM.findall(query)] or [("kw", query)]
    return [each for each in bibs if all(_holds(each, name, words) for name, words in terms)]


def without_holdings(found: Bib) -> Bib:
    """The brief record alone."""
    return {name: value for name, value in found.items() if name != "institutionHolding"}


def _is_item(each: Bib, query: Mapping[str, str]) -> bool:
    if "oclcNumber" in query:
        return bool(each.get("oclcNumber") == query["oclcNumber"])
    if "isbn" in query:
        return isbn13(query["isbn"]) in {isbn13(one) for one in shape.texts(each.get("isbns"))} - {None}
    return issn(query.get("issn", "")) in {issn(one) for one in shape.texts(each.get("issns"))} - {None}


def _holds(each: Bib, index: str, words: str) -> bool:
    fields = {"ti": ("title",), "au": ("creator",), "kw": ("title", "creator", "publisher")}[index]
    text = title_key(" ".join(shape.text(each.get(name)) for name in fields))
    return title_key(words) in text
