"""What changed at OCLC since the last look, as messages; and the answers to StatusRequests that wait."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from illcore.connectors import Deadline, Host
from illcore.errors import ConnectorError
from illcore.message import Message, Received

from ..config import OclcConfig
from . import store
from .cursor import MOST_WAITING, Cursor
from .meaning import for_borrower, for_lender, status_answer
from .record import FRESH, Entry, Record
from .requests import PAGE, Requests
from .store import Made

log = logging.getLogger("illcore_oclc_stub")

_MOST_PAGES = 10
_ENOUGH = 1.0


@dataclass(slots=True)
class _Read:
    """What one poll has read so far."""

    cursor: Cursor
    messages: list[Message] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)


class Polling:
    """Reads the changes of one account. Nothing is acknowledged at OCLC: the cursor alone says what was read."""

    def __init__(self, config: OclcConfig, host: Host, requests: Requests) -> None:
        self._config = config
        self._host = host
        self._requests = requests
        self._here = config.registry_id

    def poll(self, cursor: str | None, deadline: Deadline) -> Received:
        """New messages. What was read before an error is handed over; the error comes again with the next poll."""
        before = Cursor.read(cursor)
        read = _Read(before, waiting=dict(before.waiting))
        self._settle_answered(before)
        try:
            self._changes(read, deadline)
            self._known_by_now(read, deadline)
            answered = self._answers(read, deadline)
        except ConnectorError as error:
            if not read.messages and read.cursor == before:
                raise
            log.warning("OCLC was read in part: %s", error)
            answered = {}
        after = replace(read.cursor, answered=answered, waiting=read.waiting)
        return Received(messages=tuple(read.messages), cursor=str(after))

    def _changes(self, read: _Read, deadline: Deadline) -> None:
        since, skip, fresh = read.cursor.beginning, 0, read.cursor
        for _ in range(_MOST_PAGES):
            records = self._requests.changed(since, skip, deadline)
            if not records:
                break
            seen = self._take(read, fresh, records)
            newest = max(record.edited for record in records)
            read.cursor = read.cursor.moved(newest, seen)
            if len(records) < PAGE or deadline.remaining() < _ENOUGH:
                break
            # by time rather than by number: what changes meanwhile moves to the end and would shift the pages
            since, skip = (newest, 0) if since is None or newest > since else (since, skip + PAGE)

    def _take(self, read: _Read, fresh: Cursor, records: Sequence[Record]) -> dict[str, datetime]:
        """Messages of all that is new in these; `fresh` is the cursor as it was before this poll."""
        with self._host.reading() as connection:
            ours = store.by_ids(connection, self._here, {record.id: record.reference for record in records})
        seen = {}
        for record in records:
            for entry in sorted(record.entries, key=lambda each: each.number):
                if not fresh.is_new(entry.id, entry.at) or entry.id in read.cursor.seen:
                    continue
                seen[entry.id] = entry.at
                message = self._message(read, record, entry, ours.get(record.id))
                if message is not None:
                    read.messages.append(message)
        return seen

    def _message(self, read: _Read, record: Record, entry: Entry, made: Made | None) -> Message | None:
        if made is not None and record.requester.registry_id in (None, self._here):
            return for_borrower(record, entry, made.library, made.partner, made.number)
        if record.supplier.registry_id != self._here or record.requester.registry_id == self._here:
            return None  # made in another system of this institution
        if record.id in read.waiting or (entry.action == "SUBMIT" and record.status not in FRESH):
            return None
        partner = self._partner(record)
        if not partner:
            self._wait_for(read, record)
            return None
        return for_lender(record, entry, self._config.library, partner)

    def _partner(self, record: Record) -> str:
        for symbol in record.requester.symbols:
            found = self._host.partner_for(self._config.library, symbol)
            if found is not None:
                return found.symbol
        return ""

    def _wait_for(self, read: _Read, record: Record) -> None:
        symbol = next(iter(record.requester.symbols), "")
        log.warning(
            "OCLC request %s is from %s (%s), which is no partner here; it is taken in once a partner has that symbol",
            record.id,
            symbol or "a library without a symbol",
            record.requester.name or "no name",
        )
        if symbol and len(read.waiting) < MOST_WAITING:
            read.waiting[record.id] = symbol

    def _known_by_now(self, read: _Read, deadline: Deadline) -> None:
        """Requests of libraries that have become partners since, from their beginning."""
        library = self._config.library
        for id, symbol in list(read.waiting.items()):
            if self._host.partner_for(library, symbol) is None:
                continue
            record = self._requests.get(id, deadline)
            del read.waiting[id]
            if record is None or record.status not in FRESH:
                continue
            for entry in sorted(record.entries, key=lambda each: each.number):
                message = for_lender(record, entry, library, self._partner(record) or symbol)
                read.messages += [message] if message is not None else []

    # --- StatusRequests --------------------------------------------------------------------------------------------

    def _answers(self, read: _Read, deadline: Deadline) -> dict[str, str]:
        with self._host.reading() as connection:
            waiting = store.asked(connection, self._here)
        answered = {}
        for made in waiting:
            asked_at = made.asked_at
            if asked_at is None or deadline.remaining() < _ENOUGH:
                continue
            record = self._requests.get(made.request_id, deadline)
            if record is not None:
                read.messages.append(status_answer(record, made.library, made.partner, made.number, asked_at))
            answered[made.number] = asked_at.isoformat()
        return answered

    def _settle_answered(self, before: Cursor) -> None:
        """Answers that were committed with the last cursor are not given again."""
        if not before.answered:
            return
        with self._host.transaction(self._config.library) as connection:
            for number, asked_at in before.answered.items():
                made = store.by_number(connection, self._here, number)
                if made is not None and made.asked_at is not None and made.asked_at.isoformat() == asked_at:
                    store.set_asked(connection, self._here, number, None)
