"""The conformance kit: a sound connector passes all of it, each fault is caught by the test meant for it."""

import contextlib
import json
import socket
import threading
import types

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from illcore.connectors import ConnectorType, Plugin
from illcore.errors import Misconfigured, Refused, TryLater, Unknown
from illcore.hookspecs import hookimpl
from illcore.message import Receipt, Received
from illcore.model import Holding
from illcore.testing.conformance import SECRET, ConnectorConformance, Peer, Subject, sample_message
from illcore.testing.fakes import decode, encode


class LineConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str
    port: int
    password: SecretStr = SecretStr("")


class LineConnector:
    """Sends a message as one line of JSON and expects a line with the partner's id."""

    def __init__(self, config, host):
        self.config = config

    def ask(self, line, deadline):
        if not self.config.password.get_secret_value():
            raise Misconfigured("the password is missing")
        if deadline.passed():
            raise TryLater("there was no time left")
        try:
            connection = socket.create_connection((self.config.host, self.config.port), deadline.remaining())
        except OSError as error:
            raise TryLater(f"{self.config.host} cannot be reached: {error}") from error
        with connection:
            try:
                connection.settimeout(max(0.001, deadline.remaining()))
                connection.sendall(line + b"\n")
                answer = connection.makefile("rb").readline()
            except OSError as error:
                raise Unknown(f"no answer from {self.config.host}: {error}") from error
        if not answer.startswith(b"OK "):
            raise Refused(answer.decode(errors="replace"))
        return answer[3:].strip().decode()

    @hookimpl
    def illcore_send(self, message, partner, key, attempt, deadline):
        return Receipt(remote_id=self.ask(encode(message), deadline))

    @hookimpl
    def illcore_search(self, query, deadline):
        return [Holding(title=self.ask(query.title.encode(), deadline))]

    @hookimpl
    def illcore_receive(self, payload, cursor, deadline):
        return Received(messages=decode(payload))

    @hookimpl
    def illcore_answer(self, results, deadline):
        return json.dumps([result.error or "OK" for result in results]).encode()


def plugin_of(connector):
    """A module-like plugin with one connector type."""
    source = types.SimpleNamespace()

    @hookimpl
    def illcore_register():
        return Plugin("line", connectors=(ConnectorType("line", LineConfig, connector),))

    source.illcore_register = illcore_register
    return source


