"""Small values on both sides: symbols and agencies, money and costs, addresses, open codes."""

from pydantic import ValidationError

from illcore import message as core
from illcore.model import Money

from ..model import Address, AgencyId, Costs, ElectronicAddress, PhysicalAddress, SchemeValue


def agency(symbol: str) -> AgencyId:
    """`ISIL:CN-110001` → type and value. Only the first colon parts them: values may have colons of their own."""
    kind, _, value = symbol.partition(":")
    return AgencyId(SchemeValue(kind), value)


def agency_if_any(symbol: str) -> AgencyId | None:
    """None for a symbol that lacks type or value."""
    kind, _, value = symbol.partition(":")
    return agency(symbol) if kind.strip() and value.strip() else None


def symbol_of(given: AgencyId | None) -> str:
    """Type and value → `ISIL:CN-110001`; empty if either is missing."""
    if given is None or not (given.agency_id_type.value and given.agency_id_value):
        return ""
    return f"{given.agency_id_type.value}:{given.agency_id_value}"


def code(text: str) -> SchemeValue | None:
    """An open code, or None for an empty text."""
    return SchemeValue(text) if text else None


def text_of(given: SchemeValue | str | None) -> str:
    """The text of a code or an element, empty if absent."""
    return "" if given is None else str(given)


def costs(money: Money | None) -> Costs | None:
    """Money as `type_costs`."""
    return Costs(SchemeValue(money.currency), money.amount) if money else None


def money_of(given: Costs | None) -> tuple[Money | None, str]:
    """`type_costs` as Money, or what came as text where that cannot be (no ISO 4217 code, a negative amount)."""
    if given is None or given.monetary_value is None:
        return None, ""
    currency, value = given.currency_code.value.strip(), given.monetary_value
    digits = value.as_tuple().exponent
    if isinstance(digits, int) and digits < -4:
        value = value.normalize()  # 5.000000 is 5; what then still has more than four decimals is no price
    try:
        return Money(amount=value, currency=currency.upper()), ""
    except ValidationError:
        return None, f"{currency} {given.monetary_value:f}".strip()


def physical(address: core.Address) -> PhysicalAddress | None:
    """The postal part of an address; None if there is none."""
    found = PhysicalAddress(
        line1=address.line1 or None,
        line2=address.line2 or None,
        locality=address.locality or None,
        postal_code=address.postal_code or None,
        region=code(address.region),
        country=code(address.country),
    )
    return None if found == PhysicalAddress() else found


def electronic(address: core.Address) -> ElectronicAddress | None:
    """The electronic part of an address; None if there is none."""
    if not address.electronic:
        return None
    return ElectronicAddress(SchemeValue(address.electronic_type or "Email"), address.electronic)


def postal_address_of(given: PhysicalAddress | None) -> core.Address | None:
    """A postal address; None if it is empty."""
    if given is None:
        return None
    found = core.Address(
        line1=text_of(given.line1),
        line2=text_of(given.line2),
        locality=text_of(given.locality),
        postal_code=text_of(given.postal_code),
        region=text_of(given.region),
        country=text_of(given.country),
    )
    return None if found == core.Address() else found


def address_of(given: Address | None) -> core.Address | None:
    """Either kind of address; None if it is empty."""
    if given is None:
        return None
    mail = given.electronic_address
    if mail is not None and mail.electronic_address_data:
        kind = mail.electronic_address_type.value or "Email"
        return core.Address(electronic=mail.electronic_address_data, electronic_type=kind)
    return postal_address_of(given.physical_address)


def label_of(address: core.Address) -> str:
    """The lines of an address as people read them."""
    town = " ".join(part for part in (address.postal_code, address.locality) if part)
    lines = (address.line1, address.line2, town, address.region, address.country, address.electronic)
    return "\n".join(line for line in lines if line)
