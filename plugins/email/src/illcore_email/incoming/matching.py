"""An unmatched mail that staff give to a request: its message, and what it seems to say. Pure."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from illcore.errors import Invalid
from illcore.message import IncomingDocument, Message

from ..tokens import Thread
from .delivered import documents_in
from .mime import parse
from .quoted import own_words
from .suggestion import suggest
from .understand import note_of

_LARGEST = 500_000_000


class Matched(NamedTuple):
    """Conversation, message, suggestion (JSON or empty), and the documents that came along."""

    thread: Thread
    message: Message
    suggestion: str
    documents: tuple[IncomingDocument, ...]


def matched_message(row: Any, shown: Mapping[str, Any], library: str) -> Matched:
    """What the mail means to the request. Invalid if the request has no partner yet."""
    partner, number = shown["partner"], shown["requesting_agency_request_id"]
    if not partner or not number:
        raise Invalid(f"request {shown['id']} has been sent to nobody yet, so no mail can belong to it")
    thread = Thread(library, shown["role"], partner, number)
    mail = parse(bytes(row.raw), _LARGEST)
    text = own_words(mail.text)
    suggestion = suggest(text, thread.role, shown["service_type"], row.received_at.date(), bool(mail.attachments))
    message = note_of(mail, f"From: {row.sender}\n\n{text}", thread, row.received_at, suggestion)
    said = json.dumps(suggestion, ensure_ascii=False) if suggestion else ""
    return Matched(thread, message, said, documents_in(mail))
