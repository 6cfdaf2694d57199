"""OAuth 2 for mail servers: access tokens from the token endpoint, and how they are shown (XOAUTH2, RFC 7628)."""

import threading
from collections.abc import Collection

import httpx

from illcore.clock import Clock
from illcore.connectors import Deadline
from illcore.errors import Misconfigured, TryLater

from .config import OAuth2

_LARGEST = 64 * 1024
_EARLY = 60.0
_WITHOUT_EXPIRY = 300.0
_LEAST = 0.05
_WRONG = frozenset({400, 401, 403, 404})


class Tokens:
    """The access token of one account: fetched when needed, kept until a minute before it expires. Thread-safe.

    A refresh token that the server replaces is used from then on, until the process ends.
    """

    def __init__(self, config: OAuth2, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._refresh = config.refresh_token.get_secret_value()
        self._token = ""
        self._until = 0.0
        self._lock = threading.Lock()

    def token(self, deadline: Deadline, instead_of: str = "") -> str:
        """An access token; not the one that was refused. Raises TryLater, Misconfigured."""
        with self._lock:
            if not self._token or self._token == instead_of or self._clock.monotonic() >= self._until:
                self._token = ""
                self._token = self._fetched(deadline)
            return self._token

    def _fetched(self, deadline: Deadline) -> str:
        left = deadline.remaining()
        if left <= _LEAST:
            raise TryLater("there was no time left to ask for an access token")
        config, where = self._config, f"the token server {httpx.URL(self._config.token_url).host}"
        form = {"grant_type": "refresh_token" if self._refresh else "client_credentials"}
        form |= {"refresh_token": self._refresh} if self._refresh else {}
        form |= {"scope": config.scope} if config.scope else {}
        secret = config.client_secret.get_secret_value()
        basic = (config.client_id, secret) if config.client_auth == "basic" else None
        if basic is None:
            form |= {"client_id": config.client_id} | ({"client_secret": secret} if secret else {})
        try:
            with (
                httpx.Client(timeout=left) as client,
                client.stream(
                    "POST", config.token_url, data=form, auth=basic, headers={"Accept": "application/json"}
                ) as answer,
            ):
                body = b""
                for part in answer.iter_bytes(4096):
                    body += part
                    if len(body) > _LARGEST or deadline.passed():
                        raise TryLater(f"{where} answered too much or too slowly")
        except httpx.HTTPError as error:
            raise TryLater(f"{where} cannot be reached: {type(error).__name__}") from None
        return self._understood(answer, body, where)

    def _understood(self, answer: httpx.Response, body: bytes, where: str) -> str:
        given = _json(answer, body)
        token = given.get("access_token")
        if answer.status_code == 200 and isinstance(token, str) and token.isascii() and token.isprintable():
            seconds = given.get("expires_in")
            lasts = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else _WITHOUT_EXPIRY
            self._until = self._clock.monotonic() + max(lasts - _EARLY, lasts / 2)
            fresh = given.get("refresh_token")
            if self._refresh and isinstance(fresh, str) and fresh:
                self._refresh = fresh
            return token
        said = str(given.get("error") or "")[:60]
        why = f"{where} gave no access token: {answer.status_code} {said if said.isidentifier() else ''}".strip()
        if answer.status_code in _WRONG and said != "temporarily_unavailable":
            raise Misconfigured(f"{why}; look at oauth2 of the account, or sign in anew")
        raise TryLater(why)


def _json(answer: httpx.Response, body: bytes) -> dict[str, object]:
    try:
        given = httpx.Response(answer.status_code, content=body).json()
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def chosen(wanted: str, offered: Collection[str], where: str) -> str:
    """The SASL mechanism to use, of those that are offered. Misconfigured if none of them takes a token."""
    for name in ("OAUTHBEARER", "XOAUTH2") if wanted == "auto" else (wanted,):
        if name in offered:
            return name
    raise Misconfigured(f"{where} takes no OAuth 2 token ({'XOAUTH2 or OAUTHBEARER' if wanted == 'auto' else wanted})")


class Shown:
    """What the client says: first the token; then, when told what is wrong with it, that it has understood."""

    def __init__(self, mechanism: str, user: str, host: str, port: int, token: str) -> None:
        bearer = f"auth=Bearer {token}\1\1"
        if mechanism == "XOAUTH2":
            self._words = [f"user={user}\1{bearer}", ""]
        else:
            name = user.replace("=", "=3D").replace(",", "=2C")
            self._words = [f"n,a={name},\1host={host}\1port={port}\1{bearer}", "\1"]

    def __call__(self, challenge: bytes | None = None, /) -> str:
        return self._words.pop(0) if len(self._words) > 1 else self._words[0]

    def octets(self, challenge: bytes) -> bytes:
        """The same, as imaplib asks for it."""
        return self(challenge).encode()
