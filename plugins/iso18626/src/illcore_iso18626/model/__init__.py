"""The six messages of ISO 18626 version 1.2 as frozen values, one field per element of the schema.

Field names are the element names in snake case, in schema order; a scheme/value pair is a `SchemeValue`, an element
that may repeat is a tuple, an optional one is None when absent. A message that was *read* may lack what the schema
requires: then a required text or code is "", a time None, a group one of such blanks, and the reader's problems say
so. A closed code that was not recognised is kept as the text that came. The writer refuses both.
"""

from .confirmation import (
    RequestConfirmation,
    RequestingAgencyMessageConfirmation,
    SupplyingAgencyMessageConfirmation,
)
from .headers import ConfirmationHeader, ErrorData, Header, RequestingAgencyAuthentication
from .request import (
    BibliographicInfo,
    BibliographicItemId,
    BillingInfo,
    PatronInfo,
    PublicationInfo,
    Request,
    RequestedDeliveryInfo,
    RequestingAgencyInfo,
    ServiceInfo,
    SupplierInfo,
)
from .requesting import RequestingAgencyMessage
from .supplying import DeliveryInfo, MessageInfo, ReturnInfo, StatusInfo, SupplyingAgencyMessage
from .values import (
    Address,
    AgencyId,
    BibliographicRecordId,
    Costs,
    ElectronicAddress,
    PhysicalAddress,
    SchemeValue,
)

Message = (
    Request
    | RequestConfirmation
    | SupplyingAgencyMessage
    | SupplyingAgencyMessageConfirmation
    | RequestingAgencyMessage
    | RequestingAgencyMessageConfirmation
)

MESSAGES: dict[str, type[Message]] = {
    "request": Request,
    "requestConfirmation": RequestConfirmation,
    "supplyingAgencyMessage": SupplyingAgencyMessage,
    "supplyingAgencyMessageConfirmation": SupplyingAgencyMessageConfirmation,
    "requestingAgencyMessage": RequestingAgencyMessage,
    "requestingAgencyMessageConfirmation": RequestingAgencyMessageConfirmation,
}
"""Element name → class of the six messages."""

__all__ = [
    "MESSAGES",
    "Address",
    "AgencyId",
    "BibliographicInfo",
    "BibliographicItemId",
    "BibliographicRecordId",
    "BillingInfo",
    "ConfirmationHeader",
    "Costs",
    "DeliveryInfo",
    "ElectronicAddress",
    "ErrorData",
    "Header",
    "Message",
    "MessageInfo",
    "PatronInfo",
    "PhysicalAddress",
    "PublicationInfo",
    "Request",
    "RequestConfirmation",
    "RequestedDeliveryInfo",
    "RequestingAgencyAuthentication",
    "RequestingAgencyInfo",
    "RequestingAgencyMessage",
    "RequestingAgencyMessageConfirmation",
    "ReturnInfo",
    "SchemeValue",
    "ServiceInfo",
    "StatusInfo",
    "SupplierInfo",
    "SupplyingAgencyMessage",
    "SupplyingAgencyMessageConfirmation",
]
