"""Whose mail is it: from references, tags and numbers to conversations, from addresses to partners."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from illcore import partners
from illcore.errors import NotFound
from illcore.model import Partner, Role, ServiceType
from illcore.store import get
from illcore.store.matching import attempts_with_id
from illcore.tables import partner as partner_table

from .addresses import belongs_to
from .store import box_of, first_library
from .tables import sent
from .tokens import Thread

_THREAD = (sent.c.library, sent.c.role, sent.c.partner, sent.c.number)
_BY_REF = select(*_THREAD).where(sent.c.mailbox == bindparam("box"), sent.c.ref == bindparam("ref")).limit(1)
_BY_IDS = select(sent.c.message_id, *_THREAD).where(
    sent.c.mailbox == bindparam("box"), sent.c.message_id.in_(bindparam("ids", expanding=True))
)
_MAILS_OF = (
    select(sent.c.key, sent.c.recipient, *_THREAD)
    .where(sent.c.mailbox == bindparam("box"), sent.c.ref == bindparam("ref"))
    .limit(2)
)
_MAIL_BY_IDS = select(sent.c.message_id, sent.c.key, sent.c.recipient, *_THREAD).where(
    sent.c.mailbox == bindparam("box"), sent.c.message_id.in_(bindparam("ids", expanding=True))
)
_BY_TAG = (
    select(*_THREAD).where(sent.c.mailbox == bindparam("box"), sent.c.tag == bindparam("tag")).distinct().limit(20)
)
_NAMING = select(partner_table.c.library, partner_table.c.symbol).where(
    or_(
        func.lower(partner_table.c.body).like(bindparam("address"), escape="\\"),
        func.lower(partner_table.c.body).like(bindparam("domain"), escape="\\"),
    )
)


@dataclass(slots=True, frozen=True)
class SentMail:
    """A mail of ours: the outbox key that it was sent for, whom it went to, the conversation."""

    key: str
    recipient: str
    thread: Thread


class Lookup:
    """All questions to the database while mails are understood, on one connection."""

    def __init__(self, connection: Connection, mailbox: str, library: str | None) -> None:
        self.connection = connection
        self.mailbox = mailbox
        self._library = library
        self._partners: dict[tuple[str, str], Partner | None] = {}
        self.coming: dict[Thread, ServiceType | None] = {}
        """Requests of mails that were understood just before and are not committed yet."""

    @cached_property
    def library(self) -> str:
        """The library that the mailbox belongs to: as configured, as kept, else one that has partners, else empty."""
        return self._library or box_of(self.connection, self.mailbox)[1] or first_library(self.connection)

    def by_ref(self, ref: str) -> Thread | None:
        """The conversation of a plus-address."""
        row = self.connection.execute(_BY_REF, {"box": self.mailbox, "ref": ref}).first()
        return None if row is None else Thread(*row)

    def by_ids(self, ids: Sequence[str]) -> Thread | None:
        """The conversation in which the first of these Message-IDs that is ours was sent."""
        if not ids:
            return None
        rows = self.connection.execute(_BY_IDS, {"box": self.mailbox, "ids": list(ids)})
        found = {row.message_id: Thread(row.library, row.role, row.partner, row.number) for row in rows}
        return next((found[one] for one in ids if one in found), None)

    def mail_by_ids(self, ids: Sequence[str]) -> SentMail | None:
        """The mail of ours that the first of these Message-IDs is."""
        if not ids:
            return None
        rows = self.connection.execute(_MAIL_BY_IDS, {"box": self.mailbox, "ids": list(ids)})
        found = {row.message_id: _mail(row) for row in rows}
        return next((found[one] for one in ids if one in found), None)

    def only_mail(self, ref: str) -> SentMail | None:
        """The mail of ours in a conversation, if there is just one."""
        rows = self.connection.execute(_MAILS_OF, {"box": self.mailbox, "ref": ref}).all()
        return _mail(rows[0]) if len(rows) == 1 else None

    def is_ours(self, message_id: str) -> bool:
        """Whether we sent a mail under this id."""
        return bool(message_id) and self.by_ids([message_id]) is not None

    def by_tag(self, tag: str) -> list[Thread]:
        """The conversations whose subject bears this tag."""
        return [Thread(*row) for row in self.connection.execute(_BY_TAG, {"box": self.mailbox, "tag": tag})]

    def by_number(self, library: str, partner: str, number: str) -> list[Thread]:
        """The requests of this library with this partner under a number, in both roles."""
        if not 0 < len(number) <= 255 or "\0" in number:
            return []
        roles: tuple[Role, Role] = ("requester", "supplier")
        return [
            Thread(library, role, partner, number)
            for role in roles
            if any(one.partner == partner for one in attempts_with_id(self.connection, library, role, number))
            or Thread(library, role, partner, number) in self.coming
        ]

    def request_of(self, thread: Thread) -> tuple[str, ServiceType | None]:
        """Id and kind of service of the request that a conversation is about; ("", None) if there is none.

        A request that is still coming has its number as id.
        """
        for one in attempts_with_id(self.connection, thread.library, thread.role, thread.number):
            if one.partner == thread.partner:
                try:
                    request = get(self.connection, thread.library, one.request_id)
                except NotFound:
                    return "", None
                supplied: ServiceType | None = "copy" if request.supplied_as == "copy" else None
                return one.request_id, supplied or ("loan" if request.supplied_as else request.service_type)
        return (thread.number, self.coming[thread]) if thread in self.coming else ("", None)

    def partner(self, library: str, symbol: str) -> Partner | None:
        """A partner by any of its symbols."""
        key = (library, symbol)
        if key not in self._partners:
            self._partners[key] = partners.find(self.connection, library, symbol)
        return self._partners[key]

    def partners_at(self, sender: str) -> list[tuple[str, Partner]]:
        """`(library, partner)` for every partner record that names this sender; of the configured library alone."""
        if not sender:
            return []
        domain = sender.lower().rpartition("@")[2]
        values = {"address": f'%"{_escaped(sender.lower())}"%', "domain": f'%{_escaped(domain)}"%'}
        found = []
        for library, symbol in self.connection.execute(_NAMING, values).all():
            if self._library and library != self._library:
                continue
            partner = self.partner(library, symbol)
            if partner is not None and belongs_to(sender, partner.address):
                found.append((library, partner))
        return found


def _mail(row: Any) -> SentMail:
    return SentMail(row.key, row.recipient, Thread(row.library, row.role, row.partner, row.number))


def _escaped(text: str) -> str:
    for sign in "\\%_":
        text = text.replace(sign, f"\\{sign}")
    return text
