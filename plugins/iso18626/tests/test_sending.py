"""Sending over real HTTP: what each kind of answer, silence and breakage means to the engine."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as HttpRequest
from werkzeug import Response

from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.errors import Misconfigured, Refused, TryLater, Unknown
from illcore.message import Message, Result, Try
from illcore.model import Citation, Partner
from illcore.testing.fakes import FakeHost
from illcore.testing.sockets import black_hole, closed_port
from illcore_iso18626.config import Iso18626Config
from illcore_iso18626.connector import Iso18626Connector
from illcore_iso18626.exchange import PartnerMisconfigured
from illcore_iso18626.mapping import confirmation, from_wire
from illcore_iso18626.reader import read_message

FIRST, DOUBT = Try(), Try(number=2, previous="unknown")
Core = Callable[..., Message]


@pytest.fixture
def connector() -> Iterator[Iso18626Connector]:
    made = Iso18626Connector(Iso18626Config(), FakeHost())
    yield made
    made.close()


@pytest.fixture
def cancel(core: Core) -> Message:
    return core("RequestingAgencyMessage", action="Cancel")


@pytest.fixture
def loan(core: Core) -> Message:
    return core("Request", service_type="loan", note="馆际互借", citation=Citation(title="红楼梦"))


def at(url: str, **address: Any) -> Partner:
    return Partner(symbol="ISIL:CN-320006", address={"url": url, **address})


def send(
    connector: Iso18626Connector, message: Message, partner: Partner, attempt: Try = FIRST, seconds: float = 10.0
) -> Any:
    return connector.illcore_send(message, partner, "key:1:1", attempt, Deadline(SystemClock(), seconds))


def confirmed(body: bytes, error: str = "", value: str = "", **changes: Any) -> bytes:
    message = from_wire(read_message(body)).model_copy(update=changes)
    outcome: Any = "refused" if error else "applied"
    now = datetime(2026, 1, 5, 9, tzinfo=UTC)
    return confirmation(Result(message=message, outcome=outcome, error=error, value=value, answered_at=now))


@dataclass
class Lender:
    """A partner's server: `bodies` is what it got; `reply` decides on each."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    reply: Callable[[bytes], Response] = lambda body: Response(confirmed(body), content_type="application/xml")


@pytest.fixture
def lender(httpserver: HTTPServer) -> Lender:
    made = Lender(httpserver.url_for("/iso18626"))

    def respond(request: HttpRequest) -> Response:
        made.bodies.append(request.get_data())
        made.headers.append(dict(request.headers))
        return made.reply(made.bodies[-1])

    httpserver.expect_request("/iso18626", method="POST").respond_with_handler(respond)
    return made


def test_a_message_is_delivered(connector: Iso18626Connector, loan: Message, lender: Lender) -> None:
    partner = at(lender.url, account_id="acc", security_code="kod", headers={"X-Okapi-Tenant": "diku"})
    assert send(connector, loan, partner).detail == {"confirmed_by": "confirmation"}
    arrived = from_wire(read_message(lender.bodies[0]))
    assert (arrived.account_id, arrived.security_code, arrived.note) == ("acc", "kod", "馆际互借")
    headers = lender.headers[0]
    assert headers["Content-Type"] == "application/xml; charset=utf-8"
    assert headers["X-Okapi-Tenant"] == "diku"
    assert headers["Accept-Encoding"] == "identity"


def test_an_error_is_a_refusal_with_its_type(connector: Iso18626Connector, cancel: Message, lender: Lender) -> None:
    lender.reply = lambda body: Response(confirmed(body, "UnsupportedActionType", "Cancel: 不可"))
    with pytest.raises(Refused, match="refused the Cancel: UnsupportedActionType: Cancel: 不可") as caught:
        send(connector, cancel, at(lender.url))
    assert caught.value.code == "UnsupportedActionType"


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_an_error_confirmation_counts_under_a_4xx_too(
    connector: Iso18626Connector, cancel: Message, lender: Lender, status: int
) -> None:
    lender.reply = lambda body: Response(confirmed(body, "BadlyFormedMessage", "no"), status)
    with pytest.raises(Refused) as caught:
        send(connector, cancel, at(lender.url))
    assert caught.value.code == "BadlyFormedMessage"


