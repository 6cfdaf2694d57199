"""Sets of records: begun, gone on with, made visible, dropped, and removed from the tables bit by bit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, insert, inspect, select, text, update

from illcore.clock import Clock
from illcore.errors import Conflict
from illcore.store import Database

from .faults import CannotLoad
from .tables import DROPPED, LOADING, VISIBLE, first_id, keys, records, sets

T = TypeVar("T")
_AT_ONCE = 4000
_TRIES, _PAUSE = 8, 0.5
_C = sets.c


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source says for all of its records that say nothing themselves; None is unknown.

    `union` says that the copies name the library that holds them.
    """

    loanable: bool | None = None
    copyable: bool | None = None
    union: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load has come: where reading goes on, what was counted, the lengths of the files of bad records."""

    position: int = 0
    read: int = 0
    loaded: int = 0
    bad: int = 0
    left_out: int = 0
    wrong_numbers: int = 0
    bad_octets: int = 0
    reason_octets: int = 0


@dataclass(frozen=True, slots=True)
class HoldingSet:
    """One load of one source."""

    id: int
    library: str
    source: str
    kind: str
    status: str
    file: str
    fingerprint: str
    records: int
    started_at: datetime
    finished_at: datetime | None = None
    terms: Terms = field(default_factory=Terms)
    progress: Progress = field(default_factory=Progress)


_COLUMNS = [_C[name] for name in (*HoldingSet.__dataclass_fields__,)]
_VISIBLE = select(*_COLUMNS).where(_C.status == VISIBLE).order_by(_C.library, _C.source)
_LIVE = select(*_COLUMNS).where(_C.status != DROPPED).order_by(_C.library, _C.source, _C.status.desc())
_DROPPED = select(_C.id).where(_C.status == DROPPED).order_by(_C.id)
_OF_SOURCE = (_C.library == bindparam("of_library")) & (_C.source == bindparam("of_source"))
_BEGUN = select(*_COLUMNS).where(_OF_SOURCE, _C.status == LOADING)
_TAKE = update(sets).where(_C.id == bindparam("of_id"), _C.status == LOADING).values(token=bindparam("by"))
_MINE = (_C.id == bindparam("of_id")) & (_C.status == LOADING) & (_C.token == bindparam("by"))
_NOTE = update(sets).where(_MINE).values(progress=bindparam("far"), records=bindparam("count"))
_PUBLISH = update(sets).where(_MINE).values(status=VISIBLE, finished_at=bindparam("at"))
_DROP_VISIBLE = update(sets).where(_OF_SOURCE, _C.status == VISIBLE).values(status=DROPPED)
_DROP_BEGUN = update(sets).where(_OF_SOURCE, _C.status == LOADING).values(status=DROPPED, token="")
_INSERT = insert(sets)
_FORGET = delete(sets).where(_C.id == bindparam("of_id"))
_SPAN: tuple[Any, Any] = (bindparam("low"), bindparam("high"))
_LAST = select(func.max(records.c.id)).where(records.c.id.between(*_SPAN))
_KEYS_AWAY = delete(keys).where(keys.c.record.between(*_SPAN))
_RECORDS_AWAY = delete(records).where(records.c.id.between(*_SPAN))
_WORDS_AWAY = {
    "sqlite": text("DELETE FROM holdings_words WHERE rowid BETWEEN :low AND :high"),
    "postgresql": text("DELETE FROM holdings_words WHERE id BETWEEN :low AND :high"),
}


def require_tables(connection: Connection) -> None:
    """Raises CannotLoad if the plugin's tables are not in the database."""
    if not inspect(connection).has_table("holdings_set"):
        raise CannotLoad("the database has no tables for holdings yet; run: ill migrate")


def visible_sets(connection: Connection) -> list[HoldingSet]:
    """The sets that can be found, by library and source."""
    return [_set(row) for row in connection.execute(_VISIBLE)]


def live_sets(connection: Connection) -> list[HoldingSet]:
    """The sets that can be found and those that are being loaded."""
    return [_set(row) for row in connection.execute(_LIVE)]


