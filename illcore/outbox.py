"""The outbox: lanes taken by lease, rows claimed, tried again and settled. Order holds per request and lane."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from illcore.backoff import Breaker, breaker
from illcore.prepared import Prepared
from illcore.tables import DEAD, UNFINISHED, lane, outbox

Known = Literal["none", "not_sent", "unknown"]
Fate = Literal["done", "pending", "dead"]


@dataclass(slots=True, frozen=True)
class Lease:
    """A lane that one worker holds until ``until``. A ``probe`` may claim one row: the breaker is half open."""

    lane: str
    token: str
    until: datetime
    probe: bool
    breaker: Breaker


@dataclass(slots=True, frozen=True)
class Claimed:
    """A row to work off. ``payload`` is JSON, fixed when it was committed; ``tries`` are those before this one.

    ``known`` is what is known of the try before: none was made, it was certainly not sent, or it may have arrived.
    """

    key: str
    request_id: str
    library: str
    lane: str
    kind: str
    name: str
    attempt: int
    seq: int
    payload: str
    tries: int
    known: Known
    first_due: datetime


@dataclass(slots=True, frozen=True)
class Mark:
    """What became of a claimed row. ``due`` and ``known`` belong to ``pending``; ``error`` is one sentence.

    ``reached`` feeds the breaker: the other side answered (also with a refusal), it did not, or None: nothing was
    learnt about it.
    """

    key: str
    fate: Fate
    due: datetime | None = None
    error: str = ""
    known: Known = "none"
    reached: bool | None = None


@dataclass(slots=True, frozen=True)
class LaneStatus:
    """How a lane is doing: rows that wait, are tried now, were given up; ``oldest`` is the first due of what waits."""

    lane: str
    pending: int
    claimed: int
    dead: int
    oldest: datetime | None
    failures: int
    open_until: datetime | None


@dataclass(slots=True, frozen=True)
class Entry:
    """One row of a request's outbox, for people to look at."""

    key: str
    lane: str
    kind: str
    name: str
    attempt: int
    status: str
    tries: int
    known: str
    due: datetime
    last_error: str
    done_at: datetime | None


# --- lanes ---------------------------------------------------------------------------------------------------------

_NOW: BindParameter[Any] = bindparam("now")
_FREE = or_(lane.c.lease_until.is_(None), lane.c.lease_until <= _NOW)
_NOT_OPEN = or_(lane.c.open_until.is_(None), lane.c.open_until <= _NOW)
_DUE_LANES = (
    select(outbox.c.lane, func.min(outbox.c.due).label("due"))
    .select_from(outbox.outerjoin(lane, lane.c.name == outbox.c.lane))
    .where(UNFINISHED, outbox.c.due <= _NOW, _FREE, _NOT_OPEN)
    .group_by(outbox.c.lane)
    .order_by("due", outbox.c.lane)
    .limit(bindparam("limit", type_=Integer))
)
_NEXT = (
    select(
        func.min(
            case(
                (and_(lane.c.open_until.is_not(None), lane.c.open_until > outbox.c.due), lane.c.open_until),
                else_=outbox.c.due,
            )
        )
    )
    .select_from(outbox.outerjoin(lane, lane.c.name == outbox.c.lane))
    .where(UNFINISHED)
)
_MAKE = insert(lane).values(name=bindparam("name"), token="").on_conflict_do_nothing(index_elements=["name"])
_TAKE = (
    update(lane)
    .where(lane.c.name == bindparam("row"), _FREE, _NOT_OPEN)
    .values(token=bindparam("new_token"), lease_until=bindparam("until"))
)
_RENEW = (
    update(lane)
    .where(lane.c.name == bindparam("row"), lane.c.token == bindparam("own"), lane.c.lease_until > _NOW)
    .values(lease_until=bindparam("until"))
)
_RELEASE = (
    update(lane)
    .where(lane.c.name == bindparam("row"), lane.c.token == bindparam("own"))
    .values(token="", lease_until=None)
)
_BREAKER = select(lane.c.failures, lane.c.open_until, lane.c.probe_wait).where(lane.c.name == bindparam("row"))
_BREAKER_LOCKED = _BREAKER.with_for_update()
_SET_BREAKER = (
    update(lane)
    .where(lane.c.name == bindparam("row"))
    .values(failures=bindparam("fails"), open_until=bindparam("open"), probe_wait=bindparam("wait"))
)


def due_lanes(connection: Connection, now: datetime, limit: int = 100) -> list[str]:
    """Lanes that have rows due, that nobody holds and whose breaker lets something through; the longest due first."""
    return list(connection.execute(_DUE_LANES, {"now": now, "limit": limit}).scalars())


def next_due(connection: Connection) -> datetime | None:
    """When something is next to be tried, be it past; None if the outbox is worked off."""
    return connection.execute(_NEXT).scalar()


