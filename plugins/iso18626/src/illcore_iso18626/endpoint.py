"""The ASGI application `/iso18626`: one POST in, one confirmation out; bad HTTP gets one clear sentence."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from illcore.connectors import Host, Scope
from illcore.errors import BadMessage, NotFound, TryLater

from .config import Limits

Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]

TYPE = "iso18626"
AT_ONCE = 16
WAITING = 256
BODY_SECONDS = 60.0
BUSY_SECONDS = 5.0
_XML = frozenset({"application/xml", "text/xml"})
_log = logging.getLogger(__name__)


class _Answer(Exception):
    """An HTTP answer that is no confirmation."""

    def __init__(self, status: int, sentence: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers


class _Gone(Exception):
    """The client hung up before its message was complete."""


class Endpoint:
    """Takes messages for all accounts of type `iso18626` of one engine.

    Receiving is the same for all of them, so the first by name takes everything in. At most 16 messages are worked on
    at once in threads of their own; 256 may wait, more are asked to come back.
    """

    def __init__(self, host: Host, limits: Limits) -> None:
        self._host = host
        self._limits = limits
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other kinds of connection are left alone."""
        if scope["type"] != "http":
            return
        try:
            try:
                answer = await self._answer(scope, receive)
            except _Answer as error:
                text = f"{error}\n".encode()
                await _send(send, error.status, text, b"text/plain; charset=utf-8", error.headers)
            else:
                await _send(send, 200, answer, b"application/xml; charset=utf-8")
        except _Gone:
            return

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        limit = self._checked(scope)
        if self._inside >= WAITING:
            raise _busy()
        self._inside += 1
        try:
            body = await _body(receive, limit)
            async with self._slots:
                return await asyncio.to_thread(self._ingest, body)
        except (_Answer, _Gone):
            raise
        except Exception as error:
            _log.exception("a message could not be taken in: %s", type(error).__name__)
            raise _Answer(500, "The message could not be taken in; send it again later.") from None
        finally:
            self._inside -= 1

    def _checked(self, scope: Scope) -> int:
        """The size up to which the body is read; raises what is wrong with the headers."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        if scope["method"] != "POST":
            raise _Answer(405, "Send ISO 18626 messages with POST.", (b"allow", b"POST"))
        kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        if kind not in _XML:
            given = f"not {kind[:80]}" if kind else "and say so in the header Content-Type"
            raise _Answer(415, f"Send the message as application/xml or text/xml, {given}.")
        if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            raise _Answer(415, "Send the message without compression.")
        limit = self._limits.bytes()
        length = headers.get(b"content-length", b"")
        if length.isdigit() and (len(length) > 12 or int(length) > limit):
            raise _too_large(limit)
        return limit

    def _ingest(self, body: bytes) -> bytes:
        try:
            account = self._account()
            answer = self._host.ingest(body, account)
        except BadMessage as error:
            raise _Answer(400, f"This is no ISO 18626 message: {error}.") from None
        except TryLater as error:
            seconds = max(1, round(error.after or BUSY_SECONDS))
            raise _Answer(503, "Send the message again later.", (b"retry-after", b"%d" % seconds)) from None
        except NotFound:
            raise _Answer(503, f"No library is served here: there is no account of type {TYPE}.") from None
        if answer is None:
            raise _Answer(500, "The message was taken in but not answered; ask for its status.")
        return answer

    def _account(self) -> str:
        found = self._host.accounts_of(TYPE)
        if not found:
            raise NotFound(f"no account of type {TYPE}")
        return found[0]


def _too_large(limit: int) -> _Answer:
    return _Answer(413, f"The message is too large; at most {limit} bytes are accepted.")


def _busy() -> _Answer:
    return _Answer(503, "Too many messages at once; send this one again.", (b"retry-after", b"%d" % BUSY_SECONDS))


async def _body(receive: Receive, limit: int) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(receive, limit)
    except TimeoutError:
        raise _Answer(408, f"The message did not arrive within {BODY_SECONDS:.0f} seconds.") from None


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _Gone
        part: bytes = event.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not event.get("more_body", False):
            return b"".join(parts)


async def _send(
    send: Send, status: int, body: bytes, kind: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    length = (b"content-length", b"%d" % len(body))
    lines = [(b"content-type", kind), length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
