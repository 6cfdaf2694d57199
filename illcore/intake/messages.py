"""What partners say: each message once, matched to library, partner and attempt, applied, and its answer kept."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from illcore import partners
from illcore.context import Context
from illcore.errors import ConfigError, NotFound
from illcore.events import Actor, Event
from illcore.intake.demand import demand
from illcore.intake.documents import take_documents
from illcore.interpret import meanings
from illcore.message import IncomingDocument, Message, Result
from illcore.model import Partner
from illcore.store import Applied, Input, inbox_get, inbox_put
from illcore.store.inbox import InboxStatus
from illcore.store.matching import Sought, attempts_with_id

DATA_VALUE = "UnrecognisedDataValue"
ACTION_TYPE = "UnsupportedActionType"
_NOT_KEPT = {"security_code"}
Kept = Literal["", "refused", "unmatched"]


class Refusal(Exception):
    """A message that cannot be taken; ``type`` is the ISO 18626 error type, the text its value.

    ``kept``: ``refused`` (the same message gets the same answer for ever), ``unmatched`` (staff shall see it), or
    empty: nothing stays, so that the same message can be taken once the trouble is mended.
    """

    def __init__(self, value: str, type: str = DATA_VALUE, kept: Kept = "refused") -> None:
        super().__init__(value)
        self.type = type
        self.kept = kept


def take(
    context: Context,
    connection: Connection,
    message: Message,
    now: datetime,
    documents: Sequence[IncomingDocument] = (),
) -> Result:
    """Apply one message in the caller's transaction and keep its answer in the inbox, and what came with it.

    A message that was here before gets the answer of the first and changes nothing. Raises Conflict only.
    """
    own, other = _sides(message)
    if own not in context.libraries:
        field = "requestingAgencyId" if message.kind == "SupplyingAgencyMessage" else "supplyingAgencyId"
        return _refused(message, Refusal(message.fault or f"{field}: {own or '(empty)'} is not a library here"), now)
    partner = partners.find(connection, own, other) if other else None
    sender = partner.symbol if partner is not None else other
    digest = hashlib.sha256(message.model_dump_json(exclude_defaults=True).encode()).hexdigest()
    before = inbox_get(connection, own, sender, digest)
    if before is not None:
        first = Result.model_validate({**before.result, "message": message})
        return first.model_copy(update={"outcome": "refused" if first.error else "duplicate", "answered_at": now})
    applied: Sequence[Applied] = ()
    status: InboxStatus
    try:
        result, applied = _apply(context, connection, message, own, partner, now, documents)
        status = result.outcome
    except Refusal as refusal:
        result = _refused(message, refusal, now)
        if not refusal.kept:
            return result
        status = refusal.kept
    if partner is not None or status == "unmatched":
        inbox_put(
            connection,
            own,
            sender,
            digest,
            kind=message.kind,
            status=status,
            now=now,
            result=result.model_dump(mode="json", exclude_defaults=True, exclude={"message"}),
            body=message.model_dump(
                mode="json", exclude_defaults=True, exclude=_NOT_KEPT if status == "unmatched" else _NOT_KEPT | {"note"}
            ),
            request_id=result.request_id or None,
            seq=applied[-1].seq if applied else 0,
        )
    return result


def _sides(message: Message) -> tuple[str, str]:
    if message.kind == "SupplyingAgencyMessage":
        return message.requesting_agency, message.supplying_agency
    return message.supplying_agency, message.requesting_agency


def _refused(message: Message, refusal: Refusal, now: datetime) -> Result:
    return Result(
        message=message,
        outcome="refused",
        error=message.fault_type or refusal.type,
        value=str(refusal),
        answered_at=now,
    )


def _apply(
    context: Context,
    connection: Connection,
    message: Message,
    own: str,
    partner: Partner | None,
    now: datetime,
    documents: Sequence[IncomingDocument],
) -> tuple[Result, Sequence[Applied]]:
    if message.fault_type:
        raise Refusal(message.fault, message.fault_type)
    if not message.requesting_agency_request_id:
        raise Refusal("requestingAgencyRequestId: it is empty", "BadlyFormedMessage")
    if message.kind == "SupplyingAgencyMessage":
        found, partner = _our_attempt(connection, message, own)
    else:
        if partner is None:
            raise Refusal(f"requestingAgencyId: {message.requesting_agency} is not known to {own}")
        _check_credentials(context, message, partner)
        if message.kind == "Request":
            return demand(context, connection, message, own, partner, now)
        found = _their_attempt(connection, message, own, partner)
    actor = Actor(kind="partner", id=partner.symbol, library=own)
    inputs = [
        Input(own, Event(kind, now, actor, data, found.attempt, private=text), found.request_id)
        for kind, data, text in meanings(message, partner.profile, partner.kind == "broker")
    ]
    if message.kind == "SupplyingAgencyMessage":  # what comes along with a requester's word is no copy
        take_documents(context, connection, actor, found.request_id, found.attempt, documents, now)
    applied = context.apply(connection, inputs, now)
    if applied and all(one.refused for one in applied):
        return _not_now(message, applied[0], now), applied
    return Result(message=message, outcome="applied", request_id=found.request_id, answered_at=now), applied


def _not_now(message: Message, applied: Applied, now: datetime) -> Result:
    if message.kind == "RequestingAgencyMessage":
        error, value = ACTION_TYPE, f"action: {message.action} is not possible: {applied.refused}"
    else:
        error, value = DATA_VALUE, f"status: {message.status} is not possible: {applied.refused}"
    return Result(
        message=message,
        outcome="refused",
        request_id=applied.request.id,
        error=error,
        value=value,
        answered_at=now,
    )


def _our_attempt(connection: Connection, message: Message, own: str) -> tuple[Sought, Partner]:
    number = message.requesting_agency_request_id
    tried = attempts_with_id(connection, own, "requester", number)
    if not tried:
        raise Refusal(f"requestingAgencyRequestId: request {number} is not known", kept="unmatched")
    for one in tried:
        try:
            partner = partners.get(connection, own, one.partner)
        except NotFound:
            partner = Partner(symbol=one.partner)
        if partner.kind == "broker" or partner.speaks_for(message.supplying_agency):
            return one, partner
    raise Refusal(
        f"supplyingAgencyId: {message.supplying_agency or '(empty)'} was not asked for request {number}",
        kept="unmatched",
    )


def _their_attempt(connection: Connection, message: Message, own: str, partner: Partner) -> Sought:
    number = message.requesting_agency_request_id
    for one in attempts_with_id(connection, own, "supplier", number):
        if one.partner == partner.symbol:
            return one
    asks_only = message.action == "StatusRequest"  # it gets its answer and leaves nothing for staff to match
    kept: Kept = "" if asks_only else "unmatched"
    raise Refusal(f"requestingAgencyRequestId: request {number} is not known", kept=kept)


def _check_credentials(context: Context, message: Message, partner: Partner) -> None:
    """Only a partner record that sets ``profile.incoming`` asks for account id and security code."""
    wanted = partner.profile.get("incoming")
    if not wanted:
        return
    try:
        wanted, _ = context.resolve(wanted)
    except ConfigError:
        raise Refusal("requestingAgencyAuthentication: it cannot be checked now", kept="") from None
    given = {"account_id": message.account_id, "security_code": message.security_code}
    for name, value in given.items():
        expected = str(wanted.get(name) or "")
        if expected and not hmac.compare_digest(expected.encode(), value.encode()):
            raise Refusal("requestingAgencyAuthentication: account id or security code is wrong", kept="")
