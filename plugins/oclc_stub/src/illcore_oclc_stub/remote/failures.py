"""What an answer that is no success means to the engine: error bodies, failure codes and HTTP statuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from illcore.errors import ConnectorError, Misconfigured, Refused, TryLater, Unknown

from ..texts import FAILURES
from . import shape

INVALID_SYMBOL, NOT_A_SUPPLIER = 30004, 30005
_CANNOT_WRITE, _UNAUTHORIZED, _UNHANDLED = 140002, 140005, 140006
_OWN_FIELDS = ("requester.institution", "requester.requesterbilling", "requester.requesterdelivery")
_ELSEWHERE = frozenset({402, 403, 404, 405, 406, 407, 410, 411, 415, 421, 426, 501, 505, 511})
_BUSY = frozenset({425, 429, 503})
_DEFAULT_WAIT = 30.0
_LONGEST_WAIT = 86_400.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came. `data` is its JSON object, None if it has none; `retry_after` is in seconds."""

    status: int
    data: Mapping[str, Any] | None = None
    retry_after: float | None = None
    said: str = field(default="", compare=False)

    @property
    def ok(self) -> bool:
        """Whether it is a success that says something: 206 with a part of what was asked for too; 204 says enough."""
        if self.status == 204:
            return True
        return 200 <= self.status < 300 and self.data is not None and not shape.part(self.data, "response", "error")


def fault(reply: Reply, what: str, writes: bool) -> ConnectorError:
    """The error that an answer means. `writes`: the call changes something at the remote side."""
    coded = _by_code(reply, what, writes)
    if coded is not None:
        return coded
    status, said = reply.status, f"{what}: HTTP {reply.status}{f', {reply.said}' if reply.said else ''}"
    if status in _BUSY:
        return TryLater(f"{said}; it is busy or its limit is used up", reply.retry_after or _DEFAULT_WAIT)
    if 300 <= status < 400:
        return Misconfigured(f"{said}; it has moved, set its URL to where it answers")
    if status == 401:
        return Misconfigured(f"{said}; a fresh token is not accepted: check the WSKey and its services")
    if status == 403:
        return Misconfigured(f"{said}; the WSKey may not do this: ask OCLC for the scope, or leave the service out")
    if status in _ELSEWHERE:
        return Misconfigured(f"{said}; check the URLs of the account")
    if 400 <= status < 500 and status != 408:
        return Refused(said, _type(reply) or f"HTTP {status}")
    if writes:
        return Unknown(f"{said}; it may have been done")
    return TryLater(said, reply.retry_after)


def told(data: Mapping[str, Any] | None) -> str:
    """What an error body says, in one line: RFC 7807, the ILL service's own form, or that of the token server."""
    if data is None:
        return ""
    error = shape.part(data, "response", "error")
    if error:
        fields = ", ".join(
            f"{shape.text(each.get('failureCode'), 12)} {shape.text(each.get('fieldName'), 100)}".strip()
            for each in shape.rows(error.get("detail"))[:5]
        )
        return ": ".join(part for part in (shape.text(error.get("message"), 200), fields) if part)
    words = (shape.text(data.get(name), 200) for name in ("title", "detail", "message"))
    return ": ".join(word for word in words if word)


def seconds(header: str, now: datetime) -> float | None:
    """Retry-After (RFC 9110, section 10.2.3) in seconds, a day at most; None if it names none."""
    value = header.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return min(max((at - now).total_seconds(), 1.0), _LONGEST_WAIT) if at.tzinfo else None


def _by_code(reply: Reply, what: str, writes: bool) -> ConnectorError | None:
    details = shape.rows(shape.part(reply.data, "response", "error").get("detail"))
    codes = [(shape.whole(each.get("failureCode")), shape.text(each.get("fieldName"), 200)) for each in details]
    known = [(code, name) for code, name in codes if code in FAILURES]
    if not known:
        return None
    code, name = known[0]
    assert code is not None
    sentences = dict.fromkeys(f"{FAILURES[c].en} {f}".strip() for c, f in known if c is not None)
    said = f"{what}: {'; '.join(sentences)} ({', '.join(str(c) for c, _ in known)})"
    if code == _UNAUTHORIZED:
        return Misconfigured(f"{said}: the WSKey may not do this for this institution")
    if code in (_CANNOT_WRITE, _UNHANDLED):
        return Unknown(f"{said}; it may have been done") if writes else TryLater(said)
    if name.lower().startswith(_OWN_FIELDS):
        return Misconfigured(f"{said}: complete the library's own address and institution in the configuration")
    if code == INVALID_SYMBOL:
        return Misconfigured(f"{said}: correct the registry_id in the partner's address", "partner")
    return Refused(said, str(code))


def _type(reply: Reply) -> str:
    return shape.text((reply.data or {}).get("type"), 80)
