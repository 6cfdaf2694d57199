"""Waiting for mail: the mail server says when something has come (IMAP IDLE, RFC 2177)."""

import contextlib
import imaplib

from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError

from illcore.connectors import Deadline

RESERVE = 5.0
"""Seconds that are left for fetching what has come."""

_SLICE = 1.0
_NEWS = (b" EXISTS", b" RECENT")


def can_idle(box: BaseMailBox) -> bool:
    """Whether the server offers it, which some say only after the login."""
    _, said = box.client.capability()
    return any(b"IDLE" in (line or b"").upper().split() for line in said)


def wait_for_mail(box: BaseMailBox, deadline: Deadline) -> bool:
    """Wait while there is patience, until little time is left. Whether mail came to the selected folder.

    What the server said since the folder was looked through (EXISTS) counts too. Raises OSError, IMAP4.error or
    ImapToolsError when the server breaks off.
    """
    if deadline.remaining() <= RESERVE:
        return False
    if box.client.response("EXISTS")[1] != [None]:
        return True
    box.idle.start()  # type: ignore[no-untyped-call]
    came = _said_already(box)
    while not came and deadline.patient and deadline.remaining() > RESERVE:
        before = deadline.remaining()
        said = box.idle.poll(_SLICE)
        if any(line.startswith(b"* BYE") for line in said):
            raise imaplib.IMAP4.abort("the server says good-bye")
        if not said and before - deadline.remaining() < _SLICE / 2:
            raise imaplib.IMAP4.abort("the connection was closed")
        came = any(line.rstrip().endswith(_NEWS) for line in said)
    try:
        box.client.socket().settimeout(max(0.5, min(RESERVE, deadline.remaining())))
        box.idle.stop()  # type: ignore[no-untyped-call]
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        with contextlib.suppress(OSError):
            box.client.shutdown()
        raise
    return came


def _said_already(box: BaseMailBox) -> bool:
    """Whether the server's first words came along with its consent; nobody would be told of those again."""
    connection = box.client.socket()
    before = connection.gettimeout()
    connection.settimeout(0)
    try:
        return bool(box.client.file.peek(1))  # type: ignore[union-attr]
    except OSError:
        return False
    finally:
        connection.settimeout(before)
