"""The headers of messages and confirmations, and the error a confirmation carries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ..codes import ErrorType, MessageStatus
from .values import AgencyId
from .wire import Identifier, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestingAgencyAuthentication:
    """The account and secret with which a requesting agency shows who it is."""

    account_id: Identifier | None = None
    security_code: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Who writes to whom about which request (`header`); the key is `requesting_agency_request_id`."""

    supplying_agency_id: Annotated[AgencyId, Wire(often_missing=True)]
    requesting_agency_id: AgencyId
    multiple_item_request_id: Annotated[str, Wire(exact=True, may_be_empty=True)] = ""
    timestamp: datetime | None
    requesting_agency_request_id: Identifier
    supplying_agency_request_id: Identifier | None = None
    requesting_agency_authentication: RequestingAgencyAuthentication | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationHeader:
    """Whether a message was accepted (`confirmationHeader`); `timestamp_received` is the confirmed message's."""

    supplying_agency_id: AgencyId | None = None
    requesting_agency_id: AgencyId | None = None
    timestamp: datetime | None
    requesting_agency_request_id: Identifier | None = None
    multiple_item_request_id: Identifier | None = None
    timestamp_received: datetime | None
    message_status: MessageStatus | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorData:
    """What was wrong with a message (`errorData`)."""

    error_type: Annotated[ErrorType | str, Wire(lenient=True)]
    error_value: str | None = None
