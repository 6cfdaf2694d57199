"""Where a MARC record says who holds it: the common local fields by name, or a library's own, as configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from .book import Copy, clean
from .marc import Field as MarcField
from .marc import Marc

Codes = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]*$", max_length=12)]


class HoldingsField(BaseModel):
    """A MARC field that stands for a copy. Values are subfield codes, several are joined in the record's order.

    `call_number` parts are joined by `joiner`. `status` says whether it is there: its values in `available` mean yes,
    in `unavailable` no, others unknown; `due` says no by being there. `loanable` says yes or no by its values
    in `loan_values` and `no_loan_values`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tag: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{3}$")]
    library: Codes = ""
    location: Codes = ""
    call_number: Codes = ""
    joiner: str = " "
    barcode: Codes = ""
    copies: Codes = ""
    note: Codes = ""
    url: Codes = ""
    status: Codes = ""
    available: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()
    due: Codes = ""
    loanable: Codes = ""
    loan_values: tuple[str, ...] = ()
    no_loan_values: tuple[str, ...] = ()

    def copy_in(self, field: MarcField) -> Copy:
        """The copy that one field describes."""
        available = _known(field, self.status, self.available, self.unavailable)
        if any(text for code in self.due for text in field.all(code)):
            available = False
        return Copy(
            library=clean(field.joined(self.library)),
            location=clean(field.joined(self.location)),
            call_number=clean(field.joined(self.call_number, self.joiner)),
            barcode=field.first(self.barcode).strip(),
            copies=_count(field, self.copies),
            available=available,
            loanable=_known(field, self.loanable, self.loan_values, self.no_loan_values),
            url=field.first(self.url).strip(),
            note=clean(field.joined(self.note)),
        )


def _known(field: MarcField, codes: str, yes: tuple[str, ...], no: tuple[str, ...]) -> bool | None:
    said = [text.strip().casefold() for code in codes for text in field.all(code)]
    if not said:
        return None
    if any(text in {value.casefold() for value in no} for text in said):
        return False
    return True if all(text in {value.casefold() for value in yes} for text in said) else None


def _count(field: MarcField, codes: str) -> int | None:
    said = field.first(codes).strip()
    return int(said) if said.isascii() and said.isdigit() and 0 < int(said) < 10_000 else None


KNOWN = {
    # Koha: 1 lost, 0 withdrawn, 7 not for loan, q due date; 0 means no.
    "952": HoldingsField(
        tag="952",
        library="b",
        location="c",
        call_number="o",
        barcode="p",
        note="z",
        url="u",
        status="01",
        available=("0",),
        unavailable=("1", "2", "3", "4"),
        due="q",
        loanable="7",
        loan_values=("0",),
        no_loan_values=("-1", "1", "2", "3", "4"),
    ),
    # MARC 21 Format for Holdings Data.
    "852": HoldingsField(tag="852", library="ab", location="c", call_number="khim", barcode="p", note="z", url="u"),
    # CNMARC local practice (CALIS): a library, b accession number, c shelving, d class, e book number, f copies.
    "905": HoldingsField(tag="905", library="a", location="c", call_number="de", joiner="/", barcode="b", copies="f"),
    # Recommandation 995 of French UNIMARC systems.
    "995": HoldingsField(tag="995", library="b", location="e", call_number="k", barcode="f", note="u"),
}
DEFAULT: tuple[HoldingsField, ...] = tuple(KNOWN.values())


def named_fields(given: object) -> object:
    """Names of known fields (`"852"`) replaced by what they mean; the rest is left to be checked.

    Raises ValueError if a name is not known.
    """
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list | tuple):
        return given
    return tuple(_named(item) if isinstance(item, str) else item for item in given)


def _named(name: str) -> HoldingsField:
    found = KNOWN.get(name)
    if found is None:
        raise ValueError(
            f"holdings field '{name}' is not known; use {', '.join(sorted(KNOWN))}, or a table with its tag"
        )
    return found


def copies_in(marc: Marc, fields: tuple[HoldingsField, ...]) -> tuple[Copy, ...]:
    """The copies by the first of `fields` that the record has: what two fields say of one copy is not two copies."""
    for known in fields:
        found = tuple(copy for copy in map(known.copy_in, marc.all(known.tag)) if copy != Copy())
        if found:
            return found
    return ()
