"""Where mails go through: made and kept before they are sent; kept raw, then understood, when they come."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from illcore.clock import Ids
from illcore.connectors import Host
from illcore.errors import BadMessage, Conflict, Misconfigured, NotFound, TryLater
from illcore.message import IncomingDocument, Message, Received, Undelivered
from illcore.model import Partner

from .addresses import mail_of
from .config import EmailConfig
from .incoming.delivered import documents_in
from .incoming.mime import HEAD, Mail, parse
from .incoming.understand import Understood, understand
from .lookup import Lookup
from .outgoing.attached import with_documents
from .outgoing.compose import Conversation, compose, plain_mail, readdressed, tag_of, thread_of
from .outgoing.letter import write_letter
from .store import (
    Place,
    box_of,
    earlier_ids,
    first_library,
    for_staff,
    keep_answer,
    keep_box,
    keep_raw,
    keep_sent,
    keep_understood,
    known_mails,
    left_over,
    readdress,
    sent_mail,
)
from .tokens import Thread, message_id, signature

TRIES = 5
_INTERRUPTED = timedelta(minutes=2)
"""Whoever takes a mail in is through with it, or dead, after so long."""

_MESSAGES = TypeAdapter(list[Message])
_RETURNED = TypeAdapter(list[Undelivered])
_KNOWN_HEADERS = frozenset("from to date subject message-id received return-path mime-version".split())
Came = tuple[bytes, Place | None]
"""A mail's bytes, and where it lies on the mail server if it came from there."""


