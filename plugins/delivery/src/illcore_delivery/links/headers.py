"""Headers of everything that is served under `/d/`."""

import re
import unicodedata
from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#222}"
    "h1{font-size:1.3rem}section{border-left:3px solid #999;padding:.2rem 1rem;margin:1rem 0;white-space:pre-line}"
    "input,button{font:inherit;padding:.4rem .6rem}.wrong{color:#a00}"
)
SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')


def attachment(name: str) -> str:
    """Content-Disposition (RFC 6266): the name in ASCII for old programs, and as it is in UTF-8 (RFC 8187)."""
    clean = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFC", name)).strip(" .")[:150] or "document"
    stem, dot, ending = clean.rpartition(".")
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in clean)
    if not any(c.isascii() and c.isalnum() for c in (stem if dot else clean)):
        plain = f"document{dot}{ending}" if ending.isascii() and ending.isalnum() else "document"
    encoded = quote(clean.encode("utf-8", "replace"), safe="!#$&+-.^_`|~")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def safely(send: Send) -> Send:
    """The safe headers on every answer, whoever made it."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(SAFE)
        await send(message)

    return sending
