"""The one decision: (request, event, facts, now) → the changed request and its effects. Nothing else moves one."""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from illcore.effects import Effect, Send
from illcore.errors import NotAllowed
from illcore.events import RECORDED_BY_REQUESTER, RECORDED_BY_SUPPLIER, Actor, Event
from illcore.facts import Facts
from illcore.request import FILLED_OUTCOMES, TERMINAL, Request, Undo
from illcore.states import TABLE
from illcore.states.guards import attempt_fault
from illcore.states.naming import STATUS_EVENTS, row_name
from illcore.states.roles import may
from illcore.states.row import BY_OUTCOME, PLACE, RESUME, SAVED, STAY, UNDO, Case, Row, why_not
from illcore.states.status import STATUS_BEARING, reported_status
from illcore.states.timers import rearm
from illcore.states.verbs import free_place

TWINS = frozenset({"cancel_pending", "renew_pending", "cancel_requested", "renew_requested"})
ON_ANOTHER_ATTEMPT = ("receive", "ship_return")
PLACED = frozenset({"overdue", "recalled", "renew_pending", "renew_requested"})
_FORGETS_RESUME = frozenset({"shipped", "received"}) | TERMINAL
_NOBODY = Actor(kind="system", id="probe", library="")


@dataclass(slots=True, frozen=True)
class Decision:
    """``request`` is the new value (the old one if refused); ``data`` is what mattered, for the event's record.

    ``refused`` is one sentence, empty if the event was taken. ``path`` are the states gone through.
    """

    request: Request
    effects: tuple[Effect, ...] = ()
    refused: str = ""
    path: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


def decide(request: Request, event: Event, facts: Facts, now: datetime) -> Decision:
    """Take one event. Never raises for an event that the table does not allow: it is refused by name.

    The request given is not changed. Times inside the decision come from ``now`` alone.
    """
    refusal = _refusal(request, event)
    if refusal:
        return Decision(request, refused=refusal)
    case = Case(_copied(request), event, facts, now)
    name = row_name(request, event)
    first = row = _row(case, name)
    if row is None:
        return Decision(request, refused=_no_row(case, name))
    if event.by_hand and row.idle:
        return Decision(request, refused=_tells_nothing(request, event))
    status_before = reported_status(request) if request.role == "supplier" else ""
    path = [request.state]
    try:
        while row is not None:
            _take(case, row)
            if case.request.state != path[-1]:
                path.append(case.request.state)
            step = row.then
            row = _row(case, step) if step else None
            if step and row is None:
                raise LookupError(f"the table has no row for step {step} in {case.request.state}")
    except NotAllowed as refused:
        return Decision(request, refused=str(refused))
    assert first is not None
    _afterwards(case, first, request, name, status_before)
    return Decision(case.request, tuple(case.effects), "", tuple(path), case.data)


def allowed_actions(
    request: Request, facts: Facts, now: datetime, role: str | None, actions: tuple[str, ...]
) -> tuple[str, ...]:
    """Exactly those actions that the table allows now for a member of staff in that role (None: a reader)."""
    return tuple(a for a in actions if may(role, request.role, a) and _has_row(request, a, facts, now))


def _has_row(request: Request, action: str, facts: Facts, now: datetime) -> bool:
    if action == "undo":
        return _can_undo(request)
    if action == "record":
        known = RECORDED_BY_REQUESTER if request.role == "requester" else RECORDED_BY_SUPPLIER
        probes = [Event(said, now, _NOBODY, attempt=request.attempt, by_hand=True) for said in known.values()]
        rows = [_row(Case(request, probe, facts, now), probe.type) for probe in probes]
        return any(row is not None and not row.idle for row in rows)
    probes = [Event(action, now, _NOBODY)]
    if action in ON_ANOTHER_ATTEMPT:
        probes += [Event(action, now, _NOBODY, {"attempt": a.n}) for a in request.attempts]
    return any(_row(Case(request, probe, facts, now), action) is not None for probe in probes)


def _can_undo(request: Request) -> bool:
    return request.undo is not None and request.undo.seq == request.version


def _copied(request: Request) -> Request:
    changed = copy.copy(request)
    changed.timers = dict(request.timers)
    return changed


def _refusal(request: Request, event: Event) -> str:
    if event.type.startswith("timer:"):
        timer = request.timers.get(event.type.removeprefix("timer:"))
        if timer is None or timer.fired or timer.due > event.at:
            return f"{event.type} is not due in {request.state}"
    actor = event.actor
    if actor.kind in ("staff", "reader"):
        action = "record" if event.by_hand else event.type
        role = actor.role if actor.kind == "staff" else None
        if not may(role, request.role, action):
            who = f"the role {role}" if role else "a reader"
            return f"{action} is not for {who}"
    if event.type in ON_ANOTHER_ATTEMPT and event.data.get("attempt"):
        return attempt_fault(request, event.data["attempt"])
    if event.type == "undo" and not _can_undo(request):
        return (
            "there is nothing to undo: only the very last action can be taken back, and only if it stayed in the house"
        )
    return ""


def _no_row(case: Case, name: str) -> str:
    request, event = case.request, case.event
    if event.actor.kind in ("staff", "reader"):
        told = why_not(TABLE[request.role][request.state].get(name, ()), case)
        if told:
            return told
    what = event.data.get("recorded") or event.type
    return f"{what} is not allowed in state {request.state} of a {request.role} request"


def _tells_nothing(request: Request, event: Event) -> str:
    what = event.data.get("recorded") or f"record {event.type}"
    return f"{what} tells nothing new in state {request.state} of a {request.role} request"


