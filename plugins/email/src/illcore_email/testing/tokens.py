"""For tests: a token server (RFC 6749, RFC 7662) that mail servers ask too, and an SMTP server that takes tokens."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.smtp import SMTP, AuthResult, Session

from .servers import Sink

CLIENT, CLIENT_SECRET, REFRESH = "ill-client", "client-secret-7", "refresh-token-7"


@dataclass
class TokenServer:
    """What it gave out, what it was asked, and what it shall answer instead, one by one: `(status, body)`."""

    user: str
    url: str = ""
    lasts: int = 3600
    given: list[str] = field(default_factory=list)
    withdrawn: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    rotated: str = ""

    def is_good(self, token: str) -> bool:
        return token in self.given and token not in self.withdrawn

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """What it says to a form."""
        if path == "/introspect":
            good = self.is_good(form.get("token", ""))
            return 200, {"active": True, "username": self.user} if good else {"active": False}
        self.asked.append(form)
        if self.answers:
            return self.answers.pop(0)
        refreshed = form.get("grant_type") == "refresh_token" and form.get("refresh_token") in (REFRESH, self.rotated)
        by_client = form.get("grant_type") == "client_credentials" and form.get("client_secret") == CLIENT_SECRET
        if form.get("client_id") != CLIENT or not (refreshed or by_client):
            return 400, {"error": "invalid_grant", "error_description": f"unknown {form.get('refresh_token')}"}
        self.given.append(f"access-{len(self.given)}")
        more = {"refresh_token": self.rotated} if self.rotated and refreshed else {}
        return 200, {"access_token": self.given[-1], "token_type": "Bearer", "expires_in": self.lasts, **more}


@contextmanager
def token_server(user: str) -> Iterator[TokenServer]:
    """One that gives tokens for this user, on a loopback port."""
    state = TokenServer(user)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            basic = self.headers.get("Authorization", "")
            if basic.startswith("Basic "):
                form["client_id"], _, form["client_secret"] = base64.b64decode(basic[6:]).decode().partition(":")
            status, answer = state.answer(self.path, form)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests need no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TokenSink(Sink):
    """An SMTP server that takes mail only from whoever shows a token; `logins` are mechanism and what was shown."""

    def __init__(self, tokens: TokenServer) -> None:
        super().__init__()
        self.tokens = tokens
        self.logins: list[tuple[str, str]] = []

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Any, address: str, options: list[str]) -> str:
        if not session.authenticated:
            return "530 5.7.0 log in first"
        envelope.mail_from = address
        return "250 ok"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        return await self._shown("XOAUTH2", server, args)

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:
        return await self._shown("OAUTHBEARER", server, args)

    async def _shown(self, mechanism: str, server: SMTP, args: list[str]) -> AuthResult:
        words = base64.b64decode(args[1]).decode()
        self.logins.append((mechanism, words))
        token = words.partition("auth=Bearer ")[2].partition("\1")[0]
        user = f"user={self.tokens.user}\1" if mechanism == "XOAUTH2" else f"n,a={self.tokens.user},\1"
        if words.startswith(user) and self.tokens.is_good(token):
            return AuthResult(success=True)
        wrong = base64.b64encode(b'{"status":"401"}').decode()
        await server.push(f"334 {wrong}")
        await server._reader.readline()
        return AuthResult(success=False, handled=False)
