"""The ASGI application `/d`: a link's page, its download in one or many ranges, and why a link opens no more."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from illcore.connectors import Host
from illcore.errors import Conflict, NotFound
from illcore.model import BilingualText

from ..cabinet import Cabinet, Cabinets
from . import store
from .headers import safely
from .pages import asking, said
from .serving import Serving
from .store import Link
from .tokens import TOKEN, hash_of, right_password, ticket_number, ticket_of

LARGEST_FORM = 4096
AGAIN = 5
_log = logging.getLogger(__name__)
T = TypeVar("T")


class _Download:
    """What is to be sent: the view it counts for, the way of sending."""

    def __init__(self, link: Link, n: int, serving: Serving) -> None:
        self.link = link
        self.n = n
        self.serving = serving


class LinkApp:
    """Serves the links of all accounts of type `delivery` of one engine."""

    def __init__(self, host: Host, cabinets: Cabinets) -> None:
        self._host = host
        self._cabinets = cabinets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other kinds of connection are left alone."""
        if scope["type"] != "http":
            return
        safe = safely(send)
        try:
            answer = await self._answer(Request(scope, receive))
        except ClientDisconnect:
            return
        except Conflict:
            answer = said(503, "busy", headers={"retry-after": "1"})
        if isinstance(answer, Response):
            await answer(scope, receive, safe)
        else:
            await self._send(answer, scope, receive, safe)

    async def _answer(self, request: Request) -> Response | _Download:
        token = request.scope["path"].removeprefix(request.scope.get("root_path", "")).removeprefix("/")
        if request.method not in ("GET", "HEAD", "POST"):
            return said(405, "method", headers={"allow": "GET, HEAD, POST"})
        if not TOKEN.fullmatch(token):
            return said(404, "unknown", "unknown_more")
        if request.method == "POST":
            form = await _form(request)
            if form is None:
                return said(413, "too_large")
            return await run_in_threadpool(self._confirmed, token, form.get("password", ""))
        return await run_in_threadpool(self._asked, token, request)

    def _asked(self, token: str, request: Request) -> Response | _Download:
        """GET and HEAD: the file, the page before it, or why there is none."""
        found = self._found(token)
        if isinstance(found, Response):
            return found
        link, cabinet = found
        now = self._host.clock.now()
        ticket = ticket_number(cabinet, token, request.query_params.get("s", ""))
        if link.asks and not ticket:
            dead = link.death(now)
            return _dead(dead) if dead else self._page(link)
        serving = self._serving(link, cabinet, request)
        if serving is None:
            return _gone()
        if request.method == "HEAD" or not serving.satisfiable:
            dead = link.death(now)
            return _dead(dead) if dead and not (ticket and dead == "used_up") else _Download(link, 0, serving)
        calendar = self._host.library(link.library).policy.calendar
        with self._host.transaction(link.library) as connection:
            n = 0
            if ticket or not serving.begins:
                n = store.continue_view(connection, link.id, now, serving.asked, ticket)
            if not n and ticket:
                return RedirectResponse(token, 303)
            if not n:
                n, dead = store.open_view(connection, link.id, now, calendar, serving.asked)
                if dead:
                    return _dead(dead)
        return _Download(link, n, serving)

    def _confirmed(self, token: str, password: str) -> Response:
        """POST: notices were accepted and a password given; the answer leads to the download.

        Its address is relative, so that it holds behind whatever proxy.
        """
        found = self._found(token)
        if isinstance(found, Response):
            return found
        link, cabinet = found
        now = self._host.clock.now()
        dead = link.death(now)
        if dead:
            return _dead(dead)
        if link.password_hash:
            wait = self._in(link, lambda connection: store.claim_try(connection, link.id, now))
            if wait is not None:
                minutes = max(1, -(-int(wait.total_seconds()) // 60))
                page = self._page(link, 429, "too_often", minutes=minutes)
                page.headers["retry-after"] = str(max(1, int(wait.total_seconds())))
                return page
            if not right_password(password, link.salt, link.password_hash):
                return self._page(link, 403, "wrong")
        calendar = self._host.library(link.library).policy.calendar
        with self._host.transaction(link.library) as connection:
            if link.password_hash:
                store.clear_tries(connection, link.id)
            n, dead = store.open_view(connection, link.id, now, calendar, 0)
        return _dead(dead) if dead else RedirectResponse(f"{token}?s={ticket_of(cabinet, token, n)}", 303)

    def _found(self, token: str) -> tuple[Link, Cabinet] | Response:
        with self._host.reading() as connection:
            link = store.by_hash(connection, hash_of(token))
            if link is None:
                return said(404, "unknown", "unknown_more")
            try:
                self._host.library(link.library)
            except NotFound:
                return said(404, "unknown", "unknown_more")
            dead = link.death(self._host.clock.now())
            if dead in ("revoked", "expired"):
                return _dead(dead)
            cabinet = self._cabinets.holding(connection, link.file)
        return (link, cabinet) if cabinet is not None else _gone() if not dead else _dead(dead)

    def _page(self, link: Link, status: int = 200, *codes: str, **values: object) -> Response:
        library = self._host.library(link.library)
        name = BilingualText(en=library.name_en or link.library, zh=library.name_zh)
        left = link.views - link.used
        return asking(name, link.notices, bool(link.password_hash), left, status, *codes, **values)

    def _serving(self, link: Link, cabinet: Cabinet, request: Request) -> Serving | None:
        path: Path = cabinet.path(link.file)
        try:
            return Serving(link, path, request.headers)
        except FileNotFoundError:
            return None

    def _in(self, link: Link, work: Callable[..., T]) -> T:
        with self._host.transaction(link.library) as connection:
            return work(connection)

    async def _send(self, download: _Download, scope: Scope, receive: Receive, send: Send) -> None:
        sent = 0

        def count(more: int) -> None:
            nonlocal sent
            sent += more

        try:
            await download.serving.send(scope, receive, send, count)
        finally:
            if download.n:
                await run_in_threadpool(self._log, download, sent)

    def _log(self, download: _Download, sent: int) -> None:
        now = self._host.clock.now()
        link = download.link
        try:
            self._in(link, lambda one: store.note_sent(one, link.id, download.n, sent, now))
        except Conflict:
            _log.warning("download %d of link %d sent %d bytes, which could not be logged", download.n, link.id, sent)


def _dead(death: str) -> Response:
    return said(410, death, "ask")


def _gone() -> Response:
    return said(410, "gone", "ask")


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a posted form; None if it is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return None
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace"), max_num_fields=10).items()}
