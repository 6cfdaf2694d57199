"""The three confirmations: the answer to the HTTP POST that brought a message."""

from dataclasses import dataclass

from ..codes import Action, ReasonForMessage
from .headers import ConfirmationHeader, ErrorData


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestConfirmation:
    """The answer to a `request`."""

    confirmation_header: ConfirmationHeader
    error_data: ErrorData | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyingAgencyMessageConfirmation:
    """The answer to a `supplyingAgencyMessage`, with its reason."""

    confirmation_header: ConfirmationHeader
    reason_for_message: ReasonForMessage | str | None = None
    error_data: ErrorData | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestingAgencyMessageConfirmation:
    """The answer to a `requestingAgencyMessage`, with its action."""

    confirmation_header: ConfirmationHeader
    action: Action | str | None = None
    error_data: ErrorData | None = None
