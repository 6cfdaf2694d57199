"""A new request: a reader's need, or a partner's demand that came by letter or telephone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from illcore import partners, readers
from illcore.context import Context
from illcore.errors import Invalid, NotAllowed
from illcore.events import Actor, Event
from illcore.mistakes import by_field, sentence
from illcore.model import NewRequest
from illcore.reasons import phrase
from illcore.request import Attempt, Request
from illcore.store import Applied, Input, match_attempt


def new_request(given: NewRequest | Mapping[str, Any]) -> NewRequest:
    """The checked submission. Invalid names every wrong field."""
    if isinstance(given, NewRequest):
        return given
    try:
        return NewRequest.model_validate(given)
    except ValidationError as error:
        raise Invalid(sentence(error), by_field(error, "request")) from None


def submit(
    context: Context, connection: Connection, actor: Actor, given: NewRequest | Mapping[str, Any], now: datetime
) -> Applied:
    """Store the request and decide how it starts. Failed checks lead to ``review``; only unusable input is refused.

    Raises Invalid, NotFound (unknown library), NotAllowed (a reader for somebody else, a partner), Conflict.
    """
    if actor.kind == "partner":
        raise NotAllowed("a partner's request comes in as a message, or staff enter it with role supplier")
    new = new_request(given)
    library = context.library(actor.library)
    request = Request(
        id=context.ids(now),
        library=library.symbol,
        role=new.role,
        service_type=new.service_type,
        created_at=now,
        updated_at=now,
        state_since=now,
        waiting_since=now,
        citation=new.citation,
        needed_by=new.needed_by,
        max_cost=new.max_cost,
        service_level=new.service_level,
        format=new.format,
        delivery=new.delivery,
        any_edition=new.any_edition,
        purpose=new.purpose or "",
    )
    if new.role == "supplier":
        _from_partner(connection, request, new, actor)
    else:
        _from_reader(connection, request, new, actor, now)
    event = Event("submit", now, actor, {}, private=new.note)
    return context.apply(connection, [Input(library.symbol, event, request.id, new=request)], now)[0]


def _from_reader(connection: Connection, request: Request, new: NewRequest, actor: Actor, now: datetime) -> None:
    if actor.kind == "reader" and (new.reader is None or new.reader.id != actor.id):
        raise NotAllowed("a reader can only ask for oneself; reader.id must be the reader who asks")
    if new.reader is not None:
        request.reader_id = readers.record(connection, request.library, new.reader, now)
    known = (partners.find(connection, request.library, symbol) for symbol in new.suppliers)
    symbols = tuple(dict.fromkeys(p.symbol if p else symbol for p, symbol in zip(known, new.suppliers, strict=True)))
    request.named_suppliers = bool(symbols)
    request.attempts = tuple(
        Attempt(n, symbol, rank=n, why=phrase("named")) for n, symbol in enumerate(symbols, start=1)
    )


def _from_partner(connection: Connection, request: Request, new: NewRequest, actor: Actor) -> None:
    if actor.kind == "reader":
        raise NotAllowed("lending requests are entered by staff")
    assert new.partner is not None
    assert new.requesting_agency_request_id is not None
    partner = partners.get(connection, request.library, new.partner)
    number = new.requesting_agency_request_id
    found = match_attempt(connection, request.library, "supplier", [partner.symbol], number)
    if found is not None:
        raise Invalid(
            f"{partner.symbol} has asked under {number} before: that is request {found.request_id} here",
            {"requesting_agency_request_id": "is in use"},
        )
    request.partner = partner.symbol
    request.attempt = 1
    request.attempts = (
        Attempt(
            1,
            partner.symbol,
            status="open",
            requesting_agency_request_id=number,
            supplying_agency_request_id=request.id,
            started_at=request.created_at,
        ),
    )
