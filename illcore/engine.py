"""The one object a host holds: it wires store, plugins and worker, and hands out sessions that act for somebody."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from illcore import libraries as library_records
from illcore import partners
from illcore.blobs import open_blobs
from illcore.clock import Chance, Clock, Ids, SystemClock, system_chance, system_ids
from illcore.config import Config, parse_config, read_config, resolve_secret
from illcore.connectors import AsgiApp
from illcore.context import Context
from illcore.dispatch import Dispatch
from illcore.events import Actor
from illcore.hookthreads import Executor, Inline
from illcore.ingest import ingest
from illcore.jobs.documents import Documents
from illcore.model import Partner
from illcore.outbox import status as outbox_status
from illcore.plugins import EntryPoint, Plugins, StatusRow, installed
from illcore.policy import Library
from illcore.runners.local import LocalRunner
from illcore.session import Session
from illcore.store import Capabilities, Store, account_states, migrate
from illcore.views import plain
from illcore.worker import RunReport, Worker


class _Host:
    """What plugins see of the engine (``connectors.Host``)."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine

    @property
    def clock(self) -> Clock:
        return self._engine.clock

    def ingest(self, payload: bytes, account: str) -> bytes | None:
        return self._engine.ingest(payload, account)

    def account_for(self, symbol: str) -> str | None:
        return self._engine.account_for(symbol)

    def accounts_of(self, kind: str) -> tuple[str, ...]:
        return self._engine.accounts_of(kind)

    def library(self, symbol: str) -> Library:
        return self._engine.context.library(symbol)

    def partner_for(self, library: str, symbol: str) -> Partner | None:
        with self._engine.database.read() as connection:
            return partners.find(connection, library, symbol)

    @contextmanager
    def transaction(self, library: str, *, durable: bool = True) -> Iterator[Connection]:
        self._engine.context.library(library)
        with self._engine.database.write(durable=durable) as connection:
            yield connection

    @contextmanager
    def reading(self, library: str = "") -> Iterator[Connection]:
        if library:
            self._engine.context.library(library)
        with self._engine.database.read() as connection:
            yield connection


