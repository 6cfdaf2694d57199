"""What staff and readers do to a request: details checked, turned into one event, decided, committed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from illcore import readers
from illcore.actions import Details, Edit, Record, details_of
from illcore.context import Context
from illcore.errors import Invalid, NotAllowed
from illcore.events import (
    RECORDED_BY_REQUESTER,
    RECORDED_BY_SUPPLIER,
    REQUESTER_ACTIONS,
    SUPPLIER_ACTIONS,
    Actor,
    Event,
)
from illcore.model import Value
from illcore.request import Request
from illcore.states.roles import may
from illcore.store import Applied, Input
from illcore.store.requests import lock_one

_STATUS_OF = {
    "Conditions": "WillSupply",
    "CancelYes": "Cancelled",
    "CancelNo": None,
    "RenewYes": "Loaned",
    "RenewNo": None,
}


def act(
    context: Context, connection: Connection, actor: Actor, id: str, action: str, given: dict[str, Any], now: datetime
) -> Applied:
    """Do one action. Raises Invalid (details), NotAllowed (state or role), NotFound, Conflict; then nothing changed."""
    if actor.kind == "partner":
        raise NotAllowed("a partner does not act here; what it says comes in as a message, or staff record it")
    context.library(actor.library)
    request = lock_one(connection, actor.library, id)
    event = event_of_action(request, actor, action, given, now, connection)
    (applied,) = context.apply(connection, [Input(actor.library, event, id)], now)
    if applied.refused:
        raise NotAllowed(applied.refused)
    return applied


def event_of_action(
    request: Request, actor: Actor, action: str, given: dict[str, Any], now: datetime, connection: Connection
) -> Event:
    """The event that an action is. ``record`` becomes the partner's own event, marked by hand."""
    known = REQUESTER_ACTIONS if request.role == "requester" else SUPPLIER_ACTIONS
    if action not in known:
        raise NotAllowed(f"there is no action {action!r} for a {request.role} request; there are {', '.join(known)}")
    if actor.kind == "reader":
        own = readers.key_of(connection, request.library, actor.id)
        if not request.reader_id or own != request.reader_id:
            raise NotAllowed("this is another reader's request")
    details = details_of(action, request.role, given)
    data = _data(details)
    private = str(data.pop("note", "") or "")
    if action == "note" and not private:
        raise Invalid("the note is empty; give note=…")
    if action == "message":
        private = str(data.pop("text", "") or private)
    if isinstance(details, Edit) and details.reader is not None:
        if actor.kind == "reader" and details.reader.id != actor.id:
            raise NotAllowed("a reader cannot give a request to another reader")
        data.pop("reader", None)
        data["reader_id"] = readers.record(connection, request.library, details.reader, now)
    if isinstance(details, Record):
        return _recorded(request, actor, details, data, private, now)
    return Event(action, now, actor, data, request.attempt, private=private)


def _data(details: Details) -> dict[str, Any]:
    found = {}
    for name in sorted(details.model_fields_set):
        value = getattr(details, name)
        if value in (None, "", (), {}):
            continue
        if isinstance(value, tuple):
            value = [v.model_dump() if isinstance(v, Value) else v for v in value]
        found[name] = value
    return found


def _recorded(
    request: Request, actor: Actor, details: Record, data: dict[str, Any], private: str, now: datetime
) -> Event:
    role = actor.role if actor.kind == "staff" else None
    if not may(role, request.role, "record"):
        raise NotAllowed("record is for staff")
    kinds = RECORDED_BY_REQUESTER if request.role == "requester" else RECORDED_BY_SUPPLIER
    kind = kinds[details.what]
    what = data.pop("what")
    if kind == "LoanCompleted" and request.supplied_as == "copy":
        raise NotAllowed("a copy has no return to complete; use receive and deliver")
    if kind == "Conditions" and not (details.code or details.text or details.cost):
        data["text"] = private or "conditions as agreed by telephone or mail"
    data["recorded"] = f"record {what}"
    status = _STATUS_OF.get(kind, kind)
    if request.role == "requester" and status:
        data["status"] = status
    return Event(kind, now, actor, data, request.attempt, by_hand=True, private=private)
