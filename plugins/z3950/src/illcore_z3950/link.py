"""A blocking connection that carries APDUs: connect, TLS, send, receive, each within the time of a stage."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from collections import deque

from .ber import Decoder, Malformed, Node
from .errors import ConnectFailed, ConnectionLost, NotZ3950, ProtocolBroken, TlsFailed
from .stages import Stage

_CHUNK = 1 << 16
_ENOUGH_TO_TELL = 5
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Link:
    """One TCP or TLS connection; `peer` is how errors name it. Not for use by two threads at once."""

    def __init__(self, sock: socket.socket, peer: str, max_length: int) -> None:
        self.peer = peer
        # Waiting by poll: a time-out of the socket itself costs system calls at every change.
        sock.setblocking(False)
        self._sock: socket.socket | None = sock
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self._decoder = Decoder(max_length=max_length)
        self._ready: deque[Node] = deque()

    @property
    def is_open(self) -> bool:
        """False after `drop` or any failure."""
        return self._sock is not None

    def is_quiet(self) -> bool:
        """True if the connection stands and nothing unasked has arrived: neither an end nor a Close."""
        if self._sock is None or self._ready or self._decoder.unfinished:
            return False
        try:
            self._sock.recv(1)
        except _NOT_YET:
            return True
        except OSError:
            return False
        return False

    def send(self, octets: bytes, stage: Stage) -> None:
        """Sends all octets. Raises TimedOut or ConnectionLost."""
        sock = self._socket()
        while octets:
            stage.left()
            try:
                octets = octets[sock.send(octets) :]
            except _NOT_YET as error:
                self._wait(sock, stage, _awaited(error, select.POLLOUT))
            except OSError as error:
                raise self._lost(error, answered=False) from None

    def receive(self, stage: Stage) -> Node:
        """The next APDU. Raises TimedOut, ConnectionLost, NotZ3950 or ProtocolBroken."""
        while not self._ready:
            data = self._recv(stage)
            begun = self._decoder.unfinished
            if not data:
                raise self._lost(None, answered=begun)
            # Every APDU is a constructed value of context class.
            if not begun and data[0] & 0xE0 != 0xA0:
                raise self._other_protocol(data, stage)
            try:
                self._ready.extend(self._decoder.feed(data))
            except Malformed as error:
                raise ProtocolBroken(
                    f"{self.peer} sent an answer that is not valid Z39.50: {error}.",
                    f"{self.peer} 的应答不符合 Z39.50：{error}。",
                ) from None
        return self._ready.popleft()

    def drop(self) -> None:
        """Closes the connection without a word; never fails, never waits."""
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.close()
            self._sock = None

    def _socket(self) -> socket.socket:
        if self._sock is None:
            raise self._lost(None, answered=False)
        return self._sock

    def _recv(self, stage: Stage) -> bytes:
        sock = self._socket()
        # What TLS has read ahead is not seen by poll.
        if not (isinstance(sock, ssl.SSLSocket) and sock.pending()):
            self._wait(sock, stage)
        while True:
            try:
                return sock.recv(_CHUNK)
            except _NOT_YET as error:
                self._wait(sock, stage, _awaited(error, select.POLLIN))
            except OSError as error:
                raise self._lost(error, answered=self._decoder.unfinished) from None

    def _wait(self, sock: socket.socket, stage: Stage, event: int = select.POLLIN) -> None:
        if event != select.POLLIN:
            self._poll.modify(sock, event)
        try:
            if not self._poll.poll(stage.left() * 1000):
                raise stage.timed_out()
        finally:
            if event != select.POLLIN:
                self._poll.modify(sock, select.POLLIN)

    def _lost(self, error: OSError | None, *, answered: bool) -> ConnectionLost:
        cause = f" ({error.strerror})" if error is not None and error.strerror else ""
        if answered:
            return ConnectionLost(
                f"{self.peer} closed the connection in the middle of an answer{cause}.",
                f"{self.peer} 在应答中途断开了连接{cause}。",
                answered=True,
            )
        return ConnectionLost(
            f"{self.peer} closed the connection without an answer{cause}; a server that expects TLS does so too.",
            f"{self.peer} 未应答即断开连接{cause}；只接受 TLS 的服务器也会如此。",
            answered=False,
        )

    def _other_protocol(self, data: bytes, stage: Stage) -> NotZ3950:
        with contextlib.suppress(ConnectionLost):
            while len(data) < _ENOUGH_TO_TELL and (more := self._recv(stage)):
                data += more
        en, zh = recognise(data)
        return NotZ3950(
            f"{self.peer} answers {en}, not Z39.50; check host, port and TLS.",
            f"{self.peer} 应答的是{zh}，不是 Z39.50；请检查主机、端口和 TLS 设置。",
        )


def _awaited(error: OSError, usual: int) -> int:
    """TLS may have to write before it can read, and the other way round."""
    if isinstance(error, ssl.SSLWantReadError):
        return select.POLLIN
    return select.POLLOUT if isinstance(error, ssl.SSLWantWriteError) else usual


def recognise(data: bytes) -> tuple[str, str]:
    """What speaks, by its first octets, in English and Chinese."""
    start = data.lstrip()[:64].lower()
    if start.startswith((b"http/", b"<!doctype", b"<html", b"<?xml")):
        return "HTTP", " HTTP"
    if data[:2] in (b"\x15\x03", b"\x16\x03"):
        return "TLS", " TLS"
    if start.startswith(b"ssh-"):
        return "SSH", " SSH"
    if data[:3].isdigit() and data[3:4] in (b" ", b"-"):
        return "a mail or file server's greeting", "邮件或文件服务器的问候语"
    return f"something that begins with octets {data[:8].hex(' ')}", f"以字节 {data[:8].hex(' ')} 开头的内容"


def open_link(host: str, port: int, stage: Stage, *, tls: ssl.SSLContext | None, max_length: int) -> Link:
    """Connects to the first address of `host` that accepts, and shakes hands if `tls` is given.

    Raises ConnectFailed, TlsFailed or TimedOut. Looking up the name is the system's own time.
    """
    sock = _connect(host, port, stage)
    if tls is not None:
        sock = _shake_hands(sock, host, tls, stage)
    return Link(sock, stage.peer, max_length)


def _connect(host: str, port: int, stage: Stage) -> socket.socket:
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError, OverflowError):
        raise ConnectFailed(
            f"The name '{host}' is not known; check host.", f"无法解析主机名“{host}”，请检查 host。"
        ) from None
    failure: OSError | None = None
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            # One dead address must not use up the time of those after it.
            sock.settimeout(stage.left() / (len(addresses) - index))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
    if isinstance(failure, TimeoutError):
        raise stage.timed_out()
    if isinstance(failure, ConnectionRefusedError):
        raise ConnectFailed(
            f"{stage.peer} refused the connection; check host and port.",
            f"{stage.peer} 拒绝连接，请检查主机和端口。",
        )
    cause = failure.strerror if failure is not None and failure.strerror else "no address"
    raise ConnectFailed(f"{stage.peer} cannot be reached: {cause}.", f"无法连接 {stage.peer}：{cause}。")


def _shake_hands(sock: socket.socket, host: str, tls: ssl.SSLContext, stage: Stage) -> ssl.SSLSocket:
    try:
        wrapped = tls.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    except (OSError, ValueError) as error:
        sock.close()
        raise _tls_failed(stage, str(error)) from None
    try:
        wrapped.settimeout(stage.left())
        wrapped.do_handshake()
    except ssl.SSLCertVerificationError as error:
        wrapped.close()
        raise TlsFailed(
            f"The certificate of {stage.peer} is not trusted: {error.verify_message}.",
            f"{stage.peer} 的证书不受信任：{error.verify_message}。",
        ) from None
    except TimeoutError:
        wrapped.close()
        raise stage.timed_out() from None
    except OSError as error:
        wrapped.close()
        raise _tls_failed(stage, getattr(error, "reason", None) or error.strerror or "connection closed") from None
    except BaseException:
        wrapped.close()
        raise
    return wrapped


def _tls_failed(stage: Stage, cause: str) -> TlsFailed:
    return TlsFailed(
        f"{stage.peer} does not answer to TLS ({cause}); switch tls off if the target speaks plain Z39.50.",
        f"{stage.peer} 不接受 TLS（{cause}）；若对方使用普通 Z39.50，请关闭 tls。",
    )
