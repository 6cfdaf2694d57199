"""Calls to the API: within the limits, with a token that is renewed once if need be, errors as the engine's."""

import json
from collections.abc import Mapping
from typing import Any

from illcore.connectors import Deadline, Host
from illcore.errors import Refused, TryLater

from ..config import OclcConfig
from .exchange import Exchange, Params
from .failures import Reply, fault
from .limits import Limits
from .token import Tokens
from .veil import Veil

_WAIT = 30.0


class Service:
    """The remote side of one account, for all its threads."""

    def __init__(self, config: OclcConfig, host: Host) -> None:
        veil = Veil(config.wskey.get_secret_value(), config.secret.get_secret_value())
        self._config = config
        self._host = host
        self._exchange = Exchange(config, veil, host.clock)
        self._tokens = Tokens(config, self._exchange, veil, host.clock)
        self._limits = Limits(config, host)

    def bounded(self, deadline: Deadline) -> Deadline:
        """The deadline, or the account's own timeout if that comes first. TryLater if nothing is left."""
        seconds = min(deadline.remaining(), self._config.timeout_seconds)
        if seconds <= 0:
            raise TryLater("no time was left to ask OCLC")
        return Deadline(self._host.clock, seconds)

    def read(self, what: str, url: str, deadline: Deadline, params: Params = ()) -> Mapping[str, Any]:
        """GET; gives the JSON object. Raises what the answer means; never Unknown, for nothing was changed."""
        return self._data(what, self._call("GET", url, deadline, params=params), writes=False)

    def find(self, what: str, url: str, deadline: Deadline) -> Mapping[str, Any] | None:
        """GET of one thing; None if the service says that there is none (404 with a JSON body)."""
        reply = self._call("GET", url, deadline)
        if reply.status in (404, 410) and reply.data is not None:
            return None
        return self._data(what, reply, writes=False)

    def write(
        self, what: str, url: str, body: Mapping[str, Any], deadline: Deadline, method: str = "POST"
    ) -> Mapping[str, Any]:
        """POST or PUT of an object, the same bytes for the same object; gives the JSON object of the answer."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        reply = self._call(method, url, deadline, body=content, writes=True)
        if reply.status in (404, 410) and reply.data is not None:
            raise Refused(f"{what}: OCLC does not know the request{f' ({reply.said})' if reply.said else ''}", "404")
        return self._data(what, reply, writes=True)

    def close(self) -> None:
        """Let go of all connections."""
        self._exchange.close()

    def _call(self, method: str, url: str, deadline: Deadline, **options: Any) -> Reply:
        reply, token = self._once(method, url, deadline, **options)
        if reply.status == 401:
            self._tokens.drop(token)
            reply, _ = self._once(method, url, deadline, **options)
        if reply.status == 429:
            self._limits.close(reply.retry_after or _WAIT)
        return reply

    def _once(self, method: str, url: str, deadline: Deadline, **options: Any) -> tuple[Reply, str]:
        self._limits.take(deadline)
        token = self._tokens.current(deadline)
        return self._exchange.send(method, url, deadline, bearer=token, **options), token

    def _data(self, what: str, reply: Reply, writes: bool) -> Mapping[str, Any]:
        if not reply.ok:
            raise fault(reply, what, writes)
        return reply.data or {}
