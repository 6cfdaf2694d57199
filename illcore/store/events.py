"""The log of a request: append-only, gapless, chained by hashes; what is personal stands apart and can be erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from illcore.clock import Ids
from illcore.events import Event
from illcore.prepared import Prepared
from illcore.request import Request
from illcore.store.apart import Apart, read, split
from illcore.store.chain import digest, flaws, salted
from illcore.store.codec import dump, load, load_request, plain
from illcore.tables import event, payload, request

_ADD_EVENT = Prepared(insert(event))
_ADD_PAYLOAD = Prepared(insert(payload), ("id", "request_id", "salt", "body", "at"))
_OF = (
    select(event, payload.c.salt, payload.c.body, payload.c.erased_at)
    .select_from(event.outerjoin(payload, payload.c.id == event.c.payload_id))
    .where(event.c.request_id == bindparam("request_id"), event.c.seq > bindparam("after"))
    .order_by(event.c.seq)
)
_TEXTS = select(payload.c.id, payload.c.body).where(
    payload.c.request_id == bindparam("request_id"), payload.c.body.is_not(None)
)
_BODY = select(request.c.body).where(request.c.id == bindparam("request_id"))
_ERASE = (
    update(payload)
    .where(payload.c.request_id == bindparam("of"), payload.c.erased_at.is_(None))
    .values(body=None, salt="", erased_at=bindparam("now"))  # with the salt a short text could be guessed
)


@dataclass(slots=True, frozen=True)
class EventRow:
    """One entry of the log. ``refused`` is why it changed nothing, else empty; ``state`` is the one after it.

    ``private`` is the text that came with it, None if it was erased. Of a reader, ``actor_id`` is the key, empty once
    it was erased.
    """

    request_id: str
    seq: int
    at: datetime
    type: str
    actor_kind: str
    actor_id: str
    actor_role: str
    data: dict[str, Any]
    attempt: int
    effect: str
    by_hand: bool
    refused: str
    state: str
    private: str | None
    payload_id: str | None
    hash: str


class Log:
    """Collects the events of a batch, then writes them at once."""

    def __init__(self, now: datetime, ids: Ids) -> None:
        self._now = now
        self._ids = ids
        self._events: list[dict[str, Any]] = []
        self._payloads: list[dict[str, Any]] = []

    def append(self, after: Request, last: int, what: Event, data: dict[str, Any], refused: str) -> None:
        """Make the event the one after number ``last``; sets ``version`` and ``head`` of the request as it is after.

        A reader who acts is known by the key of the request's reader, and that stands apart, like every text.
        """
        by_reader = what.actor.kind == "reader"
        said, private = split(data)
        row: dict[str, Any] = {
            "request_id": after.id,
            "seq": last + 1,
            "at": what.at,
            "type": what.type,
            "actor_kind": what.actor.kind,
            "actor_id": "" if by_reader else plain(what.actor.id),
            "actor_role": what.actor.role or "",
            "attempt": what.attempt,
            "effect": what.effect,
            "by_hand": what.by_hand,
            "refused": plain(refused),
            "state": after.state,
            "data": dump(said),
            "payload_id": None,
            "payload_sha": "",
            "prev_hash": after.head,
        }
        if what.private or by_reader or private:
            self._keep_apart(row, Apart(plain(what.private), after.reader_id if by_reader else "", private).body())
        row["hash"] = digest(row)
        self._events.append(row)
        after.version, after.head = row["seq"], row["hash"]

    def _keep_apart(self, row: dict[str, Any], body: str) -> None:
        salt = "".join(self._ids(self._now)[-7:] for _ in range(5))
        row["payload_id"] = self._ids(self._now)
        row["payload_sha"] = salted(salt, body)
        self._payloads.append(
            {"id": row["payload_id"], "request_id": row["request_id"], "salt": salt, "body": body, "at": self._now}
        )

    def write(self, connection: Connection) -> None:
        """Insert what was collected."""
        if self._payloads:
            _ADD_PAYLOAD.run(connection, self._payloads)
        if self._events:
            _ADD_EVENT.run(connection, self._events)


def events_of(connection: Connection, request_id: str, after: int = 0) -> list[EventRow]:
    """The log of a request in order, from the event after number ``after``."""
    return [_row(row) for row in connection.execute(_OF, {"request_id": request_id, "after": after}).mappings()]


def _row(row: Any) -> EventRow:
    apart = read(row["body"])
    return EventRow(
        request_id=row["request_id"],
        seq=row["seq"],
        at=row["at"],
        type=row["type"],
        actor_kind=row["actor_kind"],
        actor_id=apart.actor or row["actor_id"],
        actor_role=row["actor_role"],
        data={**load(row["data"]), **apart.data},
        attempt=row["attempt"],
        effect=row["effect"],
        by_hand=row["by_hand"],
        refused=row["refused"],
        state=row["state"],
        private=None if row["payload_id"] is not None and row["body"] is None else apart.text,
        payload_id=row["payload_id"],
        hash=row["hash"],
    )


def texts_of(connection: Connection, request_id: str) -> dict[str, str]:
    """The texts that came with the events of a request, by payload id, without those that were erased."""
    found = ((row.id, read(row.body).text) for row in connection.execute(_TEXTS, {"request_id": request_id}))
    return {id: text for id, text in found if text}


def verify_chain(connection: Connection, request_id: str) -> list[str]:
    """What is wrong with the log of a request, one sentence each; empty if it is whole.

    Finds a changed, missing, added or exchanged event, a changed text, and a log cut short. An erased text is right.
    """
    rows = connection.execute(_OF, {"request_id": request_id, "after": 0}).mappings()
    body = connection.execute(_BODY, {"request_id": request_id}).scalar()
    return [flaw.text for flaw in flaws(request_id, rows, None if body is None else load_request(body))]


def erase_texts(connection: Connection, requests: Sequence[str], now: datetime) -> int:
    """Erase the texts of all events of these requests; the chain stays whole. Returns how many were erased."""
    return sum(connection.execute(_ERASE, {"of": one, "now": now}).rowcount for one in requests)
