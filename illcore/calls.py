"""The hook calls that can be made, as values: which account, which hook, with what, for how long."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from illcore import returns
from illcore.hooktypes import (
    CirculateAction,
    Circulated,
    DeliveryOrder,
    Enrichment,
    Notice,
    RequestView,
    Usage,
    Verdict,
)
from illcore.message import Message, Receipt, Received, Result, Try
from illcore.model import Citation, Holding, Partner, Query

T = TypeVar("T")
Way = Literal["out", "in", "poll", "search"]
"""Each account has slots of its own for each way: two engines that wait for each other's answer get it, and a poll that
waits for mail keeps nothing from going out."""


@dataclass(slots=True, frozen=True)
class Call(Generic[T]):
    """A hook call to make; several run side by side with ``Dispatch.all``. ``secrets`` (and who a reader is) are kept
    out of all texts.

    ``ended`` is called in the hook's thread as soon as the hook has returned or failed; it must not raise.
    """

    account: str
    hook: str
    arguments: Mapping[str, Any] = field(repr=False)
    seconds: float
    check: Callable[[Any], T] = field(repr=False)
    way: Way = "out"
    secrets: frozenset[str] = field(repr=False, default=frozenset())
    ended: Callable[[], None] | None = field(repr=False, default=None)
    patient: Callable[[], bool] = field(repr=False, default=lambda: False)


def send_call(
    account: str, message: Message, partner: Partner, key: str, attempt: Try, seconds: float
) -> Call[Receipt]:
    """``illcore_send``, to be made with ``Dispatch.all``."""
    arguments = {"message": message, "partner": partner, "key": key, "attempt": attempt}
    codes = frozenset(code for code in (message.security_code,) if code)
    return Call(account, "illcore_send", arguments, seconds, returns.receipt, secrets=codes)


def deliver_call(account: str, delivery: DeliveryOrder, key: str, seconds: float) -> Call[Receipt]:
    """``illcore_deliver``, to be made with ``Dispatch.all``. What fails does not name the reader."""
    arguments = {"delivery": delivery, "key": key}
    who = frozenset({delivery.to.electronic, delivery.to.line1} - {""})
    return Call(account, "illcore_deliver", arguments, seconds, returns.receipt, secrets=who)


def circulate_call(account: str, action: CirculateAction, key: str, seconds: float) -> Call[Circulated]:
    """``illcore_circulate``, to be made with ``Dispatch.all``. What fails does not name the reader."""
    arguments = {"action": action, "key": key}
    who = frozenset({action.borrower} - {""})
    return Call(account, "illcore_circulate", arguments, seconds, returns.circulated, secrets=who)


def notify_call(
    account: str, notice: Notice, key: str, seconds: float, secrets: frozenset[str] = frozenset()
) -> Call[Receipt]:
    """``illcore_notify``, to be made with ``Dispatch.all``. What fails does not name the reader or tell ``secrets``."""
    arguments = {"notice": notice, "key": key}
    who = frozenset({notice.name, notice.email} - {""} if notice.audience == "reader" else ())
    return Call(account, "illcore_notify", arguments, seconds, returns.receipt, secrets=who | secrets)


def poll_call(
    account: str, cursor: str | None, seconds: float, patient: Callable[[], bool] = lambda: False
) -> Call[Received]:
    """``illcore_receive`` without a payload; it may wait for something to come while ``patient``."""
    arguments = {"payload": None, "cursor": cursor}
    return Call(account, "illcore_receive", arguments, seconds, returns.received, "poll", patient=patient)


def search_call(account: str, query: Query, seconds: float) -> Call[tuple[Holding, ...]]:
    """``illcore_search`` of one account, to be made with ``Dispatch.all``."""
    return Call(account, "illcore_search", {"query": query}, seconds, returns.holdings, "search")


def enrich_call(account: str, citation: Citation, seconds: float) -> Call[Enrichment]:
    """``illcore_enrich`` of one account, to be made with ``Dispatch.all``."""
    return Call(account, "illcore_enrich", {"citation": citation}, seconds, returns.enrichment)


def receive_call(account: str, payload: bytes, cursor: str | None, seconds: float) -> Call[Received]:
    """``illcore_receive`` with a payload."""
    arguments = {"payload": payload, "cursor": cursor}
    return Call(account, "illcore_receive", arguments, seconds, returns.received, "in")


def answer_call(account: str, results: Sequence[Result], seconds: float) -> Call[bytes]:
    """``illcore_answer``."""
    return Call(account, "illcore_answer", {"results": tuple(results)}, seconds, returns.octets, "in")


def copyright_call(account: str, request: RequestView, usage: Usage, seconds: float) -> Call[Verdict]:
    """``illcore_copyright`` of one account, to be made with ``Dispatch.all``."""
    return Call(account, "illcore_copyright", {"request": request, "usage": usage}, seconds, returns.verdict)
