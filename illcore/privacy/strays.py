"""What has a clock of its own: readers without a request, messages that matched none, keys, declarations, claims."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from illcore.calendars import end_of_day, local_date
from illcore.policy import Library
from illcore.store import ledger
from illcore.tables import HAS_READER, declaration, guard, hold, idempotency, inbox, reader, request

PORTION = 500
"""Readers of one commit."""

_KEY = cast(reader.c.number, Text)
_OF_READER = (request.c.library == reader.c.library, HAS_READER, request.c.reader_id == _KEY)
_OLD_READER = (
    reader.c.library == bindparam("library"),
    reader.c.updated_at < bindparam("closed_before"),
    not_(exists().where(hold.c.library == reader.c.library, hold.c.kind == "reader", hold.c.subject == _KEY)),
)
_DECLARED = exists().where(declaration.c.library == reader.c.library, declaration.c.reader_id == _KEY)
_NEEDLESS = (reader.c.blocked == "", not_(_DECLARED))
_CANDIDATES = (
    select(reader.c.number)
    .where(*_OLD_READER, *_NEEDLESS, not_(exists().where(*_OF_READER)))
    .order_by(reader.c.number)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update()
)
_DROP = delete(reader).where(
    reader.c.number.in_(bindparam("numbers", expanding=True)), not_(exists().where(*_OF_READER))
)
_DROP_GUARDS = delete(guard).where(
    guard.c.library == bindparam("of_library"), guard.c.reader_id.in_(bindparam("keys", expanding=True))
)
_WITHOUT = select(func.count()).select_from(reader).where(*_OLD_READER, not_(exists().where(*_OF_READER)))
_KEPT = {"blocked_readers": _WITHOUT.where(reader.c.blocked != ""), "declared_readers": _WITHOUT.where(_DECLARED)}
_DECLARATIONS = (
    declaration.c.library == bindparam("of_library"),
    declaration.c.at < bindparam("declared_before"),
    not_(
        exists().where(
            hold.c.library == declaration.c.library,
            or_(
                and_(hold.c.kind == "request", hold.c.subject == declaration.c.request_id),
                and_(hold.c.kind == "reader", hold.c.subject == declaration.c.reader_id),
            ),
        )
    ),
)
_MESSAGES = (
    inbox.c.library == bindparam("of_library"),
    inbox.c.request_id.is_(None),
    inbox.c.received_at < bindparam("unmatched_before"),
    inbox.c.body != "{}",
)
_EMPTY_MESSAGES = update(inbox).where(*_MESSAGES).values(body="{}", status="refused")
_KEYS = (idempotency.c.library == bindparam("of_library"), idempotency.c.at < bindparam("keys_before"))


class Strays:
    """What of this a library keeps too long at a moment."""

    def __init__(self, library: Library, now: datetime) -> None:
        policy, calendar = library.policy.privacy, library.policy.calendar
        today = local_date(calendar, now)
        self.unmatched_before = end_of_day(calendar, today - timedelta(days=policy.unmatched_days))
        closed_before = end_of_day(calendar, today - timedelta(days=policy.days))
        self._today = today
        declared_before = end_of_day(calendar, today - timedelta(days=policy.declaration_days))
        self._declarations = {"of_library": library.symbol, "declared_before": declared_before}
        self._library = library.symbol
        self._values = {"of_library": library.symbol, "unmatched_before": self.unmatched_before}
        self._keys = {"of_library": library.symbol, "keys_before": now - timedelta(days=policy.key_days)}
        self._readers = {"library": library.symbol, "closed_before": closed_before}

    def counted(self, connection: Connection, ready: ColumnElement[bool], values: dict[str, object]) -> Counter[str]:
        """How much of it there is. A reader counts whose requests are all ``ready`` to be anonymised, or were."""
        still = exists().where(*_OF_READER, not_(ready))
        readers = select(func.count()).select_from(reader).where(*_OLD_READER, *_NEEDLESS, not_(still))
        messages = select(func.count()).select_from(inbox).where(*_MESSAGES)
        keys = select(func.count()).select_from(idempotency).where(*_KEYS)
        declarations = select(func.count()).select_from(declaration).where(*_DECLARATIONS)
        return Counter(
            readers=connection.execute(readers, {**values, **self._readers}).scalar_one(),
            unmatched=connection.execute(messages, self._values).scalar_one(),
            keys=connection.execute(keys, self._keys).scalar_one(),
            declarations=connection.execute(declarations, self._declarations).scalar_one(),
            claims=ledger.past(connection, self._library, self._today),
        )

    def erase(self, connection: Connection) -> Counter[str]:
        """Erase messages, keys, declarations and claims of the ledger."""
        return Counter(
            declarations=connection.execute(delete(declaration).where(*_DECLARATIONS), self._declarations).rowcount,
            claims=ledger.purge(connection, self._library, self._today),
            unmatched=connection.execute(_EMPTY_MESSAGES, self._values).rowcount,
            keys=connection.execute(delete(idempotency).where(*_KEYS), self._keys).rowcount,
        )

    def erase_readers(self, connection: Connection) -> int | None:
        """Erase a portion of the readers without a request; None if there were none. Who asks now is waited for."""
        numbers = list(connection.execute(_CANDIDATES, {**self._readers, "limit": PORTION}).scalars())
        if not numbers:
            return None
        dropped = connection.execute(_DROP, {"numbers": numbers}).rowcount
        connection.execute(_DROP_GUARDS, {"of_library": self._library, "keys": [str(number) for number in numbers]})
        return dropped

    def kept(self, connection: Connection) -> dict[str, int]:
        """How many readers without a request stay, by why."""
        return {why: int(connection.execute(one, self._readers).scalar_one()) for why, one in _KEPT.items()}
