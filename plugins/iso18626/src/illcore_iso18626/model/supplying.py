"""The message `supplyingAgencyMessage` and its parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from ..codes import ReasonForMessage, Status, YesNo
from .headers import Header
from .values import AgencyId, Costs, PhysicalAddress, SchemeValue
from .wire import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageInfo:
    """Why the supplier writes; the last three are in `retryInfo` of the 2021 edition."""

    reason_for_message: ReasonForMessage | str
    answer_yes_no: YesNo | str | None = None
    note: Annotated[str | None, Wire(joined="\n")] = None
    reason_unfilled: SchemeValue | None = None
    reason_retry: SchemeValue | None = None
    offered_costs: Costs | None = None
    retry_after: datetime | None = None
    retry_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInfo:
    """Where the request stands, since when."""

    status: Annotated[Status | str, Wire(often_missing=True)]
    expected_delivery_date: datetime | None = None
    due_date: datetime | None = None
    last_change: Annotated[datetime | None, Wire(often_missing=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryInfo:
    """What was sent and how. `item_id` and `loan_condition` are tuples because peers send several; 1.2 allows one."""

    date_sent: Annotated[datetime | None, Wire(often_missing=True)]
    item_id: Annotated[tuple[str, ...], Wire(exact=True, limit=1)] = ()
    url: Annotated[str | None, Wire(name="URL", exact=True, only_2021=True)] = None
    sent_via: Annotated[SchemeValue | None, Wire(also=("deliveryMethod",))] = None
    sent_to_patron: bool | None = None
    loan_condition: Annotated[tuple[SchemeValue, ...], Wire(limit=1)] = ()
    delivered_format: Annotated[SchemeValue | None, Wire(also=("itemFormat",))] = None
    delivery_costs: Costs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnInfo:
    """Where the item goes back to."""

    return_agency_id: AgencyId | None = None
    name: str | None = None
    physical_address: PhysicalAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyingAgencyMessage:
    """A supplying agency answers or tells (`supplyingAgencyMessage`)."""

    MOVED: ClassVar[Mapping[str, str]] = {"retryInfo": "messageInfo"}

    header: Header
    message_info: MessageInfo
    status_info: Annotated[StatusInfo, Wire(often_missing=True)]
    delivery_info: DeliveryInfo | None = None
    return_info: ReturnInfo | None = None
