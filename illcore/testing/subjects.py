"""What the conformance kit tests with: sample messages, a subject at an address, a peer that works."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from illcore.calls import (
    Call,
    circulate_call,
    deliver_call,
    enrich_call,
    notify_call,
    poll_call,
    search_call,
    send_call,
)
from illcore.hooktypes import CirculateAction, DeliveryOrder, DocumentFile, Notice
from illcore.message import Address, Message, Try
from illcore.model import Citation, Partner, Query

SECRET = "kit-secret-7Qx"
"""Give this as password, key or token in ``config``; the kit looks for it where no secret may be."""


def sample_message(**changes: Any) -> Message:
    """A Request for a loan of a book with a Chinese title, from ISIL:KIT-REQ to ISIL:KIT-SUP."""
    values: dict[str, Any] = {
        "kind": "Request",
        "requesting_agency": "ISIL:KIT-REQ",
        "supplying_agency": "ISIL:KIT-SUP",
        "requesting_agency_request_id": "KIT-1",
        "timestamp": datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
        "service_type": "loan",
        "citation": Citation(title="红楼梦", author="曹雪芹", isbn="9787020002207", publication_type="Book"),
    }
    return Message(**(values | changes))


def _sample_delivery() -> DeliveryOrder:
    to = Address(electronic="reader@example.org")
    return DeliveryOrder(
        library="ISIL:KIT-REQ",
        request_id="KIT-1",
        to=to,
        files=(DocumentFile(name="article.pdf", url="https://example.org/article.pdf"),),
    )


def _sample_action() -> CirculateAction:
    return CirculateAction(name="lookup", library="ISIL:KIT-REQ", borrower="KIT-READER")


def _sample_notice() -> Notice:
    return Notice(code="arrived", library="ISIL:KIT-REQ", email="reader@example.org", subject="到书通知", text="已到馆")


@dataclass(frozen=True)
class Subject:
    """What the kit tests with: a config of the connector for a partner system at one address, and things to ask it."""

    config: Mapping[str, Any]
    partner: Partner = field(default_factory=lambda: Partner(symbol="ISIL:KIT-SUP"))
    message: Message = field(default_factory=sample_message)
    query: Query = field(default_factory=lambda: Query(title="红楼梦"))
    delivery: DeliveryOrder = field(default_factory=_sample_delivery)
    action: CirculateAction = field(default_factory=_sample_action)
    notice: Notice = field(default_factory=_sample_notice)
    citation: Citation = field(default_factory=lambda: Citation(doi="10.1000/182"))

    def calls(self, account: str, hooks: Iterable[str], seconds: float) -> list[Call[Any]]:
        """A call of each of these hooks that may talk to a partner system; ``illcore_receive`` stands for a poll."""
        key = "kit:1:1"
        every: list[Call[Any]] = [
            search_call(account, self.query, seconds),
            send_call(account, self.message, self.partner, key, Try(), seconds),
            poll_call(account, None, seconds),
            deliver_call(account, self.delivery, key, seconds),
            circulate_call(account, self.action, key, seconds),
            enrich_call(account, self.citation, seconds),
            notify_call(account, self.notice, key, seconds),
        ]
        return [call for call in every if call.hook in set(hooks)]


@dataclass(frozen=True)
class Peer:
    """A partner system that works: where it listens and the payloads that it got so far, in their order."""

    host: str
    port: int
    payloads: Callable[[], list[bytes]] = list
