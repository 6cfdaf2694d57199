"""Sessions with one target, kept for the next search and limited in number."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from .client import Session, Target, connect
from .errors import ClosedByTarget, ConnectionLost, TimedOut
from .stages import Deadline

_T = TypeVar("_T")


class Pool:
    """At most `limit` sessions at once; idle ones are used again, the last one first. Safe for threads."""

    def __init__(self, target: Target, limit: int = 2) -> None:
        self.target = target
        self._places = threading.BoundedSemaphore(limit)
        self._idle: list[Session] = []
        self._lock = threading.Lock()
        self._closed = False

    def run(self, work: Callable[[Session], _T], deadline: Deadline) -> _T:
        """Calls `work` with a session. If a session that was idle turns out to be gone before it answered, or answers
        Close, `work` is called once more on a new one: it must be harmless to repeat (searches are, orders are not).

        Raises what `connect` and `work` raise, and TimedOut if no session becomes free in time.
        """
        if not self._places.acquire(timeout=max(deadline.remaining(), 0.0)):
            peer = self.target.peer
            raise TimedOut(
                f"All sessions with {peer} were in use until the deadline; raise the limit of the account.",
                f"{peer} 的会话在时限内全部被占用，请提高该账号的会话上限。",
                "connect",
            )
        try:
            session = self._take_idle()
            if session is not None:
                try:
                    return work(session)
                except (ConnectionLost, ClosedByTarget) as error:
                    if isinstance(error, ConnectionLost) and error.answered:
                        raise
                finally:
                    self._give_back(session)
            session = connect(self.target, deadline)
            try:
                return work(session)
            finally:
                self._give_back(session)
        finally:
            self._places.release()

    def close(self) -> None:
        """Closes the idle sessions; those in use are closed when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    def __del__(self) -> None:
        """An account that nobody holds any more takes its connections with it."""
        for session in self._idle:
            session.close()

    def _take_idle(self) -> Session | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                session = self._idle.pop()
            if session.is_quiet():
                return session
            session.close()

    def _give_back(self, session: Session) -> None:
        with self._lock:
            if not self._closed and session.usable:
                self._idle.append(session)
                return
        session.close()