class Engine:
    """Open one with ``Engine.open``; close it when done. Safe to use from many threads."""

    def __init__(
        self,
        store: Store,
        config: Config,
        plugins: Plugins,
        clock: Clock,
        ids: Ids,
        chance: Chance,
        executor: Executor | None,
        folder: Path | None,
    ) -> None:
        self.config = config
        self.database = store
        self.clock = clock
        self._plugins = plugins
        host = _Host(self)
        plugins.build(config.accounts, host, lambda reference: resolve_secret(reference, folder))
        self._host = host
        self._dispatch = Dispatch(plugins, clock, executor)
        served = _libraries(store, config)
        kept = config.documents
        self.context = Context(
            store,
            open_blobs(kept.store or _beside(store)),
            kept.max_bytes,
            clock,
            ids,
            chance,
            served,
            _capabilities(plugins, config),
            plugins.resolve,
            plugins.erasers(),
            plugins.tellers(),
        )
        self._documents = Documents(self.context, self._dispatch, plugins, config.send_seconds, config)
        self._worker = Worker(self.context, self._dispatch, plugins, config)
        self._runner = LocalRunner(self._worker, inline=isinstance(executor, Inline))

    @classmethod
    def open(
        cls,
        url: str | None = None,
        config: Config | Mapping[str, Any] | Path | None = None,
        *,
        clock: Clock | None = None,
        ids: Ids = system_ids,
        chance: Chance = system_chance,
        executor: Executor | Literal["threads", "inline"] = "threads",
        plugins: Sequence[EntryPoint] | None = None,
    ) -> "Engine":
        """An engine on a database whose schema is current.

        ``config`` is a ``Config``, the same as plain data, or the path of an ``ill.toml``; ``url`` wins over its
        ``database``. ``plugins`` are entry points to use instead of the installed ones. ``executor="inline"`` runs
        hooks in the caller's thread, for simulations. Raises ConfigError, SchemaTooOld (names ``ill migrate``).
        """
        folder = config.parent if isinstance(config, Path) else None
        if isinstance(config, Path):
            config = read_config(config)
        elif not isinstance(config, Config):
            config = parse_config(config or {})
        store = Store.open(url or config.database, synchronous=config.synchronous)
        try:
            found = Plugins(installed() if plugins is None else plugins, config.disabled_plugins)
            run = Inline() if executor == "inline" else (None if executor == "threads" else executor)
            return cls(store, config, found, clock or SystemClock(), ids, chance, run, folder)
        except BaseException:
            store.close()
            raise

    @classmethod
    def migrate(
        cls,
        url: str | None = None,
        config: Config | Mapping[str, Any] | Path | None = None,
        *,
        plugins: list[EntryPoint] | None = None,
    ) -> dict[str, str]:
        """Make the database or bring it to the newest schema, as ``ill migrate`` does; safe to run again.

        Gives the branches of the plugins that have tables of their own. Raises ConfigError, SchemaTooOld.
        """
        if isinstance(config, Path):
            config = read_config(config)
        elif not isinstance(config, Config):
            config = parse_config(config or {})
        found = Plugins(installed() if plugins is None else plugins, config.disabled_plugins)
        branches = {name: plugin.migrations for name, plugin in found.plugins.items() if plugin.migrations}
        migrate(url or config.database, branches)
        return branches

    @property
    def libraries(self) -> Mapping[str, Library]:
        """The libraries that this engine serves, by symbol."""
        return self.context.libraries

    def as_(self, actor: Actor) -> Session:
        """The verbs, done by this actor. NotFound if the actor's library is not served here."""
        self.context.library(actor.library)
        return Session(self.context, self._dispatch, actor, self.config.search_seconds, self.wake, self._documents.link)

    def ingest(self, payload: bytes, account: str) -> bytes | None:
        """Take in what came for an account: understood, committed, then answered.

        Raises BadMessage (no message at all), NotFound (no such account), TryLater (cannot be taken in now).
        """
        answer = ingest(self.context, self._dispatch, self._plugins, account, payload, self.config.send_seconds)
        self.wake()
        return answer

    def run_due(self) -> RunReport:
        """Work off everything that is due now, then return."""
        return self._runner.run_due()

    def run_forever(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; returns within seconds of that."""
        self._runner.run_forever(stop)

    def wake(self) -> None:
        """Tell a runner in this process that there is work."""
        self._runner.wake()

    def account_for(self, symbol: str) -> str | None:
        """The account under which partners reach a library of this engine; the first by name that receives."""
        if symbol not in self.libraries:
            return None
        receiving = self._plugins.capable("illcore_receive")
        return receiving[0] if receiving else None

    def accounts_of(self, kind: str) -> tuple[str, ...]:
        """The working accounts of a connector type, by name."""
        return tuple(sorted(name for name in self._plugins.accounts if name.partition(":")[0] == kind))

    def mounts(self) -> Mapping[str, AsgiApp]:
        """The plugins' web applications by path."""
        return self._plugins.mounts(self._host)

    def report(self) -> list[StatusRow]:
        """Plugins and accounts: what works, what failed and why, what is paused."""
        with self.database.read() as connection:
            paused = {a.name: a.paused_reason for a in account_states(connection) if a.paused_reason}
        return self._plugins.report(paused)

    def health(self) -> dict[str, Any]:
        """Whether the engine can work: the database answers, how much waits, which lanes are held up."""
        now = self.clock.now()
        try:
            with self.database.read() as connection:
                return {"database": "ok", **_outbox_health(connection, now)}
        except Exception as error:
            return {"status": "failed", "database": type(error).__name__}

    def close(self) -> None:
        """Stop and let go of everything; abandoned hook threads are not waited for."""
        self._runner.close()
        self._plugins.close()
        self.database.close()


def _outbox_health(connection: Connection, now: datetime) -> dict[str, Any]:
    lanes = outbox_status(connection)
    held_up = [lane.lane for lane in lanes if lane.open_until is not None]
    dead = sum(lane.dead for lane in lanes)
    return {
        "status": "degraded" if held_up or dead else "ok",
        "outbox": {
            "pending": sum(lane.pending for lane in lanes),
            "claimed": sum(lane.claimed for lane in lanes),
            "dead": dead,
        },
        "lanes_open": held_up,
        "at": plain(now),
    }


def _libraries(store: Store, config: Config) -> dict[str, Library]:
    with store.read() as connection:
        served = dict(library_records.listed(connection))
    served.update(config.library_records())
    return served


def _beside(store: Store) -> str:
    """The folder of documents of an engine that was told none: beside its SQLite file, else where it was started."""
    beside = store.sqlite and store.path != ":memory:"
    return str(Path(store.path).parent / "documents") if beside else "documents"


def _capabilities(plugins: Plugins, config: Config) -> Capabilities:
    delivers = bool(plugins.capable("illcore_deliver"))
    return Capabilities(
        can_search=bool(plugins.capable("illcore_search")),
        circulates=bool(plugins.capable("illcore_circulate")),
        notifies=bool(plugins.capable("illcore_notify")),
        clears=bool(plugins.capable("illcore_copyright")),
        delivers=delivers,
        fetches=delivers and config.documents.fetch,
    )
