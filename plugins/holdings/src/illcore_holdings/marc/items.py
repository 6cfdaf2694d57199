"""Where a MARC record says which copies there are: the common local fields by name, or a library's own."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ..record import Copy, clean
from .fields import Field, Marc

_CODES = "abcdefghijklmnopqrstuvwxyz0123456789"
_STATES = frozenset({"0", "n", "no", "否", ""})


@dataclass(frozen=True, slots=True)
class ItemField:
    """A field that stands for a copy. Values are subfield codes; several are joined in the order of the record.

    A copy is not there any more if `gone` says anything but 0; it is out if `due` says anything, and in if it has
    `due` or `gone` codes and they say nothing; `no_loan` says no by anything but 0.
    """

    tag: str
    library: str = ""
    location: str = ""
    call_number: str = ""
    joiner: str = " "
    barcode: str = ""
    copies: str = ""
    note: str = ""
    gone: str = ""
    due: str = ""
    no_loan: str = ""

    def copy_in(self, field: Field) -> Copy | None:
        """The copy that one field describes; None if it is gone, or nothing is said."""
        if _says(field, self.gone):
            return None
        library, location = clean(field.joined(self.library)), clean(field.joined(self.location))
        call_number = clean(field.joined(self.call_number, self.joiner))
        barcode = field.first(self.barcode).strip()[:100]
        if not (library or location or call_number or barcode):
            return None
        kept = _says(field, self.no_loan)
        return Copy(
            library=library,
            location=location,
            call_number=call_number,
            barcode=barcode,
            copies=_count(field.first(self.copies)),
            available=not _says(field, self.due) if self.due else None,
            loanable=False if kept else True if self.no_loan and field.first(self.no_loan) else None,
            note=clean(field.joined(self.note)),
        )


KNOWN = {
    # Koha: 0 withdrawn, 1 lost, 7 not for loan, q due date; 0 means no.
    "952": ItemField("952", "", "bc", "o", barcode="p", note="z", gone="01", due="q", no_loan="7"),
    # MARC 21 Format for Holdings Data.
    "852": ItemField("852", "a", "bc", "khim", barcode="p", copies="t", note="z"),
    # CNMARC local practice (CALIS): a library, b accession number, c shelving, d class, e book number, f copies.
    "905": ItemField("905", "a", "c", "de", joiner="/", barcode="b", copies="f"),
    # Recommandation 995 of French UNIMARC systems.
    "995": ItemField("995", "b", "e", "k", barcode="f", note="u"),
}
USUAL = tuple(KNOWN.values())


def item_field(text: str) -> ItemField:
    """`952`, or `949 location=l call_number=ab barcode=i due=d`. Raises ValueError."""
    tag, *given = text.split()
    if not given:
        if tag in KNOWN:
            return KNOWN[tag]
        raise ValueError(f"the items field {tag} is not known; use {', '.join(sorted(KNOWN))}, or name its subfields")
    names = {field.name for field in fields(ItemField)} - {"tag"}
    values = {}
    for one in given:
        name, _, codes = one.partition("=")
        if name not in names:
            raise ValueError(f"{one}: write NAME=CODES, where NAME is one of {', '.join(sorted(names))}")
        if name != "joiner" and not (codes and set(codes) <= set(_CODES)):
            raise ValueError(f"{one}: subfield codes are a-z and 0-9")
        values[name] = codes
    if len(tag) != 3 or not tag.isalnum():
        raise ValueError(f"{tag} is no tag of a MARC field")
    return ItemField(tag, **values)


def copies_in(marc: Marc, known: tuple[ItemField, ...]) -> tuple[Copy, ...] | None:
    """The copies by the first of the fields that the record has; None if it has such fields and all copies are gone."""
    for one in known:
        there = list(marc.all(one.tag))
        if there:
            found = tuple(copy for copy in map(one.copy_in, there) if copy is not None)
            gone = not found and all(_says(field, one.gone) for field in there)
            return None if gone else found
    return ()


def _says(field: Field, codes: str) -> bool:
    return any(text.strip().casefold() not in _STATES for code in codes for text in field.all(code))


def _count(said: str) -> int | None:
    said = said.strip()
    return int(said) if said.isascii() and said.isdigit() and 0 < int(said) < 10_000 else None
