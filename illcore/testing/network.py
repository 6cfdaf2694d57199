"""Libraries that lend to each other in one process: real engines, a wire that can lose, cut, delay and double."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from illcore.clock import Ids, seeded_ids
from illcore.connectors import API_VERSION, ConnectorType, Deadline, Host, Plugin
from illcore.engine import Engine
from illcore.errors import BadMessage, Refused, TryLater, Unknown
from illcore.events import Actor
from illcore.hookspecs import hookimpl
from illcore.message import Message, Receipt, Received, Result, Try
from illcore.model import Partner
from illcore.partners import put
from illcore.session import Session
from illcore.store import create_schema
from illcore.testing.fakes import FakeClock, given

Fault = Literal["ok", "down", "lose", "cut", "delay", "double", "error"]
"""``down``: cannot be reached; ``lose``: lost on the way; ``cut``: arrived, the answer is lost; ``delay``: arrives with
``Network.deliver_late``; ``double``: arrives, and a copy waits for ``deliver_late`` too;
``error``: is not taken in and answered with an ERROR, as by a peer that does not know the request."""

_RESULTS = TypeAdapter(list[Result])


class WireConfig(BaseModel):
    """No settings."""

    model_config = ConfigDict(extra="forbid")


class TickingClock(FakeClock):
    """A fake clock that is a millisecond further each time somebody looks, as no two things happen at one instant."""

    def now(self) -> datetime:
        self.sleep(0.001)
        return super().now()


@dataclass(slots=True)
class Sent:
    """One message as it went over the wire."""

    key: str
    to: str
    message: Message
    fault: str


@dataclass(slots=True)
class Network:
    """The wire. ``faults[symbol]`` scripts what happens to the next messages to that library; empty means ``ok``."""

    engines: dict[str, Engine] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    late: list[tuple[str, bytes]] = field(default_factory=list)

    def script(self, symbol: str, *faults: Fault) -> None:
        """What happens to the next messages to this library."""
        self.faults.setdefault(symbol, deque()).extend(faults)

    def deliver_late(self) -> None:
        """Let everything that was held back arrive, in reverse order."""
        waiting, self.late[:] = list(reversed(self.late)), []
        for symbol, payload in waiting:
            self.engines[symbol].ingest(payload, "wire:main")

    def carry(self, key: str, symbol: str, message: Message) -> Receipt:
        """Bring a message to the library's engine and its answer back. Raises as a connector does."""
        queue = self.faults.get(symbol)
        fault: Fault = "down" if symbol in self.down else (queue.popleft() if queue else "ok")
        self.sent.append(Sent(key, symbol, message, fault))
        payload = message.model_dump_json(exclude_defaults=True).encode()
        if fault == "down" or symbol not in self.engines:
            raise TryLater(f"{symbol} cannot be reached")
        if fault == "error":
            raise Refused("requestingAgencyRequestId: this request is not known", "UnrecognisedDataValue")
        if fault in ("lose", "delay"):
            if fault == "delay":
                self.late.append((symbol, payload))
            raise Unknown(f"{symbol} did not answer in time")
        if fault == "double":
            self.late.append((symbol, payload))
        answer = self.engines[symbol].ingest(payload, "wire:main")
        if fault == "cut":
            raise Unknown(f"the connection to {symbol} was cut before its answer")
        result = _RESULTS.validate_json(answer or b"[]")[0]
        if result.error:
            raise Refused(result.value, result.error)
        return Receipt()

    def plugin(self) -> "WirePlugin":
        """The plugin that gives engines an account ``wire:main`` on this network."""
        return WirePlugin(self)


