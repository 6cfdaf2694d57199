"""One HTTP exchange: bytes to a partner's URL, and what came of it in the words of the engine."""

import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from illcore.connectors import Deadline
from illcore.errors import Misconfigured, TryLater, Unknown
from illcore.model import Partner
from illcore.transport import DeadlineTransport

from .config import Iso18626Config

_OURS = frozenset({"content-type", "content-length", "transfer-encoding", "connection", "host", "accept-encoding"})
_MAX_ANSWER = 1_000_000
_LONGEST_REASON = 200


class PartnerMisconfigured(Misconfigured):
    """Only this partner's record must be mended; the account is well and goes on with all others."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "partner")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the partner's server said. `retry_after` is in seconds, None if it named none."""

    status: int
    body: bytes
    retry_after: float | None = None
    location: str = ""


class Exchange:
    """Owns the HTTP client of one account. Made without opening anything; safe in many threads."""

    def __init__(self, config: Iso18626Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._transport: DeadlineTransport | None = None

    def post(self, partner: Partner, body: bytes, deadline: Deadline) -> Answer:
        """POST a message and read the answer.

        Raises TryLater if it certainly did not arrive, Unknown if it may have, PartnerMisconfigured if the partner's
        address cannot be used, Misconfigured if the account cannot.
        """
        url, headers = self._target(partner)
        client, transport = self._opened()
        if deadline.passed():
            raise TryLater("no time was left to send")
        try:
            with (
                transport.until(deadline),
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                return self._answer(response, partner)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise PartnerMisconfigured(
                    f"the certificate of {_host(url)} is not trusted ({_said(error)}); mend it, or set ca_file"
                ) from None
            raise TryLater(f"{_host(url)} cannot be reached: {_said(error)}") from None
        except httpx.UnsupportedProtocol:
            raise PartnerMisconfigured(f"the url of {partner.symbol} has no host; it begins with https://") from None
        except httpx.LocalProtocolError as error:
            raise PartnerMisconfigured(f"the headers of {partner.symbol} cannot be sent: {_said(error)}") from None
        except httpx.TransportError as error:
            raise Unknown(f"{_host(url)} may have got the message, but no answer came: {_said(error)}") from None

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = self._transport = None

    def _opened(self) -> tuple[httpx.Client, DeadlineTransport]:
        with self._lock:
            if self._client is None or self._transport is None:
                self._transport = DeadlineTransport(self._tls(), self._config.connections)
                headers = {
                    "Content-Type": "application/xml; charset=utf-8",
                    "Accept": "application/xml, text/xml",
                    "Accept-Encoding": "identity",
                    "User-Agent": self._config.user_agent,
                }
                self._client = httpx.Client(
                    transport=self._transport, headers=headers, follow_redirects=False, trust_env=False
                )
            return self._client, self._transport

    def _tls(self) -> ssl.SSLContext:
        if self._config.ca_file is None:
            return httpx.create_ssl_context(verify=self._config.verify, trust_env=False)
        try:
            return ssl.create_default_context(cafile=str(self._config.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured(f"ca_file {self._config.ca_file} cannot be used: {_said(error)}") from None

    def _target(self, partner: Partner) -> tuple[str, dict[str, str]]:
        url = str(partner.address.get("url") or "").strip()
        if not url:
            raise PartnerMisconfigured(f"partner {partner.symbol} has no url in its address; add one")
        try:
            split = urlsplit(url)
            scheme, host, _ = split.scheme.lower(), split.hostname, split.port
        except ValueError as error:
            raise PartnerMisconfigured(f"the url of {partner.symbol} is no URL: {error}") from None
        if scheme not in ("http", "https") or not host:
            raise PartnerMisconfigured(f"the url of {partner.symbol} must begin with https:// or http:// and a host")
        if scheme == "http" and not self._config.allow_http:
            raise PartnerMisconfigured(f"the url of {partner.symbol} is not https, and this account asks for that")
        try:
            httpx.URL(url)
        except httpx.InvalidURL as error:
            raise PartnerMisconfigured(f"the url of {partner.symbol} is no URL: {_said(error)}") from None
        return url, _headers(partner)

    def _answer(self, response: httpx.Response, partner: Partner) -> Answer:
        limit = min(self._config.max_body, _MAX_ANSWER)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            body = b""  # compressed although it was asked not to: no way to bound what it unpacks to
        else:
            parts, size = [], 0
            for part in response.iter_raw():
                size += len(part)
                if size > limit:
                    raise Unknown(f"the answer of {partner.symbol} is longer than {limit} bytes")
                parts.append(part)
            body = b"".join(parts)
        location = response.headers.get("location", "")[:_LONGEST_REASON]
        return Answer(response.status_code, body, _seconds(response.headers.get("retry-after", "")), location)


def _headers(partner: Partner) -> dict[str, str]:
    given: Any = partner.address.get("headers") or {}
    if not isinstance(given, Mapping):
        raise PartnerMisconfigured(f"the headers of {partner.symbol} must be names with values")
    headers = {}
    for name, value in given.items():
        if str(name).lower() in _OURS:
            raise PartnerMisconfigured(f"the headers of {partner.symbol} may not set {name}; the connector does")
        if not (f"{name}{value}".isascii() and f"{name}{value}".isprintable() and str(name).strip()):
            raise PartnerMisconfigured(f"the header {name!r} of {partner.symbol} cannot stand in HTTP")
        headers[str(name)] = str(value)
    return headers


def _seconds(text: str) -> float | None:
    """Retry-After in seconds; the form with a date is not read, the engine has waits of its own."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _host(url: str) -> str:
    split = urlsplit(url)
    return f"{split.hostname}:{split.port}" if split.port else str(split.hostname)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