def test_created_is_as_good_as_ok(connector: Iso18626Connector, cancel: Message, lender: Lender) -> None:
    lender.reply = lambda body: Response(confirmed(body), 201)
    assert send(connector, cancel, at(lender.url))


@pytest.mark.parametrize("status", [425, 429, 503])
def test_a_busy_partner_is_tried_when_it_says(
    connector: Iso18626Connector, cancel: Message, lender: Lender, status: int
) -> None:
    lender.reply = lambda body: Response("", status, {"Retry-After": "120"})
    with pytest.raises(TryLater) as caught:
        send(connector, cancel, at(lender.url))
    assert caught.value.after == 120


@pytest.mark.parametrize("status", [500, 502, 504, 408])
def test_after_a_server_error_nobody_knows(
    connector: Iso18626Connector, cancel: Message, lender: Lender, status: int
) -> None:
    lender.reply = lambda body: Response("<html>", status)
    with pytest.raises(Unknown, match=str(status)):
        send(connector, cancel, at(lender.url))


@pytest.mark.parametrize("status", [401, 403, 404, 405, 410, 415])
def test_a_wrong_address_is_a_matter_of_that_partner_only(
    connector: Iso18626Connector, cancel: Message, lender: Lender, status: int
) -> None:
    lender.reply = lambda body: Response("no", status)
    with pytest.raises(PartnerMisconfigured, match=f"HTTP {status}") as caught:
        send(connector, cancel, at(lender.url))
    assert caught.value.code == "partner"


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_message_that_is_not_understood_is_refused(
    connector: Iso18626Connector, cancel: Message, lender: Lender, status: int
) -> None:
    lender.reply = lambda body: Response("no", status)
    with pytest.raises(Refused) as caught:
        send(connector, cancel, at(lender.url))
    assert caught.value.code == f"HTTP {status}"


def test_redirections_are_not_followed(
    connector: Iso18626Connector, cancel: Message, lender: Lender, httpserver: HTTPServer
) -> None:
    lender.reply = lambda body: Response("", 308, {"Location": httpserver.url_for("/elsewhere")})
    with pytest.raises(PartnerMisconfigured, match="/elsewhere"):
        send(connector, cancel, at(lender.url))
    assert len(lender.bodies) == 1
    assert all(request.path == "/iso18626" for request, _ in httpserver.log)


@pytest.mark.parametrize("body", [b"", b"   ", b"OK", b"<html/>", b"\x00\xff", b"<!DOCTYPE a><a/>"])
def test_an_answer_that_is_no_confirmation_leaves_it_open(
    connector: Iso18626Connector, cancel: Message, lender: Lender, body: bytes
) -> None:
    lender.reply = lambda _: Response(body)
    with pytest.raises(Unknown):
        send(connector, cancel, at(lender.url))


def test_a_confirmation_of_another_message_leaves_it_open(
    connector: Iso18626Connector, cancel: Message, lender: Lender
) -> None:
    lender.reply = lambda body: Response(confirmed(body, requesting_agency_request_id="R-99"))
    with pytest.raises(Unknown, match="R-99"):
        send(connector, cancel, at(lender.url))
    lender.reply = lambda body: Response(confirmed(body, kind="Request"))
    with pytest.raises(Unknown, match="RequestConfirmation"):
        send(connector, cancel, at(lender.url))


def test_a_request_in_doubt_is_asked_for_first(connector: Iso18626Connector, loan: Message, lender: Lender) -> None:
    assert send(connector, loan, at(lender.url), DOUBT).detail == {"confirmed_by": "StatusRequest"}
    asked = [from_wire(read_message(body)) for body in lender.bodies]
    assert [(each.action, each.requesting_agency_request_id) for each in asked] == [("StatusRequest", "R-1")]


