"""The stub's socket, and a server that answers on it."""

import socket

import uvicorn

from .faults import App


def listen(host: str, port: int) -> socket.socket:
    """A TCP socket that listens; port 0 takes a free one. OSError if the address cannot be had.

    It says that it is TCP: asyncio switches Nagle's algorithm off only on sockets that do, and with it on every answer
    waits for the client's delayed acknowledgement (40 ms).
    """
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, proto)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


def server(app: App, log_level: str = "critical") -> uvicorn.Server:
    """A server for a socket of `listen`: `server(app).run([listening])`."""
    return uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_level=log_level))
