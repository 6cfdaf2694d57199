"""Partner systems that do not work: one that takes connections and never answers, one that is not there."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def black_hole() -> Iterator[int]:
    """A port of 127.0.0.1 that accepts every connection, reads nothing and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        taken: list[socket.socket] = []

        def swallow() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:  # the server was closed
                    return

        threading.Thread(target=swallow, name="black-hole", daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in taken:
                connection.close()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses connections and that nobody else gets meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
