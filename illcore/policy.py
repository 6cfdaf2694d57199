"""What a library decides for itself: waits, limits, what stops for approval. Every value has a default that works."""

from typing import Annotated, Literal

from pydantic import Field

from illcore.message import Address
from illcore.model import AutoDeliver, CalendarDays, Money, ServiceType, Value

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
    """Which requests stop in ``review(approval)``. Empty lists stop nothing; ``cost_above`` a higher maximum cost."""

    when: Literal["before_locating", "after_locating"] = "before_locating"
    all: bool = False
    service_types: tuple[ServiceType, ...] = ()
    categories: tuple[str, ...] = ()
    cost_above: Money | None = None


Weight = Annotated[float, Field(ge=0, le=1000)]


class RoutingWeights(Value):
    """What counts in the rota, all in days, so that their sum is what one fill may be said to take.

    ``time``: how much an expected day counts. ``cost``: the days that the dearest supplier must be quicker than a free
    one. ``balance``: the same for a partner that only lends to us against one that only borrows. ``preference``: for
    each step of the partner's ``rank``.
    """

    time: Weight = 1.0
    cost: Weight = 3.0
    balance: Weight = 1.0
    preference: Weight = 0.1


class Privacy(Value):
    """How long what is personal is kept, in days of the library's calendar, and how reports hide the few.

    ``days``: from the end of a request until it is anonymised; ``attention_days``: the same while it needs attention.
    ``unmatched_days``: of messages that belong to no request. ``key_days``: of idempotency keys. ``declaration_days``:
    of copyright declarations, which name the reader. ``automatic``: the worker does it once a day by itself. ``k``: the
    smallest count that a report shows by category or department; 1 shows all.
    """

    days: Days = 30
    attention_days: Days = 180
    unmatched_days: Days = 90
    key_days: Annotated[int, Field(ge=1, le=365)] = 7
    declaration_days: Days = 6 * 365
    automatic: bool = True
    k: Annotated[int, Field(ge=1, le=1000)] = 5


class Policy(Value):
    """The policy of one library.

    ``own_holdings``: what the library holds itself stops a reader's request if it can be had now (``available``), in
    any case, or never. ``ask_without_holdings``: whether partners are asked that a search did not find to hold it.
    ``lowest_score``: what of a search's results counts as what is wanted. ``answer_from_holdings``: which answers a
    partner gets from our holdings without staff. ``own_accounts``: those that are searched for our own holdings on a
    partner's request; empty means all. ``copyright_accounts``: the policies that are asked; empty means all.
    ``auto_deliver``: whether a file that passed its check goes to the reader without staff, always, never, or but for
    one in ``sample_every``; a partner's own word wins.
    """

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
    own_holdings: Literal["available", "any", "ignore"] = "available"
    ask_without_holdings: Literal["yes", "no", "last_resort"] = "yes"
    lowest_score: Annotated[float, Field(ge=0, le=1)] = 0.6
    answer_from_holdings: Literal["off", "yes", "yes_and_no"] = "off"
    own_accounts: tuple[str, ...] = ()
    copyright_accounts: tuple[str, ...] = ()
    auto_deliver: AutoDeliver = "always"
    sample_every: Annotated[int, Field(ge=2, le=10_000)] = 10
    link_days: Annotated[int, Field(ge=1, le=365)] = 30
    routing: RoutingWeights = RoutingWeights()
    privacy: Privacy = Privacy()
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
