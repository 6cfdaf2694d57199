"""The mail server's folders: what is new since the cursor, and which mails to mark as seen. Deletes nothing."""

import contextlib
import imaplib
import json
import logging
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from illcore.connectors import Deadline
from illcore.errors import Misconfigured, TryLater

from ..config import LOOPBACK, EmailConfig
from ..oauth import Shown, Tokens, chosen
from ..outgoing.smtp import tls_context
from ..store import Place
from .idle import can_idle, wait_for_mail
from .mime import HEAD

log = logging.getLogger("illcore_email")

_IMPLICIT_TLS = 993
_LEAST = 0.05
_RESERVE = 3.0
_AT_ONCE = 20
MOST_BYTES = 32_000_000
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
Cursor = dict[str, tuple[int, int]]
"""Folder → (UIDVALIDITY, last UID taken)."""


class Fetched(NamedTuple):
    """Mails with their places, oldest first; the cursor that covers them; whether to look again at once."""

    mails: list[tuple[bytes, Place]]
    cursor: Cursor
    more: bool


def read_cursor(text: str | None) -> Cursor:
    """A cursor that was committed; one that cannot be read begins anew, and mails seen before are known as such."""
    try:
        given = json.loads(text or "{}")
        return {str(name): (int(pair[0]), int(pair[1])) for name, pair in given.items()}
    except (ValueError, TypeError, AttributeError, IndexError):
        return {}


def write_cursor(cursor: Cursor) -> str:
    """The cursor as text."""
    return json.dumps({name: list(pair) for name, pair in sorted(cursor.items())}, ensure_ascii=False)


def fetch_new(
    config: EmailConfig,
    cursor: Cursor,
    covered: Callable[[str, int, int], Sequence[int]],
    marked: Callable[[str, int, Sequence[int]], None],
    deadline: Deadline,
    tokens: Tokens | None = None,
) -> Fetched:
    """Mails after the cursor; if there are none, and the server can tell (IDLE), those that come in time.

    `covered(folder, validity, last)` names the UIDs that the committed cursor covers and the server does not know as
    seen; `marked` is told when it does. Of a mail larger than `max_mail` only the head is fetched, and padded so that
    its size shows. Raises TryLater or Misconfigured.
    """
    with _open(config, deadline, tokens) as box:
        may_wait = deadline.patient and can_idle(box)
        fetched = _fetched(box, config, cursor, covered, marked, deadline)
        if fetched.mails or not may_wait:
            return fetched
        try:
            came = wait_for_mail(box, deadline)
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
            log.info("the mail server %s broke off while there was nothing: %s", config.imap_host, error)
            return fetched._replace(more=True)
        return _fetched(box, config, cursor, covered, marked, deadline) if came else fetched._replace(more=True)


def _fetched(
    box: BaseMailBox,
    config: EmailConfig,
    cursor: Cursor,
    covered: Callable[[str, int, int], Sequence[int]],
    marked: Callable[[str, int, Sequence[int]], None],
    deadline: Deadline,
) -> Fetched:
    found: list[tuple[bytes, Place]] = []
    after = dict(cursor)
    for folder in (*config.folders[1:], config.folders[0]):  # the first is the one that is then watched
        if len(found) >= config.batch:
            break
        _timed(box, deadline)
        box.folder.set(folder)
        validity = _validity(box)
        box.client.response("EXISTS")
        before = cursor.get(folder, (0, 0))
        last = before[1] if before[0] == validity else 0
        seen = covered(folder, validity, last) if last else ()
        if seen:
            _timed(box, deadline)
            _checked(box.client.uid("STORE", ",".join(str(uid) for uid in seen), "+FLAGS.SILENT", r"(\Seen)"))
            marked(folder, validity, seen)
        for raw, uid in _after(box, last, config, config.batch - len(found), deadline):
            found.append((raw, Place(folder, validity, uid)))
            last = uid
        after[folder] = (validity, last)
    return Fetched(found, after, bool(found))


def _after(
    box: BaseMailBox, last: int, config: EmailConfig, most: int, deadline: Deadline
) -> Iterator[tuple[bytes, int]]:
    _timed(box, deadline)
    data = _checked(box.client.uid("SEARCH", f"UID {last + 1}:*"))
    uids = sorted(int(each) for each in (data[0] or b"").split() if int(each) > last)[:most]
    total = 0
    for start in range(0, len(uids), _AT_ONCE):
        part = uids[start : start + _AT_ONCE]
        _timed(box, deadline)
        sizes = dict(_sizes(_checked(box.client.uid("FETCH", _listed(part), "(UID RFC822.SIZE)"))))
        for uid in part:
            size = sizes.get(uid)
            if size is None:
                continue  # it was deleted or moved meanwhile
            if total + min(size, config.max_mail) > MOST_BYTES and total:
                return
            if deadline.remaining() < _RESERVE and total:
                return
            _timed(box, deadline)
            what = f"(UID BODY.PEEK[]<0.{HEAD}>)" if size > config.max_mail else "(UID BODY.PEEK[])"
            raw = _body(_checked(box.client.uid("FETCH", str(uid), what)))
            if raw is None:
                continue
            total += len(raw)
            yield (raw.ljust(config.max_mail + 1) if size > config.max_mail else raw), uid


