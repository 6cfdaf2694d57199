"""Motion: drain(lane) is the only code that works the outbox off: claim (commit) → dispatch → record (commit)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from illcore import outbox
from illcore.backoff import backoff, given_up
from illcore.config import Config
from illcore.context import Context
from illcore.dispatch import Dispatch
from illcore.errors import Conflict, IllcoreError
from illcore.ingest import poll
from illcore.intake import fire
from illcore.jobs import Job, Jobs
from illcore.outbox import Claimed, Lease, Mark
from illcore.outcomes import Outcome
from illcore.plugins import Plugins
from illcore.store import Applied, Input, account_of, account_states, pause, resume

log = logging.getLogger("illcore.worker")

LEASE_SECONDS = 30.0
LEASE_MARGIN = 5.0
BATCH = 50
QUICK = 1.0
PAUSED_AGAIN = timedelta(minutes=1)
MISCONFIGURED_AGAIN = timedelta(minutes=10)
POLL_EVERY = 30.0
TRIES = 5


@dataclass(slots=True)
class RunReport:
    """What a run did: ``events`` applied, effects ``sent`` and ``failed`` (to be tried again or given up), ``timers``."""

    events: int = 0
    sent: int = 0
    failed: int = 0
    timers: int = 0

    def add(self, other: "RunReport") -> None:
        """Count the other's work too."""
        self.events += other.events
        self.sent += other.sent
        self.failed += other.failed
        self.timers += other.timers


@dataclass(slots=True)
class _Ended:
    """A job with its outcome, and the mark and the input that follow from it."""

    job: Job
    outcome: Outcome[object]
    mark: Mark
    inputs: list[Input] = field(default_factory=list)


