"""The only caller of hooks: one account by its name, with a deadline, isolated, ending in an Outcome."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from illcore.accounts import redact
from illcore.calls import (
    Call,
    Way,
    answer_call,
    circulate_call,
    copyright_call,
    deliver_call,
    enrich_call,
    notify_call,
    poll_call,
    receive_call,
    search_call,
    send_call,
)
from illcore.clock import Clock
from illcore.connectors import Deadline
from illcore.errors import ConfigError
from illcore.hookthreads import Executor, HookThreads, Load, NotRun, Slots
from illcore.hooktypes import (
    RESTRICTIVENESS,
    CirculateAction,
    Circulated,
    Claim,
    Decision,
    DeliveryOrder,
    Enrichment,
    Notice,
    Obligation,
    RequestView,
    Usage,
    Verdict,
)
from illcore.message import Message, Receipt, Received, Result, Try
from illcore.model import BilingualText, Citation, Holding, Partner, Query
from illcore.outcomes import Outcome, from_error
from illcore.plugins import Plugins

T = TypeVar("T")
SEARCH_LIMIT = 256
_NOT_RUN: Mapping[NotRun, str] = {
    "busy": "{who} was not called: all of the account's slots are busy",
    "stuck": "{who} was not called: every slot of the account holds a call that did not end in time",
    "not_started": "{who} was not called: no thread took it up in time",
    "late": "{who} gave no answer within {seconds:g} s",
}


@dataclass(slots=True, frozen=True)
class AccountReport:
    """How one account did in a call to all of them. ``status``: ok, late, busy, refused, misconfigured or failed."""

    name: str
    status: str
    hits: int = 0
    error: str = ""
    elapsed: float = 0.0


class Dispatch:
    """Calls hooks and never raises because of one. All times are in seconds; all methods may be called from any thread.

    A deadline counts from the call; up to half of it may pass in waiting for a free slot.
    """

    def __init__(
        self, plugins: Plugins, clock: Clock, executor: Executor | None = None, search_limit: int = SEARCH_LIMIT
    ) -> None:
        self._plugins = plugins
        self._clock = clock
        self._executor: Executor = executor or HookThreads()
        self._searches = Slots(search_limit)
        self._slots: dict[tuple[str, Way], Slots] = {}
        self._lock = threading.Lock()

    def send(
        self, account: str, message: Message, partner: Partner, key: str, attempt: Try, seconds: float
    ) -> Outcome[Receipt]:
        """Deliver a message. Secret references in the partner's address are resolved for this call only."""
        return self.one(send_call(account, message, partner, key, attempt, seconds))

    def receive(self, account: str, payload: bytes | None, cursor: str | None, seconds: float) -> Outcome[Received]:
        """Understand a payload, or poll (None). Kind ``bad_message`` if the bytes are none."""
        if payload is None:
            return self.poll(account, cursor, seconds)
        return self.one(receive_call(account, payload, cursor, seconds))

    def poll(
        self, account: str, cursor: str | None, seconds: float, patient: Callable[[], bool] = lambda: False
    ) -> Outcome[Received]:
        """Fetch what waits; while ``patient`` it may wait for something to come."""
        return self.one(poll_call(account, cursor, seconds, patient))

    def answer(self, account: str, results: Sequence[Result], seconds: float) -> Outcome[bytes]:
        """The wire answer to what was received."""
        return self.one(answer_call(account, results, seconds))

    def deliver(self, account: str, delivery: DeliveryOrder, key: str, seconds: float) -> Outcome[Receipt]:
        """Hand documents over."""
        return self.one(deliver_call(account, delivery, key, seconds))

    def circulate(self, account: str, action: CirculateAction, key: str, seconds: float) -> Outcome[Circulated]:
        """Ask the library's own system."""
        return self.one(circulate_call(account, action, key, seconds))

    def notify(self, account: str, notice: Notice, key: str, seconds: float) -> Outcome[Receipt]:
        """Tell a reader or staff."""
        return self.one(notify_call(account, notice, key, seconds))

    def search(
        self,
        query: Query,
        seconds: float,
        accounts: Collection[str] | None = None,
        waiting: Callable[[Collection[str]], None] | None = None,
    ) -> tuple[tuple[Holding, ...], tuple[AccountReport, ...]]:
        """Search all accounts that can (or those named) side by side: what arrived in time, and how each one did.

        Holdings stand in the order of the accounts' names, at most ``query.maximum`` from each. ``waiting`` is called
        with the accounts that are still waited for: at the begin, and in a hook's thread whenever one has ended.
        """
        names = self._plugins.capable("illcore_search") if accounts is None else sorted(set(accounts))
        calls = [search_call(name, query, seconds) for name in names]
        if waiting is not None:
            calls = _told(calls, waiting)
        found: list[Holding] = []
        reports = []
        for name, outcome in zip(names, self.all(calls), strict=True):
            holdings = (outcome.value or ())[: query.maximum]
            found += [item if item.account == name else item.model_copy(update={"account": name}) for item in holdings]
            reports.append(_report(name, outcome, len(holdings)))
        return tuple(found), tuple(reports)

    def enrich(
        self, citation: Citation, seconds: float, accounts: Collection[str] | None = None
    ) -> tuple[tuple[tuple[str, Enrichment], ...], tuple[AccountReport, ...]]:
        """Ask all sources that can (or those named): ``(account, enrichment)`` for each that knew something."""
        names = self._plugins.capable("illcore_enrich") if accounts is None else sorted(set(accounts))
        calls = [enrich_call(name, citation, seconds) for name in names]
        known: list[tuple[str, Enrichment]] = []
        reports = []
        for name, outcome in zip(names, self.all(calls), strict=True):
            new = outcome.value if outcome.value and outcome.value != Enrichment() else None
            known += [(name, new)] if new else []
            reports.append(_report(name, outcome, int(new is not None)))
        return tuple(known), tuple(reports)

    def copyright(
        self, request: RequestView, usage: Usage, seconds: float, accounts: Collection[str] | None = None
    ) -> tuple[Verdict, tuple[AccountReport, ...]]:
        """Ask all policies (or those named): the most restrictive wins, a crash or silence means review.

        Claims and fees of all policies add up. Policies that allow but name different compliance codes mean review.
        Without any policy: allow.
        """
        names = self._plugins.capable("illcore_copyright") if accounts is None else sorted(set(accounts))
        outcomes = self.all([copyright_call(name, request, usage, seconds) for name in names])
        verdicts = [
            outcome.value or Verdict(decision="review", reasons=(_undecided(name, outcome.reason),))
            for name, outcome in zip(names, outcomes, strict=True)
        ]
        reports = tuple(_report(name, outcome, 0) for name, outcome in zip(names, outcomes, strict=True))
        return most_restrictive(verdicts), reports

    def one(self, call: Call[T]) -> Outcome[T]:
        """Make one call and wait for its end."""
        return self.all([call])[0]

    def all(self, calls: Sequence[Call[T]]) -> list[Outcome[T]]:
        """Make calls side by side; the outcomes stand in the same order. All deadlines count from now.

        Where hooks run inline they run one after the other, and each has its whole time.
        """
        if self._executor.parallel:
            return self._together(calls)
        return [self._together([call])[0] for call in calls]

    def _together(self, calls: Sequence[Call[T]]) -> list[Outcome[T]]:
        begun = self._clock.monotonic()
        deadlines = [Deadline(self._clock, call.seconds, call.patient) for call in calls]
        ends = [self._start(call, deadline) for call, deadline in zip(calls, deadlines, strict=True)]
        return [replace(end(), elapsed=self._clock.monotonic() - begun) for end in ends]

    def load(self, account: str, way: Way = "out") -> Load:
        """How busy an account is."""
        return self._slots_of(account, way).load()

    def search_load(self) -> Load:
        """How busy all searches together are."""
        return self._searches.load()

    def close(self) -> None:
        """Let the idle threads end. Hooks that still run are left alone and hold nothing up, not even the process."""
        self._executor.close()

    def _start(self, call: Call[T], deadline: Deadline) -> Callable[[], Outcome[T]]:
        implementation = self._plugins.implementation(call.account, call.hook)
        if implementation is None:
            return lambda: self._nobody(call)
        secrets = self._plugins.accounts[call.account].secrets | call.secrets
        arguments = {**call.arguments, "deadline": deadline}
        partner = arguments.get("partner")
        if isinstance(partner, Partner) and partner.address:
            try:
                address, found = self._plugins.resolve(partner.address)
            except ConfigError as error:
                wrong = f"the address of partner {partner.symbol} cannot be used: {error}"
                return lambda: Outcome("misconfigured", reason=wrong, code="partner")
            if found:
                arguments["partner"] = partner.model_copy(update={"address": address})
                secrets |= found
        values = [arguments[name] for name in implementation.argnames]
        function, who = implementation.function, f"{call.hook} of {call.account}"

        def work() -> Outcome[T]:
            try:
                return Outcome("ok", call.check(function(*values)))
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
                    raise
                outcome = from_error(error, who, receiving=call.hook == "illcore_receive")
                return replace(outcome, reason=redact(outcome.reason, secrets))
            finally:
                if call.ended is not None:
                    call.ended()

        slots = [self._slots_of(call.account, call.way)]
        if call.way == "search":
            slots.append(self._searches)
        job = self._executor.start(work, deadline, slots)
        return lambda: _ended(job if isinstance(job, str) else job.wait(), who, call.seconds)

    def _nobody(self, call: Call[T]) -> Outcome[T]:
        account = self._plugins.accounts.get(call.account)
        if account is None:
            return Outcome("misconfigured", reason=self._plugins.why_not(call.account))
        return Outcome("misconfigured", reason=f"the connector of account {call.account} has no {call.hook}")

    def _slots_of(self, account: str, way: Way) -> Slots:
        with self._lock:
            slots = self._slots.get((account, way))
            if slots is None:
                known = self._plugins.accounts.get(account)
                slots = self._slots[account, way] = Slots(known.slots if known else 1)
            return slots


