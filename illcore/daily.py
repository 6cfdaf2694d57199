"""What a library does once a day by itself: anonymise what is due, then seal the heads of all logs."""

import logging
import threading
from datetime import date, datetime, timedelta

from illcore import audit, documents, outbox, privacy
from illcore.calendars import local_date
from illcore.context import Context
from illcore.events import Actor
from illcore.policy import Library

log = logging.getLogger("illcore.daily")

LEASE_SECONDS = 60.0
RENEW_AFTER = timedelta(seconds=20)
LOOK_EVERY = 300.0
SWEEP_EVERY = timedelta(hours=20)


class Daily:
    """Safe to run in many threads and processes: each library's day is done by whoever leases its lane first."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._looked: float | None = None
        self._swept: datetime | None = None
        self._stopping = threading.Event()

    def begin(self) -> None:
        """Work again after a stop."""
        self._stopping.clear()

    def stop(self) -> None:
        """End between two commits; the rest is done the next time."""
        self._stopping.set()

    def due(self, always: bool = False) -> list[str]:
        """Libraries whose day is not done yet, looked for every few minutes unless ``always``."""
        now = self._context.clock.monotonic()
        if not always and self._looked is not None and now - self._looked < LOOK_EVERY:
            return []
        self._looked = now
        with self._context.store.read() as connection:
            found = []
            for symbol, library in self._context.libraries.items():
                last = audit.latest(connection, symbol)
                if last is None or self._day(library, last.at) < self._day(library, self._context.clock.now()):
                    found.append(symbol)
            return found

    def do(self, symbol: str) -> None:
        """Do a library's day, unless somebody else does it now."""
        context, library = self._context, self._context.library(symbol)
        lane, token = f"daily/{symbol}", context.ids(context.clock.now())
        with context.store.write() as connection:
            if outbox.take_lane(connection, lane, context.clock.now(), LEASE_SECONDS, token) is None:
                return
        try:
            mine = _Held(context, lane, token, self._stopping)
            if library.policy.privacy.automatic:
                self._anonymise(library, mine)
            if mine():
                sealed = audit.checkpoint(context.store, symbol, context.clock.now(), go_on=mine)
                log.info("checkpoint %d of %s: %s", sealed.number, symbol, sealed.hash)
            self._sweep()  # last: a store that is away keeps no day from its checkpoint
        finally:
            with context.store.write() as connection:
                outbox.release(connection, lane, token)

    def _anonymise(self, library: Library, mine: "_Held") -> None:
        context = self._context
        actor = Actor(kind="system", id="daily", library=library.symbol)
        now = context.clock.now()
        report = privacy.run(context.store, context.blobs, library, context.erasers, actor, now, go_on=mine)
        if report.erased["requests"]:
            log.info("%s: %d requests were anonymised", library.symbol, report.erased["requests"])

    def _sweep(self) -> None:
        """Bytes that a crash left behind are of nobody; one look goes through the store of all libraries."""
        now = self._context.clock.now()
        if self._swept is not None and now - self._swept < SWEEP_EVERY:
            return
        self._swept = now
        with self._context.store.read() as connection:
            swept = documents.sweep(connection, self._context.blobs, now)
        if swept:
            log.info("%d files that belong to no document were deleted", swept)

    @staticmethod
    def _day(library: Library, at: datetime) -> date:
        return local_date(library.policy.calendar, at)


class _Held:
    """Whether the lease still stands and nobody asked to stop; renews it meanwhile."""

    def __init__(self, context: Context, lane: str, token: str, stopping: threading.Event) -> None:
        self._context = context
        self._lane, self._token = lane, token
        self._stopping = stopping
        self._renewed = context.clock.now()

    def __call__(self) -> bool:
        if self._stopping.is_set():
            return False
        now = self._context.clock.now()
        if now - self._renewed < RENEW_AFTER:
            return True
        self._renewed = now
        with self._context.store.write() as connection:
            return outbox.renew(connection, self._lane, self._token, now, LEASE_SECONDS)
