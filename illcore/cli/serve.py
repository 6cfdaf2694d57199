"""``ill serve``: answers HTTP and works off what is due, in one process."""

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import DONE, REFUSED, Failed
from illcore.cli.logs import report_on_stderr
from illcore.cli.output import say, write_json
from illcore.cli.stopping import stop_on_signals

if TYPE_CHECKING:
    from illcore.engine import Engine

log = logging.getLogger("illcore.serve")

GRACE = 5
"""Seconds that open connections are given when the server ends."""

HOST = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is all of them.")]
PORT = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 picks a free one.")]
NO_WORKER = Annotated[bool, typer.Option("--no-worker", help="Leave what is due to `ill worker`.")]


@command
def serve(call: Call, host: HOST = "127.0.0.1", port: PORT = 8000, no_worker: NO_WORKER = False) -> int:
    """Answer HTTP: /iso18626 and whatever the plugins offer, /healthz, /metrics. Works off what is due meanwhile.

    Says on stderr where it listens; with --json also {"url", "host", "port"} on stdout. SIGTERM or Ctrl-C end it.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ModuleNotFoundError as error:
        raise Failed(f"ill serve needs {error.name}, which is not installed: pip install 'illcore[serve]'") from None
    from illcore.cli.web import application

    class Server(uvicorn.Server):
        """The signals are ours: they also end the worker."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    stop = threading.Event()
    report_on_stderr(access=True)
    with call.engine() as engine, _listening(host, port) as listening:
        worker = _Worker(engine, stop)
        config = uvicorn.Config(
            application(engine, worker.state),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
        server = Server(config)

        def end() -> None:
            server.should_exit = True

        stop_on_signals(stop, end)
        worker.when_it_fails = end
        if not no_worker:
            worker.start()
        _announce(call, listening, host)
        server.run(sockets=[listening])
        stop.set()
        worker.join()
    return REFUSED if worker.failed else DONE


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise Failed(f"--host {host} is no address of this machine: {error}") from None
    with socket.socket(family, kind, protocol) as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(address)
            found.listen(1024)
        except OSError as error:
            raise Failed(f"cannot listen on {host} port {port}: {error.strerror}; try another --port") from None
        yield found


def _announce(call: Call, listening: socket.socket, host: str) -> None:
    port = listening.getsockname()[1]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    say(f"listening on {url}")
    if call.json:
        write_json({"url": url, "host": host, "port": port})


class _Worker:
    """The runner in a thread of this process. If it ends by a fault, the process ends, for a supervisor to see."""

    def __init__(self, engine: "Engine", stop: threading.Event) -> None:
        self.failed = False
        self.when_it_fails = stop.set
        self._engine = engine
        self._stop = stop
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work."""
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        self._thread.start()

    def state(self) -> str:
        """``running``, ``stopped``, or ``none`` if this process has no worker."""
        if self._thread is None:
            return "none"
        return "running" if self._thread.is_alive() else "stopped"

    def join(self) -> None:
        """Wait until it has ended."""
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        try:
            self._engine.run_forever(self._stop)
        except Exception:
            self.failed = True
            log.exception("the worker ended; so does the server")
            self.when_it_fails()