class Mailroom:
    """The mails of one account. All methods may be called from any thread."""

    def __init__(self, config: EmailConfig, host: Host, ids: Ids) -> None:
        self._config = config
        self._host = host
        self._ids = ids
        self._key = b""
        self._served = ""

    # --- out -------------------------------------------------------------------------------------------------------

    def outgoing(self, message: Message, partner: Partner, key: str) -> tuple[bytes, str]:
        """The mail for an outbox key and its receiver: made and kept at the first try, the very same at all others.

        If staff have corrected the partner's address meanwhile, the same mail goes there. Documents are not kept with
        it but attached each time. Refused if they are too large for a mail.
        """
        raw, recipient = self._written(message, partner, key)
        return with_documents(raw, message.documents, key, self._config.max_attached), recipient

    def _written(self, message: Message, partner: Partner, key: str) -> tuple[bytes, str]:
        thread = thread_of(message)
        with self.reading() as connection:
            made = sent_mail(connection, self._config.mailbox, key)
        if made is not None:
            return self._readdressed(made, partner, key, thread)
        signing = self.key(thread.library)
        for _ in range(TRIES):
            with self.reading() as connection:
                earlier = earlier_ids(connection, self._config.mailbox, thread.ref)
            token = f"{thread.ref}.{signature(signing, self._config.mailbox, thread.ref)}"
            raw = compose(message, partner, key, self._config, Conversation(thread, token, earlier))
            values = {
                "message_id": message_id(self._config.mailbox, key),
                "tag": tag_of(thread),
                "recipient": mail_of(partner),
                "raw": raw,
            }
            try:
                with self.writing(thread.library) as connection:
                    made = sent_mail(connection, self._config.mailbox, key)
                    if made is None:
                        keep_sent(connection, self._config.mailbox, key, thread, values, self._host.clock.now())
                return made or (raw, mail_of(partner))
            except Conflict:
                continue
        raise TryLater("the database was busy with other mails")

    def _readdressed(self, made: tuple[bytes, str], partner: Partner, key: str, thread: Thread) -> tuple[bytes, str]:
        raw, recipient = made
        now_at = mail_of(partner)
        if not now_at or now_at.lower() == recipient.lower():
            return made
        raw = readdressed(raw, now_at)
        self._writing_tries(
            thread.library, lambda connection: readdress(connection, self._config.mailbox, key, now_at, raw)
        )
        return raw, now_at

    def key(self, library: str) -> bytes:
        """What signs plus-addresses: as configured, else made once for this mailbox and kept."""
        if not self._key:
            given = self._config.token_key.get_secret_value()
            if given:
                self._key = hashlib.sha256(given.encode()).digest()
            else:
                with self.reading() as connection:
                    kept = box_of(connection, self._config.mailbox)[0]
                if not kept:
                    now = self._host.clock.now()
                    fresh = hmac.new(
                        b"token key", "".join(self._ids(now) for _ in range(8)).encode(), "sha256"
                    ).hexdigest()
                    kept = self._writing_tries(library, lambda one: keep_box(one, self._config.mailbox, fresh)[0])
                self._key = bytes.fromhex(kept)
        return self._key

    # --- in --------------------------------------------------------------------------------------------------------

    def take(self, came: Sequence[Came], strict: bool = False) -> Received:
        """Keep mails raw, then understand them; what they mean to requests, in their order, without a cursor.

        A mail that was here before means what it meant then. Raises TryLater if nothing can be kept now; if `strict`,
        BadMessage for bytes that are no mail at all.
        """
        parsed = [(raw, place, parse(raw, self._config.max_mail)) for raw, place in came]
        if strict and not all(_KNOWN_HEADERS & set(mail.headers) for _, _, mail in parsed):
            raise BadMessage("this is no mail: it has no header lines")
        library = self._library()
        key = self.key(library)
        now = self._host.clock.now()
        # Only the last commit waits for the disk: of what a power cut undoes before, nobody was told that it was taken.
        rows = self._writing_tries(library, lambda connection: self._keep(connection, parsed, now), durable=False)
        found: list[dict[str, Any]] = []
        answers: list[tuple[str, str, bytes]] = []
        messages: list[Message] = []
        returned: list[Undelivered] = []
        came_along: dict[int, tuple[IncomingDocument, ...]] = {}
        with self.reading() as connection:
            lookup = Lookup(connection, self._config.mailbox, self._config.library)
            for _, _, mail in parsed:
                row = rows[mail.digest]
                place = len(messages)
                if row["status"] != "stored":
                    if row["kind"] == "reply":
                        came_along[place] = documents_in(mail)
                    messages += _MESSAGES.validate_json(row["messages"] or "[]")
                    returned += _RETURNED.validate_json(row["undelivered"] or "[]")
                    continue
                meant = self._understood(mail, lookup, key, row["received_at"])
                if meant.kind == "reply":
                    came_along[place] = documents_in(mail)
                messages += meant.messages
                returned += meant.undelivered
                rows[mail.digest] = row = {**row, **_columns(meant)}
                found.append(row)
                if meant.kind == "request" and meant.thread is not None and meant.messages:
                    lookup.coming[meant.thread] = meant.messages[0].service_type
                if meant.missing:
                    answers.append(self._polite(mail, meant, key, now))
        if found:
            engine_commits = bool(messages or returned) or came[0][1] is not None
            self._writing_tries(
                library, lambda connection: self._note(connection, found, answers, now), durable=not engine_commits
            )
        documents = {place: each for place, each in came_along.items() if each and place < len(messages)}
        return Received(messages=tuple(messages), documents=documents, undelivered=tuple(returned))

    def take_left_over(self) -> Received:
        """Take mails once more that were kept and never understood; what still cannot be is for staff to see."""
        before = self._host.clock.now() - _INTERRUPTED
        with self.reading() as connection:
            rows = left_over(connection, self._config.mailbox, before)
        if not rows:
            return Received()
        taken = self.take([(bytes(row.raw).ljust(row.size), None) for row in rows])
        self.change(lambda connection: for_staff(connection, [row.id for row in rows], self._library()))
        return taken

    def _understood(self, mail: Mail, lookup: Lookup, key: bytes, received_at: datetime) -> Understood:
        """Whatever a hostile mail does to the reading of it, staff shall see it."""
        try:
            return understand(mail, lookup, key, received_at)
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            AttributeError,
            LookupError,
            RecursionError,
            OverflowError,
        ) as error:
            return Understood(
                "unmatched", f"it could not be understood: {type(error).__name__}", library=lookup.library
            )

    def _keep(
        self, connection: Connection, parsed: Sequence[tuple[bytes, Place | None, Mail]], now: datetime
    ) -> dict[str, dict[str, Any]]:
        digests = [mail.digest for _, _, mail in parsed]
        known = {
            digest: dict(row._mapping) for digest, row in known_mails(connection, self._config.mailbox, digests).items()
        }
        new: dict[str, dict[str, Any]] = {}
        for raw, place, mail in parsed:
            if mail.digest in known or mail.digest in new:
                continue
            large = len(raw) > self._config.max_mail
            new[mail.digest] = {
                "mailbox": self._config.mailbox,
                "digest": mail.digest,
                "message_id": mail.message_id[:998],
                "sender": mail.sender or mail.header("from")[:320].replace("\0", ""),
                "subject": mail.subject.replace("\0", ""),
                "received_at": now,
                "size": len(raw),
                "raw": raw[:HEAD] if large else raw,
                "status": "stored",
                "attachments": _listed(mail),
                "folder": place.folder if place else "",
                "validity": place.validity if place else 0,
                "uid": place.uid if place else 0,
                "marked": 0 if place and not large else 1,
            }
        if new:
            ids = keep_raw(connection, list(new.values()))
            known |= {digest: {**row, "id": ids[digest]} for digest, row in new.items()}
        return known

    def _note(
        self,
        connection: Connection,
        found: Sequence[dict[str, Any]],
        answers: Sequence[tuple[str, str, bytes]],
        now: datetime,
    ) -> None:
        keep_understood(connection, found)
        for key, recipient, raw in answers:
            keep_answer(connection, self._config.mailbox, key, recipient, raw, now)

    def _polite(self, mail: Mail, meant: Understood, key: bytes, now: datetime) -> tuple[str, str, bytes]:
        """The answer to an incomplete request: `(key, receiver, bytes)`."""
        partner = meant.partner
        assert partner is not None
        named = str(partner.address.get("language") or self._config.language)
        language = named if named in ("en", "zh") else ("zh" if partner.name.zh else "en")
        more = {"missing": "\n".join(f"- {each.best(language)}" for each in meant.missing), "hint": ""}
        signed = self._config.display_name or meant.library
        own = (self._config.library_templates.get(meant.library, {}), self._config.templates)
        letter = write_letter("incomplete", (), language, signed, "", own, more)
        row_key = f"incomplete:{mail.digest}"
        thread = Thread(meant.library, "supplier", partner.symbol, f"MAIL-{mail.digest[:12].upper()}")
        token = f"{thread.ref}.{signature(key, self._config.mailbox, thread.ref)}"
        raw = plain_mail(letter, mail.sender, now, row_key, self._config, mail.message_id, thread, token)
        return row_key, mail.sender, raw

    # --- the database ----------------------------------------------------------------------------------------------

    def _library(self) -> str:
        if not self._served:
            with self.reading() as connection:
                found = self._config.library or box_of(connection, self._config.mailbox)[1] or first_library(connection)
            if not found:
                raise TryLater("whose mailbox is this? Set library in the account, or import partners first")
            self._served = found
        return self._served

    def _writing_tries(self, library: str, work: Callable[[Connection], Any], durable: bool = True) -> Any:
        for _ in range(TRIES):
            try:
                with self.writing(library, durable) as connection:
                    return work(connection)
            except Conflict:
                continue
        raise TryLater("the database was busy with other mails")

    def change(self, work: Callable[[Connection], object]) -> None:
        """Change rows of this mailbox, in a transaction of its own."""
        self._writing_tries(self._library(), work)

    @contextmanager
    def writing(self, library: str, durable: bool = True) -> Iterator[Connection]:
        """A write transaction for this library. Conflict if the database was busy."""
        with plain_errors(), self._host.transaction(library, durable=durable) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        opened: AbstractContextManager[Connection] = self._host.reading()
        with plain_errors(), opened as connection:
            yield connection


