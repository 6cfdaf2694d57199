"""Partners, clocks and hosts for tests: scriptable, without network, with every way of going wrong."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError
from sqlalchemy import Connection, Engine, StaticPool, create_engine

from illcore.clock import Clock, SystemClock
from illcore.connectors import API_VERSION, ConnectorType, Deadline, Host, Plugin
from illcore.errors import BadMessage, ConfigError
from illcore.hookspecs import hookimpl
from illcore.hooktypes import Circulated, Standing, Verdict
from illcore.message import Message, Receipt, Received
from illcore.model import Partner
from illcore.policy import Library

ALL_HOOKS = tuple("search send receive answer deliver copyright circulate enrich notify".split())
_MESSAGES = TypeAdapter(list[Message])


class FakeClock:
    """A clock that moves only when told to or when somebody sleeps."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._seconds = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        with self._lock:
            return self._seconds

    def sleep(self, seconds: float) -> None:
        """Move on."""
        with self._lock:
            self._seconds += max(0.0, seconds)

    def advance(self, **span: float) -> None:
        """Move on by ``timedelta(**span)``: ``advance(days=3)``."""
        self.sleep(timedelta(**span).total_seconds())


@dataclass(frozen=True)
class Hang:
    """Does not come back in time: on a FakeClock the deadline passes, else it blocks until ``FakePlugin.release()``."""


@dataclass(frozen=True)
class Junk:
    """Returns something that the hook's specification does not allow."""

    value: Any = "junk"


@dataclass(frozen=True)
class FakeCall:
    """One call that a connector saw. ``arguments`` are the hook's, without the deadline."""

    account: str
    hook: str
    arguments: Mapping[str, Any] = field(repr=False)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.arguments[name]
        except KeyError:
            raise AttributeError(f"{self.hook} has no argument {name}") from None


class FakeConfig(BaseModel):
    """The config of a fake account. ``label`` is the name under which a test scripts it."""

    model_config = ConfigDict(extra="forbid")

    label: str = "main"
    password: SecretStr = SecretStr("")


class FakePlugin:
    """A plugin whose accounts do what a test tells them: hand ``given(FakePlugin())`` to ``Plugins``.

    ``hooks`` are the hooks that its connectors have, without prefix (``send``). A step of a script is a value to
    return, an exception to raise, ``Hang()``, ``Junk()`` or a function of the arguments; without a step left a hook
    succeeds: ``send`` with ``Receipt(remote_id="R-<key>")``, ``receive`` with the messages of ``encode``d bytes.
    """

    def __init__(self, name: str = "fake", hooks: Iterable[str] = ALL_HOOKS, api_version: int = API_VERSION) -> None:
        self.name = name
        self.hooks = tuple(hooks)
        self.api_version = api_version
        self.calls: list[FakeCall] = []
        self.waiting: dict[str, list[Message]] = defaultdict(list)
        self._scripts: dict[tuple[str, str], deque[Any]] = defaultdict(deque)
        self._released = threading.Event()
        self._lock = threading.Lock()

    @hookimpl
    def illcore_register(self) -> Plugin:
        return Plugin(self.name, self.api_version, (ConnectorType(self.name, FakeConfig, self._connector),))

    def script(self, label: str, hook: str, *steps: Any) -> None:
        """What the account ``label`` does on its next calls of ``hook`` (without prefix), step by step."""
        with self._lock:
            self._scripts[label, hook].extend(steps)

    def calls_of(self, hook: str, label: str = "") -> list[FakeCall]:
        """The calls of one hook so far, in their order; of one account, if named."""
        with self._lock:
            return [call for call in self.calls if call.hook == hook and label in ("", call.account)]

    def put(self, label: str, *messages: Message) -> None:
        """Messages that the next polls of the account find, until a cursor that covers them comes back."""
        with self._lock:
            self.waiting[label].extend(messages)

    def release(self) -> None:
        """Let every hanging hook end."""
        self._released.set()

    def _connector(self, config: FakeConfig, host: Host) -> "FakeConnector":
        methods = {f"illcore_{hook}": vars(_Everything)[f"illcore_{hook}"] for hook in self.hooks}
        kind = type("FakeConnector", (FakeConnector,), methods)
        connector: FakeConnector = kind(self, config, host.clock)
        return connector

    def answer(self, label: str, clock: Clock, hook: str, deadline: Deadline | None, **arguments: Any) -> Any:
        """For the connectors: record the call and do the next step; ``NotImplemented`` if there is none left."""
        with self._lock:
            self.calls.append(FakeCall(label, hook, arguments))
            script = self._scripts[label, hook]
            step = script.popleft() if script else NotImplemented
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, Hang):
            if isinstance(clock, FakeClock):
                clock.sleep((deadline.remaining() if deadline else 3600.0) + 1.0)
            elif threading.current_thread() is threading.main_thread():
                raise RuntimeError(
                    "Hang() without a FakeClock needs hook threads; here it would stop the test for ever"
                )
            else:
                self._released.wait()
            return NotImplemented
        if isinstance(step, Junk):
            return step.value
        return step(**arguments) if callable(step) else step


class FakeConnector:
    """What ``FakePlugin`` builds, with the hooks that it was told to have."""

    def __init__(self, plugin: FakePlugin, config: FakeConfig, clock: Clock) -> None:
        self.plugin = plugin
        self.config = config
        self.clock = clock

    def answer(self, hook: str, deadline: Deadline | None, otherwise: Any, **arguments: Any) -> Any:
        """The scripted step, or else the value."""
        step = self.plugin.answer(self.config.label, self.clock, hook, deadline, **arguments)
        return otherwise() if step is NotImplemented else step

    def poll(self, cursor: str | None) -> Received:
        """What waits behind the cursor."""
        begin = int(cursor or 0)
        waiting = self.plugin.waiting[self.config.label]
        return Received(messages=tuple(waiting[begin:]), cursor=str(len(waiting)))