def _row(case: Case, name: str) -> Row | None:
    rows = TABLE[case.request.role][case.request.state].get(name, ())
    return next((row for row in rows if row.holds(case)), None)


def _take(case: Case, row: Row) -> None:
    request = case.request
    before = request.state
    for verb in row.verbs:
        verb(case)
    if row.next == UNDO:
        _undo(request)
        return
    after = _target(case, row)
    if after == before:
        return
    request.state = after
    request.state_since = case.now
    request.waiting_since = case.now
    request.asked_status = False
    if after not in TWINS:
        request.saved = ""
        if after not in PLACED:
            request.place = ""
    if after != "cancel_pending":
        request.then = ""
    if after in _FORGETS_RESUME:
        request.resume = ""
    if after not in ("review", "new"):
        request.reasons = ()
    if after in TERMINAL:
        _end(case)
    elif before in TERMINAL:
        request.outcome = ""
        request.closed_at = None
        if request.attempt:
            case.change_attempt(request.attempt, status="open", outcome="", ended_at=None)


def _target(case: Case, row: Row) -> str:
    request = case.request
    if row.next == STAY:
        return request.state
    if row.next == SAVED:
        return request.saved
    if row.next == PLACE:
        return request.place
    if row.next == RESUME:
        return request.resume or "will_supply"
    if row.next == BY_OUTCOME:
        return "completed" if request.outcome in FILLED_OUTCOMES else "closed"
    return row.next


def _end(case: Case) -> None:
    request = case.request
    request.closed_at = case.now
    request.queue = ""
    request.queue_due = None
    attempt = request.current()
    if attempt is not None and attempt.status == "open":
        reason = str(case.event.data.get("reason") or "")
        case.change_attempt(attempt.n, status="ended", outcome=request.outcome, reason=reason, ended_at=case.now)


def _undo(request: Request) -> None:
    undo = request.undo
    assert undo is not None
    request.state, request.saved, request.place = undo.state, undo.saved, undo.place
    request.resume, request.reasons, request.overrides = undo.resume, undo.reasons, undo.overrides
    request.items = undo.items


def _afterwards(case: Case, first: Row, before: Request, name: str, status_before: str) -> None:
    request, event = case.request, case.event
    request.updated_at = case.now
    request.version = before.version + 1
    request.undo = (
        Undo(
            request.version,
            event.type,
            before.state,
            before.saved,
            before.place,
            before.resume,
            before.reasons,
            before.overrides,
            before.items,
        )
        if first.undoable and event.actor.kind == "staff"
        else None
    )
    if name != "Repeated" and (event.by_hand or event.actor.kind == "partner"):
        _remember_status(case)
    if request.role == "supplier":
        sends_status = any(isinstance(e, Send) and e.name in STATUS_BEARING for e in case.effects)
        if request.last_change is None or sends_status or reported_status(request) != status_before:
            request.last_change = case.now
        _mark_first_answer(case)
    if request.state in TERMINAL and before.state not in TERMINAL:
        free_place(case)
    if event.type.startswith("timer:"):
        kind = event.type.removeprefix("timer:")
        timer = copy.copy(request.timers[kind])
        timer.fired = True
        request.timers[kind] = timer
    rearm(request, case.facts, case.now)


def _mark_first_answer(case: Case) -> None:
    """The first answer to a Request is a RequestResponse, whatever follows is a StatusChange."""
    request = case.request
    attempt = request.current()
    if attempt is None or attempt.answered_at is not None:
        return
    for at, effect in enumerate(case.effects):
        if isinstance(effect, Send) and effect.name in STATUS_BEARING and effect.attempt == attempt.n:
            if effect.name not in ("CancelYes", "RenewYes"):
                case.effects[at] = Send(effect.name, effect.attempt, {**effect.fields, "first": True})
            case.change_attempt(attempt.n, answered_at=case.now)
            request.answered_at = request.answered_at or case.now
            return


_TELLS_STATUS = STATUS_EVENTS | {"CancelYes", "RenewYes"}
_ANSWERS_THE_REQUEST = frozenset(
    {"WillSupply", "Conditions", "Loaned", "CopyCompleted", "Unfilled", "RetryPossible", "Overdue", "Recalled"}
)


def _remember_status(case: Case) -> None:
    """Keep the last status applied from this attempt, so that its repetition moves nothing.

    A refusal's status is applied as an event of its own; what staff record has no lastChange of the partner's.
    """
    request, event = case.request, case.event
    n = event.attempt or request.attempt
    if not n:
        return
    if request.role == "supplier":
        if event.type == "Received" and event.data.get("sent"):
            case.change_attempt(n, last_status="Received", last_change=event.data["sent"])
        return
    if event.type not in _TELLS_STATUS:
        return
    attempt = request.attempts[n - 1]
    changes: dict[str, Any] = {}
    if event.type in _ANSWERS_THE_REQUEST and attempt.answered_at is None:
        changes["answered_at"] = case.now
        if request.answered_at is None:
            request.answered_at = case.now
    if not event.by_hand:
        change = event.data.get("last_change")
        if change is None or attempt.last_change is None or change >= attempt.last_change:
            changes["last_status"] = event.data.get("status") or event.type
            changes["last_change"] = change or case.now
        known = event.data.get("supplying_agency_request_id")
        if known and not attempt.supplying_agency_request_id:
            changes["supplying_agency_request_id"] = known
    if changes:
        case.change_attempt(n, **changes)