def _told(calls: Sequence[Call[T]], waiting: Callable[[Collection[str]], None]) -> list[Call[T]]:
    """The calls, each of which says for whom is still waited when it has ended."""
    lock = threading.Lock()
    left = [call.account for call in calls]
    waiting(tuple(left))

    def ended(account: str) -> None:
        with lock:
            left.remove(account)
            waiting(tuple(left))

    return [replace(call, ended=partial(ended, call.account)) for call in calls]


def most_restrictive(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict out of many, whatever their order; see ``Dispatch.copyright``."""
    decision: Decision = max(
        (verdict.decision for verdict in verdicts), key=RESTRICTIVENESS.__getitem__, default="allow"
    )
    reasons = {reason for verdict in verdicts if verdict.decision == decision for reason in verdict.reasons}
    codes = {verdict.compliance for verdict in verdicts if verdict.compliance}
    if decision in ("allow", "allow_with_fee") and len(codes) > 1:
        named = ", ".join(sorted(codes))
        text = BilingualText(
            en=f"The policies name different compliance codes: {named}.", zh=f"各政策给出的合规代码不同：{named}。"
        )
        decision, reasons = "review", {text}
    kept = [verdict.retention_until for verdict in verdicts if verdict.retention_until]
    return Verdict(
        decision=decision,
        reasons=tuple(sorted(reasons, key=lambda each: (each.en, each.zh))),
        compliance=codes.pop() if len(codes) == 1 else "",
        fees=tuple(sorted((f for v in verdicts for f in v.fees), key=lambda fee: (fee.currency, fee.amount))),
        claims=tuple(sorted({c for v in verdicts for c in v.claims}, key=Claim.model_dump_json)),
        obligations=tuple(sorted({o for v in verdicts for o in v.obligations}, key=Obligation.model_dump_json)),
        retention_until=max(kept, default=None),
    )


def _undecided(name: str, why: str) -> BilingualText:
    return BilingualText(en=f"{name} could not decide: {why}", zh=f"{name} 未能判断：{why}")


def _ended(end: Outcome[T] | NotRun, who: str, seconds: float) -> Outcome[T]:
    if isinstance(end, Outcome):
        return end
    reason = _NOT_RUN[end].format(who=who, seconds=seconds)
    if end == "late":
        return Outcome("unknown", reason=reason, code="late")
    return Outcome("try_later", reason=reason, code="stuck" if end == "stuck" else "busy")


def _report(name: str, outcome: Outcome[Any], hits: int) -> AccountReport:
    status: str = {"ok": "ok", "unknown": "late", "refused": "refused", "misconfigured": "misconfigured"}.get(
        outcome.kind, "busy" if outcome.kind == "try_later" and outcome.code else "failed"
    )
    return AccountReport(name, status, hits, outcome.reason, outcome.elapsed)
