"""One HTTP exchange with the remote side: bounded in time and size, and free of secrets in what it says."""

import ssl
import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from illcore.clock import Clock
from illcore.connectors import Deadline
from illcore.errors import Misconfigured, TryLater, Unknown
from illcore.transport import DeadlineTransport

from ..config import OclcConfig
from . import shape
from .failures import Reply, seconds, told
from .veil import Veil

_CONNECTIONS = 16
Params = Sequence[tuple[str, str]]


class Exchange:
    """Owns the HTTP client of one account. Made without opening anything; safe in many threads."""

    def __init__(self, config: OclcConfig, veil: Veil, clock: Clock) -> None:
        self._config = config
        self._veil = veil
        self._clock = clock
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._transport: DeadlineTransport | None = None

    def send(
        self,
        method: str,
        url: str,
        deadline: Deadline,
        *,
        params: Params = (),
        body: bytes | None = None,
        bearer: str = "",
        basic: tuple[str, str] | None = None,
        writes: bool = False,
    ) -> Reply:
        """Send a request and read the answer, whatever its status.

        TryLater if it certainly did nothing, Unknown if it `writes` and may have been done, Misconfigured if the URL
        or the certificate is wrong.
        """
        client, transport = self._opened()
        if deadline.passed():
            raise TryLater("no time was left to ask OCLC")
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        # blanks as %20: the scope's are not taken for plus signs by every server
        query = str(httpx.QueryParams(list(params))).replace("+", "%20") if params else ""
        target = f"{url}?{query}" if query else url
        place = urlsplit(url).netloc
        try:
            with (
                transport.until(deadline),
                client.stream(method, target, content=body, headers=headers, auth=basic) as response,
            ):
                return self._reply(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Misconfigured(f"the certificate of {place} is not trusted: {self._veil.clean(error)}") from None
            raise TryLater(f"{place} cannot be reached: {self._said(error)}") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise Misconfigured(f"{self._veil.clean(url)} is no URL: {self._said(error)}") from None
        except httpx.TransportError as error:
            if writes:
                raise Unknown(f"{place} may have got it, but no whole answer came: {self._said(error)}") from None
            raise TryLater(f"no whole answer came from {place}: {self._said(error)}") from None

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = self._transport = None

    def _said(self, error: Exception) -> str:
        return self._veil.clean(error) or type(error).__name__

    def _reply(self, response: httpx.Response) -> Reply:
        headers = response.headers
        wait = seconds(headers.get("retry-after", ""), self._clock.now())
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        is_json = kind == "application/json" or kind.endswith("+json")
        plain = headers.get("content-encoding", "identity").lower() == "identity"
        data: Mapping[str, Any] | None = None
        said = "" if is_json else f"no JSON but {self._veil.clean(kind)[:60] or 'nothing named'}"
        if is_json and plain:
            parts, size = [], 0
            for part in response.iter_raw():
                size += len(part)
                if size > self._config.max_body:
                    return Reply(response.status_code, None, wait, f"longer than {self._config.max_body} bytes")
                parts.append(part)
            data = shape.read(b"".join(parts))
            said = "its JSON cannot be read" if data is None else self._veil.clean(told(data))
        return Reply(response.status_code, data, wait, said)

    def _opened(self) -> tuple[httpx.Client, DeadlineTransport]:
        with self._lock:
            if self._client is None or self._transport is None:
                self._transport = DeadlineTransport(self._tls(), _CONNECTIONS)
                headers = {
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "User-Agent": self._config.user_agent,
                }
                self._client = httpx.Client(
                    transport=self._transport, headers=headers, follow_redirects=False, trust_env=False
                )
                weakref.finalize(self, self._client.close)  # an account that is dropped keeps no connection open
            return self._client, self._transport

    def _tls(self) -> ssl.SSLContext:
        config = self._config
        if not any(url.startswith("https:") for url in (config.token_url, config.search_url, config.ill_url)):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody: there is nobody to trust
        if self._config.ca_file is None:
            return httpx.create_ssl_context(verify=self._config.verify, trust_env=False)
        try:
            return ssl.create_default_context(cafile=str(self._config.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured(f"ca_file {self._config.ca_file} cannot be used: {error}") from None
