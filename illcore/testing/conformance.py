"""The conformance kit: a plugin's author subclasses ``ConnectorConformance`` and inherits the tests."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, TypeVar

from illcore import hookspecs
from illcore.accounts import Account, secrets_in
from illcore.calls import Call, send_call
from illcore.clock import SystemClock
from illcore.connectors import ConnectorType
from illcore.dispatch import Dispatch
from illcore.hookchecks import hook_arguments
from illcore.message import Result, Try
from illcore.plugins import Plugins, StatusRow
from illcore.testing.fakes import FakeHost, fake_secrets, given
from illcore.testing.sockets import black_hole, closed_port
from illcore.testing.subjects import SECRET, Peer, Subject, sample_message

__all__ = ["SECRET", "ConnectorConformance", "Peer", "Subject", "needs", "sample_message"]

F = TypeVar("F", bound=Callable[..., Any])
NOWHERE = "127.0.0.1"


def needs(*what: str) -> Callable[[F], F]:
    """A test for connectors that have all of these: hooks without prefix, and names of overridden methods."""

    def mark(test: F) -> F:
        test.__dict__["needs"] = what
        return test

    return mark


class ConnectorConformance:
    """Subclass as ``TestConformance``, set ``plugin`` and ``connector``, override ``make``; the rest is optional.

    ``plugin`` is what the entry point names, ``connector`` the class that its factory builds, ``type_name`` which of
    the plugin's connector types (default: the first). Tests for hooks that the class does not have, and for methods
    that are not overridden (``peer``, ``payload``, ``without_credentials``), are not collected. ``polls`` says that
    ``illcore_receive`` fetches when there is no payload. Times are real: a second or two for each test of patience.
    """

    plugin: ClassVar[object]
    connector: ClassVar[type]
    type_name: ClassVar[str] = ""
    polls: ClassVar[bool] = False
    patience: ClassVar[float] = 1.0
    grace: ClassVar[float] = 1.0

    def make(self, host: str, port: int) -> Subject:
        """A subject whose partner system, for whatever protocol, is at ``host:port``."""
        raise NotImplementedError("override make(host, port) to give a Subject")

    def peer(self) -> AbstractContextManager[Peer]:
        """A partner system that works, for the time of a ``with`` block."""
        raise NotImplementedError

    def payload(self) -> bytes:
        """Bytes that the connector understands as at least one message."""
        raise NotImplementedError

    def junk(self) -> tuple[bytes, ...]:
        """Bytes that are no message at all."""
        return (b"", b"\x00\xff\xfe junk", b"<a><b></a>", b"{", b"\xe9\xbb" * 1000)

    def without_credentials(self) -> Mapping[str, Any]:
        """A config, right in form, in which what the connector must log in with is empty."""
        raise NotImplementedError

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "connector" not in vars(cls):
            return
        able = {name.removeprefix("illcore_") for parent in cls.connector.__mro__ for name in vars(parent)}
        overridden = ("peer", "payload", "without_credentials")
        able |= {name for name in overridden if getattr(cls, name) is not getattr(ConnectorConformance, name)}
        able |= {"polls"} if cls.polls else set()
        for name, test in vars(ConnectorConformance).items():
            wanted = getattr(test, "needs", ())
            if any(not able & set(one.split("|")) for one in wanted):
                setattr(cls, name, None)

    def test_the_plugin_registers_cleanly(self) -> None:
        rows = Plugins([given(self.plugin)]).report()
        assert [row["status"] for row in rows] in (["ok"], ["not_configured"]), rows[0]["reason"]

    def test_the_account_is_built_without_any_partner_system(self) -> None:
        with closed_port() as port:
            _, account = self._built(self.make(NOWHERE, port))
        assert account.capabilities, "a connector has at least one hook"

    def test_hooks_take_exactly_the_arguments_of_their_specification(self) -> None:
        with closed_port() as port:
            plugins, account = self._built(self.make(NOWHERE, port))
        specs = hook_arguments(hookspecs)
        for hook in sorted(account.capabilities):
            implementation = plugins.implementation(account.name, hook)
            assert implementation is not None
            assert set(implementation.argnames) == set(specs[hook]), f"{hook} must take {', '.join(specs[hook])}"

    def test_no_property_does_anything_when_it_is_looked_at(self) -> None:
        with closed_port() as port:
            _, account = self._built(self.make(NOWHERE, port))
        properties = [
            name
            for parent in type(account.connector).__mro__
            for name, static in vars(parent).items()
            if isinstance(static, property)
        ]
        for name in properties:
            before = dict(getattr(account.connector, "__dict__", {}))
            getattr(account.connector, name)
            after = dict(getattr(account.connector, "__dict__", {}))
            assert list(after) == list(before), f"looking at the property {name} changed the connector"

    def test_an_unknown_config_key_is_refused_in_a_sentence_that_names_it(self) -> None:
        subject = self.make(NOWHERE, 9)
        reason = self._refusal({**subject.config, "no_such_key_": 1})
        assert "no_such_key_" in reason, f"the refusal does not name the key: {reason}"

    def test_a_config_value_of_a_wrong_type_is_refused_without_a_traceback(self) -> None:
        subject = self.make(NOWHERE, 9)
        for key in self._kind().config.model_fields:
            reason = self._refusal({**subject.config, key: {"wrong": ["type"]}}, may_work=True)
            assert "\n" not in reason, f"{key}: the refusal is longer than a line"
            assert SECRET not in reason, f"{key}: the refusal tells a secret"

    def test_no_secret_shows_in_a_representation(self) -> None:
        subject = self.make(NOWHERE, 9)
        plugins, account = self._built(subject)
        config = self._kind().config.model_validate(dict(subject.config))
        for secret in {SECRET, *secrets_in(config)} - {""}:
            for thing in (config, account.connector, account, plugins.report()):
                shown = f"a secret shows in the representation of {type(thing).__name__}; make it a SecretStr"
                assert secret not in repr(thing) + str(thing), shown

    @needs("search|send|deliver|circulate|enrich|notify|polls")
    def test_a_partner_that_never_answers_costs_no_more_than_the_deadline(self) -> None:
        with black_hole() as port:
            dispatch, calls = self._io(self.make(NOWHERE, port), self.patience)
            for call in calls:
                begun = time.monotonic()
                outcome = dispatch.one(call)
                assert outcome.kind in ("unknown", "try_later"), f"{call.hook}: {outcome.kind}: {outcome.reason}"
                while dispatch.load(call.account, call.way).running and time.monotonic() < begun + 60:
                    time.sleep(0.01)
                taken = time.monotonic() - begun
                limit = self.patience + self.grace
                assert taken <= limit, f"{call.hook} ended after {taken:.1f} s of {limit:.1f}; pass the deadline on"

    @needs("search|send|deliver|circulate|enrich|notify|polls")
    def test_a_partner_that_cannot_be_reached_is_tried_later(self) -> None:
        with closed_port() as port:
            dispatch, calls = self._io(self.make(NOWHERE, port), 5.0)
            for call in calls:
                outcome = dispatch.one(call)
                assert outcome.kind == "try_later", f"{call.hook}: {outcome.kind}: {outcome.reason}"
                assert SECRET not in outcome.reason, f"{call.hook} tells a secret in its error"

    @needs("search|send|deliver|circulate|enrich|notify|polls")
    def test_a_deadline_that_has_passed_is_no_crash(self) -> None:
        with closed_port() as port:
            dispatch, calls = self._io(self.make(NOWHERE, port), 0.0)
            for call in calls:
                outcome = dispatch.one(call)
                assert outcome.kind in ("unknown", "try_later"), f"{call.hook}: {outcome.kind}: {outcome.reason}"

    @needs("send", "peer")
    def test_a_message_is_delivered(self) -> None:
        with self.peer() as peer:
            subject = self.make(peer.host, peer.port)
            dispatch, account = self._dispatch(subject)
            outcome = dispatch.send(account, subject.message, subject.partner, "kit:1:1", Try(), 30.0)
            assert outcome.ok, outcome.reason

    @needs("send", "peer")
    def test_the_same_key_puts_the_same_bytes_on_the_wire(self) -> None:
        with self.peer() as peer:
            subject = self.make(peer.host, peer.port)
            dispatch, account = self._dispatch(subject)
            restarted, _ = self._dispatch(subject)
            again = Try(number=2, previous="unknown")
            for sender, attempt in ((dispatch, Try()), (dispatch, again), (restarted, again)):
                outcome = sender.send(account, subject.message, subject.partner, "kit:1:1", attempt, 30.0)
                assert outcome.ok, outcome.reason
            payloads = peer.payloads()
        assert len(payloads) % 3 == 0, "the same key put another number of payloads on the wire the next time"
        size = len(payloads) // 3
        assert payloads[:size] == payloads[size : 2 * size], "the same key put other bytes on the wire the second time"
        assert payloads[:size] == payloads[2 * size :], "the same key put other bytes on the wire after a restart"

    @needs("send", "peer")
    def test_eight_messages_at_once_all_arrive(self) -> None:
        with self.peer() as peer:
            subject = self.make(peer.host, peer.port)
            dispatch, account = self._dispatch(subject)
            calls = [
                send_call(
                    account,
                    subject.message.model_copy(update={"requesting_agency_request_id": f"KIT-{number}"}),
                    subject.partner,
                    f"kit:{number}:1",
                    Try(),
                    30.0,
                )
                for number in range(8)
            ]
            outcomes = dispatch.all(calls)
        assert [outcome.kind for outcome in outcomes] == ["ok"] * 8, [outcome.reason for outcome in outcomes]

    @needs("search", "peer")
    def test_a_search_brings_holdings(self) -> None:
        with self.peer() as peer:
            dispatch, _ = self._dispatch(subject := self.make(peer.host, peer.port))
            _, reports = dispatch.search(subject.query, 30.0)
        assert [report.status for report in reports] == ["ok"], reports

    @needs("receive")
    def test_junk_is_no_message(self) -> None:
        dispatch, account = self._dispatch(self.make(NOWHERE, 9))
        for junk in self.junk():
            outcome = dispatch.receive(account, junk, None, 10.0)
            assert outcome.kind == "bad_message", f"{junk[:20]!r}: {outcome.kind}: {outcome.reason}"
            assert outcome.reason, "BadMessage says nothing"

    @needs("receive", "payload")
    def test_a_payload_is_understood_the_same_each_time(self) -> None:
        dispatch, account = self._dispatch(self.make(NOWHERE, 9))
        first, second = (dispatch.receive(account, self.payload(), None, 10.0) for _ in range(2))
        assert first.result().messages, "the payload holds no message"
        assert first.result() == second.result(), "the same bytes were understood in two ways"

    @needs("receive", "answer", "payload")
    def test_every_result_can_be_answered_and_duplicates_get_the_same_answer(self) -> None:
        dispatch, account = self._dispatch(self.make(NOWHERE, 9))
        messages = dispatch.receive(account, self.payload(), None, 10.0).result().messages
        at = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
        answers: dict[str, bytes] = {}
        outcomes: tuple[Literal["applied", "duplicate", "refused"], ...] = ("applied", "duplicate", "refused")
        for outcome in outcomes:
            results = [
                Result(
                    message=message,
                    outcome=outcome,
                    request_id="KIT-9",
                    error="BadlyFormedMessage" if outcome == "refused" else "",
                    answered_at=at,
                )
                for message in messages
            ]
            answers[outcome] = dispatch.answer(account, results, 10.0).result()
        assert answers["duplicate"] == answers["applied"], "a duplicate gets another answer than the message itself"
        assert answers["refused"] != answers["applied"], "a refusal reads like an acceptance"

    @needs("without_credentials", "send|search|deliver|circulate|enrich|notify|polls")
    def test_missing_credentials_are_a_matter_for_a_person(self) -> None:
        with closed_port() as port:
            subject = self.make(NOWHERE, port)
            lacking = replace(subject, config=self.without_credentials())
            _, row = self._plugins(lacking.config)
            if row["status"] == "failed":
                assert row["reason"], "the account is refused without a reason"
            else:
                dispatch, calls = self._io(lacking, 5.0)
                for call in calls:
                    outcome = dispatch.one(call)
                    assert outcome.kind == "misconfigured", f"{call.hook}: {outcome.kind}: {outcome.reason}"

    def _kind(self) -> ConnectorType:
        offered = next(iter(Plugins([given(self.plugin)]).plugins.values()))
        return next(kind for kind in offered.connectors if kind.name == (self.type_name or kind.name))

    def _plugins(self, config: Mapping[str, Any]) -> tuple[Plugins, StatusRow]:
        plugins = Plugins([given(self.plugin)])
        plugins.build({f"{self._kind().name}:kit": config}, FakeHost(), fake_secrets({"KIT": SECRET}))
        return plugins, plugins.report()[-1]

    def _built(self, subject: Subject) -> tuple[Plugins, Account]:
        plugins, row = self._plugins(subject.config)
        assert row["status"] == "ok", row["reason"]
        account = plugins.accounts[row["name"]]
        assert isinstance(account.connector, self.connector), "the factory builds another class than `connector`"
        return plugins, account

    def _refusal(self, config: Mapping[str, Any], may_work: bool = False) -> str:
        _, row = self._plugins(config)
        assert may_work or row["status"] == "failed", "the account was built with a wrong config"
        return str(row["reason"])

    def _dispatch(self, subject: Subject) -> tuple[Dispatch, str]:
        plugins, account = self._built(subject)
        return Dispatch(plugins, SystemClock()), account.name

    def _io(self, subject: Subject, seconds: float) -> tuple[Dispatch, list[Call[Any]]]:
        plugins, account = self._built(subject)
        hooks = account.capabilities - (frozenset() if self.polls else {"illcore_receive"})
        return Dispatch(plugins, SystemClock()), subject.calls(account.name, hooks, seconds)
