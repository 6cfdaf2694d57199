"""Mails as people and programs see them: one row each, and what became of the request."""

import hashlib
import json
from typing import Any, TypedDict

from sqlalchemy import Connection, Row

from illcore.errors import NotFound
from illcore.intake import undelivered_digest
from illcore.message import Message, Undelivered
from illcore.store import events_of, get, inbox_get
from illcore.store.matching import attempts_with_id

from .tokens import Thread

__all__ = ["Outcome", "outcome_of", "row_of"]

Outcome = TypedDict("Outcome", {"class": str, "request": str | None, "event": str | None, "state": str | None})
"""What `ill mail ingest` prints: the class of the mail, the request, the event that it was there, its state now."""


def outcome_of(connection: Connection, row: Row[Any]) -> Outcome:
    """What became of a mail, as the engine's own records tell it."""
    request, event = _applied(connection, row)
    state = None
    if request:
        try:
            state = get(connection, row.library, request).state
        except NotFound:
            request = None
    return {"class": row.kind or "unmatched", "request": request, "event": event, "state": state}


def _applied(connection: Connection, row: Row[Any]) -> tuple[str | None, str | None]:
    request = request_of(connection, row)
    for given in json.loads(row.messages or "[]"):
        message = Message.model_validate(given)
        digest = hashlib.sha256(message.model_dump_json(exclude_defaults=True).encode()).hexdigest()
        kept = inbox_get(connection, row.library, row.partner, digest)
        if kept is None or not kept.request_id:
            continue
        request = kept.request_id
        if kept.status == "applied" and kept.seq:
            return request, _event(connection, request, kept.seq)
    for given in json.loads(row.undelivered or "[]"):
        kept = inbox_get(connection, row.library, row.partner, undelivered_digest(Undelivered.model_validate(given)))
        if kept is not None and kept.request_id and kept.seq:
            return kept.request_id, _event(connection, kept.request_id, kept.seq)
    return request, None


def _event(connection: Connection, request: str, seq: int) -> str | None:
    return next((one.type for one in events_of(connection, request) if one.seq == seq and not one.refused), None)


def request_of(connection: Connection, row: Row[Any]) -> str | None:
    """The id of the request that a mail is, or seems to be, about."""
    if not row.number:
        return None
    thread = Thread(row.library, row.role, row.partner, row.number)
    for one in attempts_with_id(connection, thread.library, thread.role, thread.number):
        if one.partner == thread.partner:
            return one.request_id
    return None


def row_of(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """A mail without its text, as JSON has it."""
    return {
        "id": str(row.id),
        "class": row.kind or "unmatched",
        "status": row.status,
        "received_at": row.received_at,
        "sender": row.sender,
        "subject": row.subject,
        "reason": row.reason or None,
        "request": request_of(connection, row),
        "partner": row.partner or None,
        "suggested": json.loads(row.suggestion) if row.suggestion else None,
        "attachments": json.loads(row.attachments or "[]"),
        "size": row.size,
    }
