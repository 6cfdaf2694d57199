"""Access tokens by client credentials (RFC 6749, section 4.4): fetched once, kept until shortly before they end."""

import threading
from dataclasses import dataclass

from illcore.clock import Clock
from illcore.connectors import Deadline
from illcore.errors import Misconfigured, TryLater

from ..config import OclcConfig
from . import shape
from .exchange import Exchange
from .failures import Reply
from .veil import Veil

_EARLY = 30.0
_SHORTEST = 1.0
_ASSUMED = 300.0
_REFUSED = frozenset({400, 401, 403, 404, 405, 406, 415})


@dataclass(frozen=True, slots=True)
class Token:
    """`ends` is on the monotonic clock, some time before the server's own end of it."""

    value: str
    ends: float

    def __repr__(self) -> str:
        return f"Token(…, ends={self.ends:.0f})"


class Tokens:
    """The token of one account in this process. Many threads ask, one fetches."""

    def __init__(self, config: OclcConfig, exchange: Exchange, veil: Veil, clock: Clock) -> None:
        self._config = config
        self._exchange = exchange
        self._veil = veil
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def current(self, deadline: Deadline) -> str:
        """A token that is good now. TryLater if there is none to be had, Misconfigured if the keys are refused."""
        held = self._token
        if held is not None and self._clock.monotonic() < held.ends:
            return held.value
        if not self._lock.acquire(timeout=max(deadline.remaining(), 0.001)):
            raise TryLater("no token came from OCLC in time")
        try:
            held = self._token
            if held is None or self._clock.monotonic() >= held.ends:
                held = self._token = self._fetched(deadline)
            return held.value
        finally:
            self._lock.release()

    def drop(self, value: str) -> None:
        """The service does not accept this token any more; the next call fetches another."""
        with self._lock:
            if self._token is not None and self._token.value == value:
                self._token = None

    def _fetched(self, deadline: Deadline) -> Token:
        config = self._config
        begun = self._clock.monotonic()
        reply = self._exchange.send(
            "POST",
            config.token_url,
            deadline,
            params=(("grant_type", "client_credentials"), ("scope", config.wanted_scopes())),
            basic=(config.wskey.get_secret_value(), config.secret.get_secret_value()),
        )
        value = shape.text((reply.data or {}).get("access_token"), 4000)
        if not 200 <= reply.status < 300 or not value:
            raise _refusal(reply)
        self._veil.add(value)
        lifetime = self._lifetime(reply)
        return Token(value, begun + max(_SHORTEST, lifetime - min(_EARLY, lifetime / 10)))

    def _lifetime(self, reply: Reply) -> float:
        data = reply.data or {}
        seconds = shape.whole(data.get("expires_in"))
        if seconds is not None:
            return float(seconds)
        at = shape.moment(data.get("expires_at"))
        return (at - self._clock.now()).total_seconds() if at is not None else _ASSUMED


def _refusal(reply: Reply) -> Exception:
    said = f"the token server answered HTTP {reply.status}{f', {reply.said}' if reply.said else ''}"
    if reply.status in _REFUSED:
        return Misconfigured(f"{said}; check wskey, secret, registry_id and scopes of the account")
    if 300 <= reply.status < 400:
        return Misconfigured(f"{said}; it has moved, set token_url to where it answers")
    return TryLater(f"{said} and no token", reply.retry_after)
