"""What a slip, strap or label says: one value per item, made from the request as `ill show` gives it.

No reader's identity is in it: paper travels, lies about and is thrown away.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from illcore.errors import Invalid
from illcore.message import Address
from illcore.model import BilingualText, Partner
from illcore.policy import Library

from .codes import code_of


@dataclass(frozen=True, slots=True)
class Place:
    """A library with its postal address, line by line."""

    symbol: str
    name: BilingualText = field(default_factory=BilingualText)
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slip:
    """One item of one request. ``state`` and ``role`` are the request's; dates are ``YYYY-MM-DD`` or empty."""

    code: str
    request_id: str
    item: int
    items: int
    role: str
    state: str
    service: str
    ours: Place
    theirs: Place
    citation: Mapping[str, str]
    label: str = ""
    barcode: str = ""
    call_number: str = ""
    location: str = ""
    needed_by: str = ""
    due: str = ""
    urgent: bool = False
    their_number: str = ""
    pickup: str = ""
    conditions: tuple[str, ...] = ()


def slips_of(shown: Mapping[str, Any], library: Library, partner: Partner | None) -> Iterator[Slip]:
    """A slip for each item of a request that staff are shown; one, with item 1, if its items are not known yet."""
    held = shown["found"].get(library.symbol) or {} if shown["role"] == "supplier" else {}
    items = shown["items"] or [{"n": 1, "due_date": shown["due_date"]}]
    symbol = shown["partner"] or ""
    theirs = Place(symbol, partner.name, postal(partner)) if partner else Place(symbol)
    delivery = shown["delivery"] or {}
    ids = (shown["requesting_agency_request_id"], shown["supplying_agency_request_id"])
    conditions = [one for one in shown["conditions"] if one["answer"] in (None, "accepted")]
    for item in items:
        known = {name: item.get(name) or (held.get(name) or "" if len(items) == 1 else "") for name in _PLACED}
        yield Slip(
            code=code_of(library.symbol, shown["id"], item["n"]),
            request_id=shown["id"],
            item=item["n"],
            items=len(items),
            role=shown["role"],
            state=shown["state"],
            service=shown["supplied_as"] or shown["service_type"],
            ours=own_place(library),
            theirs=theirs,
            citation={name: value for name, value in shown["citation"].items() if value},
            label=item.get("label") or "",
            needed_by=shown["needed_by"] or "",
            due=item.get("due_date") or shown["due_date"] or "",
            urgent=shown["service_level"] == "urgent",
            their_number=ids[0 if shown["role"] == "supplier" else 1] or "",
            pickup=delivery.get("place") or "" if shown["role"] == "requester" else "",
            conditions=tuple(" ".join((one["code"], one["text"])).strip() for one in conditions),
            **known,
        )


_PLACED = ("barcode", "call_number", "location")


def own_place(library: Library) -> Place:
    """The library itself."""
    name = BilingualText(en=library.name_en, zh=library.name_zh)
    return Place(library.symbol, name, address_lines(library.address) if library.address else ())


def postal(partner: Partner) -> tuple[str, ...]:
    """The postal address that stands with a partner as ``"postal": {"line1": …}`` in its address. Invalid if wrong."""
    given = partner.address.get("postal")
    if not given:
        return ()
    try:
        return address_lines(Address.model_validate(given))
    except ValueError:
        known = ", ".join(name for name in Address.model_fields if not name.startswith("electronic"))
        raise Invalid(
            f"the postal address of {partner.symbol} has an unknown or wrong field; known are {known}"
        ) from None


def address_lines(address: Address) -> tuple[str, ...]:
    """As on an envelope, without an electronic address."""
    town = " ".join(part for part in (address.postal_code, address.locality, address.region) if part)
    return tuple(line for line in (address.line1, address.line2, town, address.country) if line)
