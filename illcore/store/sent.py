"""Messages that had been handed over, by outbox key: how far each went, and what becomes of one that comes back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from illcore.tables import outbox


@dataclass(slots=True, frozen=True)
class Sent:
    """A message as far as it went: ``status`` is pending, claimed, done, dead or settled, the rest as claimed."""

    key: str
    request_id: str
    library: str
    lane: str
    name: str
    attempt: int
    tries: int
    known: str
    status: str


_SENT = (
    select(*(outbox.c[name] for name in Sent.__slots__))
    .where(outbox.c.key.in_(bindparam("keys", expanding=True)), outbox.c.kind == "send")
    .order_by(outbox.c.key)
    .with_for_update()
)
_RETURNED = (
    update(outbox)
    .where(outbox.c.key == bindparam("of"))
    .values(
        status=bindparam("fate"),
        known="not_sent",
        last_error=bindparam("error"),
        done_at=bindparam("finished"),
        claimed_by="",
    )
)


def sent_under(connection: Connection, keys: Iterable[str]) -> list[Sent]:
    """The messages under these keys, locked until the commit; keys that are none are left out."""
    sound = [key for key in keys if "\0" not in key]
    return [Sent(*row) for row in connection.execute(_SENT, {"keys": sound})] if sound else []


def returned(connection: Connection, row: Sent, error: str, now: datetime) -> None:
    """A message came back: it has the row's status from now on. A worker that tries it right now records nothing."""
    values = {"of": row.key, "fate": row.status, "error": error.replace("\0", ""), "finished": now}
    connection.execute(_RETURNED, values)
