"""Requests in every state and events for them, for the tests of the decision."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from illcore.compose import compose
from illcore.decide import Decision, decide
from illcore.effects import Send
from illcore.events import Actor, Event
from illcore.facts import Facts
from illcore.message import Message
from illcore.model import Citation, Partner
from illcore.policy import Library
from illcore.request import Attempt, Item, Request, Timer

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PARTNERS = {s: Partner(symbol=s, account="wire:main") for s in ("ISIL:A", "ISIL:B", "ISIL:R")}
FACTS = Facts(partners=PARTNERS)
STAFF = Actor(kind="staff", id="wang", library="ISIL:R", role="admin")
READER = Actor(kind="reader", id="li", library="ISIL:R")
SYSTEM = Actor(kind="system", id="engine", library="ISIL:R")
PARTNER = Actor(kind="partner", id="ISIL:A", library="ISIL:R")

WITH_US = "shipped received on_loan renew_pending overdue recalled returned".split()
ASKED = "sent will_supply conditional retry_offered".split()
OUT_ON_LOAN = "shipped received renew_requested overdue recalled".split()


def ours(state: str, service: str = "loan", **changes: Any) -> Request:
    """A borrowing request at its first supplier, with a second one in the rota."""
    shipped = state in (*WITH_US, "return_shipped", "lost")
    request = Request(
        id="1",
        library="ISIL:R",
        role="requester",
        service_type=service,  # type: ignore[arg-type]
        created_at=NOW,
        updated_at=NOW,
        state_since=NOW,
        citation=Citation(title="茶馆", doi="10.1000/182"),
        state=state,
        version=5,
        attempt=1,
        partner="ISIL:A",
        named_suppliers=True,
        supplied_as=service if shipped else "",
        items=(Item(1, sent_at=NOW),) if shipped and service == "loan" else (),
        saved={"cancel_pending": "will_supply", "renew_pending": "on_loan"}.get(state, ""),
        then="stop" if state == "cancel_pending" else "",
        place="on_loan" if state in ("renew_pending", "overdue", "recalled") else "",
        attempts=(
            Attempt(1, "ISIL:A", status="open", requesting_agency_request_id="1", shipped=shipped),
            Attempt(2, "ISIL:B"),
        ),
    )
    return replace(request, **changes)


def moved_on(state: str, service: str = "loan", **attempt: Any) -> Request:
    """The first supplier was left; the second is asked (open states), or nobody is."""
    asked = state in (*ASKED, "cancel_pending", *WITH_US)
    request = ours(state, service)
    first = replace(request.attempts[0], **({"status": "ended", "outcome": "silent", "cancel_sent": 1} | attempt))
    second = Attempt(2, "ISIL:B", status="open" if asked else "ended", requesting_agency_request_id="1-2")
    return replace(request, attempt=2, partner="ISIL:B", attempts=(replace(first, shipped=False), second))


def theirs(state: str, service: str = "loan", **changes: Any) -> Request:
    """A lending request."""
    shipped = state in (*OUT_ON_LOAN, "return_shipped", "lost", "completed")
    request = Request(
        id="S1",
        library="ISIL:A",
        role="supplier",
        service_type=service,  # type: ignore[arg-type]
        created_at=NOW,
        updated_at=NOW,
        state_since=NOW,
        state=state,
        version=5,
        attempt=1,
        partner="ISIL:R",
        citation=Citation(title="茶馆"),
        supplied_as=service if shipped else "",
        shipped_at=NOW if shipped else None,
        items=(Item(1, sent_at=NOW),) if shipped and service == "loan" else (),
        saved={"cancel_requested": "will_supply", "renew_requested": "received"}.get(state, ""),
        place="received" if state in ("renew_requested", "overdue", "recalled") else "",
        outcome={"completed": "filled", "unfilled": "unfilled", "cancelled": "withdrawn", "closed": "withdrawn"}.get(
            state, ""
        ),
        attempts=(Attempt(1, "ISIL:R", status="open", requesting_agency_request_id="1", answered_at=NOW),),
    )
    return replace(request, **changes)


def said(name: str, attempt: int = 1, change: int = 0, **data: Any) -> Event:
    """The supplier says it; ``change`` are the minutes of its lastChange."""
    status = {"Conditions": "WillSupply", "RenewYes": "Loaned", "CancelYes": "Cancelled"}.get(name, name)
    told = {"status": status, "message_reason": "StatusChange", "last_change": NOW + timedelta(minutes=change)}
    return Event(name, NOW, PARTNER, told | data, attempt)


def demanded(name: str, attempt: int = 1, **data: Any) -> Event:
    return Event(name, NOW, PARTNER, {"sent": NOW} | data, attempt)


def does(name: str, actor: Actor = STAFF, **data: Any) -> Event:
    return Event(name, NOW, actor, data, private="because")


def recorded(name: str, **data: Any) -> Event:
    return Event(name, NOW, STAFF, {"status": name} | data, by_hand=True)


def fired(request: Request, kind: str) -> tuple[Request, Event]:
    return replace(request, timers={kind: Timer(NOW)}), Event(f"timer:{kind}", NOW, SYSTEM)


def taken(request: Request, event: Event, facts: Facts = FACTS) -> Decision:
    decision = decide(request, event, facts, NOW)
    assert not decision.refused, decision.refused
    return decision


def sends(decision: Decision) -> list[tuple[str, int]]:
    return [(e.name, e.attempt) for e in decision.effects if isinstance(e, Send)]


def reasons(decision: Decision) -> list[str]:
    return [a.reason for a in decision.request.attention]


def message_of(decision: Decision) -> Message:
    (send,) = [e for e in decision.effects if isinstance(e, Send)]
    request = decision.request
    return compose(request, send, Library(symbol=request.library), PARTNERS["ISIL:R"], NOW)
