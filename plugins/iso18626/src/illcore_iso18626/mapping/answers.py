"""Result → confirmation: always valid against the schema of 1.2, also for messages that lack agencies, id or time."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from illcore.message import Message, Result

from ..codes import ErrorType, MessageStatus, spellings
from ..model import (
    ConfirmationHeader,
    ErrorData,
    RequestConfirmation,
    RequestingAgencyMessageConfirmation,
    SupplyingAgencyMessageConfirmation,
)
from ..writer import Unwritable, write_message
from .from_wire import NO_TIMESTAMP
from .values import agency_if_any

_ERRORS = spellings(ErrorType)


def confirmation(result: Result) -> bytes:
    """The confirmation of one message, at the time at which the result was answered."""
    failed = bool(result.error) or result.outcome == "refused"
    error = None
    if failed:
        kind = _ERRORS.get(result.error) or _ERRORS.get(result.error.casefold(), ErrorType.UNRECOGNISED_DATA_VALUE)
        error = ErrorData(error_type=ErrorType(kind), error_value=result.value or "the message was refused")
    header = _header(result.message, result.answered_at, MessageStatus.ERROR if failed else MessageStatus.OK)
    try:
        return _written(result.message, header, error)
    except Unwritable:
        # an identifier that XML cannot carry was entered by other ways than this protocol
        bare = replace(header, supplying_agency_id=None, requesting_agency_id=None, requesting_agency_request_id=None)
        return _written(result.message, bare, error)


def _header(message: Message, at: datetime, status: MessageStatus) -> ConfirmationHeader:
    return ConfirmationHeader(
        supplying_agency_id=agency_if_any(message.supplying_agency),
        requesting_agency_id=agency_if_any(message.requesting_agency),
        timestamp=at,
        requesting_agency_request_id=message.requesting_agency_request_id or None,
        timestamp_received=at if message.timestamp == NO_TIMESTAMP else message.timestamp,
        message_status=status,
    )


def _written(message: Message, header: ConfirmationHeader, error: ErrorData | None) -> bytes:
    answer: Any
    if message.kind == "Request":
        answer = RequestConfirmation(confirmation_header=header, error_data=error)
    elif message.kind == "SupplyingAgencyMessage":
        answer = SupplyingAgencyMessageConfirmation(
            confirmation_header=header, reason_for_message=message.reason, error_data=error
        )
    else:
        answer = RequestingAgencyMessageConfirmation(
            confirmation_header=header, action=message.action, error_data=error
        )
    return write_message(answer)
