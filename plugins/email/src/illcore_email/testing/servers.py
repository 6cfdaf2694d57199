"""Real mail servers for tests: an SMTP server (aiosmtpd) that can say no, and a Dovecot as an ordinary user."""

import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

PASSWORD = "secret"
_BINARIES = ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/opt/homebrew/sbin/dovecot")
_INSTEAD_OF_ROOT = ("dovecot", "nobody")
_CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
protocols = imap lmtp
mail_location = maildir:{base}/mail/%Lu
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_uid = {user}
mail_gid = {group}
auth_mechanisms = plain{tokens}
recipient_delimiter = +
auth_failure_delay = 0
passdb {{
  driver = static
  mechanisms = plain
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/home/%Lu allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
_TOKENS = """ xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}"""
_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


class Sink:
    """Keeps mails, hands them on, or answers as a test says: `answers` are given to RCPT or DATA one by one."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []
        self.rcpt: deque[str] = deque()
        self.data: deque[str] = deque()
        self.lmtp: int | None = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt:
            return self.rcpt.popleft()
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if self.data:
            answer = self.data.popleft()
            if not answer.startswith("2"):
                return answer
        self.mails.append((list(envelope.rcpt_tos), content))
        if self.lmtp is not None:
            with smtplib.LMTP("127.0.0.1", self.lmtp) as next_server:
                next_server.sendmail(envelope.mail_from or "", envelope.rcpt_tos, content)
        return "250 taken"


class _Server(Controller):
    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def smtp_server(sink: Sink, **options: Any) -> Iterator[int]:
    """The port of an SMTP server for the time of a `with` block; `options` are aiosmtpd's."""
    server = _Server(sink, **{"hostname": "127.0.0.1", "port": 0, **options})
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def make_certificate(folder: Path) -> Path | None:
    """The PEM file of a key and a certificate that it signs for 127.0.0.1; None where there is no openssl."""
    if not shutil.which("openssl"):
        return None
    key, own, both = folder / "key.pem", folder / "own.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", own],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_bytes(key.read_bytes() + own.read_bytes())
    return both


def why_no_dovecot() -> str:
    """Why no Dovecot can be started here, for the test that skips; empty if it can."""
    if not dovecot_binary():
        return "Dovecot is not installed: apt-get install dovecot-imapd dovecot-lmtpd"
    try:
        _ordinary_user()
    except RuntimeError as error:
        return str(error)
    return ""


def dovecot_binary() -> str:
    """Where Dovecot is; empty if it is not installed with IMAP and LMTP."""
    return next((path for path in (shutil.which("dovecot"), *_BINARIES) if path and os.access(path, os.X_OK)), "")


class Dovecot:
    """A real IMAP and LMTP server: any user with `PASSWORD`, or with a token that `introspection` (a URL) knows.

    With a `certificate` (its PEM file, the key in it too) it speaks TLS on the port `imaps`, and STARTTLS on the other.
    It runs as whoever runs the tests; where that is root, as an ordinary user all the same.
    """

    def __init__(self, folder: Path, introspection: str = "", certificate: Path | None = None) -> None:
        self.folder = folder
        self.imap, self.lmtp = _free_port(), _free_port()
        for name in ("run", "state", "mail", "home"):
            (folder / name).mkdir()
        user = _ordinary_user()
        group = grp.getgrgid(user.pw_gid).gr_name
        values = {"base": folder, "user": user.pw_name, "group": group, "imap": self.imap, "lmtp": self.lmtp}
        self.imaps = _free_port() if certificate else 0
        pem = folder / "certificate.pem"
        if certificate:
            shutil.copy(certificate, pem)
        keys = f"yes\nssl_cert = <{pem}\nssl_key = <{pem}" if certificate else "no"
        values |= {"imaps": self.imaps, "ssl": keys}
        values |= {"password": PASSWORD, "tokens": _TOKENS.format(base=folder) if introspection else ""}
        (folder / "dovecot.conf").write_text(_CONFIG.format(**values), encoding="utf-8")
        (folder / "oauth2.conf").write_text(_INTROSPECTION.format(url=introspection), encoding="utf-8")
        self._dropped: dict[str, Any] = {}
        if os.getuid() == 0:
            for each in (folder, *folder.iterdir()):
                os.chown(each, user.pw_uid, user.pw_gid)
            self._dropped = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. RuntimeError if it does not start."""
        command = [dovecot_binary(), "-F", "-c", str(self.folder / "dovecot.conf")]
        with (self.folder / "out").open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, **self._dropped)
        for port in (self.imap, self.lmtp):
            if not _answers(port, self._process):
                logs = [self.folder / name for name in ("out", "log")]
                said = "".join(log.read_text("utf-8", "replace") for log in logs if log.exists())
                raise RuntimeError(f"Dovecot does not start: {said[-800:]}")

    def kill(self) -> None:
        """End it and all its children dead, as when the machine is switched off."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def empty(self) -> None:
        """Throw all mail away."""
        for box in (self.folder / "mail").iterdir():
            shutil.rmtree(box, ignore_errors=True)

    def put(self, raw: bytes, to: str, sender: str = "someone@example.org") -> None:
        """Deliver a mail."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as server:
            server.sendmail(sender, [to], raw)


@contextmanager
def dovecot(introspection: str = "", certificate: Path | None = None) -> Iterator[Dovecot]:
    """A Dovecot that answers, for the time of a `with` block."""
    with tempfile.TemporaryDirectory(prefix="ill-dovecot-", ignore_cleanup_errors=True) as name:
        server = Dovecot(Path(name), introspection, certificate)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _ordinary_user() -> pwd.struct_passwd:
    """Who runs the tests; for root the user of Dovecot's package, else nobody. RuntimeError if there is none."""
    if os.getuid():
        return pwd.getpwuid(os.getuid())
    for name in _INSTEAD_OF_ROOT:
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            if found.pw_uid:
                return found
    raise RuntimeError(f"root needs one of the users {', '.join(_INSTEAD_OF_ROOT)} to start Dovecot as")


def _answers(port: int, server: "subprocess.Popen[bytes]") -> bool:
    waiting = threading.Event()
    for _ in range(200):
        if server.poll() is not None:
            return False
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(5)
            return bool(connection.recv(1))
        waiting.wait(0.05)
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
