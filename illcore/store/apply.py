"""The one commit: facts read, decisions taken, requests, events, effects and waits written, all or nothing."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from illcore.calendars import local_date
from illcore.clock import Ids
from illcore.decide import Decision, decide
from illcore.errors import Conflict, NotAllowed, NotFound
from illcore.events import Event
from illcore.policy import Library
from illcore.request import Request, Timer
from illcore.store import requests
from illcore.store.database import conflicts
from illcore.store.effects import OutboxRows
from illcore.store.events import Log
from illcore.store.facts import BatchFacts, Capabilities, with_match_key
from illcore.store.ledger import LedgerRows
from illcore.store.stats import PartnerCounts

RECORDED_REFUSALS = 20
"""Refused events of one partner that a request's log takes; further ones are only counted."""


@dataclass(slots=True)
class Input:
    """One event for one request. ``new`` is the request itself if it does not stand in the store yet."""

    library: str
    event: Event
    request_id: str
    new: Request | None = None


@dataclass(slots=True)
class Applied:
    """What became of an input. ``seq`` is the number of its event, 0 if nothing was written for it.

    ``refused`` is one sentence, empty if it was taken. ``outbox_lanes`` have work now.
    """

    request: Request
    seq: int
    refused: str
    effects_keys: tuple[str, ...]
    outbox_lanes: tuple[str, ...]
    before_state: str


def apply(
    connection: Connection,
    inputs: Sequence[Input],
    *,
    now: datetime,
    ids: Ids,
    libraries: Mapping[str, Library],
    capabilities: Capabilities,
    raise_refused: bool = True,
) -> list[Applied]:
    """Decide on every input in turn and write all of it; an input sees what the ones before it changed.

    A refused action of staff or a reader raises NotAllowed, or with ``raise_refused=False`` is answered and leaves
    nothing behind. What is refused of a partner, a timer or the system is recorded. Also raises NotFound (no such
    request in that library) and Conflict (somebody else was faster; after either, roll the transaction back).
    """
    return _Batch(connection, inputs, now, ids, libraries, capabilities, raise_refused).run()


class _Batch:
    def __init__(
        self,
        connection: Connection,
        inputs: Sequence[Input],
        now: datetime,
        ids: Ids,
        libraries: Mapping[str, Library],
        capabilities: Capabilities,
        raise_refused: bool,
    ) -> None:
        self._connection = connection
        self._inputs = inputs
        self._now = now
        self._raise_refused = raise_refused
        with conflicts():
            self._stored = requests.lock(connection, (one.request_id for one in inputs if one.new is None))
        self._latest = dict(self._stored)
        for one in inputs:
            if one.new is not None:
                self._latest.setdefault(one.request_id, one.new)
        current = [self._request_of(one) for one in inputs]
        self._facts = BatchFacts(
            connection, [one.event for one in inputs], current, self._latest, now, libraries, capabilities
        )
        self._log = Log(now, ids)
        self._outbox = OutboxRows(connection, self._facts, now)
        self._face = requests.Face()
        self._counts = PartnerCounts()
        self._ledger = LedgerRows(now, self._local_day)
        self._touched: set[str] = set()

    def _request_of(self, one: Input) -> Request:
        found = self._latest.get(one.request_id)
        if found is None or found.library != one.library:
            raise NotFound(f"there is no request {one.request_id} in {one.library}")
        return found

    def run(self) -> list[Applied]:
        results = [self._take(one) for one in self._inputs]
        try:
            with conflicts():
                self._write()
        except IntegrityError as error:
            raise Conflict("the same request came in twice at this moment; read it again and decide again") from error
        return results

    def _take(self, one: Input) -> Applied:
        before = self._request_of(one)
        facts = self._facts.facts_for(one.event, before)
        decision = decide(before, one.event, facts, self._now)
        if decision.refused:
            return self._refuse(one, before, decision.refused)
        after = decision.request if decision.request is not before else copy.copy(before)
        with_match_key(after, before)
        self._log.append(after, before.version, one.event, _data(one.event, decision), "")
        keys, lanes = self._outbox.add(after, decision.effects)
        self._counts.changed(before, after)
        self._keep(after)
        return Applied(after, after.version, "", keys, lanes, before.state)

    def _refuse(self, one: Input, before: Request, why: str) -> Applied:
        nothing = Applied(before, 0, why, (), (), before.state)
        event = one.event
        if event.actor.kind in ("staff", "reader"):
            if self._raise_refused:
                raise NotAllowed(why)
            return nothing
        if not before.version:
            return nothing
        kind = event.type.removeprefix("timer:") if event.type.startswith("timer:") else ""
        timer = before.timers.get(kind) if kind else None
        if kind and (timer is None or timer.fired):
            return nothing  # another worker took it at the same time
        after = copy.copy(before)
        who = event.actor.id if event.actor.kind == "partner" else event.actor.kind
        after.refusals = {**before.refusals, who: before.refusals.get(who, 0) + 1}
        if timer is not None:
            after.timers = {**before.timers, kind: Timer(timer.due, fired=True)}
        self._keep(after)
        if after.refusals[who] > RECORDED_REFUSALS:
            return Applied(after, 0, why, (), (), before.state)
        after.updated_at = self._now
        self._log.append(after, before.version, event, event.data, why)
        return Applied(after, after.version, why, (), (), before.state)

    def _local_day(self, library: str, at: datetime) -> date:
        return local_date(self._facts.policy(library).calendar, at)

    def _keep(self, after: Request) -> None:
        self._latest[after.id] = after
        self._touched.add(after.id)

    def _write(self) -> None:
        touched = [self._latest[id] for id in sorted(self._touched)]
        fresh = [one for one in touched if one.id not in self._stored]
        known = [(one, self._stored[one.id].version) for one in touched if one.id in self._stored]
        requests.add(self._connection, fresh)
        requests.change(self._connection, known)
        self._log.write(self._connection)
        for one in touched:
            self._face.changed(self._stored.get(one.id), one)
            self._ledger.changed(self._stored.get(one.id), one)
        self._face.write(self._connection)
        self._ledger.write(self._connection)
        self._outbox.write()
        self._counts.write(self._connection)


def _data(event: Event, decision: Decision) -> dict[str, Any]:
    return {**event.data, **decision.data} if decision.data else event.data