def take_lane(connection: Connection, name: str, now: datetime, lease_seconds: float, token: str) -> Lease | None:
    """Take a lane for so long, by compare-and-swap; None if another holds it or its breaker is open.

    ``token`` is new for every lease; the holder names it in all that follows.
    """
    until = now + timedelta(seconds=lease_seconds)
    values = {"row": name, "now": now, "new_token": token, "until": until}
    if connection.execute(_TAKE, values).rowcount != 1:
        connection.execute(_MAKE, {"name": name})
        if connection.execute(_TAKE, values).rowcount != 1:
            return None
    found = _breaker_of(connection.execute(_BREAKER, {"row": name}).one())
    return Lease(name, token, until, found.open_until is not None, found)


def renew(connection: Connection, name: str, token: str, now: datetime, lease_seconds: float) -> bool:
    """Hold the lane for so long from now; False if the lease has run out or another has taken it."""
    values = {"row": name, "own": token, "now": now, "until": now + timedelta(seconds=lease_seconds)}
    return connection.execute(_RENEW, values).rowcount == 1


def release(connection: Connection, name: str, token: str) -> None:
    """Give the lane back; nothing happens if another holds it by now."""
    connection.execute(_RELEASE, {"row": name, "own": token})


def _breaker_of(row: Any) -> Breaker:
    return Breaker(row.failures, row.open_until, timedelta(seconds=row.probe_wait))


# --- claim ---------------------------------------------------------------------------------------------------------

_HOLD = (
    select(lane.c.name)
    .where(lane.c.name == bindparam("row"), lane.c.token == bindparam("own"), lane.c.lease_until > _NOW)
    .with_for_update()
)
_earlier = outbox.alias("earlier")
_OLDEST = not_(
    exists().where(
        _earlier.c.request_id == outbox.c.request_id,
        _earlier.c.lane == outbox.c.lane,
        _earlier.c.status.in_(("pending", "claimed")),
        or_(_earlier.c.seq < outbox.c.seq, and_(_earlier.c.seq == outbox.c.seq, _earlier.c.n < outbox.c.n)),
    )
)
_CLAIMABLE = (
    select(
        *(outbox.c[name] for name in "key request_id library lane kind name attempt seq payload".split()),
        outbox.c.tries,
        outbox.c.known,
        outbox.c.first_due,
        outbox.c.status,
    )
    .where(
        UNFINISHED,
        outbox.c.lane == bindparam("row"),
        outbox.c.due <= _NOW,
        or_(outbox.c.status == "pending", outbox.c.claimed_by != bindparam("own")),
        _OLDEST,
    )
    .order_by(outbox.c.due, outbox.c.request_id, outbox.c.seq)
    .limit(bindparam("limit", type_=Integer))
)
_CLAIM = (
    update(outbox)
    .where(outbox.c.key.in_(bindparam("keys", expanding=True)))
    .values(status="claimed", claimed_by=bindparam("own"))
)
_CLAIM_ABANDONED = _CLAIM.values(known="unknown", tries=outbox.c.tries + 1)


def claim(connection: Connection, name: str, token: str, now: datetime, limit: int) -> list[Claimed]:
    """Claim due rows of a lane that this token holds: of each request the oldest unfinished one, if it is due.

    What a worker left claimed when its lease ran out counts as tried, and as ``unknown``. Empty if nothing is due or
    the lease is lost. Rows that were given up (dead) stand in nobody's way.
    """
    if connection.execute(_HOLD, {"row": name, "own": token, "now": now}).first() is None:
        return []
    values = {"row": name, "own": token, "now": now, "limit": limit}
    claimed: list[Claimed] = []
    fresh: list[str] = []
    abandoned: list[str] = []
    for found in connection.execute(_CLAIMABLE, values).mappings():
        row = dict(found)
        if row.pop("status") == "claimed":
            row["tries"], row["known"] = row["tries"] + 1, "unknown"
            abandoned.append(row["key"])
        else:
            fresh.append(row["key"])
        claimed.append(Claimed(**row))
    if fresh:
        connection.execute(_CLAIM, {"keys": fresh, "own": token})
    if abandoned:
        connection.execute(_CLAIM_ABANDONED, {"keys": abandoned, "own": token})
    return claimed


# --- record --------------------------------------------------------------------------------------------------------

