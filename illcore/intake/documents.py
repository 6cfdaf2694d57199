"""Documents and declarations that come in: kept first, then told to the request as an event in the same commit."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from illcore import documents, readers
from illcore.blobs import Blob
from illcore.context import Context
from illcore.documents import DocumentRow, Source
from illcore.errors import Invalid, NotAllowed, NotFound
from illcore.events import Actor, Event
from illcore.message import IncomingDocument
from illcore.request import Request, rejected_sums
from illcore.store import Input, get
from illcore.store.requests import lock_one
from illcore.tables import declaration

log = logging.getLogger("illcore.intake")

_DECLARED = select(declaration.c.reader_id)
_DECLARE = insert(declaration)


def keep(context: Context, actor: Actor, id: str, chunks: Iterable[bytes]) -> tuple[Blob, str]:
    """Keep the bytes of a document for a request before any transaction. Raises NotFound, NotAllowed, Invalid."""
    if actor.kind != "staff":
        raise NotAllowed("documents are added by staff")
    with context.store.read() as connection:
        get(connection, actor.library, id)
    return documents.keep(context.blobs, actor.library, id, chunks, context.max_document)


def add_document(
    context: Context,
    connection: Connection,
    actor: Actor,
    id: str,
    kept: tuple[Blob, str],
    name: str,
    source: Source,
    replaces: str,
    now: datetime,
) -> DocumentRow:
    """Give a request the document that was kept. ``replaces`` names one that it stands for.

    Raises Invalid (the request has it already), NotFound.
    """
    request = lock_one(connection, actor.library, id)
    if replaces and not any(d.id == replaces for d in request.documents):
        raise NotFound(f"request {id} has no document {replaces}")
    row = documents.record(connection, context.ids(now), *kept, name, source, now)
    if row is None:
        raise Invalid("the request has this very document already")
    data: dict[str, Any] = {"document": row.as_data()}
    if replaces:
        data["replaces"] = replaces
    context.apply(connection, [Input(actor.library, Event("document", now, actor, data, request.attempt), id)], now)
    return row


def take_documents(
    context: Context,
    connection: Connection,
    actor: Actor,
    request_id: str,
    attempt: int,
    came: Sequence[IncomingDocument],
    now: datetime,
) -> None:
    """Keep what came with a partner's message. What is no document is left where it came from, and the log says so."""
    if not came:
        return
    rejected = rejected_sums(lock_one(connection, actor.library, request_id).documents)
    for each in came:
        try:
            kept = documents.keep(context.blobs, actor.library, request_id, [each.content], context.max_document)
        except Invalid as error:
            log.warning("a file from %s for request %s is not kept: %s", actor.id, request_id, error)
            continue
        row = documents.record(connection, context.ids(now), *kept, each.name, "email", now, rejected=rejected)
        if row is not None:
            event = Event("document", now, actor, {"document": row.as_data()}, attempt)
            context.apply(connection, [Input(actor.library, event, request_id)], now)


def declare(
    context: Context, connection: Connection, actor: Actor, id: str, version: str, language: str, now: datetime
) -> None:
    """Record that the reader accepted a declaration, with its text. Raises NotFound, NotAllowed, Invalid.

    Staff may record what a reader signed on paper; nobody can accept for another reader.
    """
    request = lock_one(connection, actor.library, id)
    if actor.kind == "reader" and readers.key_of(connection, actor.library, actor.id) != request.reader_id:
        raise NotAllowed("this is another reader's request")
    text = _text_of(request, version, language)
    said = {"request_id": request.id, "version": version}
    same = (declaration.c.request_id == request.id, declaration.c.version == version)
    before = connection.execute(_DECLARED.where(*same)).scalar()
    if before != request.reader_id:  # of a reader for whom it was asked before, nothing came
        connection.execute(delete(declaration).where(*same))
        row = {
            **said,
            "library": request.library,
            "reader_id": request.reader_id,
            "actor_kind": actor.kind,
            "actor_id": actor.id if actor.kind == "staff" else "",
            "language": language,
            "text": text,
            "text_sha": hashlib.sha256(text.encode()).hexdigest(),
            "at": now,
        }
        connection.execute(_DECLARE, row)
    event = Event("declared", now, actor, {"version": version, "language": language}, request.attempt)
    context.apply(connection, [Input(request.library, event, id)], now)


def _text_of(request: Request, version: str, language: str) -> str:
    wanted = request.clearance.obligations if request.clearance is not None else ()
    asked = {one.version: one.text for one in wanted if one.code == "declaration"}
    if version not in asked:
        named = ", ".join(sorted(asked)) or "none"
        raise Invalid(f"no declaration {version!r} is asked for here (asked for: {named})")
    return asked[version].best(language)
