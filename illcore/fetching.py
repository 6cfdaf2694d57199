"""Fetches a document from the URL that a partner named: http and https only, no way into the local network, in limits.

A name is looked up once and the connection goes to the address that was checked, so that it cannot become another
one in between (DNS rebinding). Each redirect is checked like the first URL.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from illcore.connectors import Deadline
from illcore.errors import Refused, TryLater
from illcore.transport import DeadlineTransport

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_GONE = frozenset({400, 401, 403, 404, 405, 406, 410, 451})
_PORTS = {"http": 80, "https": 443}
_EMBEDDED_IPV4 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
_UNREADABLE = "the document's URL cannot be read"


@contextmanager
def fetched(url: str, deadline: Deadline, private_addresses: bool = False) -> Iterator[tuple[Iterator[bytes], str]]:
    """The bytes behind a URL, chunk by chunk, and the file name that the URL suggests.

    Raises Refused (not allowed, not there, too many redirects) or TryLater (out of order, slow, no time left).
    """
    transport = DeadlineTransport(httpx.create_ssl_context(trust_env=False), connections=1)
    headers = {"User-Agent": "illcore"}
    with (
        httpx.Client(transport=transport, trust_env=False, follow_redirects=False, headers=headers) as client,
        transport.until(deadline),
    ):
        for _ in range(_MOST_REDIRECTS + 1):
            request = _request(client, url, deadline, private_addresses)
            try:
                response = client.send(request, stream=True)
            except httpx.HTTPError as error:
                raise TryLater(f"{_host(url)} cannot be reached: {type(error).__name__}") from None
            with _closing(response):
                if response.status_code in _REDIRECTS and response.headers.get("location"):
                    url = _joined(url, response.headers["location"])
                    continue
                _check_status(response, url)
                yield _chunks(response, url, deadline), unquote(urlsplit(url).path.rpartition("/")[2])
                return
    raise Refused(f"{_host(url)} redirects more than {_MOST_REDIRECTS} times")


@contextmanager
def _closing(response: httpx.Response) -> Iterator[None]:
    try:
        yield
    finally:
        response.close()


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise Refused(_UNREADABLE) from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the URL"


def _request(client: httpx.Client, url: str, deadline: Deadline, private_addresses: bool) -> httpx.Request:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        target = httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        raise Refused(_UNREADABLE) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Refused(f"a document is fetched by http or https only, not by {parts.scheme or 'an unknown scheme'}")
    if parts.username or parts.password:
        raise Refused("the document's URL holds a user name; such URLs are not fetched")
    address = _address(parts.hostname, port, private_addresses)
    there = target.copy_with(host=address, port=port, fragment=None)
    if deadline.passed():
        raise TryLater("no time was left to fetch the document")
    request = client.build_request("GET", there)
    request.headers["Host"] = parts.netloc.rpartition("@")[2]
    request.extensions["sni_hostname"] = parts.hostname
    return request


def _address(host: str, port: int, private_addresses: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TryLater(f"the name {host} is not known now") from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not private_addresses and not _is_public(address):
            raise Refused(
                f"{host} is at {address}, inside a private network; documents are not fetched from there "
                "(documents.private_addresses in the configuration allows it)"
            )
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local:
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or _embedded(ip) or ip
    return ip.is_global and not ip.is_multicast


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which a NAT64 gateway or an old tunnel leads."""
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if any(ip in net for net in _EMBEDDED_IPV4) else None


def _check_status(response: httpx.Response, url: str) -> None:
    code = response.status_code
    if code in _GONE:
        raise Refused(f"{_host(url)} does not give the document: it answers {code}")
    if code != 200:
        raise TryLater(f"{_host(url)} answers {code}")


def _chunks(response: httpx.Response, url: str, deadline: Deadline) -> Iterator[bytes]:
    try:
        for chunk in response.iter_bytes():
            if deadline.passed():
                raise TryLater(f"{_host(url)} was too slow: the document did not come in time")
            yield chunk
    except httpx.HTTPError as error:
        raise TryLater(f"{_host(url)} broke off: {type(error).__name__}") from None
