"""The limits of a WSKey, per second and per rolling day, kept by all processes that share the database."""

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, select, update

from illcore.connectors import Deadline, Host
from illcore.errors import Conflict, TryLater
from illcore.store.upsert import upsert

from ..config import OclcConfig
from ..tables import paces, spent

_SLOT = 300
_DAY = 86_400 // _SLOT
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TRIES = 5
_MARGIN = 0.05

_PACE = select(paces.c.next_at, paces.c.closed_until).where(paces.c.wskey == bindparam("key")).with_for_update()
_KNOWN = upsert(paces, ("wskey",), ()).values(next_at=_BEGINNING, closed_until=_BEGINNING)
_SET_NEXT = update(paces).where(paces.c.wskey == bindparam("key")).values(next_at=bindparam("at"))
_CLOSE = update(paces).where(paces.c.wskey == bindparam("key")).values(closed_until=bindparam("at"))
_SPENT = select(func.sum(spent.c.calls), func.min(spent.c.slot)).where(
    spent.c.wskey == bindparam("key"), spent.c.slot > bindparam("since")
)
_COUNT = upsert(spent, ("wskey", "slot"), ("calls",), adds=True)
_OLD = delete(spent).where(spent.c.wskey == bindparam("key"), spent.c.slot <= bindparam("since"))


class Limits:
    """Asked before every call. Waits for its turn if that comes within the deadline."""

    def __init__(self, config: OclcConfig, host: Host) -> None:
        self._host = host
        self._library = config.library
        self._key = hashlib.sha256(f"oclc:{config.wskey.get_secret_value()}".encode()).hexdigest()[:32]
        self._per_day = config.per_day
        self._gap = timedelta(seconds=1 / config.per_second)

    def take(self, deadline: Deadline) -> None:
        """Count one call and wait for its turn. TryLater if no call may go out within the deadline."""
        clock = self._host.clock
        for number in range(_TRIES):
            try:
                with self._host.transaction(self._library) as connection:
                    wait = self._reserved(connection, clock.now(), deadline.remaining() - _MARGIN)
            except Conflict:
                if number == _TRIES - 1:
                    raise TryLater("the count of calls to OCLC is busy; try again") from None
                clock.sleep(0.01 * (number + 1))
                continue
            if wait > 0:
                clock.sleep(wait)
            return

    def close(self, seconds: float) -> None:
        """The service asked to wait: nobody calls for so long."""
        until = self._host.clock.now() + timedelta(seconds=seconds)
        with self._host.transaction(self._library) as connection:
            connection.execute(_KNOWN, {"wskey": self._key})
            connection.execute(_CLOSE, {"key": self._key, "at": until})

    def _reserved(self, connection: Connection, now: datetime, patience: float) -> float:
        next_at: datetime
        closed_until: datetime
        connection.execute(_KNOWN, {"wskey": self._key})
        next_at, closed_until = connection.execute(_PACE, {"key": self._key}).one()
        if closed_until > now:
            wait = (closed_until - now).total_seconds()
            raise TryLater(f"OCLC asked to wait {wait:.0f} s more", wait)
        slot = int(now.timestamp()) // _SLOT
        self._check_day(connection, now, slot)
        turn = max(now, next_at)
        wait = (turn - now).total_seconds()
        if wait > max(0.0, patience):
            raise TryLater("more calls to OCLC wait than may go out in this time", wait)
        connection.execute(_SET_NEXT, {"key": self._key, "at": turn + self._gap})
        connection.execute(_COUNT, {"wskey": self._key, "slot": slot, "calls": 1})
        return wait

    def _check_day(self, connection: Connection, now: datetime, slot: int) -> None:
        row = connection.execute(_SPENT, {"key": self._key, "since": slot - _DAY - 1}).one()
        calls, oldest = row
        if calls is not None and calls >= self._per_day:
            free = (oldest + _DAY + 1) * _SLOT - now.timestamp()
            raise TryLater(f"the {self._per_day} calls to OCLC of one day are used up", max(1.0, free))
        if calls is None or oldest < slot - _DAY:
            connection.execute(_OLD, {"key": self._key, "since": slot - _DAY - 1})