def test_a_request_that_is_not_known_goes_out_again_with_the_same_bytes(
    connector: Iso18626Connector, loan: Message, lender: Lender
) -> None:
    send(connector, loan, at(lender.url))
    lender.reply = lambda body: Response(
        confirmed(body, "UnrecognisedDataValue", "requestingAgencyRequestId: not found")
        if b"StatusRequest" in body
        else confirmed(body)
    )
    assert send(connector, loan, at(lender.url), DOUBT).detail == {"confirmed_by": "confirmation"}
    first, question, again = lender.bodies
    assert first == again
    assert b"StatusRequest" in question


def test_an_error_to_the_request_sent_again_is_a_refusal(
    connector: Iso18626Connector, loan: Message, lender: Lender
) -> None:
    lender.reply = lambda body: Response(confirmed(body, "UnrecognisedDataValue", "id exists"))
    with pytest.raises(Refused, match="id exists"):
        send(connector, loan, at(lender.url), DOUBT)
    assert len(lender.bodies) == 2


def test_other_messages_in_doubt_are_simply_repeated(
    connector: Iso18626Connector, cancel: Message, lender: Lender
) -> None:
    send(connector, cancel, at(lender.url), DOUBT)
    assert [b"<action>Cancel" in body for body in lender.bodies] == [True]


def test_nobody_there_means_later(connector: Iso18626Connector, cancel: Message) -> None:
    with closed_port() as port, pytest.raises(TryLater, match="cannot be reached"):
        send(connector, cancel, at(f"http://127.0.0.1:{port}/"))


def test_a_name_that_nobody_knows_means_later(connector: Iso18626Connector, cancel: Message) -> None:
    with pytest.raises(TryLater):
        send(connector, cancel, at("http://no-such-host.invalid/"))


def test_without_time_nothing_is_sent(connector: Iso18626Connector, cancel: Message, lender: Lender) -> None:
    with pytest.raises(TryLater):
        send(connector, cancel, at(lender.url), seconds=0.0)
    assert lender.bodies == []


@pytest.mark.parametrize(
    "address",
    [
        {},
        {"url": ""},
        {"url": "ftp://example.org/"},
        {"url": "file:///etc/passwd"},
        {"url": "example.org/iso18626"},
        {"url": "http://"},
        {"url": "http://[::1/"},
        {"url": "http://example.org:port/"},
        {"url": "http://127.0.0.1:9/", "headers": {"Content-Length": "5"}},
        {"url": "http://127.0.0.1:9/", "headers": {"X": "a\r\nHost: b"}},
        {"url": "http://127.0.0.1:9/", "headers": {"X": "中"}},
        {"url": "http://127.0.0.1:9/", "headers": "X: y"},
    ],
)
def test_an_address_that_cannot_be_used_is_named(
    connector: Iso18626Connector, cancel: Message, address: dict[str, Any]
) -> None:
    with pytest.raises(PartnerMisconfigured, match="ISIL:CN-320006"):
        send(connector, cancel, Partner(symbol="ISIL:CN-320006", address=address))


def test_plain_http_can_be_forbidden(cancel: Message) -> None:
    strict = Iso18626Connector(Iso18626Config(allow_http=False), FakeHost())
    with pytest.raises(PartnerMisconfigured, match="not https"):
        send(strict, cancel, at("http://127.0.0.1:9/"))


def test_a_ca_file_that_is_not_there_is_a_matter_of_the_account(cancel: Message, tmp_path: Any) -> None:
    strict = Iso18626Connector(Iso18626Config(ca_file=tmp_path / "none.pem"), FakeHost())
    with pytest.raises(Misconfigured, match=r"none\.pem") as caught:
        send(strict, cancel, at("https://127.0.0.1:9/"))
    assert not isinstance(caught.value, PartnerMisconfigured)


