"""What is erased here when requests are anonymised, and what a reader is told of the mails about the own requests.

The rows stay, so that a late reply is still known for what it is; words, senders, files and raw bytes go.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, inspect, select, update

from illcore.connectors import Erasure
from illcore.tables import attempt

from .incoming.mime import parse
from .tables import answers, mails, sent
from .tokens import Thread

_EMPTY_SENT = {"raw": b"", "recipient": ""}
_EMPTY_MAIL: dict[str, Any] = {
    **dict.fromkeys(("subject", "sender", "reason", "suggestion"), ""),
    **dict.fromkeys(("messages", "undelivered", "attachments"), "[]"),
    "raw": b"",
}
_LARGEST = 25_000_000
_ATTEMPTS = (attempt.c.library, attempt.c.role, attempt.c.partner, attempt.c.requesting_agency_request_id)


def erase(connection: Connection, what: Erasure) -> int:
    """Empty the mails of these requests; without requests, those that belong to none and came before the given day."""
    if not inspect(connection).has_table(sent.name):
        return 0  # the plugin is installed, but was never used
    if what.requests:
        return _of_requests(connection, what.library, what.requests)
    if what.before is None:
        return 0
    old = and_(mails.c.received_at < what.before, mails.c.library.in_(("", what.library)))
    strays = update(mails).where(old, mails.c.ref == "", mails.c.raw != b"").values(_EMPTY_MAIL)
    settled = delete(answers).where(answers.c.made_at < what.before)
    return connection.execute(strays).rowcount + connection.execute(settled).rowcount


def tell(connection: Connection, library: str, requests: Sequence[str]) -> list[dict[str, Any]]:
    """The mails about these requests: ``{"direction", "at", "from", "to", "subject", "text"}``, the oldest first."""
    if not requests or not inspect(connection).has_table(sent.name):
        return []
    refs = _refs(connection, library, requests)
    out = select(sent.c.made_at, sent.c.mailbox, sent.c.recipient, sent.c.raw).where(*_about(connection, sent, refs))
    came = select(mails.c.received_at, mails.c.sender, mails.c.mailbox, mails.c.raw)
    came = came.where(*_about(connection, mails, refs))
    found = [_told("sent", *row) for row in connection.execute(out)]
    found += [_told("received", *row) for row in connection.execute(came)]
    return sorted(found, key=lambda each: each["at"])


def _of_requests(connection: Connection, library: str, requests: Sequence[str]) -> int:
    refs = _refs(connection, library, requests)
    out = update(sent).where(*_about(connection, sent, refs), sent.c.raw != b"").values(_EMPTY_SENT)
    came = update(mails).where(*_about(connection, mails, refs), mails.c.raw != b"").values(_EMPTY_MAIL)
    return connection.execute(out).rowcount + connection.execute(came).rowcount


def _about(connection: Connection, table: Any, refs: Sequence[str]) -> tuple[Any, ...]:
    """In conversations under these references; with the mailboxes named, an index finds them."""
    mailboxes = connection.execute(select(table.c.mailbox).distinct()).scalars().all()
    return table.c.mailbox.in_(mailboxes), table.c.ref.in_(refs)


def _refs(connection: Connection, library: str, requests: Sequence[str]) -> list[str]:
    rows = connection.execute(
        select(*_ATTEMPTS).where(attempt.c.library == library, attempt.c.request_id.in_(requests))
    )
    return [Thread(*row).ref for row in rows if row[3]]


def _told(direction: str, at: Any, sender: str, recipient: str, raw: bytes) -> dict[str, Any]:
    mail = parse(bytes(raw), _LARGEST)
    said = {"subject": mail.subject, "text": mail.text}
    return {"direction": direction, "at": at, "from": sender, "to": recipient, **said}
