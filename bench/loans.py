"""The work of the lifecycle benchmark: loans that go from the wish to the book back at its owner, fifty to a commit."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from illcore.clock import seeded_ids
from illcore.connectors import API_VERSION, ConnectorType, Deadline, Host, Plugin
from illcore.engine import Engine
from illcore.events import Actor, Event
from illcore.hookspecs import hookimpl
from illcore.interpret import meanings
from illcore.message import Message, Receipt, SentItem, Try
from illcore.model import Citation, Partner
from illcore.partners import put
from illcore.request import Attempt, Request
from illcore.store import Input
from illcore.testing.fakes import given

OURS, THEIRS = "ISIL:CN-110001", "ISIL:CN-310001"
BATCH = 50
TRANSITIONS = 8
BOOK = Citation(title="三体", author="刘慈欣", isbn="9787536692930", publication_type="Book", year="2008")


class SteppedClock:
    """Wall time stands still until it is moved, so that two runs write the same rows; monotonic time is real."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def step(self) -> datetime:
        """A minute later."""
        self._now += timedelta(minutes=1)
        return self._now

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class NoSettings(BaseModel):
    """An instant account needs none."""

    model_config = ConfigDict(extra="forbid")


class InstantConnector:
    """Whatever is sent has arrived."""

    @hookimpl
    def illcore_send(self, message: Message, partner: Partner, key: str, attempt: Try, deadline: Deadline) -> Receipt:
        return Receipt()


class InstantPlugin:
    """Registers the connector type ``instant``."""

    name = "instant"

    @hookimpl
    def illcore_register(self) -> Plugin:
        return Plugin("instant", API_VERSION, (ConnectorType("instant", NoSettings, self._make),))

    def _make(self, config: NoSettings, host: Host) -> InstantConnector:
        return InstantConnector()


class Loans:
    """An engine with one partner, and what happens to its loans."""

    def __init__(
        self, url: str, synchronous: str = "FULL", accounts: Sequence[str] = (), plugins: Sequence[Any] = ()
    ) -> None:
        self.clock = SteppedClock()
        self._ids = seeded_ids(1)
        self.engine = Engine.open(
            url,
            {
                "library": OURS,
                "accounts": {name: {} for name in ("instant:main", *accounts)},
                "synchronous": synchronous,
            },
            clock=self.clock,
            ids=self._ids,
            chance=lambda: 0.5,
            plugins=[given(each) for each in (InstantPlugin(), *plugins)],
        )
        with self.engine.database.write() as connection:
            put(connection, OURS, Partner(symbol=THEIRS, account="instant:main"), self.clock.now())

    def close(self) -> None:
        self.engine.close()

    def run(self, batches: int) -> None:
        """So many batches of fifty loans, one after the other, each from its first to its eighth transition."""
        for _ in range(batches):
            self._batch()

    def sent(self, number: int) -> list[Request]:
        """So many new loans that the partner has been asked for."""
        return self._apply([self._submitted() for _ in range(number)])

    def _batch(self) -> None:
        loans = self.sent(BATCH)
        self._apply([self._said(one, "WillSupply") for one in loans])
        self._apply([self._said(one, "Loaned", items=(SentItem(barcode="B-77"),)) for one in loans])
        for action in ("receive", "check_out", "check_in", "ship_return"):
            self._apply([self._done(one, action) for one in loans])
        ended = self._apply([self._said(one, "LoanCompleted") for one in loans])
        if {one.state for one in ended} != {"completed"}:
            raise RuntimeError(f"the loans should be completed, but are {sorted({one.state for one in ended})}")

    def _apply(self, inputs: Sequence[Input]) -> list[Request]:
        context = self.engine.context
        with context.store.write() as connection:
            applied = context.apply(connection, inputs, self.clock.step())
        refused = {one.refused for one in applied if one.refused}
        if refused:
            raise RuntimeError(f"refused: {'; '.join(sorted(refused))}")
        if any(one.outbox_lanes for one in applied):
            report = self.engine.run_due()
            if report.failed:
                raise RuntimeError(f"{report.failed} messages were not sent")
        return [one.request for one in applied]

    def _submitted(self) -> Input:
        now = self.clock.now()
        new = Request(
            id=self._ids(now),
            library=OURS,
            role="requester",
            service_type="loan",
            created_at=now,
            updated_at=now,
            state_since=now,
            waiting_since=now,
            citation=BOOK,
            named_suppliers=True,
            attempts=(Attempt(1, THEIRS, rank=1, why="named in the request"),),
        )
        return Input(OURS, Event("submit", now, _actor("staff", "anna")), new.id, new)

    def _said(self, one: Request, status: str, **more: Any) -> Input:
        now = self.clock.now()
        message = Message(
            kind="SupplyingAgencyMessage",
            requesting_agency=OURS,
            supplying_agency=THEIRS,
            requesting_agency_request_id=one.id,
            supplying_agency_request_id=f"S-{one.id}",
            timestamp=now,
            reason="StatusChange",
            status=status,
            **more,
        )
        [(kind, data, text)] = meanings(message, {})
        return Input(OURS, Event(kind, now, _actor("partner", THEIRS), data, 1, private=text), one.id)

    def _done(self, one: Request, action: str) -> Input:
        return Input(OURS, Event(action, self.clock.now(), _actor("staff", "anna"), {}, 1), one.id)


def _actor(kind: str, id: str) -> Actor:
    return Actor(kind=kind, id=id, library=OURS, role="librarian" if kind == "staff" else None)