class WireConnector:
    """Sends over the network and reads what comes from it."""

    def __init__(self, network: Network) -> None:
        self._network = network

    @hookimpl
    def illcore_send(self, message: Message, partner: Partner, key: str, attempt: Try, deadline: Deadline) -> Receipt:
        if message.kind == "Request" and attempt.previous == "unknown" and not self._is_missing(key, message, attempt):
            return Receipt()
        return self._network.carry(key, partner.symbol, message)

    def _is_missing(self, key: str, message: Message, attempt: Try) -> bool:
        question = Message(
            kind="RequestingAgencyMessage",
            requesting_agency=message.requesting_agency,
            supplying_agency=message.supplying_agency,
            requesting_agency_request_id=message.requesting_agency_request_id,
            timestamp=message.timestamp,
            action="StatusRequest",
            note=f"{key} try {attempt.number}",
        )
        try:
            self._network.carry(f"{key}?", message.supplying_agency, question)
        except Refused as refused:
            if str(refused).startswith("requestingAgencyRequestId"):
                return True
            raise
        return False

    @hookimpl
    def illcore_receive(self, payload: bytes | None, cursor: str | None, deadline: Deadline) -> Received:
        if payload is None:
            return Received()
        try:
            return Received(messages=(Message.model_validate_json(payload),))
        except ValueError as error:
            raise BadMessage(f"not a message: {error}") from None

    @hookimpl
    def illcore_answer(self, results: Sequence[Result], deadline: Deadline) -> bytes:
        return _RESULTS.dump_json(list(results))


class WirePlugin:
    """Registers the connector type ``wire``."""

    def __init__(self, network: Network) -> None:
        self._network = network

    @hookimpl
    def illcore_register(self) -> Plugin:
        kind = ConnectorType("wire", WireConfig, self._make)
        return Plugin("wire", API_VERSION, (kind,))

    def _make(self, config: WireConfig, host: Host) -> WireConnector:
        return WireConnector(self._network)


@dataclass(slots=True)
class Town:
    """Several libraries, each with a database and an engine of its own, that know each other as partners."""

    network: Network
    clock: FakeClock
    engines: dict[str, Engine]

    def staff(self, symbol: str, role: str = "admin") -> Session:
        """A member of staff of that library."""
        return self.engines[symbol].as_(Actor(kind="staff", id="anna", library=symbol, role=role))  # type: ignore[arg-type]

    def run(self) -> None:
        """Let all engines work until nothing is due anywhere."""
        for _ in range(100):
            reports = [engine.run_due() for engine in self.engines.values()]
            if not any(r.sent or r.events for r in reports):
                return
        raise AssertionError("the libraries never come to rest")

    def wait(self, **span: float) -> None:
        """Time passes, then everybody works."""
        self.clock.advance(**span)
        self.run()

    def close(self) -> None:
        """Close all engines."""
        for engine in self.engines.values():
            engine.close()


def build_town(
    urls: Mapping[str, str],
    clock: FakeClock | None = None,
    config: Mapping[str, Any] | None = None,
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
    plugins: Iterable[object] = (),
    schema: bool = True,
) -> Town:
    """Libraries by symbol with a database URL each; everybody is everybody's partner, ranked in this order.

    ``config`` is laid over each engine's configuration (``{"policy": …}``). Without ``schema`` the databases have
    their tables already.
    """
    clock = clock or TickingClock()
    network = Network()
    town = Town(network, clock, {})
    for number, (symbol, url) in enumerate(urls.items()):
        if schema:
            create_schema(url)
        ids: Ids = seeded_ids(number)
        points = [given(network.plugin()), *(given(each) for each in plugins)]
        settings = {"library": symbol, "accounts": {"wire:main": {}}, **(config or {})}
        engine = Engine.open(url, settings, clock=clock, ids=ids, chance=lambda: 0.5, executor="inline", plugins=points)
        network.engines[symbol] = town.engines[symbol] = engine
        with engine.database.write() as connection:
            for rank, other in enumerate(urls):
                if other != symbol:
                    profile = (profiles or {}).get(other, {})
                    put(
                        connection,
                        symbol,
                        Partner(symbol=other, account="wire:main", rank=rank + 1, profile=profile),
                        clock.now(),
                    )
    return town
