"""Verbs of what travels: items with their times, due dates, documents and charges."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from illcore.calendars import local_date
from illcore.errors import NotAllowed
from illcore.request import Item
from illcore.states.guards import selected_items
from illcore.states.row import Case, Verb, named

_DESCRIBING = ("barcode", "label", "call_number")


def add_items(case: Case) -> None:
    """Put the items that the event describes on the request, each once; an item known by nothing takes the first."""
    request, data = case.request, case.event.data
    described = [w for w in data.get("items") or () if any(w.get(k) for k in _DESCRIBING)]
    single = {k: data.get(k) or "" for k in (*_DESCRIBING, "location")}
    if any(single.values()) and not described:
        if len(request.items) == 1:
            request.items = (replace(request.items[0], **_filled(single)),)
            return
        described = [single]
    for entry in described:
        own = _filled({k: entry.get(k) or "" for k in (*_DESCRIBING, "location", "condition")})
        if any(_same(item, own) for item in request.items):
            continue
        blank = next((i for i in request.items if not any(getattr(i, k) for k in _DESCRIBING)), None)
        if blank is not None:
            request.items = tuple(replace(i, **own) if i.n == blank.n else i for i in request.items)
        else:
            request.items += (Item(len(request.items) + 1, **own),)


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if v}


def _same(item: Item, own: dict[str, Any]) -> bool:
    """A barcode tells for itself; without one, label and call number do."""
    if own.get("barcode") or item.barcode:
        return item.barcode == own.get("barcode")
    return (item.label, item.call_number) == (own.get("label", ""), own.get("call_number", ""))


def _one_at_least(case: Case) -> None:
    add_items(case)
    if not case.request.items:
        case.request.items = (Item(1),)


def _stamped(case: Case, name: str, forget: Iterable[str] = ()) -> None:
    chosen = {i.n for i in selected_items(case)}
    if case.event.data.get("items") and not chosen:
        raise NotAllowed("no such item on this request; name items by number or barcode")
    changes: dict[str, Any] = dict.fromkeys(forget)
    case.request.items = tuple(
        replace(item, **{**changes, name: getattr(item, name) or case.now}) if item.n in chosen else item
        for item in case.request.items
    )


def items_shipped(case: Case) -> None:
    """The items left the supplier."""
    _one_at_least(case)
    _stamped(case, "sent_at")


def items_announced(case: Case) -> None:
    """The supplier says that they left."""
    _one_at_least(case)
    take_due_date(case)
    case.request.items = tuple(i if i.sent_at else replace(i, sent_at=case.now) for i in case.request.items)


def items_received(case: Case) -> None:
    """The items are here."""
    _one_at_least(case)
    _stamped(case, "received_at", ("lost_at",))
    arrived(case)


def arrived(case: Case) -> None:
    """It is here, or the partner has it."""
    if case.request.received_at is None:
        case.request.received_at = case.now


def received_there(case: Case) -> None:
    """The partner has them."""
    arrived(case)
    case.request.items = tuple(i if i.received_at else replace(i, received_at=case.now) for i in case.request.items)


def items_out(case: Case) -> None:
    """The reader has them."""
    _stamped(case, "checked_out_at", ("checked_in_at",))


def items_in(case: Case) -> None:
    """The reader brought them back, or they never left the desk."""
    _stamped(case, "checked_in_at", ("lost_at",))


def items_returned(case: Case) -> None:
    """They are on the way back, or on their own shelf again."""
    _stamped(case, "returned_at", ("lost_at",))


def items_lost(case: Case) -> None:
    """They cannot be found."""
    _stamped(case, "lost_at")


def supplied_as(kind: str) -> Verb:
    """What it is decides the rest; another kind than was asked needs a person's eye, a cancelled one is not wanted."""

    def verb(case: Case) -> None:
        request = case.request
        if not request.supplied_as:
            request.supplied_as = kind
        if request.service_type not in (request.supplied_as, "copy_or_loan"):
            case.attend("not_as_asked", detail=f"asked for {request.service_type}, supplied as {request.supplied_as}")
        if request.shipped_at is None:
            request.shipped_at = case.now
        if request.ending:
            request.not_wanted = True
        attempt = request.current()
        if attempt is not None and not attempt.shipped:
            case.change_attempt(attempt.n, shipped=True)

    return named(verb, f"supplied as {kind}")


def take_due_date(case: Case) -> None:
    """The due date that the partner or staff give."""
    due = case.event.data.get("due_date")
    if due is not None:
        day = due.date() if isinstance(due, datetime) else due
        case.request.due_date = day
        case.request.items = tuple(replace(i, due_date=day) if i.returned_at is None else i for i in case.request.items)


def give_due_date(renewed: bool = False) -> Verb:
    """The due date that staff name, else the library's loan period from today."""

    def verb(case: Case) -> None:
        due = case.event.data.get("due_date")
        policy = case.facts.policy
        today = local_date(policy.calendar, case.now)
        if due is None:
            if renewed:
                due = max(case.request.due_date or today, today) + timedelta(days=policy.renewal_days)
            else:
                due = today + timedelta(days=policy.loan_days)
        elif due < today:
            raise NotAllowed(f"the due date {due} is in the past")
        case.request.due_date = due
        case.request.items = tuple(replace(i, due_date=due) for i in case.request.items)

    return named(verb, "new due date" if renewed else "due date")


def digital_loan(case: Case) -> None:
    """A loan by URL needs no return."""
    case.request.digital_loan = True
    arrived(case)


def take_charge(case: Case) -> None:
    """What the partner asks for it, or what we ask; what is sent again after a complaint is not paid twice."""
    cost = case.event.data.get("cost")
    if cost is not None:
        attempt = case.request.current()
        if attempt is not None and attempt.rejected_at is not None:
            case.request.charges = tuple(c for c in case.request.charges if c.get("attempt") != attempt.n)
        charge = {
            "amount": str(cost.amount),
            "currency": cost.currency,
            "at": case.now.isoformat(),
            "attempt": case.request.attempt,
        }
        case.request.charges += (charge,)


def outcome_waived(default: str) -> Verb:
    """Nothing needs to come back."""

    def verb(case: Case) -> None:
        case.request.outcome = str(case.event.data.get("outcome") or default)

    return named(verb, f"outcome asked, else {default}")


# --- a delivery that was not usable ---


def remember_rejection(case: Case) -> None:
    """Deliveries up to the rejected one do not count any more; what came before any word of it is bounded by now."""
    attempt = case.request.current()
    if attempt is None:
        raise NotAllowed("there is no delivery to reject")
    bound, word = case.now, attempt.last_change
    if word is not None and attempt.last_status == "CopyCompleted":
        bound = word if attempt.rejected_at is None or word > attempt.rejected_at else case.now
    case.change_attempt(attempt.n, rejected_at=bound)
    case.request.received_at = None


def remember_resend(case: Case) -> None:
    """The partner could not use the delivery; the next one replaces it."""
    if case.request.attempt:
        case.change_attempt(case.request.attempt, rejected_at=case.now)


def resend_done(case: Case) -> None:
    """The replacement is on its way, so the complaint is answered."""
    attempt = case.request.current()
    if attempt is not None and attempt.rejected_at is not None:
        case.change_attempt(attempt.n, rejected_at=None)
        case.settle(reason="quality")
