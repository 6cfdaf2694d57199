"""The endpoint over ASGI: bad HTTP gets a sentence, messages get confirmations, nothing internal is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from illcore.connectors import Deadline
from illcore.errors import BadMessage, NotFound, TryLater
from illcore.testing.fakes import FakeHost
from illcore_iso18626 import illcore_register
from illcore_iso18626.config import Iso18626Config, Limits
from illcore_iso18626.connector import Iso18626Connector
from illcore_iso18626.endpoint import Endpoint
from illcore_iso18626.mapping import to_wire
from illcore_iso18626.writer import write_message

XML = {"Content-Type": "application/xml"}


@pytest.fixture
def host() -> FakeHost:
    made = FakeHost()
    made.reply = lambda payload, account: b"<confirmation/>"
    made.accounts = {"ISIL:CN-320006": "iso18626:main"}
    return made


def understanding(host: FakeHost) -> Callable[[bytes, str], bytes]:
    """What an engine does first: it asks the account's connector what the bytes mean."""
    connector = Iso18626Connector(Iso18626Config(), host)

    def reply(payload: bytes, account: str) -> bytes:
        connector.illcore_receive(payload, None, Deadline(host.clock, 5))
        return b"<confirmation/>"

    return reply


@pytest.fixture
def message(core: Callable[..., Any]) -> bytes:
    return write_message(to_wire(core("RequestingAgencyMessage", action="Cancel"), {}))


def call(app: Any, *args: Any, method: str = "POST", headers: Any = XML, **options: Any) -> httpx.Response:
    async def work() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://ill") as client:
            return await client.request(method, "/iso18626", headers=headers, **options)

    return asyncio.run(work())


def test_a_message_gets_its_confirmation(host: FakeHost, message: bytes) -> None:
    answer = call(Endpoint(host, Limits()), content=message)
    assert (answer.status_code, answer.content) == (200, b"<confirmation/>")
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert host.ingested == [("iso18626:main", message)]


def test_it_goes_to_an_account_of_this_plugin_whatever_its_name(host: FakeHost, message: bytes) -> None:
    host.accounts = {"ISIL:CN-320006": "iso18626:lending", "ISIL:CN-110001": "email:main"}
    call(Endpoint(host, Limits()), content=message)
    assert [account for account, _ in host.ingested] == ["iso18626:lending"]


def test_without_an_account_nobody_is_served_and_the_answer_says_so(host: FakeHost, message: bytes) -> None:
    host.accounts = {}
    answer = call(Endpoint(host, Limits()), content=message)
    assert answer.status_code == 503
    assert "iso18626" in answer.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_only_post_is_served(host: FakeHost, method: str) -> None:
    answer = call(Endpoint(host, Limits()), method=method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/xml", 200),
        ("text/xml", 200),
        ("Text/XML; charset=utf-8", 200),
        ("application/json", 415),
        ("text/plain", 415),
        ("application/xmlx", 415),
        ("", 415),
        (None, 415),
    ],
)
def test_only_xml_is_served(host: FakeHost, message: bytes, kind: str | None, status: int) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    assert call(Endpoint(host, Limits()), content=message, headers=headers).status_code == status


def test_compressed_bodies_are_not_unpacked(host: FakeHost, message: bytes) -> None:
    answer = call(Endpoint(host, Limits()), content=message, headers={**XML, "Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_a_message_that_is_too_large_is_refused_by_its_length(host: FakeHost) -> None:
    answer = call(Endpoint(host, Limits(max_body=10_000)), content=b"x" * 10_001)
    assert answer.status_code == 413
    assert "10000 bytes" in answer.text
    endless = {**XML, "Content-Length": "9" * 5000}
    assert call(Endpoint(host, Limits()), content=b"x", headers=endless).status_code == 413


def test_a_message_that_is_too_large_is_refused_as_it_comes(host: FakeHost) -> None:
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"x" * 1000

    assert call(Endpoint(host, Limits(max_body=10_000)), content=parts()).status_code == 413
    assert host.ingested == []


def test_the_most_generous_account_sets_the_limit(host: FakeHost) -> None:
    plugin = illcore_register()
    kind = plugin.connectors[0]
    assert plugin.asgi is not None
    app = plugin.asgi(host)["/iso18626"]
    for size in (20_000, 10_000):
        kind.factory(kind.config(max_body=size), host)
    assert call(app, content=b" " * 20_001).status_code == 413
    host.reply = understanding(host)
    assert call(app, content=b" " * 20_000).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"junk",
        b"<a/>",
        b"{}",
        b'<!DOCTYPE a [<!ENTITY b "c">]><ISO18626Message/>',
        b"<a>" * 100 + b"</a>" * 100,
        b'<ISO18626Message xmlns="http://illtransactions.org/2013/iso18626"/>',
        b'<requestConfirmation xmlns="http://illtransactions.org/2013/iso18626"/>',
    ],
)
def test_what_is_no_message_is_400_with_the_reason(host: FakeHost, body: bytes) -> None:
    host.reply = understanding(host)
    answer = call(Endpoint(host, Limits()), content=body)
    assert answer.status_code == 400
    assert answer.text.startswith("This is no ISO 18626 message: ")
    assert answer.text.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (TryLater("busy", 30), 503, "30"),
        (TryLater("busy"), 503, "5"),
        (NotFound("no such account"), 503, None),
        (BadMessage("odd"), 400, None),
        (RuntimeError("password=secret"), 500, None),
        (TimeoutError("database"), 500, None),
    ],
)
def test_what_the_engine_raises_becomes_an_http_status(
    host: FakeHost, message: bytes, error: Exception, status: int, retry: str | None
) -> None:
    def fail(payload: bytes, account: str) -> bytes:
        raise error

    host.reply = fail
    answer = call(Endpoint(host, Limits()), content=message)
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == retry
    assert "secret" not in answer.text


def test_no_answer_from_the_engine_is_not_an_empty_confirmation(host: FakeHost, message: bytes) -> None:
    host.reply = lambda payload, account: None
    assert call(Endpoint(host, Limits()), content=message).status_code == 500


def test_a_client_that_hangs_up_gets_nothing_and_nothing_is_taken(host: FakeHost, message: bytes) -> None:
    events: list[dict[str, Any]] = [
        {"type": "http.request", "body": message[:50], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return events.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"text/xml")]}
    asyncio.run(Endpoint(host, Limits())(scope, receive, send))
    assert sent == []
    assert host.ingested == []


def test_many_at_once_are_all_answered_and_too_many_are_asked_to_come_back(host: FakeHost, message: bytes) -> None:
    app = Endpoint(host, Limits())

    async def work() -> list[int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ill") as client:
            jobs = [client.post("/iso18626", content=message, headers=XML) for _ in range(300)]
            return [answer.status_code for answer in await asyncio.gather(*jobs)]

    statuses = asyncio.run(work())
    assert set(statuses) <= {200, 503}
    assert len(host.ingested) == statuses.count(200) >= 256


def test_other_kinds_of_connection_are_left_alone(host: FakeHost) -> None:
    async def never(*_: Any) -> Any:
        raise AssertionError("nothing is read or sent in a lifespan scope")

    asyncio.run(Endpoint(host, Limits())({"type": "lifespan"}, never, never))
