"""Callers that come at once share a commit: on SQLite, where commits stand in line and each waits for the disk."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from illcore.errors import TryLater
from illcore.store.database import BUSY_SECONDS, Database

T = TypeVar("T")
Work = Callable[[Connection], Any]

MOST = 64
PATIENCE = 2 * BUSY_SECONDS


class _Part:
    """What one caller brings. ``turn`` is released when it is done, or when its caller has to lead."""

    __slots__ = ("done", "error", "result", "turn", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.turn = threading.Semaphore(0)
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None

    def end(self, result: Any = None, error: BaseException | None = None) -> None:
        self.result, self.error, self.done = result, error, True


class Gathering:
    """The first caller leads: it does the work of all who wait, in their order, in one transaction, then hands over.

    If anything of it fails, nothing of it is committed, and each is done again alone in a transaction of its own: what
    is wrong with one meets only its caller. On PostgreSQL, which gathers commits itself, everybody is alone at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[_Part] = []
        self._led = False

    def commit(self, work: Callable[[Connection], T]) -> T:
        """Do the work and commit it; gives its result or raises its error. It may be done twice, but counts once."""
        if not self._database.sqlite:
            with self._database.write() as connection:
                return work(connection)
        part = _Part(work)
        with self._lock:
            self._waiting.append(part)
            first, self._led = not self._led, True
        if not first:
            self._await(part)
        if not part.done:
            self._lead()
        if part.error is not None:
            raise part.error
        result: T = part.result
        return result

    def _await(self, part: _Part) -> None:
        """Wait for the turn, but not for ever in line: whoever leads may wait for a transaction of this very caller."""
        if part.turn.acquire(timeout=PATIENCE):
            return
        with self._lock:
            if part.turn.acquire(blocking=False):
                return
            if part in self._waiting:
                self._waiting.remove(part)
                raise TryLater("the database was busy with other changes; nothing was written, try again")
        part.turn.acquire()

    def _lead(self) -> None:
        with self._lock:
            parts, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            if len(parts) == 1 or not self._together(parts):
                for part in parts:
                    self._alone(part)
        finally:
            for part in parts:
                if not part.done:
                    part.end(error=TryLater("it was interrupted; nothing of it was kept, send it again"))
                part.turn.release()
            with self._lock:
                self._led = bool(self._waiting)
                if self._led:
                    self._waiting[0].turn.release()

    def _together(self, parts: list[_Part]) -> bool:
        try:
            with self._database.write() as connection:
                results = [part.work(connection) for part in parts]
        except Exception:
            return False  # alone, each will meet its own error
        for part, result in zip(parts, results, strict=True):
            part.end(result)
        return True

    def _alone(self, part: _Part) -> None:
        try:
            with self._database.write() as connection:
                result = part.work(connection)
        except Exception as error:
            part.end(error=error)
        else:
            part.end(result)
