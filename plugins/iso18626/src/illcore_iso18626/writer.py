"""Message → bytes: always valid against ISO-18626-v1_2.xsd, and the same bytes for the same message."""

import re
from functools import lru_cache
from typing import Any

from . import lexical
from .model import Message, SchemeValue
from .table import ELEMENT_OF, NAMESPACE, ROOTS, Kind, Row, Table

VERSION = "1.2"

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<ISO18626Message xmlns="{NAMESPACE}" xmlns:ill="{NAMESPACE}" ill:version="{VERSION}">'
)
_TEXT, _PAIR, _CODE, _TIME, _DECIMAL = Kind.TEXT, Kind.PAIR, Kind.CODE, Kind.TIME, Kind.DECIMAL
_TAIL = "</ISO18626Message>\n"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SEGMENT = r"[A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2}|[\u00a1-\u1fff\u3001-\ud7ff\uf900-\ufaff]"
_URI = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:(?!//)(?:{_SEGMENT}|[:/?])+"
    rf"|(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[A-Za-z0-9.\u00a1-\u1fff\u3001-\ud7ff-]+(?::[0-9]{{1,5}})?"
    rf"(?:[/?](?:{_SEGMENT}|[:/?])*)?"
    rf"|(?:{_SEGMENT})*(?:[/?](?!/)(?:{_SEGMENT}|[:/?])*)?)"
    rf"(?:#(?:{_SEGMENT}|[:/?])*)?"
)


class Unwritable(ValueError):
    """A message that version 1.2 cannot carry. `path` is the element (`request/header/timestamp`)."""

    def __init__(self, reason: str, *path: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self._path = list(path)

    @property
    def path(self) -> str:
        """From the message's element down to the one that is wrong."""
        return "/".join(reversed(self._path))

    def inside(self, element: str) -> "Unwritable":
        """The same error one element further out."""
        self._path.append(element)
        return self

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def write_message(message: Message) -> bytes:
    """The message as UTF-8 bytes of version 1.2.

    Outer blanks of texts are dropped, and a text that is then empty counts as absent. Characters that XML 1.0 cannot
    carry (controls, lone surrogates) are left out of free text, but refused in identifiers and codes. Raises
    Unwritable for those, for a required element without value, for a code outside its closed list, for what only
    the 2021 edition has, and for an element that 1.2 does not allow as often.
    """
    element = ELEMENT_OF.get(type(message))
    if element is None:
        raise TypeError(f"{type(message).__name__} is not one of the six messages of ISO 18626")
    out = [_HEAD]
    try:
        if not _write_group(out, message, ROOTS[element], f"<{element}>", f"</{element}>"):
            raise Unwritable("is empty")
    except Unwritable as error:
        raise error.inside(element) from None
    out.append(_TAIL)
    return "".join(out).encode("utf-8")


@lru_cache(maxsize=256)
def is_scheme(text: str) -> bool:
    """Whether a text can stand in a `scheme` attribute (xs:anyURI, the part of it that every validator accepts)."""
    return len(text) <= 500 and _URI.fullmatch(text) is not None


def _write_group(out: list[str], group: Any, table: Table, opening: str, closing: str) -> bool:
    """Write a group; a group in which nothing has a value is not written, and False is returned."""
    start = len(out)
    out.append(opening)
    for row in table.rows:
        value = getattr(group, row.name)
        if value is None or value == ():
            if row.required:
                raise Unwritable("is required", row.element)
            continue
        try:
            if row.wire.only_2021:
                raise Unwritable("is not an element of version 1.2")
            if not row.many:
                written = _write_element(out, value, row)
                if row.required and not written:
                    if not row.wire.may_be_empty:
                        raise Unwritable("is required and empty")
                    out.append(row.opening + row.closing)
            else:
                times = sum(_write_element(out, each, row) for each in value)
                if row.limit and times > row.limit:
                    raise Unwritable(f"came {times} times; version {VERSION} allows {row.limit}")
        except Unwritable as error:
            raise error.inside(row.element) from None
    if len(out) == start + 1:
        out.pop()
        return False
    if table.choice and sum(getattr(group, row.name) is not None for row in table.rows) > 1:
        raise Unwritable(f"holds more than one of {', '.join(row.element for row in table.rows)}")
    out.append(closing)
    return True


def _write_element(out: list[str], value: Any, row: Row) -> bool:
    kind = row.kind
    if kind is _TEXT:
        text = _text(value, row.wire.exact)
        if not text:
            return False
    elif kind is _PAIR:
        text = _text(value.value, True)
        if not text:
            return False
        if value.scheme:
            out.append(_pair(value, text, row))
            return True
    elif kind is _CODE:
        if value not in row.allowed:
            if not value:
                return False
            raise Unwritable(f"{str(value)!r} is not in the list of version {VERSION}: {_listed(row)}")
        text = value
    elif row.table is not None:
        return _write_group(out, value, row.table, row.opening, row.closing)
    else:
        text = _lexical(value, kind)
    out.append(f"{row.opening}{text}{row.closing}")
    return True


def _lexical(value: Any, kind: Kind) -> str:
    try:
        if kind is _TIME:
            return lexical.write_time(value)
        if kind is _DECIMAL:
            return lexical.write_decimal(value)
    except ValueError as error:
        raise Unwritable(str(error)) from None
    if kind is Kind.BOOLEAN:
        return "true" if value else "false"
    return str(int(value))


def _text(text: str, exact: bool) -> str:
    if not text.isprintable() and _NOT_XML.search(text):
        if exact:
            raise Unwritable(f"{text!r} has a character that XML cannot carry")
        text = _NOT_XML.sub("", text)
    text = text.strip()
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    return text


def _pair(value: SchemeValue, text: str, row: Row) -> str:
    scheme = value.scheme or ""
    if not is_scheme(scheme):
        raise Unwritable(f"the scheme {scheme!r} is no URI")
    scheme = scheme.replace("&", "&amp;")
    return f'{row.opening[:-1]} ill:scheme="{scheme}">{text}{row.closing}'


def _listed(row: Row) -> str:
    return ", ".join(code for code in row.type if code in row.allowed)
