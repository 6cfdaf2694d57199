"""The ASGI application of ``ill serve``: plugins' applications by path, health and metrics, limits around all."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from illcore.cli import metrics
from illcore.cli.logs import ACCESS
from illcore.clock import Clock

if TYPE_CHECKING:
    from illcore.engine import Engine

log = logging.getLogger("illcore.serve")
access = logging.getLogger(ACCESS)

OWN = ("/healthz", "/metrics")


def application(engine: "Engine", worker: Callable[[], str]) -> ASGIApp:
    """Everything that ``ill serve`` answers. ``worker`` says how this process's worker is: running, none, stopped."""

    async def healthz(_: Request) -> Response:
        found = await run_in_threadpool(_health, engine)
        found["worker"] = worker()
        well = found.get("database") == "ok" and found["worker"] != "stopped"
        return JSONResponse(found, 200 if well else 503)

    async def metrics_page(_: Request) -> Response:
        try:
            page, content_type = await run_in_threadpool(metrics.render, engine)
        except ModuleNotFoundError:
            return _said(501, "metrics need a library that is not installed: pip install 'illcore[metrics]'")
        return Response(page, media_type=content_type)

    mounts = engine.mounts()
    for path in sorted(set(OWN) & set(mounts)):
        log.warning("a plugin wants the path %s, which is the core's own; the plugin does not get it", path)
    routes: list[BaseRoute] = [Route(OWN[0], healthz), Route(OWN[1], metrics_page)]
    routes += [Mounted(path, mounts[path]) for path in sorted(mounts, key=len, reverse=True)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error, Exception: _fault})
    app.router.redirect_slashes = False
    return Logged(Limited(app, engine.config.serve.max_body), engine.clock, (*OWN, *mounts))


def _health(engine: "Engine") -> dict[str, Any]:
    try:
        return dict(engine.health())
    except Exception as error:
        log.exception("the health of the engine cannot be read")
        return {"status": "failed", "database": type(error).__name__}


def _said(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = "there is nothing at this address" if error.status_code == 404 else str(error.detail)
    return _said(error.status_code, sentence, error.headers)


async def _fault(_: Request, _error: Exception) -> Response:
    return _said(500, "this could not be answered because of a fault; the log of the server says more")


class Mounted(BaseRoute):
    """A plugin's application at a path and below it; a fault in it is its own."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        self.path = path.rstrip("/")
        self.app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path is ours; the application sees it whole, with its own part in ``root_path``."""
        if scope["type"] != "http" or not _below(scope["path"], self.path):
            return Match.NONE, {}
        root = scope.get("root_path", "")
        return Match.FULL, {"app_root_path": scope.get("app_root_path", root), "root_path": root + self.path}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer; if it raises before it has begun to, answer 500."""
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception:
            log.exception("the application at %s failed", self.path or "/")
            if begun:
                raise
            await _said(500, "this could not be answered because of a fault; the log of the server says more")(
                scope, receive, send
            )


class Limited:
    """Refuses a body that is longer than ``largest`` bytes, be its length announced or not."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _said(413, f"the body is longer than {self._largest} bytes", {"connection": "close"})
        if _announced(scope) > self._largest:
            await refusal(scope, receive, send)
            return
        taken, begun, refused = 0, False, False

        async def counted() -> Message:
            nonlocal taken, refused
            if refused:
                return {"type": "http.disconnect"}
            message = await receive()
            taken += len(message.get("body", b""))
            if taken <= self._largest:
                return message
            refused = True
            if not begun:
                await refusal(scope, receive, send)
            return {"type": "http.disconnect"}

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            if not refused:
                await send(message)

        try:
            await self._app(scope, counted, noticed)
        except Exception:
            if not refused:
                raise


class Logged:
    """Writes a line for each answer: method, the part of the path that is known, status, milliseconds.

    The rest of a path and the query may name readers or carry tokens, so they are never written.
    """

    def __init__(self, app: ASGIApp, clock: Clock, known: tuple[str, ...]) -> None:
        self._app = app
        self._clock = clock
        self._known = sorted((path.rstrip("/") for path in known), key=len, reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        begun = self._clock.monotonic()

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        finally:
            taken = (self._clock.monotonic() - begun) * 1000
            where = next((path for path in self._known if _below(scope["path"], path)), "(unknown path)")
            access.info("%s %s %d %.0f ms", scope["method"], where or "/", status, taken)


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