def _listed(uids: Sequence[int]) -> str:
    return ",".join(str(uid) for uid in uids)


def _sizes(data: Sequence[Any]) -> Iterator[tuple[int, int]]:
    for each in data:
        line = each[0] if isinstance(each, tuple) else each
        uid, size = _UID.search(line or b""), _SIZE.search(line or b"")
        if uid and size:
            yield int(uid[1]), int(size[1])


def _body(data: Sequence[Any]) -> bytes | None:
    return next((each[1] for each in data if isinstance(each, tuple) and isinstance(each[1], bytes)), None)


def _validity(box: BaseMailBox) -> int:
    _, data = box.client.response("UIDVALIDITY")
    value = data[-1] if data else None
    if not isinstance(value, bytes) or not value.isdigit():
        raise TryLater("the mail server did not say how its messages are numbered (UIDVALIDITY)")
    return int(value)


@contextmanager
def _open(config: EmailConfig, deadline: Deadline, tokens: Tokens | None) -> Iterator[BaseMailBox]:
    where = f"the mail server {config.imap_host}:{config.imap_port}"
    left = deadline.remaining()
    if left <= _LEAST:
        raise TryLater("there was no time left to look for mail")
    box: BaseMailBox | None = None
    try:
        box = _connected(config, left)
        _login(box, config, deadline, where, tokens)
        yield box
    except ssl.SSLCertVerificationError as error:
        raise Misconfigured(f"{where}: its certificate is not trusted: {error.verify_message}") from None
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise TryLater(f"{where}: {' '.join(str(error).split())[:300] or type(error).__name__}") from None
    finally:
        if box is not None:
            _end(box)


def _connected(config: EmailConfig, left: float) -> BaseMailBox:
    if config.tls == "tls" or (config.imap_port == _IMPLICIT_TLS and config.tls in ("auto", "required")):
        return MailBox(config.imap_host, config.imap_port, timeout=left, ssl_context=tls_context(config))
    return MailBoxUnencrypted(config.imap_host, config.imap_port, timeout=left)


def _login(box: BaseMailBox, config: EmailConfig, deadline: Deadline, where: str, tokens: Tokens | None) -> None:
    secure = isinstance(box.client, imaplib.IMAP4_SSL)
    if not secure and config.tls != "none":
        _timed(box, deadline)
        if "STARTTLS" in box.client.capabilities:
            box.client.starttls(tls_context(config))
            secure = True
        elif config.tls != "auto":
            raise Misconfigured(f'{where} offers no STARTTLS; set tls = "none" to read mail without')
        elif config.imap_host not in LOOPBACK:
            raise Misconfigured(f'{where}: the password would go out unencrypted; set tls = "none" to allow it')
    _timed(box, deadline)
    user, password = config.login_name, config.password.get_secret_value()
    try:
        if tokens is not None:
            _show_token(box, config, deadline, where, tokens)
        elif (user + password).isascii():
            box.login(user, password, initial_folder=None)
        else:
            box.login_utf8(user, password, initial_folder=None)
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        if isinstance(error, imaplib.IMAP4.abort):
            raise
        said = " ".join(str(error).split())[:300]
        busy = any(word in said.upper() for word in ("UNAVAILABLE", "INUSE", "TRY AGAIN", "TEMPORAR", "LIMIT"))
        raise (TryLater(f"{where}: {said}") if busy else Misconfigured(f"{where} refuses the login: {said}")) from None


def _show_token(box: BaseMailBox, config: EmailConfig, deadline: Deadline, where: str, tokens: Tokens) -> None:
    """One that is refused may have been withdrawn before its time: then with another."""
    assert config.oauth2 is not None
    offered = [name.removeprefix("AUTH=") for name in box.client.capabilities if name.startswith("AUTH=")]
    mechanism = chosen(config.oauth2.mechanism, offered, where)
    token = tokens.token(deadline)
    for last in (False, True):
        _timed(box, deadline)
        try:
            words = Shown(mechanism, config.login_name, config.imap_host, config.imap_port, token)
            box.client.authenticate(mechanism, words.octets)
            return
        except imaplib.IMAP4.error as error:
            if last or isinstance(error, imaplib.IMAP4.abort):
                raise
            token = tokens.token(deadline, instead_of=token)


def _timed(box: BaseMailBox, deadline: Deadline) -> None:
    left = deadline.remaining()
    if left <= _LEAST:
        raise TryLater("the time was over before the mail server had answered")
    box.client.socket().settimeout(left)


def _checked(reply: tuple[str, Any]) -> list[Any]:
    status, data = reply
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status}: {data!r}"[:300])
    return [each for each in data if each is not None]


def _end(box: BaseMailBox) -> None:
    with contextlib.suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
        box.client.socket().settimeout(0.5)
        box.client.logout()
    with contextlib.suppress(OSError, imaplib.IMAP4.error):
        box.client.shutdown()
