"""A scripted target on a loopback port: does what its script says, well or badly."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType

from ..ber import Decoder, Malformed, Node, encode

_FOREVER = 60.0


class Conversation:
    """One connection as the target sees it."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self._sock = sock
        self._stopping = stopping
        self._decoder = Decoder()
        self._ready: list[Node] = []

    def read(self) -> Node | None:
        """The client's next APDU, None when it has gone or sends none."""
        while not self._ready:
            try:
                data = self._sock.recv(1 << 16)
                self._ready += self._decoder.feed(data)
            except (OSError, Malformed):
                return None
            if not data:
                return None
        return self._ready.pop(0)

    def send(self, answer: Node | bytes) -> None:
        """Sends an APDU, or octets as they are."""
        self._sock.sendall(answer if isinstance(answer, bytes) else encode(answer))

    def dribble(self, octets: bytes, pause: float) -> None:
        """Sends octet by octet with a pause after each, until the target stops."""
        for octet in octets:
            self._sock.sendall(bytes((octet,)))
            if self.wait(pause):
                return

    def wait(self, seconds: float = _FOREVER) -> bool:
        """Waits; True if the target stopped meanwhile."""
        return self._stopping.wait(seconds)


Script = Callable[[Conversation], None]


class ScriptedTarget:
    """Listens on a free loopback port while its `with` block runs; every connection follows `script` in a thread."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.connections = 0
        self.host = "127.0.0.1"
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> ScriptedTarget:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        # close() alone does not wake a thread that waits in accept or recv.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        talking = sock
        try:
            # The client hanging up in the middle is what many scripts provoke.
            with contextlib.suppress(OSError):
                if self._tls is not None:
                    talking = self._tls.wrap_socket(sock, server_side=True)
                self._script(Conversation(talking, self._stopping))
        finally:
            with self._lock:
                self._open.discard(sock)
            talking.close()
            sock.close()