_OWNED = (
    select(outbox.c.key)
    .where(
        outbox.c.key.in_(bindparam("keys", expanding=True)),
        outbox.c.status == "claimed",
        outbox.c.claimed_by == bindparam("own"),
    )
    .order_by(outbox.c.key)
    .with_for_update()
)
_MARK = Prepared(
    update(outbox)
    .where(outbox.c.key == bindparam("of"), outbox.c.claimed_by == bindparam("own"))
    .values(
        status=bindparam("fate"),
        tries=outbox.c.tries + bindparam("counts"),
        due=func.coalesce(bindparam("again", type_=outbox.c.due.type), outbox.c.due),
        known=bindparam("what_known"),
        last_error=bindparam("error"),
        done_at=bindparam("finished"),
        claimed_by="",
    )
)
_WAKE = (
    update(outbox)
    .where(UNFINISHED, outbox.c.lane == bindparam("row"), outbox.c.status == "pending", outbox.c.due > _NOW)
    .values(due=_NOW)
)


def owned(connection: Connection, name: str, token: str, keys: Iterable[str]) -> frozenset[str]:
    """Those of the rows that are still claimed under this token; the rest were taken over, so drop their results.

    Call it first in the transaction that records: it locks the lane, then the rows, until the commit.
    """
    wanted = list(keys)
    if not wanted:
        return frozenset()
    connection.execute(_BREAKER_LOCKED, {"row": name})
    return frozenset(connection.execute(_OWNED, {"keys": wanted, "own": token}).scalars())


def record(connection: Connection, name: str, token: str, marks: Sequence[Mark], now: datetime) -> Breaker:
    """Write down what became of claimed rows, and move the lane's breaker; gives the breaker as it is now.

    Rows that the token no longer owns stay as they are. While the breaker was half open a failed probe costs its row
    no try and is due when the next probe is. When the breaker closes, everything in the lane that waits is due.
    """
    if not marks:
        return _breaker_of(connection.execute(_BREAKER, {"row": name}).one())
    before = _breaker_of(connection.execute(_BREAKER_LOCKED, {"row": name}).one())
    probing = before.state(now) == "half_open"
    after = before
    for mark in marks:
        if mark.reached is not None:
            after = breaker(after, mark.reached, now)
    _MARK.run(connection, [_mark_row(mark, token, now, probing, after) for mark in marks])
    if after != before:
        wait = after.probe_wait.total_seconds()
        values = {"row": name, "fails": after.failures, "open": after.open_until, "wait": wait}
        connection.execute(_SET_BREAKER, values)
    if before.open_until is not None and after.open_until is None:
        connection.execute(_WAKE, {"row": name, "now": now})
    return after


def _mark_row(mark: Mark, token: str, now: datetime, probing: bool, after: Breaker) -> dict[str, Any]:
    failed_probe = probing and mark.reached is False and mark.fate == "pending"
    return {
        "of": mark.key,
        "own": token,
        "fate": mark.fate,
        "counts": 0 if failed_probe else 1,
        "again": after.open_until if failed_probe else (mark.due or now if mark.fate == "pending" else None),
        "what_known": mark.known,
        "error": mark.error.replace("\0", ""),
        "finished": None if mark.fate == "pending" else now,
    }


# --- what people look at -------------------------------------------------------------------------------------------

_COUNTS = select(outbox.c.lane, outbox.c.status, func.count(), func.min(outbox.c.first_due)).group_by(
    outbox.c.lane, outbox.c.status
)
_BY_LANE = union_all(_COUNTS.where(UNFINISHED), _COUNTS.where(DEAD))
_TROUBLED = select(lane.c.name, lane.c.failures, lane.c.open_until)
_OF_REQUEST = (
    select(*(outbox.c[name] for name in Entry.__slots__))
    .where(outbox.c.request_id == bindparam("request"))
    .order_by(outbox.c.seq, outbox.c.n)
)


def status(connection: Connection) -> list[LaneStatus]:
    """All lanes that have unfinished or dead rows, or failures, by name."""
    counts: dict[str, dict[str, int]] = {}
    oldest: dict[str, datetime] = {}
    for name, state, count, since in connection.execute(_BY_LANE):
        counts.setdefault(name, {})[state] = count
        if state != "dead" and (name not in oldest or since < oldest[name]):
            oldest[name] = since
    health = {name: (failures, until) for name, failures, until in connection.execute(_TROUBLED)}
    names = sorted(counts.keys() | {name for name, (failures, until) in health.items() if failures or until})
    found = []
    for name in names:
        of = counts.get(name, {})
        numbers = (of.get("pending", 0), of.get("claimed", 0), of.get("dead", 0))
        found.append(LaneStatus(name, *numbers, oldest.get(name), *health.get(name, (0, None))))
    return found


def entries_of(connection: Connection, request_id: str) -> list[Entry]:
    """Everything that a request ever had in the outbox, in order."""
    return [Entry(*row) for row in connection.execute(_OF_REQUEST, {"request": request_id})]


def pending_for(connection: Connection, request_id: str) -> list[Entry]:
    """What of a request is not done yet: waits, is being tried, or was given up and waits for a person."""
    return [one for one in entries_of(connection, request_id) if one.status in ("pending", "claimed", "dead")]
