"""What a hook may return: each value is looked at as it crosses the border, so that junk never gets further."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from illcore.hooktypes import Circulated, Enrichment, Verdict
from illcore.message import IncomingDocument, Message, Receipt, Received, Undelivered
from illcore.model import Holding
from illcore.outcomes import Junk

M = TypeVar("M", bound=BaseModel)
LARGEST_DETAIL = 64 * 1024


def receipt(value: Any) -> Receipt:
    """A Receipt whose detail can be written as JSON and is no larger than 64 KiB."""
    return _small(_sound(value, Receipt))


def circulated(value: Any) -> Circulated:
    """A Circulated; its detail as that of a Receipt."""
    return _small(_sound(value, Circulated))


def verdict(value: Any) -> Verdict:
    """A Verdict."""
    return _sound(value, Verdict)


def enrichment(value: Any) -> Enrichment:
    """An Enrichment; None means an empty one."""
    return Enrichment() if value is None else _sound(value, Enrichment)


def holdings(value: Any) -> tuple[Holding, ...]:
    """A list or tuple of Holding."""
    return tuple(_sound(item, Holding, f" as item {number},") for number, item in enumerate(_list(value), 1))


def received(value: Any) -> Received:
    """A Received with sound messages."""
    found = _kind(value, Received)
    for number, message in enumerate(_list(found.messages), 1):
        _sound(message, Message, f" as message {number},")
    for place, documents in found.documents.items():
        for number, document in enumerate(_list(documents), 1):
            which = f" as document {number} of message {place + 1},"
            octets(_sound(document, IncomingDocument, which).content)
    for number, report in enumerate(_list(found.undelivered), 1):
        _sound(report, Undelivered, f" as report {number} of what was not delivered,")
    return _sound(found, Received)


def octets(value: Any) -> bytes:
    """Bytes."""
    if not isinstance(value, bytes):
        raise Junk(f"returned {_named(value)}, not bytes")
    return value


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise Junk(f"returned {_named(value)}, not a list{' (an empty one means: nothing found)' * (value is None)}")
    return value


def _kind(value: Any, kind: type[M], which: str = "") -> M:
    if not isinstance(value, kind):
        raise Junk(f"returned {_named(value)}{which or ','} not a {kind.__name__}")
    return value


def _sound(value: Any, kind: type[M], which: str = "") -> M:
    _dump(_kind(value, kind, which))
    return value  # type: ignore[no-any-return]


def _small(value: M) -> M:
    if len(_dump(value)) > LARGEST_DETAIL:
        raise Junk(f"returned a {type(value).__name__} larger than {LARGEST_DETAIL // 1024} KiB")
    return value


def _dump(value: BaseModel) -> str:
    try:
        return value.model_dump_json(warnings="error")
    except Exception as error:
        raise Junk(f"returned a {type(value).__name__} with a value of a wrong type ({type(error).__name__})") from None


def _named(value: Any) -> str:
    if value is None:
        return "None"
    if callable(getattr(value, "close", None)) and hasattr(value, "cr_await"):
        value.close()
        return "a coroutine"
    return f"a {type(value).__name__}"
