"""A partner's Request or Retry: a new lending request, a fresh try at an old one, or a duplicate."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from illcore.context import Context
from illcore.events import Actor, Event
from illcore.message import Message, Result
from illcore.model import Citation, Partner
from illcore.request import Attempt, Request
from illcore.store import Applied, Input, get, match_attempt

_LEVELS = {"urgent": "urgent", "rush": "urgent", "express": "urgent"}
_DIGITAL = frozenset("PDF EPUB EPUB2 EPUB3 JPEG TIFF MP3".split())
_RETRYABLE = frozenset({"retry_asked", "unfilled", "cancelled", "closed"})


def demand(
    context: Context, connection: Connection, message: Message, own: str, partner: Partner, now: datetime
) -> tuple[Result, Sequence[Applied]]:
    """Take a Request. The same id from the same partner is a duplicate whatever its timestamp."""
    content = content_of(message)
    number = message.requesting_agency_request_id
    found = match_attempt(connection, own, "supplier", [partner.symbol], number)
    retried = found
    if found is None and message.previous_id:
        retried = match_attempt(connection, own, "supplier", [partner.symbol], message.previous_id)
    if found is not None:
        request = get(connection, own, found.request_id)
        attempt = request.attempts[found.attempt - 1]
        same = not attempt.content or attempt.content == content
        fresh_try = message.request_type == "Retry" and request.state in _RETRYABLE and found.attempt == request.attempt
        repeated = same and not (fresh_try and _is_later(message, request))
        if repeated or message.request_type == "Reminder":
            return _result(message, "duplicate", found.request_id, now), ()
        if not fresh_try:
            taken = f"requestingAgencyRequestId: a request with the id {number} already exists"
            return _refused(message, found.request_id, taken, now), ()
    if retried is not None:
        return _retry(context, connection, message, own, partner, retried.request_id, content, now)
    return _new(context, connection, message, own, partner, content, now)


def _is_later(message: Message, request: Request) -> bool:
    """Whether its sender wrote it after our last status, which therefore it answers."""
    return request.last_change is None or message.timestamp > request.last_change


def content_of(message: Message) -> str:
    """The digest by which two copies of a Request are known as the same, whenever they were sent."""
    body = message.model_dump_json(exclude_defaults=True, exclude={"timestamp", "security_code"})
    return hashlib.sha256(body.encode()).hexdigest()


def _result(message: Message, outcome: Any, request_id: str, now: datetime) -> Result:
    return Result(message=message, outcome=outcome, request_id=request_id, answered_at=now)


def _refused(message: Message, request_id: str, value: str, now: datetime) -> Result:
    return Result(
        message=message,
        outcome="refused",
        request_id=request_id,
        error="UnrecognisedDataValue",
        value=value,
        answered_at=now,
    )


def _wishes(message: Message) -> dict[str, Any]:
    return {
        "service_type": message.service_type,
        "citation": message.citation or Citation(),
        "needed_by": message.needed_by.date() if message.needed_by else None,
        "max_cost": message.max_cost,
        "service_level": _LEVELS.get(message.service_level.lower(), "normal"),
        "format": "digital" if message.format in _DIGITAL else ("paper" if message.format else "any"),
        "any_edition": message.any_edition,
        "delivery": message.delivery,
    }


def _new(
    context: Context, connection: Connection, message: Message, own: str, partner: Partner, content: str, now: datetime
) -> tuple[Result, Sequence[Applied]]:
    request_id = context.ids(now)
    wishes = _wishes(message)
    request = Request(
        id=request_id,
        library=own,
        role="supplier",
        created_at=now,
        updated_at=now,
        state_since=now,
        waiting_since=now,
        attempt=1,
        partner=partner.symbol,
        copyright_compliance=message.copyright_compliance,
        attempts=(
            Attempt(
                1,
                partner.symbol,
                status="open",
                requesting_agency_request_id=message.requesting_agency_request_id,
                supplying_agency_request_id=request_id,
                previous_id=message.previous_id,
                started_at=now,
                content=content,
            ),
        ),
        **wishes,
    )
    actor = Actor(kind="partner", id=partner.symbol, library=own)
    event = Event("submit", now, actor, {}, 1, private=message.note)
    applied = context.apply(connection, [Input(own, event, request_id, request)], now)
    return _result(message, "applied", request_id, now), applied


def _retry(
    context: Context,
    connection: Connection,
    message: Message,
    own: str,
    partner: Partner,
    request_id: str,
    content: str,
    now: datetime,
) -> tuple[Result, Sequence[Applied]]:
    data = {
        **_wishes(message),
        "requesting_agency_request_id": message.requesting_agency_request_id,
        "content": content,
    }
    actor = Actor(kind="partner", id=partner.symbol, library=own)
    current = get(connection, own, request_id)
    event = Event("Retry", now, actor, data, current.attempt, private=message.note)
    applied = context.apply(connection, [Input(own, event, request_id)], now)
    if applied[0].refused:
        return _refused(message, request_id, f"requestType: Retry is not possible: {applied[0].refused}", now), applied
    return _result(message, "applied", request_id, now), applied
