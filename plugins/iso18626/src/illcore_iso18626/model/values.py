"""The small values that several messages share: codes, agencies, costs, addresses (ISO-18626-v1_2.xsd)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from .wire import Identifier


@dataclass(frozen=True, slots=True)
class SchemeValue:
    """An open code (`type_schemeValuePair`): the text and, where given, the URI of the list it is from."""

    value: str
    scheme: str | None = None

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class AgencyId:
    """A library's symbol (`type_agencyId`), such as ISIL and CN-110001."""

    agency_id_type: SchemeValue
    agency_id_value: Identifier


@dataclass(frozen=True, slots=True)
class Costs:
    """An amount of money (`type_costs`); `monetary_value` is None only when an amount could not be read."""

    currency_code: SchemeValue
    monetary_value: Decimal | None


@dataclass(frozen=True, slots=True)
class ElectronicAddress:
    """An e-mail address, a URL and the like."""

    electronic_address_type: SchemeValue
    electronic_address_data: Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalAddress:
    """A postal address; `region` is ISO 3166-2, `country` ISO 3166-1."""

    line1: str | None = None
    line2: str | None = None
    locality: str | None = None
    postal_code: str | None = None
    region: SchemeValue | None = None
    country: SchemeValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Either an electronic or a physical address."""

    CHOICE: ClassVar[bool] = True

    electronic_address: ElectronicAddress | None = None
    physical_address: PhysicalAddress | None = None


@dataclass(frozen=True, slots=True)
class BibliographicRecordId:
    """A record's number in a catalogue, such as OCLC and 12345."""

    bibliographic_record_identifier_code: SchemeValue
    bibliographic_record_identifier: Identifier