def begin(
    connection: Connection, values: Mapping[str, Any], terms: Terms, token: str, now: datetime, *, anew: bool
) -> HoldingSet:
    """The set of a begun load of the same file, read in the same way; else a new one, and what was begun is dropped.

    Whoever loads the same source in another process finds at the next batch that it is no longer theirs.
    """
    of = {"of_library": values["library"], "of_source": values["source"]}
    row = connection.execute(_BEGUN, of).first()
    begun = _set(row) if row else None
    if begun is not None and begun.fingerprint == values["fingerprint"] and begun.terms == terms and not anew:
        connection.execute(_TAKE, {"of_id": begun.id, "by": token})
        return begun
    if begun is not None:
        connection.execute(_DROP_BEGUN, of)
    given = {
        **values,
        "status": LOADING,
        "token": token,
        "terms": json.dumps(asdict(terms)),
        "progress": json.dumps(asdict(Progress())),
        "started_at": now,
    }
    (number,) = connection.execute(_INSERT, given).inserted_primary_key or (0,)
    return HoldingSet(
        id=number,
        library=values["library"],
        source=values["source"],
        kind=values["kind"],
        status=LOADING,
        file=values["file"],
        fingerprint=values["fingerprint"],
        records=0,
        started_at=now,
        terms=terms,
    )


def note(connection: Connection, set_id: int, token: str, progress: Progress) -> None:
    """Keep how far a load has come. Raises CannotLoad if another process has taken the source over."""
    values = {"of_id": set_id, "by": token, "far": json.dumps(asdict(progress)), "count": progress.loaded}
    _mine(connection.execute(_NOTE, values).rowcount)


def publish(connection: Connection, begun: HoldingSet, token: str, now: datetime) -> bool:
    """Make the set visible instead of the one before it, if there was one, which the answer says."""
    of = {"of_library": begun.library, "of_source": begun.source}
    before = connection.execute(_DROP_VISIBLE, of).rowcount
    _mine(connection.execute(_PUBLISH, {"of_id": begun.id, "by": token, "at": now}).rowcount)
    return bool(before)


def drop(connection: Connection, library: str, source: str) -> int:
    """Make a source disappear, a begun load too; gives how many sets that were."""
    of = {"of_library": library, "of_source": source}
    return connection.execute(_DROP_VISIBLE, of).rowcount + connection.execute(_DROP_BEGUN, of).rowcount


def give_up(connection: Connection, begun: HoldingSet, token: str) -> None:
    """Drop a begun load. Raises CannotLoad if another process has taken the source over."""
    note(connection, begun.id, token, begun.progress)
    connection.execute(_DROP_BEGUN, {"of_library": begun.library, "of_source": begun.source})


def remove_dropped(database: Database, clock: Clock, tell: Callable[[int], None] = lambda count: None) -> int:
    """Delete the records of dropped sets, a batch for each transaction; stopped half-way, the next call goes on.

    `tell` is called with the number of records of each batch. Gives how many there were.
    """
    with database.read() as connection:
        waiting = list(connection.scalars(_DROPPED))
    removed = 0
    for number in waiting:
        remove = partial(_remove_some, number=number)
        while (gone := surely(database, clock, remove)) >= 0:
            removed += gone
            tell(gone)
    return removed


def _remove_some(connection: Connection, number: int) -> int:
    """Delete the last records of a set, and give how many; -1 if there were none and the set itself is gone."""
    last = connection.scalar(_LAST, {"low": first_id(number), "high": first_id(number + 1) - 1})
    if last is None:
        connection.execute(_FORGET, {"of_id": number})
        return -1
    span = {"low": max(first_id(number), last - _AT_ONCE + 1), "high": last}
    connection.execute(_WORDS_AWAY[connection.dialect.name], span)
    connection.execute(_KEYS_AWAY, span)
    return int(connection.execute(_RECORDS_AWAY, span).rowcount)


def surely(database: Database, clock: Clock, work: Callable[[Connection], T]) -> T:
    """One transaction, done again while others keep the database busy."""
    for attempt in range(_TRIES):
        try:
            with database.write() as connection:
                return work(connection)
        except Conflict:
            if attempt == _TRIES - 1:
                raise
            clock.sleep(_PAUSE)
    raise AssertionError("not reached")


def _mine(rows: int) -> None:
    if rows != 1:
        raise CannotLoad("another load of this source has begun meanwhile, or it was dropped; this one ends here")


def _set(row: Sequence[Any]) -> HoldingSet:
    found = dict(zip(HoldingSet.__dataclass_fields__, row, strict=True))
    found["terms"] = Terms(**json.loads(found["terms"]))
    found["progress"] = Progress(**json.loads(found["progress"]))
    return HoldingSet(**found)
