"""The message `request` and its parts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ..codes import RequestSubType, RequestType, ServiceType, YesNo
from .headers import Header
from .values import Address, AgencyId, BibliographicRecordId, Costs, SchemeValue
from .wire import Identifier, Wire


@dataclass(frozen=True, slots=True)
class BibliographicItemId:
    """An item's number, such as 9787302511854 and ISBN."""

    bibliographic_item_identifier: Identifier
    bibliographic_item_identifier_code: SchemeValue


@dataclass(frozen=True, slots=True, kw_only=True)
class BibliographicInfo:
    """What is wanted."""

    supplier_unique_record_id: Identifier | None = None
    title: str | None = None
    author: str | None = None
    subtitle: str | None = None
    series_title: str | None = None
    edition: str | None = None
    title_of_component: str | None = None
    author_of_component: str | None = None
    volume: Annotated[str | None, Wire(joined="; ")] = None
    issue: str | None = None
    pages_requested: str | None = None
    estimated_no_pages: str | None = None
    bibliographic_item_id: tuple[BibliographicItemId, ...] = ()
    sponsor: str | None = None
    information_source: str | None = None
    bibliographic_record_id: tuple[BibliographicRecordId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationInfo:
    """By whom, where, when and as what it was published; the date is free text."""

    publisher: str | None = None
    publication_type: SchemeValue | None = None
    publication_date: str | None = None
    place_of_publication: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceInfo:
    """How it is wanted."""

    request_type: RequestType | str | None = None
    request_sub_type: Annotated[tuple[RequestSubType | str, ...], Wire(limit=3)] = ()
    requesting_agency_previous_request_id: Identifier | None = None
    service_type: ServiceType | str
    service_level: SchemeValue | None = None
    preferred_format: Annotated[SchemeValue | None, Wire(also=("itemFormat",))] = None
    need_before_date: datetime | None = None
    copyright_compliance: SchemeValue | None = None
    any_edition: Annotated[YesNo | str | None, Wire(also=("preferredEdition",))] = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    note: Annotated[str | None, Wire(joined="\n")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierInfo:
    """One possible supplier, with what is known of its holdings."""

    sort_order: int | None = None
    supplier_code: AgencyId | None = None
    supplier_description: str | None = None
    bibliographic_record_id: BibliographicRecordId | None = None
    call_number: str | None = None
    summary_holdings: str | None = None
    availability_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedDeliveryInfo:
    """One place to deliver to; the lowest `sort_order` is preferred."""

    sort_order: int | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestingAgencyInfo:
    """The requesting library's name, contact and addresses."""

    name: str | None = None
    contact_name: str | None = None
    address: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronInfo:
    """The reader, where the requesting library gives the name away."""

    patron_id: Identifier | None = None
    surname: str | None = None
    given_name: str | None = None
    patron_type: SchemeValue | None = None
    send_to_patron: YesNo | str | None = None
    address: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingInfo:
    """How and up to which amount the requesting library pays."""

    payment_method: SchemeValue | None = None
    maximum_costs: Costs | None = None
    billing_method: SchemeValue | None = None
    billing_name: str | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A requesting agency asks a supplying agency for an item (`request`)."""

    header: Header
    bibliographic_info: BibliographicInfo
    publication_info: PublicationInfo | None = None
    service_info: ServiceInfo | None = None
    supplier_info: tuple[SupplierInfo, ...] = ()
    requested_delivery_info: tuple[RequestedDeliveryInfo, ...] = ()
    requesting_agency_info: RequestingAgencyInfo | None = None
    patron_info: PatronInfo | None = None
    billing_info: BillingInfo | None = None
