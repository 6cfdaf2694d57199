"""How the bytes of a file go out: whole or one range of it, counted."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from .headers import attachment
from .store import Link

_RANGE = re.compile(r"bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))", re.IGNORECASE)


class Chunks(FileResponse):
    """In pieces that are large enough for the loop not to be what holds it up."""

    chunk_size = 512 * 1024


class Serving:
    """One request for the file of a link. ``asked`` bytes of it are wanted; ``begins`` unless it goes on with the rest.

    A header that asks for several ranges at once, or is no range at all, is left aside, as RFC 9110 (14.2) allows:
    then the whole file goes out.
    """

    def __init__(self, link: Link, path: Path, headers: Headers) -> None:
        stat = os.stat(path)
        self.response = Chunks(path, media_type=link.media_type, stat_result=stat)
        self.response.headers["content-disposition"] = attachment(link.name)
        self.response.headers["etag"] = f'"{link.file[:32]}"'
        self.satisfiable = True
        self.begins, self.asked = True, stat.st_size
        self.ranged = False
        found = _RANGE.fullmatch(headers.get("range", "").strip())
        if_range = headers.get("if-range")
        fresh = if_range in (None, self.response.headers["etag"], self.response.headers["last-modified"])
        if found and fresh:
            self._range(found, stat.st_size)

    def _range(self, found: re.Match[str], size: int) -> None:
        first, last, tail = found.groups()
        start = max(0, size - int(tail)) if tail else int(first)
        end = min(int(last), size - 1) if last else size - 1
        if not tail and last and int(last) < start:
            return
        self.ranged = True
        if start >= size:
            self.satisfiable = False
            return
        self.begins, self.asked = start == 0, end - start + 1

    async def send(self, scope: Scope, receive: Receive, send: Send, sent: Callable[[int], None]) -> None:
        """Send it; ``sent`` is told how many bytes each piece had."""

        async def counted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body":
                sent(len(message.get("body", b"")))

        dropped = () if self.ranged else (b"range", b"if-range")
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in dropped]
        await self.response({**scope, "headers": headers}, receive, counted)
