"""Request rows: read whole, written with a version check, each with its searchable face."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from illcore.errors import Conflict, NotFound
from illcore.prepared import Prepared
from illcore.request import Attempt, Request
from illcore.store.codec import (
    attempt_columns,
    condition_columns,
    item_columns,
    load_request,
    request_columns,
)
from illcore.tables import attempt, condition, item, match_key, request, timer

_FIXED = frozenset({"id", "library", "role", "created_at"})
_GET = Prepared(
    select(request.c.body).where(request.c.library == bindparam("library"), request.c.id == bindparam("id"))
)
_LOCK_ONE = Prepared(select(request.c.body).where(request.c.id == bindparam("id")).with_for_update())
_LOCK = (
    select(request.c.body)
    .where(request.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(request.c.id)
    .with_for_update()
)
_INSERT = Prepared(insert(request))
_UPDATE = Prepared(
    update(request)
    .where(request.c.id == bindparam("row_id"), request.c.version == bindparam("row_version"))
    .values({c.name: bindparam(c.name) for c in request.c if c.name not in _FIXED})
)


def get(connection: Connection, library: str, id: str) -> Request:
    """One request of this library; NotFound if there is none."""
    body = _GET.read(connection, {"library": library, "id": id}).scalar()
    if body is None:
        raise NotFound(f"there is no request {id} in {library}")
    return load_request(body)


def lock(connection: Connection, ids: Iterable[str]) -> dict[str, Request]:
    """The requests by id, locked in the order of their ids until the transaction ends; unknown ids are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    if len(wanted) == 1:
        bodies = _LOCK_ONE.read(connection, {"id": wanted[0]}).scalars()
    else:
        bodies = connection.execute(_LOCK, {"ids": wanted}).scalars()
    found = [load_request(body) for body in bodies]
    return {one.id: one for one in found}


def lock_one(connection: Connection, library: str, id: str) -> Request:
    """One request of this library, locked until the transaction ends; NotFound if there is none."""
    found = lock(connection, [id]).get(id)
    if found is None or found.library != library:
        raise NotFound(f"there is no request {id} in {library}")
    return found


def add(connection: Connection, requests: Sequence[Request]) -> None:
    """Insert new requests."""
    if requests:
        _INSERT.run(connection, [request_columns(one) for one in requests])


def change(connection: Connection, changes: Sequence[tuple[Request, int]]) -> None:
    """Write requests, each over the version it was read at; Conflict if one has changed since."""
    if not changes:
        return
    rows = []
    for after, version in changes:
        row = request_columns(after)
        row["row_id"], row["row_version"] = after.id, version
        rows.append(row)
    if _UPDATE.run(connection, rows).rowcount != len(rows):
        raise Conflict("somebody else changed the same request meanwhile; read it again and decide again")


# --- the searchable face -------------------------------------------------------------------------------------------


def _by_key(table: Any, *keys: str) -> Any:
    return [table.c[key] == bindparam(f"row_{key}") for key in keys]


_ADD_ATTEMPT = insert(attempt)
_CHANGE_ATTEMPT = (
    update(attempt)
    .where(*_by_key(attempt, "request_id", "n"))
    .values({c.name: bindparam(c.name) for c in attempt.c if c.name not in ("request_id", "n", "library", "role")})
)
_DROP_ATTEMPT = delete(attempt).where(*_by_key(attempt, "request_id", "n"))
_DROP_ITEM = delete(item).where(*_by_key(item, "request_id", "n"))
_DROP_CONDITION = delete(condition).where(*_by_key(condition, "request_id", "attempt", "number"))
_DROP_MATCH = delete(match_key).where(*_by_key(match_key, "request_id", "key"))
_DROP_TIMER = delete(timer).where(*_by_key(timer, "request_id", "kind"))

Rows = dict[tuple[Any, ...], dict[str, Any]]


def _made(one: Attempt) -> bool:
    """An attempt has a row once it has been asked."""
    return bool(one.requesting_agency_request_id) or one.status in ("open", "ended")


class Face:
    """Collects how the faces of a batch's requests change, then writes each table once."""

    def __init__(self) -> None:
        self._out: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in (
                "attempt+ attempt! attempt- item+ item- condition+ condition- match+ match- timer+ timer-".split()
            )
        }

    def changed(self, before: Request | None, after: Request) -> None:
        """Take note of what differs between the request as it is stored and as it will be."""
        if before is None or before.attempts != after.attempts:
            self._attempts(before, after)
        if before is None or before.items != after.items:
            self._differ(
                "item",
                ("n",),
                {(i.n,): item_columns(before, i) for i in before.items} if before else {},
                {(i.n,): item_columns(after, i) for i in after.items},
                after.id,
            )
        if before is None or before.conditions != after.conditions:
            self._differ(
                "condition",
                ("attempt", "number"),
                {(c.attempt, c.number): condition_columns(before, c) for c in before.conditions} if before else {},
                {(c.attempt, c.number): condition_columns(after, c) for c in after.conditions},
                after.id,
            )
        if before is None or before.match_key != after.match_key:
            self._differ("match", ("key",), _keys(before), _keys(after), after.id)
        if before is None or before.timers != after.timers:
            self._differ("timer", ("kind",), _timers(before), _timers(after), after.id)

    def _differ(self, name: str, keys: tuple[str, ...], old: Rows, new: Rows, request_id: str) -> None:
        for key, row in old.items():
            if new.get(key) != row:
                gone = {f"row_{part}": value for part, value in zip(keys, key, strict=True)}
                self._out[f"{name}-"].append({"row_request_id": request_id, **gone})
        self._out[f"{name}+"].extend(row for key, row in new.items() if old.get(key) != row)

    def _attempts(self, before: Request | None, after: Request) -> None:
        old = {one.n: one for one in before.attempts if _made(one)} if before else {}
        new = {one.n: one for one in after.attempts if _made(one)}
        for n in old.keys() - new.keys():
            self._out["attempt-"].append({"row_request_id": after.id, "row_n": n})
        for n, one in new.items():
            if n in old and old[n] == one:
                continue
            row = attempt_columns(after, one)
            if n in old:
                row["row_request_id"], row["row_n"] = after.id, n
                self._out["attempt!"].append(row)
            else:
                self._out["attempt+"].append(row)

    def write(self, connection: Connection) -> None:
        """One statement per table and kind of change; what goes is deleted before what comes is inserted."""
        for name, statement in _STATEMENTS.items():
            rows = self._out[name]
            if rows:
                statement.run(connection, rows)


_STATEMENTS: Mapping[str, Prepared] = {
    "attempt-": Prepared(_DROP_ATTEMPT),
    "attempt!": Prepared(_CHANGE_ATTEMPT),
    "attempt+": Prepared(_ADD_ATTEMPT),
    "item-": Prepared(_DROP_ITEM),
    "item+": Prepared(insert(item)),
    "condition-": Prepared(_DROP_CONDITION),
    "condition+": Prepared(insert(condition)),
    "match-": Prepared(_DROP_MATCH),
    "match+": Prepared(insert(match_key)),
    "timer-": Prepared(_DROP_TIMER),
    "timer+": Prepared(insert(timer)),
}


def _keys(one: Request | None) -> Rows:
    if one is None:
        return {}
    return {
        (key,): {"request_id": one.id, "library": one.library, "key": key, "at": one.created_at}
        for key in one.match_key.split("\n")
        if key
    }


def _timers(one: Request | None) -> Rows:
    if one is None:
        return {}
    return {
        (kind,): {"request_id": one.id, "library": one.library, "kind": kind, "due": armed.due}
        for kind, armed in one.timers.items()
        if not armed.fired
    }
