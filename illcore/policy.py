"""What a library decides for itself: waits, limits, what stops for approval. Every value has a default that works."""

from typing import Annotated, Literal

from pydantic import Field

from illcore.message import Address
from illcore.model import CalendarDays, Money, ServiceType, Value

Days = Annotated[int, Field(ge=0, le=3650)]


class Waits(Value):
    """How long to wait, in working days (of the partner's calendar where a partner is awaited)."""

    silence: Days = 5
    silence_urgent: Days = 2
    stale: Days = 10
    cancel: Days = 3
    renewal: Days = 5
    conditions: Days = 10
    retry: Days = 10
    not_arrived: Days = 15
    not_received: Days = 30
    return_unconfirmed: Days = 20
    recall: Days = 10
    collection: Days = 10
    complaint: Days = 10
    due_soon: Days = 3
    ask_again: Days = 3


class Approval(Value):
    """Which requests stop in ``review(approval)``. Empty lists stop nothing; ``cost_above`` stops a higher maximum cost."""

    when: Literal["before_locating", "after_locating"] = "before_locating"
    all: bool = False
    service_types: tuple[ServiceType, ...] = ()
    categories: tuple[str, ...] = ()
    cost_above: Money | None = None


class Policy(Value):
    """The policy of one library."""

    approval: Approval = Approval()
    waits: Waits = Waits()
    calendar: CalendarDays = CalendarDays()
    open_requests_per_reader: Annotated[int, Field(ge=1)] | None = None
    over_limit: Literal["queue", "review"] = "queue"
    duplicate_window_days: Annotated[int, Field(ge=0, le=3650)] = 90
    maximum_cost: Money | None = None
    end_of_rota: Literal["review", "unfilled"] = "review"
    loan_days: Annotated[int, Field(ge=1, le=3650)] = 28
    renewal_days: Annotated[int, Field(ge=1, le=3650)] = 28
    accept_cancel: Literal["staff", "auto"] = "staff"
    attempts_limit: Annotated[int, Field(ge=1, le=200)] = 50
    give_up_hours: Annotated[float, Field(gt=0, le=24 * 60)] = 48


class Library(Value):
    """A library that the engine serves, named by its symbol."""

    symbol: str
    name_en: str = ""
    name_zh: str = ""
    address: Address | None = None
    email: str = ""
    policy: Policy = Policy()
