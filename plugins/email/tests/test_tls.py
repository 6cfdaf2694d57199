"""Encrypted connections to real servers: TLS and STARTTLS with logins, certificates checked, mail watched as ever."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from illcore.clock import SystemClock
from illcore.connectors import Deadline
from illcore.errors import Misconfigured
from illcore_email.config import EmailConfig
from illcore_email.incoming.imap import fetch_new
from illcore_email.outgoing.smtp import deliver
from illcore_email.testing import BOX, THEIR_BOX, account, mail
from illcore_email.testing.servers import (
    PASSWORD,
    Dovecot,
    Sink,
    dovecot,
    make_certificate,
    smtp_server,
    why_no_dovecot,
)

CLOCK = SystemClock()


@dataclass
class Encrypted:
    """Servers with a certificate that nobody knows but who names its file."""

    certificate: Path
    box: Dovecot
    sink: Sink
    smtps: int
    starttls: int

    def config(self, implicit: bool, **more: Any) -> EmailConfig:
        ports = (self.smtps, self.box.imaps) if implicit else (self.starttls, self.box.imap)
        keys = {"smtp_port": ports[0], "imap_port": ports[1], "password": PASSWORD, "tls": "tls" if implicit else True}
        return EmailConfig(**{**account(BOX), **keys, **more})


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    certificate = make_certificate(tmp_path_factory.mktemp("tls"))
    reason = why_no_dovecot() or ("" if certificate else "openssl is not installed")
    if reason or certificate is None:
        pytest.skip(reason)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    sink = Sink()

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = (data.login, data.password) == (BOX.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=known)

    with (
        dovecot(certificate=certificate) as box,
        smtp_server(sink, ssl_context=context, auth_require_tls=False, authenticator=knows) as smtps,
        smtp_server(sink, tls_context=context, require_starttls=True, authenticator=knows) as starttls,
    ):
        yield Encrypted(certificate, box, sink, smtps, starttls)


def fetched(config: EmailConfig, patient: bool = False) -> list[bytes]:
    deadline = Deadline(CLOCK, 20, lambda: patient)
    return [raw for raw, _ in fetch_new(config, {}, lambda *_: (), lambda *_: None, deadline).mails]


@pytest.mark.parametrize("implicit", [True, False], ids=["TLS", "STARTTLS"])
def test_mails_go_out_and_come_in_encrypted(
    encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch, implicit: bool
) -> None:
    encrypted.box.empty()
    monkeypatch.setenv("SSL_CERT_FILE", str(encrypted.certificate))
    config = encrypted.config(implicit)
    encrypted.box.put(mail("来信"), BOX)
    assert len(fetched(config)) == 1
    before = len(encrypted.sink.mails)
    deliver(mail("x"), THEIR_BOX, config, Deadline(CLOCK, 20))
    assert len(encrypted.sink.mails) == before + 1


@pytest.mark.parametrize("implicit", [True, False], ids=["TLS", "STARTTLS"])
def test_a_wrong_password_is_a_matter_for_a_person(encrypted: Encrypted, implicit: bool) -> None:
    config = encrypted.config(implicit, verify=False, password="wrong-7")
    for work in (lambda: fetched(config), lambda: deliver(mail("x"), THEIR_BOX, config, Deadline(CLOCK, 20))):
        with pytest.raises(Misconfigured, match="refuses the login") as raised:
            work()
        assert "wrong-7" not in str(raised.value)


@pytest.mark.parametrize("implicit", [True, False], ids=["TLS", "STARTTLS"])
def test_a_certificate_that_is_not_trusted_is_a_matter_for_a_person(encrypted: Encrypted, implicit: bool) -> None:
    config = encrypted.config(implicit)
    with pytest.raises(Misconfigured, match="not trusted"):
        fetched(config)
    with pytest.raises(Misconfigured, match="not trusted"):
        deliver(mail("x"), THEIR_BOX, config, Deadline(CLOCK, 20))
    assert fetched(encrypted.config(implicit, verify=False)) is not None


@pytest.mark.parametrize("implicit", [True, False], ids=["TLS", "STARTTLS"])
def test_what_comes_over_an_encrypted_connection_is_heard_at_once(
    encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch, implicit: bool
) -> None:
    import illcore_email.incoming.idle as idle

    encrypted.box.empty()
    real = idle._said_already

    def said(box: Any) -> bool:
        found = real(box)
        encrypted.box.put(mail("来信"), BOX)
        return found

    monkeypatch.setattr(idle, "_said_already", said)
    begun = CLOCK.monotonic()
    assert len(fetched(encrypted.config(implicit, verify=False), patient=True)) == 1
    assert CLOCK.monotonic() - begun < 10
