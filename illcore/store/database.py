"""One database, SQLite or PostgreSQL: connections, and the two kinds of transaction, `read` and `write`."""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from illcore.errors import ConfigError, Conflict

_WRITE = "illcore_write"
_LOST_RACES = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not available
BUSY_SECONDS = 5.0

_file_locks: dict[str, threading.RLock] = {}
_file_locks_lock = threading.Lock()
_databases: "weakref.WeakSet[Database]" = weakref.WeakSet()


def _lock_of(path: str) -> threading.RLock:
    with _file_locks_lock:
        return _file_locks.setdefault(os.path.realpath(path), threading.RLock())


def _after_fork() -> None:
    """The child gets fresh locks and must not touch the parent's connections."""
    global _file_locks_lock
    _file_locks_lock = threading.Lock()
    _file_locks.clear()
    for database in list(_databases):
        database._start_over()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def parse_url(url: str | URL) -> URL:
    """The URL with the driver that is used here; ConfigError for anything but SQLite and PostgreSQL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError(
            f"the database URL {url!r} cannot be read; write sqlite:///ill.db or postgresql://user@host/name"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise ConfigError(f"the database {backend!r} is not supported; use sqlite:///ill.db or postgresql://user@host/name")


class Database:
    """An engine's database. Safe to share between threads, and after a fork, unless that was within a transaction.

    ``synchronous`` is SQLite's: FULL keeps every commit through a power cut, NORMAL may lose the last ones.
    ``foreign_keys`` is off only for migrations, which rebuild tables there.
    """

    def __init__(
        self, url: str | URL, *, synchronous: Literal["FULL", "NORMAL"] = "FULL", foreign_keys: bool = True
    ) -> None:
        self.url = parse_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.path = self.url.database or ":memory:"
        self.memory = self.sqlite and (self.path == ":memory:" or self.path.startswith("file:"))
        self._synchronous = synchronous
        self._foreign_keys = "ON" if foreign_keys else "OFF"
        self._lock: threading.RLock | None = None
        self._start_locks()
        self.engine = self._create()
        _databases.add(self)

    def _start_locks(self) -> None:
        if self.sqlite:
            self._lock = threading.RLock() if self.memory else _lock_of(self.path)

    def _start_over(self) -> None:
        self._start_locks()
        self.engine.dispose(close=False)

    def _create(self) -> Engine:
        try:
            if not self.sqlite:
                return create_engine(self.url, pool_pre_ping=True, hide_parameters=True)
            options: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}}
            if self.memory:
                options["poolclass"] = StaticPool
            elif not os.path.isdir(os.path.dirname(os.path.abspath(self.path))):
                raise ConfigError(f"the folder of the database {self.path} does not exist; create it first")
            engine = create_engine(self.url, hide_parameters=True, **options)  # errors reach the log
        except (ModuleNotFoundError, NoSuchModuleError):
            raise ConfigError("PostgreSQL needs its driver: pip install 'illcore[postgres]'") from None
        event.listen(engine, "connect", self._prepare)
        event.listen(engine, "begin", _begin)
        return engine

    def _prepare(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours: the driver would begin late and never IMMEDIATE
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        connection.execute(f"PRAGMA foreign_keys = {self._foreign_keys}")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten, not only let go
        if not self.memory:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that may write; commits at the end, rolls back on an error.

        Not ``durable``: the commit does not wait for the disk. The next durable one makes it last, for commits reach
        the disk in their order.

        On SQLite one at a time per file and process, begun IMMEDIATE. Raises Conflict if the database gave up
        waiting for another process or broke a deadlock: nothing was written, do it again.
        """
        with (
            self._lock or nullcontext(),
            conflicts(),
            self.engine.connect() as connection,
            self._in_haste(connection) if not durable else nullcontext(),
            connection.execution_options(**{_WRITE: True}).begin(),
        ):
            if not durable and not self.sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    @contextmanager
    def _in_haste(self, connection: Connection) -> Iterator[None]:
        if not self.sqlite or self.memory or self._synchronous == "NORMAL":
            yield
            return
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            raw.execute(f"PRAGMA synchronous = {self._synchronous}")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, one snapshot on SQLite; it never waits for a writer."""
        alone = self._lock if self._lock and self.memory else nullcontext()
        with alone, self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def savepoint(self, connection: Connection) -> Iterator[Connection]:
        """A part of a host's own transaction: undone alone on an error, committed by nobody but the host.

        Python's sqlite3 begins at the first write alone; a savepoint before that would be outermost, and its release
        the commit of what the host may still roll back. So the host's transaction begins here.
        """
        with conflicts():
            raw: Any = connection.connection.dbapi_connection
            if self.sqlite and not raw.in_transaction:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with connection.begin_nested():
                yield connection

    def forget(self) -> None:
        """Let what was erased stand in SQLite's write-ahead log no longer; whoever reads now may delay that."""
        if self.sqlite and not self.memory:
            with self.engine.connect() as connection:
                raw: Any = connection.connection.dbapi_connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def conflicts() -> Iterator[None]:
    """Turns a lost race that the database reports into Conflict."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        busy = isinstance(cause, sqlite3.OperationalError) and "locked" in str(cause)
        if busy or getattr(cause, "sqlstate", None) in _LOST_RACES:
            raise Conflict("the database was busy with another change; nothing was written, try again") from error
        raise
