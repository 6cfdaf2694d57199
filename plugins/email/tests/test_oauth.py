"""Logging in with OAuth 2, at a real Dovecot and a real SMTP server that ask the token server themselves."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.errors import Misconfigured, TryLater
from illcore.testing.fakes import FakeClock
from illcore_email.config import EmailConfig, OAuth2
from illcore_email.oauth import Shown, Tokens
from illcore_email.outgoing.smtp import deliver
from illcore_email.testing import BOOK, BOX, OURS, THEIR_BOX, THEIRS, Office, Opened, account, knows, mail, submitted
from illcore_email.testing.servers import Dovecot, dovecot, smtp_server, why_no_dovecot
from illcore_email.testing.tokens import CLIENT, CLIENT_SECRET, REFRESH, TokenServer, TokenSink, token_server


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with token_server(BOX) as server:
        yield server


def signed_in(tokens: TokenServer, **more: Any) -> dict[str, Any]:
    return {"token_url": f"{tokens.url}/token", "client_id": CLIENT, "refresh_token": REFRESH, **more}


@dataclass
class Servers:
    """Mail servers that take tokens only."""

    tokens: TokenServer
    sink: TokenSink
    smtp: int
    box: Dovecot


@pytest.fixture(scope="module")
def started() -> Iterator[Servers]:
    reason = why_no_dovecot()
    if reason:
        pytest.skip(reason)
    with token_server(BOX) as tokens, dovecot(f"{tokens.url}/introspect") as box:
        sink = TokenSink(tokens)
        with smtp_server(sink, auth_require_tls=False) as smtp:
            yield Servers(tokens, sink, smtp, box)


@pytest.fixture
def servers(started: Servers) -> Servers:
    started.box.empty()
    started.sink.logins.clear()
    started.sink.mails.clear()
    started.tokens.asked.clear()
    return started


def office_at(servers: Servers, open_office: Opened, **more: Any) -> Office:
    keys = {"smtp_port": servers.smtp, "imap_port": servers.box.imap, "oauth2": signed_in(servers.tokens, **more)}
    office = open_office(OURS, BOX, real=True, **keys)
    knows(office, THEIRS, THEIR_BOX)
    return office


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_mails_go_out_and_come_in_with_a_token(servers: Servers, open_office: Opened, mechanism: str) -> None:
    office = office_at(servers, open_office, mechanism=mechanism)
    servers.box.put(mail("来信"), BOX)
    submitted(office, BOOK)
    assert len(servers.sink.mails) == 1
    assert {name for name, _ in servers.sink.logins} == {mechanism}
    assert len(office.mails()) == 1
    assert len(servers.tokens.asked) == 1, "one token serves both, as long as it lasts"


def test_a_client_with_rights_of_its_own_needs_nobody_to_sign_in(servers: Servers, open_office: Opened) -> None:
    office = office_at(servers, open_office, refresh_token="", client_secret=CLIENT_SECRET, client_auth="basic")
    submitted(office, BOOK)
    assert servers.tokens.asked[0]["grant_type"] == "client_credentials"
    assert len(servers.sink.mails) == 1


def test_a_token_that_was_withdrawn_is_replaced_at_once(servers: Servers, open_office: Opened) -> None:
    office = office_at(servers, open_office)
    submitted(office, BOOK)
    servers.tokens.withdrawn.update(servers.tokens.given)
    servers.box.put(mail("来信"), BOX)
    assert office.engine.run_due().failed == 0
    assert len(office.mails()) == 1
    assert len(servers.tokens.asked) == 2


def test_a_token_that_was_withdrawn_is_replaced_for_sending_too(servers: Servers) -> None:
    clock = SystemClock()
    keys = {"smtp_port": servers.smtp, "oauth2": signed_in(servers.tokens)}
    config = EmailConfig(**{**account(BOX), **keys})
    made = Tokens(config.oauth2, clock) if config.oauth2 else None
    for _ in range(2):
        deliver(mail("x"), THEIR_BOX, config, Deadline(clock, 20), made)
        servers.tokens.withdrawn.update(servers.tokens.given)
    assert (len(servers.sink.mails), len(servers.sink.logins)) == (2, 3)


def test_a_mailbox_that_takes_no_token_at_all_is_a_matter_for_a_person(
    servers: Servers, open_office: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office = office_at(servers, open_office)
    servers.tokens.user = "somebody@else.example.org"
    try:
        assert office.engine.run_due().failed == 1
    finally:
        servers.tokens.user = BOX
    [paused] = [row for row in office.engine.report() if row["status"] == "paused"]
    assert "refuses the login" in paused["reason"]
    for secret in (REFRESH, *servers.tokens.given):
        assert secret not in paused["reason"] + caplog.text


# --- the token server alone ------------------------------------------------------------------------------------------


def source(tokens: TokenServer, clock: FakeClock, **more: Any) -> Tokens:
    return Tokens(OAuth2(**signed_in(tokens, **more)), clock)


def test_a_token_is_kept_until_shortly_before_it_expires(tokens: TokenServer) -> None:
    clock = FakeClock()
    made, soon = source(tokens, clock), Deadline(clock, 10)
    assert made.token(soon) == made.token(soon)
    clock.sleep(3600 - 61)
    assert made.token(Deadline(clock, 10)) == "access-0"
    clock.sleep(2)
    assert made.token(Deadline(clock, 10)) == "access-1"


def test_a_refresh_token_that_is_replaced_is_used_from_then_on(tokens: TokenServer) -> None:
    clock = FakeClock()
    made = source(tokens, clock)
    tokens.rotated = "refresh-token-8"
    first = made.token(Deadline(clock, 10))
    made.token(Deadline(clock, 10), instead_of=first)
    assert [form["refresh_token"] for form in tokens.asked] == [REFRESH, "refresh-token-8"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": REFRESH}, Misconfigured),
        (401, {"error": "invalid_client"}, Misconfigured),
        (400, {"error": "temporarily_unavailable"}, TryLater),
        (429, {}, TryLater),
        (503, {"error": "x" * 1000}, TryLater),
        (200, {"access_token": "a\r\nb"}, TryLater),
        (200, {"access_token": 7}, TryLater),
        (302, {}, TryLater),
        (200, {"access_token": "x" * 100_000}, TryLater),
    ],
)
def test_what_the_token_server_answers_instead(
    tokens: TokenServer, status: int, body: dict[str, Any], error: type[Exception]
) -> None:
    clock = FakeClock()
    tokens.answers.append((status, body))
    made = source(tokens, clock)
    with pytest.raises(error) as raised:
        made.token(Deadline(clock, 10))
    assert REFRESH not in str(raised.value)
    assert len(str(raised.value)) < 200
    assert made.token(Deadline(clock, 10)) == "access-0", "the next try is a new one"


def test_a_token_server_that_is_away_is_asked_later(tokens: TokenServer) -> None:
    clock = FakeClock()
    made = source(tokens, clock, token_url="http://127.0.0.1:9/token")
    with pytest.raises(TryLater, match="cannot be reached"):
        made.token(Deadline(clock, 10))
    with pytest.raises(TryLater, match="no time left"):
        made.token(Deadline(clock, 0))


@pytest.mark.parametrize(
    ("oauth2", "said"),
    [
        ({"token_url": "http://login.example.org/t", "client_id": "c", "refresh_token": "r"}, "https"),
        ({"token_url": "https://u:p@login.example.org/t", "client_id": "c", "refresh_token": "r"}, "https"),
        ({"token_url": "https://login.example.org/t", "client_id": "c"}, "refresh_token"),
        ({"token_url": "https://login.example.org/t", "refresh_token": "r"}, "client_id"),
    ],
)
def test_what_cannot_work_is_said_when_the_account_is_made(oauth2: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        EmailConfig(**account(BOX, oauth2=oauth2))


def test_a_password_and_a_token_are_one_too_many(tokens: TokenServer) -> None:
    with pytest.raises(ValueError, match="not both"):
        EmailConfig(**account(BOX, oauth2=signed_in(tokens), password="p"))


def test_what_is_shown_is_what_the_standard_says() -> None:
    """The example of RFC 7628, section 4.1."""
    words = Shown(
        "OAUTHBEARER", "user@example.com", "server.example.com", 143, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
    )
    assert words() == (
        "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01"
        "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01"
    )
    assert words(b"{}") == "\x01"
    assert Shown("XOAUTH2", "a", "h", 1, "t").octets(b"") == b"user=a\x01auth=Bearer t\x01\x01"
