"""JSON of the remote side, read without trust: a value of another type counts as not there."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from illcore.model import Money

_LONGEST = 2000
_FORMS = ("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z")
_EARLIEST, _LATEST = 1970, 9000


def read(body: bytes) -> Mapping[str, Any] | None:
    """The JSON object in these bytes; None if they hold none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def part(value: Any, *names: str) -> Mapping[str, Any]:
    """The object under these names; an empty one if there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> Sequence[Mapping[str, Any]]:
    """The objects of a list; a single object is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(value: Any, longest: int = _LONGEST) -> str:
    """A string or number as one trimmed text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode().strip()[:longest].strip()


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a list."""
    found = value if isinstance(value, list) else [value]
    return tuple(each for each in map(text, found) if each)


def whole(value: Any) -> int | None:
    """A whole number, also one that is written as a string."""
    digits = text(value, 18)
    return int(digits) if digits.isascii() and digits.isdigit() else None


def moment(value: Any) -> datetime | None:
    """A time as OCLC writes it, `2019-07-17T21:21:45.943+0000` or `2020-08-23 18:45:29Z`."""
    given = text(value, 40)
    given = f"{given}T00:00:00Z" if len(given) == 10 else given
    for form in _FORMS:
        try:
            found = datetime.strptime(given, form).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        return found if _EARLIEST <= found.year <= _LATEST else None
    return None


def written(at: datetime) -> str:
    """A time as OCLC writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def money(value: Any) -> Money | None:
    """`{"currency": "USD", "amount": 12.5}`."""
    found = part(value)
    amount, currency = text(found.get("amount"), 20), text(found.get("currency"), 3).upper()
    try:
        return Money(amount=Decimal(amount), currency=currency) if amount and currency else None
    except (InvalidOperation, ValidationError):
        return None
