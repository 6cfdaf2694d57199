"""TLS: trusted, not trusted, and on one side only."""

from __future__ import annotations

import contextlib
import shutil
import ssl
import subprocess

import pytest

from illcore_z3950.client import Target, connect
from illcore_z3950.errors import (
    ConnectionLost,
    NotZ3950,
    TimedOut,
    TlsFailed,
)
from illcore_z3950.pqf import parse_pqf
from illcore_z3950.stages import Timeouts
from illcore_z3950.testing import (
    ScriptedTarget,
    answering_http,
    indefinite,
)
from illcore_z3950.testing.answers import (
    record,
)

QUERY = parse_pqf("@attr 1=4 x")
SHORT = Timeouts(connect=0.3, init=0.3, search=0.3, present=0.3)
TEN = [record(b"record %d" % n) for n in range(10)]


def at(target, **settings):
    return Target(target.host, target.port, **settings)


def search(target, deadline):
    """Connects, searches and fetches up to ten records."""
    session = connect(target, deadline)
    with contextlib.closing(session):
        answer = session.search(QUERY, ["main"], deadline)
        return session.fetch(answer.hits, deadline).records


def test_plain_target_where_tls_is_configured(deadline):
    with ScriptedTarget(answering_http()) as target, pytest.raises(TlsFailed, match="does not answer to TLS"):
        search(at(target, tls=ssl.create_default_context(), timeouts=SHORT), deadline)


@pytest.fixture
def certificate(tmp_path):
    """A key and a certificate for 127.0.0.1 that signs itself, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate to test TLS with")
    file = tmp_path / "server.pem"
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
        f" -addext subjectAltName=IP:127.0.0.1 -keyout {file}.key -out {file}.crt",
        shell=True,
        check=True,
        capture_output=True,
    )
    file.write_bytes(b"".join((tmp_path / f"server.pem.{part}").read_bytes() for part in ("key", "crt")))
    return file


@pytest.fixture
def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_tls(certificate, tls_server, deadline):
    trusting = ssl.create_default_context(cafile=f"{certificate}.crt")
    with ScriptedTarget(indefinite(TEN), tls=tls_server) as target:
        session = connect(at(target, tls=trusting), deadline)
        assert session.search(QUERY, ["main"], deadline).hits == 10
        assert session.is_quiet()
        assert len(session.fetch(10, deadline).records) == 10
        session.close()


def test_a_certificate_that_is_not_trusted(tls_server, deadline):
    with (
        ScriptedTarget(indefinite(TEN), tls=tls_server) as target,
        pytest.raises(TlsFailed, match="is not trusted: self-signed certificate"),
    ):
        connect(at(target, tls=ssl.create_default_context()), deadline)


def test_a_tls_target_where_plain_is_configured(tls_server, deadline):
    with (
        ScriptedTarget(indefinite(TEN), tls=tls_server) as target,
        pytest.raises((NotZ3950, ConnectionLost), match="TLS"),
    ):
        connect(at(target), deadline)


def test_a_tls_handshake_that_stalls(deadline):
    def script(talk):
        talk.wait()

    with ScriptedTarget(script) as target, pytest.raises(TimedOut, match="did not accept a connection"):
        connect(at(target, tls=ssl.create_default_context(), timeouts=SHORT), deadline)