@contextlib.contextmanager
def line_server():
    """A partner that confirms every line."""
    lines = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, connection.makefile("rb") as incoming:
                    lines.append(incoming.readline())
                    connection.sendall(b"OK 4711\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Peer(*server.getsockname(), payloads=lambda: list(lines))
        server.shutdown(socket.SHUT_RDWR)
        thread.join(30)


class LineKit(ConnectorConformance):
    """What an author writes."""

    grace = 10.0
    patience = 0.3

    def make(self, host, port):
        return Subject(config={"host": host, "port": port, "password": SECRET})

    def peer(self):
        return line_server()

    def payload(self):
        return encode(sample_message())

    def without_credentials(self):
        return {"host": "127.0.0.1", "port": 9}


class TestLineConnector(LineKit):
    plugin = plugin_of(LineConnector)
    connector = LineConnector


class Notifier:
    def __init__(self, config, host):
        pass

    @hookimpl
    def illcore_notify(self, notice, key, deadline):
        raise TryLater("the mail server is away")


class TestNotifier(ConnectorConformance):
    """A connector with one hook and no peer."""

    plugin = plugin_of(Notifier)
    connector = Notifier
    patience = 0.3

    def make(self, host, port):
        return Subject(config={"host": host, "port": port})


def collected(kit):
    return {name for name in dir(kit) if name.startswith("test_") and callable(getattr(kit, name))}


def test_what_a_connector_cannot_do_is_not_collected():
    assert collected(TestLineConnector) == collected(ConnectorConformance)
    left_out = collected(ConnectorConformance) - collected(TestNotifier)
    assert left_out == {
        "test_a_message_is_delivered",
        "test_a_payload_is_understood_the_same_each_time",
        "test_a_search_brings_holdings",
        "test_eight_messages_at_once_all_arrive",
        "test_every_result_can_be_answered_and_duplicates_get_the_same_answer",
        "test_junk_is_no_message",
        "test_missing_credentials_are_a_matter_for_a_person",
        "test_the_same_key_puts_the_same_bytes_on_the_wire",
    }


class IgnoresDeadline(LineConnector):
    def ask(self, line, deadline):
        with socket.create_connection((self.config.host, self.config.port), 3.0) as connection:
            connection.settimeout(3.0)
            connection.sendall(line + b"\n")
            connection.recv(1)
        return ""


class LetsOSErrorOut(LineConnector):
    def ask(self, line, deadline):
        socket.create_connection((self.config.host, self.config.port), 3.0).close()
        return ""


class RandomBytes(LineConnector):
    count = 0

    def ask(self, line, deadline):
        self.count += 1
        return super().ask(line + str(self.count).encode(), deadline)


class TellsSecret(LineConnector):
    def __repr__(self):
        return f"LineConnector({self.config.password.get_secret_value()})"


class EatsJunk(LineConnector):
    @hookimpl
    def illcore_receive(self, payload, cursor, deadline):
        return Received()


class CrashesOnJunk(LineConnector):
    @hookimpl
    def illcore_receive(self, payload, cursor, deadline):
        return Received(messages=json.loads(payload))


class AnswersWithTheKind(LineConnector):
    @hookimpl
    def illcore_answer(self, results, deadline):
        return json.dumps([result.outcome for result in results]).encode()


class LeavesOutTheDeadline(LineConnector):
    @hookimpl
    def illcore_search(self, query):
        return []


class LazyProperty(LineConnector):
    @property
    def connection(self):
        self.opened = True
        return self.opened


class OnlyOneAtATime(LineConnector):
    busy = threading.Lock()

    def ask(self, line, deadline):
        if not self.busy.acquire(blocking=False):
            raise RuntimeError("two threads at once")
        try:
            threading.Event().wait(0.05)
            return super().ask(line, deadline)
        finally:
            self.busy.release()


class SilentWithoutPassword(LineConnector):
    def ask(self, line, deadline):
        raise TryLater("the login failed")


@pytest.mark.parametrize(
    ("faulty", "test", "said"),
    [
        (IgnoresDeadline, "test_a_partner_that_never_answers_costs_no_more_than_the_deadline", "pass the deadline on"),
        (LetsOSErrorOut, "test_a_partner_that_cannot_be_reached_is_tried_later", "raised ConnectionRefusedError"),
        (RandomBytes, "test_the_same_key_puts_the_same_bytes_on_the_wire", "other bytes"),
        (TellsSecret, "test_no_secret_shows_in_a_representation", "representation of TellsSecret"),
        (EatsJunk, "test_junk_is_no_message", "ok"),
        (CrashesOnJunk, "test_junk_is_no_message", "bug"),
        (AnswersWithTheKind, "test_every_result_can_be_answered_and_duplicates_get_the_same_answer", "another answer"),
        (LeavesOutTheDeadline, "test_hooks_take_exactly_the_arguments_of_their_specification", "query, deadline"),
        (LazyProperty, "test_no_property_does_anything_when_it_is_looked_at", "the property connection changed"),
        (OnlyOneAtATime, "test_eight_messages_at_once_all_arrive", "two threads at once"),
        (SilentWithoutPassword, "test_missing_credentials_are_a_matter_for_a_person", "illcore_search"),
    ],
)
def test_each_fault_is_caught(faulty, test, said):
    members = {"plugin": plugin_of(faulty), "connector": faulty, "grace": 1.0}
    kit = type("FaultyKit", (LineKit,), members)()
    with pytest.raises(AssertionError, match=said):
        getattr(kit, test)()
