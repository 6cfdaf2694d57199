"""HTTP for SRU: every wait ends with one deadline, however slowly the other side drips, and answers are bounded."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from ..stages import Stage

_KEEP_ALIVE = 5.0
_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.TimeoutException, httpx.ReadTimeout),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore.ProtocolError, httpx.LocalProtocolError),
    (httpcore.NetworkError, httpx.ReadError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
)


class _Backend(httpcore.NetworkBackend):
    """Opens connections; knows which stage each thread is in."""

    def __init__(self) -> None:
        self._real = httpcore.SyncBackend()
        self._thread = threading.local()

    @contextmanager
    def within(self, connect: Stage, answer: Stage) -> Iterator[None]:
        self._thread.stages = connect, answer
        try:
            yield
        finally:
            del self._thread.stages

    def connect_left(self) -> float:
        connect: Stage = self._thread.stages[0]
        return connect.left()

    def answer_left(self) -> float:
        answer: Stage = self._thread.stages[1]
        return answer.left()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._real.connect_tcp(host, port, self.connect_left(), local_address, socket_options)
        return _Stream(stream, self)

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError("connections are not retried here")


class _Stream(httpcore.NetworkStream):
    """A connection that asks before each wait how much time is left."""

    def __init__(self, real: httpcore.NetworkStream, backend: _Backend) -> None:
        self._real = real
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._real.read(max_bytes, self._backend.answer_left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._real.write(buffer, self._backend.answer_left())

    def close(self) -> None:
        self._real.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._real.start_tls(ssl_context, server_hostname, self._backend.connect_left()), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._real.get_extra_info(info)


class StagedTransport(httpx.BaseTransport):
    """Connections for `httpx.Client`; requests are made inside `within`, in the thread that entered it."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._backend = _Backend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEEP_ALIVE,
            network_backend=self._backend,
        )

    @contextmanager
    def within(self, connect: Stage, answer: Stage) -> Iterator[None]:
        """Inside, connecting and answering of this thread's requests end with these stages, by TimedOut."""
        with self._backend.within(connect, answer):
            yield

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises httpx.TransportError, TimedOut."""
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        made = httpcore.Request(
            method=request.method,
            url=target,
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": {"pool": self._backend.answer_left()}},
        )
        with _as_httpx():
            answer = self._pool.handle_request(made)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


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
        for theirs, ours in _ERRORS:
            if isinstance(error, theirs):
                raise ours(str(error)) from error
        raise
