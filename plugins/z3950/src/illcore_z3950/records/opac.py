"""Holdings of an OPAC record → copies; availability is said for each item, and may not be said at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..pdus.opac import Circulation, Holding
from .book import Copy, clean


def copies_from_opac(holdings: Sequence[Holding]) -> tuple[Copy, ...]:
    """One copy for each item, or for each holding without items. Available now means there and not on hold."""
    return tuple(copy for holding in holdings for copy in _copies(holding))


def _copies(holding: Holding) -> list[Copy]:
    place = Copy(
        library=clean(holding.nuc_code),
        location=clean(holding.shelving_location) or clean(holding.local_location),
        call_number=clean(holding.call_number),
        note=_joined(holding.enum_and_chron, holding.public_note, holding.terms_of_use),
    )
    if not place.library:
        place = replace(place, library=clean(holding.local_location))
    if not holding.circulation:
        number = holding.copy_number.strip()
        return [replace(place, copies=1) if number else place] if place != Copy() or number else []
    return [_item(place, item) for item in holding.circulation]


def _item(place: Copy, item: Circulation) -> Copy:
    available = False if item.on_hold and item.available_now else item.available_now
    due = f"due {item.availability_date.strip()}" if item.availability_date.strip() and not item.available_now else ""
    return replace(
        place,
        location=clean(item.temporary_location) or place.location,
        barcode=item.item_id.strip(),
        copies=1,
        available=available,
        loanable=_loanable(item.restrictions),
        note=_joined(place.note, item.enum_and_chron, item.restrictions, due),
    )


def _loanable(restrictions: str) -> bool | None:
    said = restrictions.casefold()
    refusals = (
        "not for loan",
        "non-circulating",
        "noncirculating",
        "library use only",
        "reference only",
        "不外借",
        "馆内阅览",
    )
    return False if any(word in said for word in refusals) else None


def _joined(*texts: str) -> str:
    return "; ".join(text for text in map(clean, texts) if text)
