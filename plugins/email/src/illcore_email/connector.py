"""The connector: sends mails to partners, fetches and understands theirs."""

import logging
from collections.abc import Sequence

from illcore.clock import Ids, system_ids
from illcore.connectors import Deadline, Host
from illcore.errors import Misconfigured, Refused, TryLater, Unknown
from illcore.hookspecs import hookimpl
from illcore.message import Message, Receipt, Received, Try
from illcore.model import Partner

from .config import EmailConfig
from .incoming.imap import fetch_new, read_cursor, write_cursor
from .mailroom import Mailroom
from .oauth import Tokens
from .outgoing.smtp import deliver
from .store import set_marked, settle_answer, unmarked, waiting_answers

log = logging.getLogger("illcore_email")

MOST_TRIES = 20


class EmailConnector:
    """One account of type `email`. Opens no connection before something is to be sent or fetched."""

    def __init__(self, config: EmailConfig, host: Host, ids: Ids = system_ids) -> None:
        self._config = config
        self._host = host
        self._room = Mailroom(config, host, ids)
        self._tokens = Tokens(config.oauth2, host.clock) if config.oauth2 else None

    @hookimpl
    def illcore_send(self, message: Message, partner: Partner, key: str, attempt: Try, deadline: Deadline) -> Receipt:
        """Hand the mail over to the mail server; the same key is the same mail, so that a double is seen as such."""
        deadline = self._bounded(deadline)
        raw, recipient = self._room.outgoing(message, partner, key)
        said = deliver(raw, recipient, self._config, deadline, self._tokens)
        return Receipt(detail={"server": said})

    @hookimpl
    def illcore_receive(self, payload: bytes | None, cursor: str | None, deadline: Deadline) -> Received:
        """Understand one raw mail, or fetch what is new, or comes while there is patience; first send waiting answers.

        Without anything to log in with nothing is fetched: then the host hands mails in.
        """
        if payload is not None:
            return self._room.take([(payload, None)], strict=True)
        deadline = self._bounded(deadline)
        if deadline.passed():
            raise TryLater("there was no time left to look for mail")
        self._send_answers(deadline)
        left = self._room.take_left_over()
        if left.messages or left.undelivered:
            return left.model_copy(update={"cursor": cursor, "more": True})
        if not self._config.logs_in:
            return Received(cursor=cursor)
        return self._fetched(cursor, deadline)

    def _fetched(self, cursor: str | None, deadline: Deadline) -> Received:
        before = read_cursor(cursor)
        rows: dict[int, int] = {}

        def covered(folder: str, validity: int, last: int) -> Sequence[int]:
            with self._room.reading() as connection:
                rows.update(unmarked(connection, self._config.mailbox, folder, validity, last))
            return sorted(rows)[:1000]

        def marked(folder: str, validity: int, uids: Sequence[int]) -> None:
            self._room.change(lambda connection: set_marked(connection, [rows[uid] for uid in uids]))
            rows.clear()

        fetched = fetch_new(self._config, before, covered, marked, deadline, self._tokens)
        taken = self._room.take(fetched.mails) if fetched.mails else Received()
        return taken.model_copy(update={"cursor": write_cursor(fetched.cursor), "more": fetched.more})

    def _send_answers(self, deadline: Deadline) -> None:
        with self._room.reading() as connection:
            waiting = waiting_answers(connection, self._config.mailbox)
        for row in waiting:
            error = ""
            try:
                deliver(bytes(row.raw), row.recipient, self._config, deadline, self._tokens)
            except (TryLater, Misconfigured, Unknown) as failure:
                error = str(failure)
                log.warning("an answer to %s could not be sent: %s", row.recipient, error)
                if row.tries + 1 < MOST_TRIES:
                    self._settle(row.key, False, error)
                    break
            except Refused as failure:
                error = str(failure)
            self._settle(row.key, True, error)

    def _settle(self, key: str, done: bool, error: str) -> None:
        at = self._host.clock.now() if done else None
        self._room.change(lambda connection: settle_answer(connection, self._config.mailbox, key, at, error))

    def _bounded(self, deadline: Deadline) -> Deadline:
        seconds = min(deadline.remaining(), self._config.timeout_seconds)
        return Deadline(self._host.clock, seconds, lambda: deadline.patient)
