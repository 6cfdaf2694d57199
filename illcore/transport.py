"""HTTP for connectors: a transport whose every wait ends with one deadline, however slowly the other side drips."""

import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from illcore.connectors import Deadline

KEEP_ALIVE_SECONDS = 3.0
_EXCEPTIONS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
)


class _Stream(httpcore.NetworkStream):
    """A connection that asks before each wait how much time the calling thread has left."""

    def __init__(self, inner: httpcore.NetworkStream, waits: "Waits") -> None:
        self._inner = inner
        self._waits = waits

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._waits.to_answer(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._waits.to_answer(httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._waits.to_connect()
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._waits)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Waits(httpcore.NetworkBackend):
    """Opens connections; says how many seconds the calling thread may still wait, and raises where none are left."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def to_connect(self) -> float:
        """For a connection and its TLS."""
        raise NotImplementedError

    def to_answer(self, error: type[Exception]) -> float:
        """For all else; ``error`` is the kind of wait."""
        raise NotImplementedError

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self.to_connect()
        return _Stream(self._backend.connect_tcp(host, port, left, local_address, socket_options), self)

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError("connections are not retried here; the engine's outbox does that")


class _Deadlines(Waits):
    """One deadline for each thread."""

    def __init__(self) -> None:
        super().__init__()
        self._of = threading.local()

    @contextmanager
    def until(self, deadline: Deadline) -> Iterator[None]:
        self._of.deadline = deadline
        try:
            yield
        finally:
            del self._of.deadline

    def to_connect(self) -> float:
        return self.to_answer(httpcore.ConnectTimeout)

    def to_answer(self, error: type[Exception]) -> float:
        deadline: Deadline = self._of.deadline
        left = deadline.remaining()
        if left <= 0:
            raise error("the deadline has passed")
        return left


class WaitingTransport(httpx.BaseTransport):
    """A connection pool for `httpx.Client` whose waits end as ``waits`` says."""

    def __init__(self, context: ssl.SSLContext, connections: int, waits: Waits) -> None:
        self._waits = waits
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=self._waits,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the pool's waits for a free connection end with the deadline too."""
        left = self._waits.to_answer(httpx.PoolTimeout)
        made = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions={**request.extensions, "timeout": {"pool": left}},
        )
        with _as_httpx():
            answer = self._pool.handle_request(made)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class DeadlineTransport(WaitingTransport):
    """A connection pool for `httpx.Client`. All requests are made inside `until`, in the thread that makes them."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._deadlines = _Deadlines()
        super().__init__(context, connections, self._deadlines)

    @contextmanager
    def until(self, deadline: Deadline) -> Iterator[None]:
        """Within the block, requests of this thread end when the deadline passes."""
        with self._deadlines.until(deadline):
            yield


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for theirs, ours in _EXCEPTIONS:
            if isinstance(error, theirs):
                raise ours(str(error)) from error
        raise
