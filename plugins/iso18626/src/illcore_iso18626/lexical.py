"""The lexical forms of XML Schema's times, numbers and booleans: read leniently, written in one way."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_COMMA = re.compile(r"[+-]?\d+,\d{1,2}")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_END_OF_DAY = re.compile(r"(.*[T ])24(:00(?::00(?:\.0*)?)?.*)", re.ASCII | re.DOTALL)
_ZONE = re.compile(r"\s+(?=[Zz+-])")
_DATE_AND_ZONE = re.compile(r"(\d{4}-\d\d-\d\d)([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_MAX_DIGITS = 60


class Unreadable(ValueError):
    """A text that is not a form of its type; the message says what was expected."""


def read_time(text: str) -> tuple[datetime, str]:
    """An aware time in UTC and what was assumed to get it ("" if nothing).

    Beyond xs:dateTime: a zone without colon (`+0000`) or after a space, no zone (taken as UTC), a space for the T,
    a date alone (midnight), more than six decimals (cut). Raises Unreadable.
    """
    assumed = ""
    try:
        if len(text) > 40:
            raise ValueError
        time = _parse(text)
        if time.tzinfo is None:
            return time.replace(tzinfo=UTC), "no time zone, taken as UTC"
    except (ValueError, OverflowError):
        raise Unreadable("expected a date and time such as 2025-03-17T09:30:00Z") from None
    try:
        time = time.astimezone(UTC)
    except OverflowError:
        time, assumed = time.replace(tzinfo=UTC), "out of range in UTC, zone dropped"
    return time, assumed


def _parse(text: str) -> datetime:
    if " " in text:
        text = _ZONE.sub("", text)
    if text[-1:] == "z":
        text = text[:-1] + "Z"
    if len(text) <= len("2025-03-17+08:00") and (date := _DATE_AND_ZONE.fullmatch(text)):
        text = f"{date[1]}T00:00{date[2]}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # the one form of xs:dateTime that fromisoformat does not know
        if midnight := _END_OF_DAY.fullmatch(text):
            return datetime.fromisoformat("00".join(midnight.groups())) + timedelta(days=1)
        raise


def write_time(time: datetime) -> str:
    """xs:dateTime in UTC with `Z`; milliseconds or microseconds only where there are any. Raises ValueError."""
    if time.tzinfo is None:
        raise ValueError("a time needs a time zone")
    if time.tzinfo is not UTC:
        try:
            time = time.astimezone(UTC)
        except OverflowError:
            raise ValueError("a time outside the years 1 to 9999 in UTC") from None
    fraction = time.microsecond
    digits = "seconds" if not fraction else "microseconds" if fraction % 1000 else "milliseconds"
    return time.replace(tzinfo=None).isoformat(timespec=digits) + "Z"


def read_decimal(text: str) -> Decimal:
    """xs:decimal, or with a comma before one or two digits (`12,50`). Raises Unreadable."""
    if _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if len(text) > _MAX_DIGITS + 2 or not _DECIMAL.fullmatch(text):
        raise Unreadable("expected an amount such as 12.50")
    return Decimal(text)


def write_decimal(number: Decimal) -> str:
    """xs:decimal: digits and a point, never an exponent. Raises ValueError."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{number} is not an amount")
    if len(number.as_tuple().digits) + abs(exponent) > _MAX_DIGITS:
        raise ValueError(f"an amount of more than {_MAX_DIGITS} digits")
    return format(number, "f")


def read_integer(text: str) -> int:
    """xs:integer of up to 18 digits. Raises Unreadable."""
    if not _INTEGER.fullmatch(text):
        raise Unreadable("expected a whole number such as 3")
    return int(text)


_BOOLEANS = {"true": True, "1": True, "y": True, "yes": True, "false": False, "0": False, "n": False, "no": False}


def read_boolean(text: str) -> bool:
    """xs:boolean, or Y, N, yes, no in any case. Raises Unreadable."""
    try:
        return _BOOLEANS[text.casefold()]
    except KeyError:
        raise Unreadable("expected true or false") from None
