"""Effects of decisions as outbox rows: one row each, in the lane where it will be worked off, its content fixed now."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from illcore.compose import compose
from illcore.effects import (
    Again,
    Check,
    Circulate,
    Clear,
    Destroy,
    Effect,
    Fetch,
    FreePlace,
    HandOver,
    Locate,
    Notice,
    Send,
    Settle,
)
from illcore.prepared import Prepared
from illcore.request import Request
from illcore.store.codec import dump
from illcore.store.facts import BatchFacts
from illcore.tables import DEAD, outbox

_ADD = Prepared(
    insert(outbox),
    "key request_id seq n library lane kind name attempt payload status tries known due first_due".split(),
)
_ONE = (outbox.c.key == bindparam("of"), outbox.c.request_id == bindparam("request"))
_ALL_DEAD = (outbox.c.request_id == bindparam("request"), DEAD)
_WAITING = outbox.c.status.in_(("pending", "dead"))
_FAILED = or_(DEAD, and_(outbox.c.status == "pending", outbox.c.last_error != ""))
_ALL_FAILED = (outbox.c.request_id == bindparam("request"), _FAILED)
_BACK: dict[str, Any] = {
    "status": "pending",
    "tries": 0,
    "due": bindparam("now"),
    "first_due": bindparam("now"),
    "claimed_by": "",
}
_DONE: dict[str, Any] = {"status": "settled", "done_at": bindparam("now")}
_LANES_OF_ONE = select(outbox.c.lane).where(*_ONE, _WAITING)
_LANES_OF_FAILED = select(outbox.c.lane).where(*_ALL_FAILED).distinct()
_AGAIN_ONE = update(outbox).where(*_ONE, _WAITING).values(_BACK)
_AGAIN_FAILED = update(outbox).where(*_ALL_FAILED).values(_BACK)
_SETTLE_ONE = update(outbox).where(*_ONE, _WAITING).values(_DONE)
_SETTLE_DEAD = update(outbox).where(*_ALL_DEAD).values(_DONE)


def outbox_key(request_id: str, seq: int, n: int) -> str:
    """The key of an effect, the same over all tries: the n-th effect (from 1) of a request's event number ``seq``."""
    return f"{request_id}:{seq}:{n}"


class OutboxRows:
    """Collects the effects of a batch, then writes them at once."""

    def __init__(self, connection: Connection, facts: BatchFacts, now: datetime) -> None:
        self._connection = connection
        self._facts = facts
        self._now = now
        self._rows: list[dict[str, Any]] = []
        self._changes: list[tuple[Any, dict[str, Any]]] = []

    def add(self, after: Request, effects: Iterable[Effect]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take the effects of the request's last event; gives the new keys, and the lanes that have work now."""
        keys: list[str] = []
        lanes: list[str] = []
        for effect in effects:
            if isinstance(effect, Again | Settle):
                lanes += self._change(after, effect)
                continue
            row = self._row(after, effect, len(keys) + 1)
            self._rows.append(row)
            keys.append(row["key"])
            lanes.append(row["lane"])
        return tuple(keys), tuple(dict.fromkeys(lanes))

    def write(self) -> None:
        """Insert the new rows; then put failed ones back to work, or settle them."""
        if self._rows:
            _ADD.run(self._connection, self._rows)
        for statement, values in self._changes:
            self._connection.execute(statement, values)

    def _row(self, after: Request, effect: Effect, n: int) -> dict[str, Any]:
        kind, name, lane, attempt, payload = self._content(after, effect)
        return {
            "key": outbox_key(after.id, after.version, n),
            "request_id": after.id,
            "seq": after.version,
            "n": n,
            "library": after.library,
            "lane": lane,
            "kind": kind,
            "name": name,
            "attempt": attempt,
            "payload": payload,
            "status": "pending",
            "tries": 0,
            "known": "none",
            "due": self._now,
            "first_due": self._now,
        }

    def _content(self, after: Request, effect: Effect) -> tuple[str, str, str, int, str]:
        library = after.library
        match effect:
            case Send(name, attempt):
                symbol = after.attempts[attempt - 1].partner
                partner = self._facts.partner(library, symbol)
                message = compose(after, effect, self._facts.library(library), partner, self._now)
                return "send", name, f"send/{symbol}", attempt, message.model_dump_json(exclude_defaults=True)
            case Locate():
                return "locate", "", f"locate/{library}", 0, "{}"
            case Clear():
                return "clear", "", f"clear/{library}", 0, "{}"
            case Fetch(url):
                payload = dump({"url": url})
                return "fetch", "", f"fetch/{after.partner or library}", after.attempt, payload
            case Check(document):
                return "check", "", f"check/{library}", after.attempt, dump({"document": document})
            case HandOver(to, documents):
                payload = dump({"to": to, "documents": documents})
                return "deliver", to, f"deliver/{library}", after.attempt, payload
            case Destroy():
                return "destroy", "", f"destroy/{library}", after.attempt, "{}"
            case Circulate(action, fields):
                return "circulate", action, f"circulate/{library}", 0, dump({"action": action, "fields": fields})
            case Notice(code, to, fields):
                payload = dump({"code": code, "to": to, "fields": fields})
                return "notify", code, f"notify/{library}", 0, payload
            case FreePlace(reader_id):
                return "place", "", f"place/{library}", 0, dump({"reader_id": reader_id})
            case _:
                raise TypeError(f"{effect!r} makes no outbox row")

    def _change(self, after: Request, effect: Again | Settle) -> list[str]:
        values = {"request": after.id, "now": self._now}
        if effect.key:
            values["of"] = effect.key
        if isinstance(effect, Settle):
            self._changes.append((_SETTLE_ONE if effect.key else _SETTLE_DEAD, values))
            return []
        self._changes.append((_AGAIN_ONE if effect.key else _AGAIN_FAILED, values))
        lanes = _LANES_OF_ONE if effect.key else _LANES_OF_FAILED
        values = {name: value for name, value in values.items() if name != "now"}
        return list(self._connection.execute(lanes, values).scalars())