@contextmanager
def plain_errors() -> Iterator[None]:
    """Says in one sentence what is wrong when the tables or the library are not there. Raises Misconfigured."""
    try:
        yield
    except NotFound as error:
        raise Misconfigured(f"the account's library is wrong: {error}") from None
    except (OperationalError, ProgrammingError) as error:
        if "email_" in str(error.orig) and any(word in str(error.orig) for word in ("no such", "does not exist")):
            raise Misconfigured("the tables of illcore-email are not there yet; run: ill migrate") from None
        raise


def _listed(mail: Mail) -> str:
    named = [{"name": a.name, "media_type": a.media_type, "size": a.size} for a in mail.attachments[:100]]
    return json.dumps(named, ensure_ascii=False)


def _columns(meant: Understood) -> dict[str, Any]:
    thread = meant.thread
    return {
        "status": "understood",
        "kind": meant.kind,
        "reason": meant.reason.replace("\0", "")[:1000],
        "library": meant.library,
        "ref": thread.ref if thread else "",
        "role": thread.role if thread else "",
        "partner": thread.partner if thread else (meant.partner.symbol if meant.partner else ""),
        "number": thread.number if thread else "",
        "messages": _MESSAGES.dump_json(list(meant.messages), exclude_defaults=True).decode(),
        "undelivered": _RETURNED.dump_json(list(meant.undelivered)).decode() if meant.undelivered else "",
        "suggestion": json.dumps(meant.suggestion, ensure_ascii=False) if meant.suggestion else "",
    }
