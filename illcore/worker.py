"""Motion: drain(lane) is the only code that works the outbox off: claim (commit) → dispatch → record (commit)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from illcore import outbox
from illcore.backoff import backoff, given_up
from illcore.config import Config
from illcore.context import Context
from illcore.daily import Daily
from illcore.dispatch import Dispatch
from illcore.errors import Conflict, IllcoreError, Misconfigured, TryLater
from illcore.ingest import poll
from illcore.intake import due, fire
from illcore.jobs import Jobs
from illcore.jobs.job import Job
from illcore.outbox import Claimed, Fate, Known, Lease, Mark
from illcore.outcomes import Outcome
from illcore.plugins import Plugins
from illcore.polling import Polling
from illcore.store import Applied, DueTimer, Input, account_of, account_states, get, pause, resume

log = logging.getLogger("illcore.worker")

LEASE_SECONDS = 30.0
LEASE_MARGIN = 5.0
QUICK = 1.0
PAUSED_AGAIN = timedelta(minutes=1)
MISCONFIGURED_AGAIN = timedelta(minutes=10)
TRIES = 5
MISCONFIGURED = "effect:misconfigured"
NOT_CALLED = frozenset({"busy", "stuck", "unready"})


@dataclass(slots=True)
class RunReport:
    """What a run did: ``events`` applied, effects ``sent`` and ``failed`` (to be tried again or not), ``timers``."""

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
    """A job with its outcome, and the mark and the inputs that follow from it."""

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
        self._polling = Polling(context.clock, context.chance)
        self._daily = Daily(context)
        self._stopping = False

    def begin(self) -> None:
        """A fresh start: whoever restarts the worker has mended what was paused."""
        self._stopping = False
        self._daily.begin()
        now = self._context.clock.now()
        with self._context.store.read() as connection:
            paused = [a.name for a in account_states(connection) if a.paused_at is not None]
        mended = [name for name in paused if name in self._plugins.accounts]
        if mended:
            with self._context.store.write() as connection:
                for name in mended:
                    resume(connection, name, now)

    def stop(self) -> None:
        """Claim nothing more; what is under way is still recorded."""
        self._stopping = True
        self._daily.stop()

    def due_lanes(self) -> list[str]:
        """Lanes with work that can be done now."""
        with self._context.store.read() as connection:
            return outbox.due_lanes(connection, self._context.clock.now())

    # --- timers and polls ------------------------------------------------------------------------------------------

    def timers(self) -> RunReport:
        """Turn all waits that have run out into events; one that cannot be applied holds up no other."""
        report = RunReport()
        without: set[str] = set()
        while not self._stopping:
            with self._context.store.read() as connection:
                waits = due(self._context, connection, self._context.clock.now(), without)
            if not waits:
                break
            try:
                applied = self._fire(waits) or [one for wait in waits for one in self._fire([wait])]
            except Conflict:
                log.info("the database is busy; waits that have run out are looked at again")
                break
            without |= {wait.request_id for wait in waits} - {one.request.id for one in applied if one.seq}
            report.timers += len(applied)
            report.events += sum(1 for one in applied if not one.refused)
        return report

    def _fire(self, waits: Sequence[DueTimer]) -> list[Applied]:
        """What became of them; empty if they cannot be applied together. Raises Conflict if the database is busy."""
        for number in range(TRIES):
            try:
                with self._context.store.write() as connection:
                    return fire(self._context, connection, waits, self._context.clock.now())
            except Conflict:
                if number == TRIES - 1:
                    raise
            except Exception:
                which = waits[0].request_id if len(waits) == 1 else f"{len(waits)} requests"
                log.exception("waits of %s have run out but could not be applied", which)
                break
        return []

    def due_polls(self, always: bool = False) -> list[str]:
        """The accounts to ask now for what has come; all that are ever asked if ``always``."""
        return self._polling.due(self._plugins.polled(), always)

    def poll(self, account: str, patient: bool = False) -> RunReport:
        """Ask one account for what has come, unless it is paused or somebody else asks it now.

        A ``patient`` poll may wait for something to come, until the worker is stopped.
        """
        report = RunReport()
        lane = f"poll/{account}"
        token = self._context.ids(self._context.clock.now())
        with self._context.store.write() as connection:
            if account_of(connection, account).paused_at is not None:
                return report
            lease = outbox.take_lane(connection, lane, self._context.clock.now(), LEASE_SECONDS, token)
        if lease is None:
            return report
        try:
            waits = lambda: patient and not self._stopping  # noqa: E731
            polled = poll(self._context, self._dispatch, account, self._seconds, waits)
            report.events += polled.taken
            self._polling.done(account, polled.committed, polled.more)
        except Misconfigured as error:
            log.warning("account %s is paused: %s", account, error)
            report.failed += 1
            self._polling.failed(account)
            with self._context.store.write() as connection:
                pause(connection, account, str(error), self._context.clock.now())
        except IllcoreError as error:
            log.warning("account %s could not be polled: %s", account, error)
            report.failed += 1
            self._polling.failed(account, error.after if isinstance(error, TryLater) else None)
        finally:
            with self._context.store.write() as connection:
                outbox.release(connection, lane, token)
        return report

    # --- once a day ------------------------------------------------------------------------------------------------

    def due_days(self, always: bool = False) -> list[str]:
        """The libraries whose day is not done yet: see ``illcore.daily``."""
        return [] if self._stopping else self._daily.due(always)

    def day(self, library: str) -> RunReport:
        """Anonymise what is due in a library, and seal its logs."""
        self._daily.do(library)
        return RunReport()

    # --- lanes -----------------------------------------------------------------------------------------------------

    def drain(self, lane: str) -> RunReport:
        """Work a lane off until nothing in it is due, or another holds it, or its breaker opens."""
        report = RunReport()
        clock = self._context.clock
        token = self._context.ids(clock.now())
        size = self._jobs.slots(lane)
        with self._context.store.write() as connection:
            now = clock.now()
            lease = outbox.take_lane(connection, lane, now, LEASE_SECONDS, token)
            if lease is None:
                return report
            rows = outbox.claim(connection, lane, token, now, size)
            if not rows:
                outbox.release(connection, lane, token)
        probing = lease.probe
        held = lease.until
        while rows and self._hold(lease, held):
            rows, waiting = (rows[:1], rows[1:]) if probing else (rows, [])
            begun = clock.monotonic()
            ended = self._dispatch_all(rows)
            if waiting and not ended[0].mark.reached:
                ended += self._held_back(waiting, ended[0])
                waiting = []
            size = self._jobs.more(lane, size) if clock.monotonic() - begun < QUICK else self._jobs.fewer(lane)
            if not waiting:
                held = clock.now() + timedelta(seconds=LEASE_SECONDS)
            rows = self._record(lease, ended, 0 if waiting else size, report) or waiting
            probing = False
        return report

    def _hold(self, lease: Lease, until: datetime) -> bool:
        """Nothing starts unless the lease outlives its deadline; a slow commit may have used it up."""
        now = self._context.clock.now()
        if (until - now).total_seconds() >= self._seconds:
            return True
        with self._context.store.write() as connection:
            return outbox.renew(connection, lease.lane, lease.token, self._context.clock.now(), LEASE_SECONDS)

    def _dispatch_all(self, rows: Sequence[Claimed]) -> list[_Ended]:
        jobs = self._jobs.prepare(rows)
        outcomes = self._jobs.run(jobs)
        now = self._context.clock.now()
        return [self._ended(job, outcome, now) for job, outcome in zip(jobs, outcomes, strict=True)]

    def _held_back(self, rows: Sequence[Claimed], probe: _Ended) -> list[_Ended]:
        """The rows behind a probe that failed: those too old are given up, the others wait for the next probe."""
        now = self._context.clock.now()
        ended = []
        for job in self._jobs.prepare(rows):
            if given_up(job.row.first_due, now, job.give_up_hours):
                ended.append(self._given_up(job, probe.outcome, job.row.known, None, now))
            else:
                mark = Mark(job.row.key, "pending", now, "", job.row.known, probe.mark.reached)
                ended.append(_Ended(job, probe.outcome, mark))
        return ended

    def _ended(self, job: Job, outcome: Outcome[object], now: datetime) -> _Ended:
        row = job.row
        known: Known = "unknown" if "unknown" in (row.known, outcome.known) else "not_sent"
        if outcome.ok:
            return _Ended(job, outcome, Mark(row.key, "done", reached=True), self._jobs.done(job, outcome, now))
        if outcome.kind == "refused":
            mark = Mark(row.key, "dead", error=outcome.reason, known=known, reached=True)
            return _Ended(job, outcome, mark, [self._jobs.result(job, "effect:refused", outcome, known, now)])
        answered = None if outcome.kind == "misconfigured" or outcome.code in NOT_CALLED else False
        if given_up(row.first_due, now, job.give_up_hours) and outcome.code != "elsewhere":
            return self._given_up(job, outcome, known, answered, now)
        if outcome.kind == "misconfigured":
            wait = MISCONFIGURED_AGAIN if outcome.code not in ("paused", "elsewhere") else PAUSED_AGAIN
            told = [self._jobs.result(job, MISCONFIGURED, outcome, known, now)] if wait != PAUSED_AGAIN else []
            return _Ended(job, outcome, Mark(row.key, "pending", now + wait, outcome.reason, known), told)
        wait = timedelta(seconds=outcome.after) if outcome.after else backoff(row.tries + 1, self._context.chance)
        return _Ended(job, outcome, Mark(row.key, "pending", now + wait, outcome.reason, known, answered))

    def _given_up(
        self, job: Job, outcome: Outcome[object], known: Known, reached: bool | None, now: datetime
    ) -> _Ended:
        mark = Mark(job.row.key, "dead", error=outcome.reason, known=known, reached=reached)
        return _Ended(job, outcome, mark, [self._jobs.result(job, "effect:given_up", outcome, known, now)])

    # --- record ----------------------------------------------------------------------------------------------------

    def _record(self, lease: Lease, ended: Sequence[_Ended], size: int, report: RunReport) -> list[Claimed]:
        """Write all results in one commit and claim what is next; if that fails, one by one with the same outcomes."""
        try:
            return self._write(lease, ended, size, report)
        except Conflict:
            log.info("lane %s: results are recorded one by one, somebody else was at the same requests", lease.lane)
        except Exception:
            log.exception("lane %s: results are recorded one by one", lease.lane)
        recorded = [self._record_alone(lease, one, report) for one in ended]
        if size and all(recorded):
            with self._context.store.write() as connection:
                outbox.release(connection, lease.lane, lease.token)
        return []

    def _record_alone(self, lease: Lease, one: _Ended, report: RunReport) -> bool:
        """Whether it was recorded. The hook is never called again because an event cannot be applied: rather the row
        is settled without it; only if the database stays away the row waits until the lease has run out.
        """
        for number in range(TRIES):
            try:
                self._write(lease, [one], 0, report)
                return True
            except (Conflict, OperationalError, InterfaceError):
                self._context.clock.sleep(0.1 * 2**number)
            except Exception:
                log.exception("lane %s: the result of %s cannot be recorded", lease.lane, one.mark.key)
                break
        else:
            log.error("lane %s: the database was away, so %s will be tried again", lease.lane, one.mark.key)
            return False
        error = f"its result could not be recorded: {one.outcome.reason or one.outcome.kind}"
        fate: Fate = "done" if one.outcome.ok and one.job.row.kind != "locate" else "dead"
        self._write(lease, [replace(one, mark=replace(one.mark, fate=fate, error=error))], 0, report, events=False)
        return True

    def _write(
        self, lease: Lease, ended: Sequence[_Ended], size: int, report: RunReport, events: bool = True
    ) -> list[Claimed]:
        context = self._context
        with context.store.write() as connection:
            now = context.clock.now()
            mine = outbox.owned(connection, lease.lane, lease.token, [one.mark.key for one in ended])
            kept = [one for one in ended if one.mark.key in mine]
            inputs = self._inputs(connection, kept, now) if events else []
            applied = context.apply(connection, inputs, now) if inputs else []
            marks = [_settled(one.mark, applied) if events else one.mark for one in kept]
            state = outbox.record(connection, lease.lane, lease.token, marks, now)
            for one in kept:
                if one.outcome.kind == "misconfigured" and not one.outcome.code and one.job.account:
                    pause(connection, one.job.account, one.outcome.reason, now)
            rows: list[Claimed] = []
            if size and not self._stopping and state.state(now) == "closed":
                now = context.clock.now()
                outbox.renew(connection, lease.lane, lease.token, now, LEASE_SECONDS)
                rows = outbox.claim(connection, lease.lane, lease.token, now, size)
            if size and not rows:
                outbox.release(connection, lease.lane, lease.token)
        report.events += sum(1 for one in applied if not one.refused)
        report.sent += sum(1 for one in kept if one.outcome.ok)
        report.failed += sum(1 for one in kept if not one.outcome.ok)
        return rows

    def _inputs(self, connection: Connection, kept: Sequence[_Ended], now: datetime) -> list[Input]:
        inputs = [i for one in kept for i in one.inputs if not _told_before(connection, i)]
        inputs += [i for one in kept for i in self._jobs.kept(connection, one.job, one.outcome, now)]
        inputs += self._jobs.freed(connection, [one.job for one in kept], now)
        return sorted(inputs, key=lambda each: each.request_id)


def _told_before(connection: Connection, one: Input) -> bool:
    """Trouble with the configuration is told once per effect, not at every try."""
    if one.event.type != MISCONFIGURED:
        return False
    standing = get(connection, one.library, one.request_id).attention
    return any(a.reason == "misconfigured" and a.effect == one.event.effect for a in standing)


def _settled(mark: Mark, applied: Sequence[Applied]) -> Mark:
    """A refusal that the table has dealt with leaves nothing for a person to retry: the row is done, not dead."""
    if mark.fate != "dead":
        return mark
    waiting = any(a.effect == mark.key for one in applied for a in one.request.attention)
    return mark if waiting else replace(mark, fate="done")
