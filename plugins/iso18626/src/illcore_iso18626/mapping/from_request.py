"""The fields of a core Request out of the wire's: what is wanted, how, by when, where to, up to which cost."""

from typing import Any

from illcore.identifiers import isbn13
from illcore.message import Address
from illcore.model import Citation, Money

from .. import model
from ..codes import OPEN_CODES
from . import notes
from .values import address_of, money_of, symbol_of, text_of

_SERVICES = {"Copy": "copy", "Loan": "loan", "CopyOrLoan": "copy_or_loan"}
_TYPES = frozenset({"New", "Retry", "Reminder"})
_LONGEST = 2000
_OWN = ("ISBN", "ISSN", "DOI", "PMID", "OCLC")
_OTHERS = OPEN_CODES["bibliographicItemIdentifierCode"] | OPEN_CODES["bibliographicRecordIdentifierCode"]


def request_fields(wire: model.Request) -> dict[str, Any]:
    """What a Request says besides its header. `patronInfo` is not looked at."""
    service = wire.service_info
    numbers = _numbers(wire.bibliographic_info)
    maximum, odd = money_of(wire.billing_info.maximum_costs if wire.billing_info else None)
    found: dict[str, Any] = {
        "citation": _citation(wire, numbers),
        "supplier_record_id": text_of(wire.bibliographic_info.supplier_unique_record_id),
        "max_cost": maximum,
        "delivery_addresses": _addresses(wire),
        "requesting_library_name": text_of(wire.requesting_agency_info.name) if wire.requesting_agency_info else "",
        "supplier_call_number": _call_number(wire),
        "service_type": "copy_or_loan",
    }
    note = _other_numbers(numbers, found["citation"])
    if service is not None:
        found |= {
            "request_type": str(service.request_type) if service.request_type in _TYPES else "New",
            "previous_id": text_of(service.requesting_agency_previous_request_id),
            "service_type": _SERVICES.get(str(service.service_type)),
            "service_level": text_of(service.service_level),
            "format": text_of(service.preferred_format),
            "needed_by": service.need_before_date,
            "copyright_compliance": text_of(service.copyright_compliance),
            "any_edition": {"Y": True, "N": False}.get(str(service.any_edition)),
        }
        said = notes.without_sequence(text_of(service.note))
        if found["delivery_addresses"]:
            said = notes.without_block("delivery_address", said)
        note = notes.joined(said, note)
    found["note"] = notes.joined(note, _odd_maximum(maximum, odd))
    return found


def _odd_maximum(maximum: Money | None, odd: str) -> str:
    return f"maximumCosts: {odd}" if odd and maximum is None else ""


def _clip(text: str | None) -> str:
    text = (text or "").strip()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _numbers(info: model.BibliographicInfo) -> list[tuple[str, str]]:
    found = [
        (each.bibliographic_item_identifier_code.value.upper(), each.bibliographic_item_identifier.strip())
        for each in info.bibliographic_item_id
    ]
    found += [
        (each.bibliographic_record_identifier_code.value, each.bibliographic_record_identifier.strip())
        for each in info.bibliographic_record_id
    ]
    return [(kind.upper() if kind.upper() in _OWN else kind, number) for kind, number in found if kind and number]


def _first(numbers: list[tuple[str, str]], kind: str) -> str:
    return next((number for each, number in numbers if each == kind), "")


def _citation(wire: model.Request, numbers: list[tuple[str, str]]) -> Citation:
    info, printed = wire.bibliographic_info, wire.publication_info
    title = text_of(info.title)
    if info.subtitle and info.subtitle not in title:
        title = f"{title} : {info.subtitle}" if title else info.subtitle
    valid = (number for kind, number in numbers if kind == "ISBN" and isbn13(number))
    return Citation(
        title=_clip(title),
        author=_clip(info.author),
        title_of_component=_clip(info.title_of_component),
        author_of_component=_clip(info.author_of_component),
        series=_clip(info.series_title),
        edition=_clip(info.edition),
        publisher=_clip(printed.publisher if printed else ""),
        place=_clip(printed.place_of_publication if printed else ""),
        year=_clip(printed.publication_date if printed else ""),
        volume=_clip(info.volume),
        issue=_clip(info.issue),
        pages=_clip(info.pages_requested),
        total_pages=_clip(info.estimated_no_pages),
        isbn=_clip(next(valid, "") or _first(numbers, "ISBN")),
        issn=_clip(_first(numbers, "ISSN")),
        doi=_clip(_first(numbers, "DOI")),
        pmid=_clip(_first(numbers, "PMID")),
        oclc=_clip(_first(numbers, "OCLC")),
        publication_type=_clip(text_of(printed.publication_type) if printed else ""),
    )


def _other_numbers(numbers: list[tuple[str, str]], citation: Citation) -> str:
    """Numbers that a citation has no place for. Private kinds are left out: some carry the reader's reference."""
    held = {citation.isbn, citation.issn, citation.doi, citation.pmid, citation.oclc}
    others = [f"{kind} {number}" for kind, number in numbers if kind in _OTHERS | {*_OWN} and _clip(number) not in held]
    return "; ".join(dict.fromkeys(others))


def _addresses(wire: model.Request) -> tuple[Address, ...]:
    wanted = sorted(wire.requested_delivery_info, key=lambda each: each.sort_order or 0)
    return tuple(found for each in wanted if (found := address_of(each.address)))


def _call_number(wire: model.Request) -> str:
    supplier = symbol_of(wire.header.supplying_agency_id)
    for each in wire.supplier_info:
        if each.call_number and symbol_of(each.supplier_code) in ("", supplier):
            return each.call_number
    return ""