class _Everything(FakeConnector):
    @hookimpl
    def illcore_search(self, query: Any, deadline: Deadline) -> Any:
        return self.answer("search", deadline, list, query=query)

    @hookimpl
    def illcore_send(self, message: Message, partner: Any, key: str, attempt: Any, deadline: Deadline) -> Any:
        def receipt() -> Receipt:
            return Receipt(remote_id=f"R-{key}")

        return self.answer("send", deadline, receipt, message=message, partner=partner, key=key, attempt=attempt)

    @hookimpl
    def illcore_receive(self, payload: bytes | None, cursor: str | None, deadline: Deadline) -> Any:
        def taken() -> Received:
            return self.poll(cursor) if payload is None else Received(messages=decode(payload))

        return self.answer("receive", deadline, taken, payload=payload, cursor=cursor)

    @hookimpl
    def illcore_answer(self, results: Sequence[Any], deadline: Deadline) -> Any:
        def written() -> bytes:
            return json.dumps([{"outcome": each.outcome, "error": each.error} for each in results]).encode()

        return self.answer("answer", deadline, written, results=results)

    @hookimpl
    def illcore_deliver(self, delivery: Any, key: str, deadline: Deadline) -> Any:
        return self.answer("deliver", deadline, Receipt, delivery=delivery, key=key)

    @hookimpl
    def illcore_copyright(self, request: Any, usage: Any) -> Any:
        return self.answer("copyright", None, lambda: Verdict(decision="allow"), request=request, usage=usage)

    @hookimpl
    def illcore_circulate(self, action: Any, key: str, deadline: Deadline) -> Any:
        def done() -> Circulated:
            return Circulated(standing=Standing(known=True) if action.name == "lookup" else None)

        return self.answer("circulate", deadline, done, action=action, key=key)

    @hookimpl
    def illcore_enrich(self, citation: Any, deadline: Deadline) -> Any:
        return self.answer("enrich", deadline, lambda: None, citation=citation)

    @hookimpl
    def illcore_notify(self, notice: Any, key: str, deadline: Deadline) -> Any:
        return self.answer("notify", deadline, Receipt, notice=notice, key=key)


def encode(*messages: Message) -> bytes:
    """Messages in the wire format of the fake connector, which is JSON."""
    return _MESSAGES.dump_json(list(messages))


def decode(payload: bytes) -> tuple[Message, ...]:
    """The messages of ``encode``; BadMessage for anything else."""
    try:
        return tuple(_MESSAGES.validate_json(payload))
    except ValidationError as error:
        raise BadMessage(f"this is no list of messages: {error.error_count()} things are wrong with it") from None


@dataclass(frozen=True)
class GivenDistribution:
    """The package that a given entry point pretends to come from."""

    name: str
    version: str


@dataclass(frozen=True)
class Given:
    """An entry point that was never installed: ``load()`` gives the plugin, or raises it if it is an exception."""

    plugin: object
    name: str
    dist: GivenDistribution | None

    def load(self) -> object:
        if isinstance(self.plugin, BaseException):
            raise self.plugin
        return self.plugin


def given(plugin: object, name: str = "", distribution: str = "", version: str = "1.0") -> Given:
    """A plugin object or module as an entry point, for ``Plugins([given(FakePlugin())])``."""
    name = name or str(getattr(plugin, "name", "") or getattr(plugin, "__name__", "given"))
    return Given(plugin, name, GivenDistribution(distribution or f"illcore-{name}", version))


class FakeHost:
    """A host without an engine: remembers what was ingested, knows the partners it was given, has an empty database."""

    def __init__(self, clock: Clock | None = None, partners: Iterable[Partner] = ()) -> None:
        self.clock: Clock = clock or SystemClock()
        self.ingested: list[tuple[str, bytes]] = []
        self.accounts: dict[str, str] = {}
        self.reply: Callable[[bytes, str], bytes | None] = lambda payload, account: None
        self._partners = tuple(partners)
        self._engine: Engine | None = None
        self._one_at_a_time = threading.Lock()

    def ingest(self, payload: bytes, account: str) -> bytes | None:
        self.ingested.append((account, payload))
        return self.reply(payload, account)

    def account_for(self, symbol: str) -> str | None:
        return self.accounts.get(symbol)

    def accounts_of(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted({name for name in self.accounts.values() if name.partition(":")[0] == kind}))

    def library(self, symbol: str) -> Library:
        return Library(symbol=symbol)

    def partner_for(self, library: str, symbol: str) -> Partner | None:
        return next((partner for partner in self._partners if partner.speaks_for(symbol)), None)

    @contextmanager
    def transaction(self, library: str, *, durable: bool = True) -> Iterator[Connection]:
        with self._one_at_a_time:  # the database in memory is one connection
            if self._engine is None:
                settings = {"check_same_thread": False}
                self._engine = create_engine("sqlite://", poolclass=StaticPool, connect_args=settings)
            with self._engine.begin() as connection:
                yield connection

    def reading(self, library: str = "") -> AbstractContextManager[Connection]:
        return self.transaction(library)


def fake_secrets(secrets: Mapping[str, str]) -> Callable[[Mapping[str, str]], str]:
    """A ``resolve_secret`` that knows these, by the name of the variable or file."""

    def resolve(reference: Mapping[str, str]) -> str:
        kind, name = next(iter(reference.items()))
        if name not in secrets:
            raise ConfigError(f"the secret {kind} {name} is not set")
        return secrets[name]

    return resolve