class Worker:
    """Safe to run in many threads and processes at once: lanes are leased, what a dead worker held comes back."""

    def __init__(self, context: Context, dispatch: Dispatch, plugins: Plugins, config: Config) -> None:
        self._context = context
        self._dispatch = dispatch
        self._plugins = plugins
        self._seconds = min(config.send_seconds, LEASE_SECONDS - LEASE_MARGIN)
        self._jobs = Jobs(context, dispatch, plugins, self._seconds, config)
        self._polled: dict[str, float] = {}

    def begin(self) -> None:
        """A fresh start: whoever restarts the worker has mended what was paused."""
        now = self._context.clock.now()
        with self._context.store.write() as connection:
            for account in account_states(connection):
                if account.paused_at is not None and account.name in self._plugins.accounts:
                    resume(connection, account.name, now)

    def due_lanes(self) -> list[str]:
        """Lanes with work that can be done now."""
        with self._context.store.read() as connection:
            return outbox.due_lanes(connection, self._context.clock.now())

    def timers(self) -> RunReport:
        """Turn all waits that have run out into events."""
        report = RunReport()
        while True:
            try:
                with self._context.store.write() as connection:
                    applied = fire(self._context, connection, self._context.clock.now())
            except Conflict:
                continue
            if not applied:
                return report
            report.timers += len(applied)
            report.events += sum(1 for one in applied if not one.refused)

    def polls(self, always: bool = False) -> RunReport:
        """Ask the accounts that are polled, each at most every half minute."""
        report = RunReport()
        now = self._context.clock.monotonic()
        for account in self._plugins.capable("illcore_receive"):
            if not always and now - self._polled.get(account, -POLL_EVERY) < POLL_EVERY:
                continue
            self._polled[account] = now
            report.add(self._poll(account))
        return report

    def _poll(self, account: str) -> RunReport:
        report = RunReport()
        token = self._context.ids(self._context.clock.now())
        lane = f"poll/{account}"
        now = self._context.clock.now()
        with self._context.store.write() as connection:
            if account_of(connection, account).paused_at is not None:
                return report
            lease = outbox.take_lane(connection, lane, now, LEASE_SECONDS, token)
        if lease is None:
            return report
        try:
            report.events += poll(self._context, self._dispatch, account, self._seconds)
        except IllcoreError as error:
            log.warning("account %s could not be polled: %s", account, error)
            report.failed += 1
        finally:
            with self._context.store.write() as connection:
                outbox.release(connection, lane, token)
        return report

    def drain(self, lane: str) -> RunReport:
        """Work a lane off until nothing in it is due, or another holds it, or its breaker opens."""
        report = RunReport()
        clock, store = self._context.clock, self._context.store
        now = clock.now()
        token = self._context.ids(now)
        size = self._jobs.slots(lane)
        with store.write() as connection:
            lease = outbox.take_lane(connection, lane, now, LEASE_SECONDS, token)
            rows = self._claim(connection, lease, size) if lease is not None else []
            if lease is not None and not rows:
                outbox.release(connection, lane, token)
        while lease is not None and rows:
            begun = clock.monotonic()
            ended = self._dispatch_all(rows)
            quick = clock.monotonic() - begun < QUICK
            size = min(size * 2, BATCH) if quick else self._jobs.slots(lane)
            rows = self._record(lease, ended, size, report)
        return report

    def _claim(self, connection: Connection, lease: Lease, size: int) -> list[Claimed]:
        limit = 1 if lease.probe else size
        return outbox.claim(connection, lease.lane, lease.token, self._context.clock.now(), limit)

    def _dispatch_all(self, rows: Sequence[Claimed]) -> list[_Ended]:
        jobs = self._jobs.prepare(rows)
        outcomes = self._jobs.run(jobs)
        now = self._context.clock.now()
        return [self._ended(job, outcome, now) for job, outcome in zip(jobs, outcomes, strict=True)]

    def _ended(self, job: Job, outcome: Outcome[object], now: datetime) -> _Ended:
        row = job.row
        known = "unknown" if "unknown" in (row.known, outcome.known) else "not_sent"
        if outcome.ok:
            mark = Mark(row.key, "done", reached=True)
            return _Ended(job, outcome, mark, self._jobs.done(job, outcome, now))
        if outcome.kind == "refused":
            mark = Mark(row.key, "dead", error=outcome.reason, known=known, reached=True)  # type: ignore[arg-type]
            return _Ended(job, outcome, mark, [self._jobs.result(job, "effect:refused", outcome, known, now)])
        if outcome.kind == "misconfigured":
            due = now + (PAUSED_AGAIN if outcome.code == "paused" else MISCONFIGURED_AGAIN)
            mark = Mark(row.key, "pending", due, outcome.reason, row.known)
            told = [] if outcome.code == "paused" or row.tries else [
                self._jobs.result(job, "effect:misconfigured", outcome, row.known, now)
            ]
            if given_up(row.first_due, now, job.give_up_hours):
                mark = Mark(row.key, "dead", error=outcome.reason, known=row.known)
                told = [self._jobs.result(job, "effect:given_up", outcome, row.known, now)]
            return _Ended(job, outcome, mark, told)
        reached = None if outcome.code in ("busy", "stuck") else False
        if given_up(row.first_due, now, job.give_up_hours):
            mark = Mark(row.key, "dead", error=outcome.reason, known=known, reached=reached)  # type: ignore[arg-type]
            return _Ended(job, outcome, mark, [self._jobs.result(job, "effect:given_up", outcome, known, now)])
        wait = timedelta(seconds=outcome.after) if outcome.after else backoff(row.tries + 1, self._context.chance)
        mark = Mark(row.key, "pending", now + wait, outcome.reason, known, reached)  # type: ignore[arg-type]
        return _Ended(job, outcome, mark)

    def _record(self, lease: Lease, ended: Sequence[_Ended], size: int, report: RunReport) -> list[Claimed]:
        """Write all results in one commit and claim what is next; when that fails, one by one with the same outcomes."""
        try:
            return self._write(lease, ended, size, report)
        except Conflict:
            log.info("lane %s: results are recorded one by one, somebody else was at the same requests", lease.lane)
        except IllcoreError:
            log.exception("lane %s: results are recorded one by one", lease.lane)
        for one in ended:
            self._record_alone(lease, one, report)
        with self._context.store.write() as connection:
            outbox.release(connection, lease.lane, lease.token)
        return []

    def _record_alone(self, lease: Lease, one: _Ended, report: RunReport) -> None:
        for _ in range(TRIES):
            try:
                self._write(lease, [one], 0, report)
                return
            except Conflict:
                continue
            except IllcoreError:
                break
        log.error("lane %s: the result of %s could not be recorded, it will be tried again", lease.lane, one.mark.key)

    def _write(self, lease: Lease, ended: Sequence[_Ended], size: int, report: RunReport) -> list[Claimed]:
        context = self._context
        now = context.clock.now()
        with context.store.write() as connection:
            mine = outbox.owned(connection, lease.lane, lease.token, [one.mark.key for one in ended])
            kept = [one for one in ended if one.mark.key in mine]
            inputs = sorted((i for one in kept for i in one.inputs), key=lambda i: i.request_id)
            applied = context.apply(connection, inputs, now) if inputs else []
            marks = [_settled(one.mark, applied) for one in kept]
            state = outbox.record(connection, lease.lane, lease.token, marks, now)
            for one in kept:
                if one.outcome.kind == "misconfigured" and not one.outcome.code and one.job.account:
                    pause(connection, one.job.account, one.outcome.reason, now)
            rows: list[Claimed] = []
            if size and state.state(now) == "closed":
                outbox.renew(connection, lease.lane, lease.token, now, LEASE_SECONDS)
                rows = outbox.claim(connection, lease.lane, lease.token, now, size)
            if size and not rows:
                outbox.release(connection, lease.lane, lease.token)
        report.events += sum(1 for one in applied if not one.refused)
        report.sent += sum(1 for one in kept if one.outcome.ok)
        report.failed += sum(1 for one in kept if not one.outcome.ok)
        return rows


def _settled(mark: Mark, applied: Sequence[Applied]) -> Mark:
    """A refusal that the table has dealt with leaves nothing for a person to retry: the row is done, not dead."""
    if mark.fate != "dead":
        return mark
    waiting = any(a.effect == mark.key for one in applied for a in one.request.attention)
    return mark if waiting else Mark(mark.key, "done", error=mark.error, known=mark.known, reached=mark.reached)
