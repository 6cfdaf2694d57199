"""The stub's switches: what goes wrong, with which service, how many times."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Area = Literal["token", "search", "ill", "any"]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

FAULTS: dict[str, str] = {
    "unauthorized": "401, as for a token or key that is not accepted",
    "forbidden": "403, the scope is missing",
    "too_many": "429 with Retry-After",
    "too_many_bare": "429 without Retry-After",
    "bad_request": "400 with a problem body",
    "server_error": "500 with a problem body",
    "bad_gateway": "502 with HTML",
    "unavailable": "503 with HTML",
    "unavailable_later": "503 with Retry-After",
    "moved": "302 to another place",
    "slow": "answers after `seconds`",
    "hang": "never answers; nothing was done",
    "hang_after": "does what was asked and never answers",
    "drip": "one byte every `seconds`",
    "lost_answer": "does what was asked and breaks off before the answer",
    "broken_off": "breaks off before anything is done",
    "truncated": "half of the JSON",
    "wrong_type": "HTML with status 200",
    "empty": "status 200 and nothing",
    "nested": "JSON ten thousand deep",
    "huge": "6 MB of JSON",
    "list": "a JSON list where an object belongs",
    "failure": "an ILL error body with failure code `code` on field `field`, HTTP status `status`",
    "expire_tokens": "all tokens given out so far are refused from now on (happens at once)",
    "short_tokens": "the next tokens live one second",
    "no_token": "status 200 without a token",
    "forget": "a request is taken, answered and forgotten",
    "index_lag": "a search by reference does not find what was made",
    "no_history": "requests are shown without their history",
    "partial": "206 instead of 200",
}
"""Every switch and what it does."""

_STATUS = {
    "unauthorized": 401,
    "forbidden": 403,
    "too_many": 429,
    "too_many_bare": 429,
    "bad_request": 400,
    "server_error": 500,
    "bad_gateway": 502,
    "unavailable": 503,
    "unavailable_later": 503,
    "moved": 302,
}
_INSIDE = frozenset({"short_tokens", "no_token", "forget", "index_lag", "no_history", "partial"})
_LONGEST_HANG = 120.0


class Fault(BaseModel):
    """One switch. `times` counts down with each call it spoils; None: until it is switched off."""

    model_config = ConfigDict(extra="forbid")

    name: str
    area: Area = "any"
    method: str = ""
    path: str = ""
    times: int | None = Field(default=1, ge=1)
    seconds: float = Field(default=1.0, ge=0)
    code: int = 30001
    field: str = "item.title"
    status: int = 400


@dataclass(slots=True)
class Faults:
    """The switches that are on, oldest first."""

    active: list[Fault] = field(default_factory=list)

    def switch(self, fault: Fault) -> None:
        """Switch one on. ValueError if there is none of that name."""
        if fault.name not in FAULTS:
            raise ValueError(f"there is no fault {fault.name}; there are: {', '.join(sorted(FAULTS))}")
        self.active.append(fault)

    def clear(self) -> None:
        """All off."""
        self.active.clear()

    def take(self, area: str, method: str, path: str) -> Fault | None:
        """The first switch that spoils this call as a whole, counted down."""
        return self._taken(lambda each: each.name not in _INSIDE and _fits(each, area, method, path))

    def inside(self, name: str) -> Fault | None:
        """A switch that changes what the service does rather than how it answers."""
        return self._taken(lambda each: each.name == name)

    def _taken(self, fits: Callable[[Fault], bool]) -> Fault | None:
        found = next((each for each in self.active if fits(each)), None)
        if found is not None and found.times is not None:
            found.times -= 1
            if found.times <= 0:
                self.active.remove(found)
        return found


def _fits(fault: Fault, area: str, method: str, path: str) -> bool:
    return fault.area in ("any", area) and fault.method in ("", method) and fault.path in path


class Spoiling:
    """An ASGI application around the stub's own: spoils the calls that a switch is on for, and adds latency."""

    def __init__(self, app: App, faults: Faults, latency: float = 0.0) -> None:
        self._app = app
        self._faults = faults
        self._latency = latency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        area = area_of(str(scope.get("path", "")))
        fault = self._faults.take(area, str(scope["method"]), str(scope["path"])) if area else None
        if area and self._latency:
            await asyncio.sleep(self._latency)
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await _spoil(fault, self._app, scope, receive, send)