def test_a_profile_that_cannot_be_used_is_a_matter_of_the_partner(
    connector: Iso18626Connector, core: Core, lender: Lender
) -> None:
    partner = at(lender.url).model_copy(update={"profile": {"items": 7}})
    with pytest.raises(PartnerMisconfigured, match="items"):
        send(connector, core("RequestingAgencyMessage", action="Renew"), partner)


def test_a_message_that_cannot_be_written_is_refused_and_nothing_is_sent(
    connector: Iso18626Connector, core: Core, lender: Lender
) -> None:
    with pytest.raises(Refused, match="requestingAgencyRequestId"):
        send(
            connector,
            core("RequestingAgencyMessage", action="Renew", requesting_agency_request_id="\x01"),
            at(lender.url),
        )
    assert lender.bodies == []


@contextmanager
def raw(play: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads one request and then plays its part on the bare socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
            except OSError:  # the test did not come this far
                return
            with connection:
                connection.settimeout(10)
                received = b""
                while b"</ISO18626Message>" not in received:
                    received += connection.recv(65536)
                try:
                    play(connection)
                except OSError:  # the client hung up, as it should
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join(10)
        assert not thread.is_alive()


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.05)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


BREAKS: dict[str, Callable[[socket.socket], None]] = {
    "hangs up": lambda connection: None,
    "hangs up in the headers": lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nCont"),
    "hangs up in the body": lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<a"),
    "speaks something else": lambda connection: connection.sendall(b"\x15\x03\x01\x00\x02\x02\x28"),
    "has no end": endless,
    "says it is compressed": lambda connection: connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"
    ),
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_partner_that_breaks_off_leaves_it_open(connector: Iso18626Connector, cancel: Message, how: str) -> None:
    with raw(BREAKS[how]) as url, pytest.raises(Unknown):
        send(connector, cancel, at(url))


@pytest.mark.parametrize("play", [drip, drip_headers])
def test_a_partner_that_drips_costs_no_more_than_the_deadline(
    connector: Iso18626Connector, cancel: Message, play: Callable[[socket.socket], None]
) -> None:
    with raw(play) as url:
        begun = time.monotonic()
        with pytest.raises(Unknown):
            send(connector, cancel, at(url), seconds=0.5)
        assert time.monotonic() - begun < 3


def test_the_account_can_be_stricter_than_the_engine(cancel: Message) -> None:
    hasty = Iso18626Connector(Iso18626Config(timeout_seconds=0.3), FakeHost())
    with raw(drip) as url:
        begun = time.monotonic()
        with pytest.raises(Unknown):
            send(hasty, cancel, at(url), seconds=60)
        assert time.monotonic() - begun < 3
    hasty.close()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate to test TLS with")
    found, key = tmp_path / "server.crt", tmp_path / "server.key"
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
        f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {found}",
        shell=True,
        check=True,
        capture_output=True,
    )
    return found, key


def test_a_certificate_must_be_trusted(
    connector: Iso18626Connector, cancel: Message, certificate: tuple[Path, Path]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, certificate))
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/").respond_with_handler(lambda request: Response(confirmed(request.get_data())))
        with pytest.raises(PartnerMisconfigured, match=r"not trusted.*ca_file"):
            send(connector, cancel, at(server.url_for("/")))
        assert not server.log
        for config in (Iso18626Config(ca_file=certificate[0]), Iso18626Config(verify=False)):
            trusting = Iso18626Connector(config, FakeHost())
            assert send(trusting, cancel, at(server.url_for("/")))
            trusting.close()


def test_tls_towards_a_server_that_drips_keeps_the_deadline(connector: Iso18626Connector, cancel: Message) -> None:
    with black_hole() as port:
        begun = time.monotonic()
        with pytest.raises(TryLater):
            send(connector, cancel, at(f"https://127.0.0.1:{port}/"), seconds=0.5)
        assert time.monotonic() - begun < 3


def test_nothing_is_sent_before_it_must_be() -> None:
    made = Iso18626Connector(Iso18626Config(), FakeHost())
    assert made.illcore_receive(None, None, Deadline(SystemClock(), 1)).messages == ()
    made.close()