def area_of(path: str) -> str:
    """The service that a path belongs to; empty for the stub's own resources."""
    for area, start in (("token", "/token"), ("search", "/worldcat"), ("ill", "/ill")):
        if path.startswith(start):
            return area
    return ""


async def _spoil(fault: Fault, app: App, scope: Scope, receive: Receive, send: Send) -> None:
    name = fault.name
    if name in _STATUS or name == "failure":
        await _answer(send, *_refusal(fault))
    elif name == "slow":
        await asyncio.sleep(fault.seconds)
        await app(scope, receive, send)
    elif name == "hang":
        await _until_gone(receive)
    elif name == "hang_after":
        await app(scope, receive, _nowhere)
        await _until_gone(receive)
    elif name == "lost_answer":
        await app(scope, receive, _nowhere)
        await _break_off(send)
    elif name == "broken_off":
        await _break_off(send)
    elif name in ("truncated", "drip"):
        await _partly(fault, app, scope, receive, send)
    else:
        await _answer(send, 200, *_junk(name))


def _refusal(fault: Fault) -> tuple[int, str, bytes, dict[str, str]]:
    name, status = fault.name, _STATUS.get(fault.name, fault.status)
    more: dict[str, str] = {}
    if name in ("too_many", "unavailable_later"):
        more["retry-after"] = str(max(1, round(fault.seconds)))
    if name == "moved":
        more["location"] = "https://elsewhere.example.org/"
    if name in ("bad_gateway", "unavailable", "moved"):
        return status, "text/html", b"<html><body>upstream</body></html>", more
    if name == "failure":
        text = (
            '{"response":{"error":{"message":"There was an error processing your request.","detail":'
            f'[{{"failureCode":{fault.code},"fieldName":"{fault.field}"}}],"instance":"97f4da43"}}}}}}'
        )
        return status, "application/json", text.encode(), more
    if name in ("unauthorized", "forbidden"):
        text = f'{{"code":{{"type":"http","value":"{status}"}},"message":"Not accepted","details":"Authorization"}}'
        return status, "application/json", text.encode(), more
    kind = "INVALID_QUERY_PARAMETER_VALUE" if status == 400 else "PROBLEM"
    text = f'{{"type":"{kind}","title":"Validation Failure","detail":"the switch {name} is on"}}'
    return status, "application/problem+json", text.encode(), more


def _junk(name: str) -> tuple[str, bytes]:
    if name == "wrong_type":
        return "text/html; charset=utf-8", b"<html><body>Sign in</body></html>"
    if name == "nested":
        return "application/json", b'{"responses":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    if name == "huge":
        return "application/json", b'{"padding":"' + b"x" * 6_000_000 + b'"}'
    return "application/json", b"[]" if name == "list" else b""


async def _partly(fault: Fault, app: App, scope: Scope, receive: Receive, send: Send) -> None:
    head: list[Scope] = []
    body = bytearray()

    async def caught(message: Scope) -> None:
        if message["type"] == "http.response.start":
            head.append(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, caught)
    start = head[0]
    if fault.name == "truncated":
        half = bytes(body[: len(body) // 2])
        start = {**start, "headers": [(n, v) for n, v in start["headers"] if n != b"content-length"]}
        await send(start)
        await send({"type": "http.response.body", "body": half})
        return
    await send(start)
    for number in range(len(body)):
        await asyncio.sleep(fault.seconds)
        await send({"type": "http.response.body", "body": bytes(body[number : number + 1]), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Send, status: int, kind: str, body: bytes, more: dict[str, str] | None = None) -> None:
    headers = {"content-type": kind, "content-length": str(len(body)), **(more or {})}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def _break_off(send: Send) -> None:
    """Headers that promise a body, and no body: the server closes the connection."""
    pairs = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": pairs})


async def _nowhere(_message: Scope) -> None:
    """An answer that nobody gets."""


async def _until_gone(receive: Receive) -> None:
    try:
        async with asyncio.timeout(_LONGEST_HANG):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
