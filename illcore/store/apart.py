"""What of an event is personal or free text: kept in its payload, which can be erased, never in the hashed row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from illcore.store.codec import dump

_ALWAYS = frozenset("url delivery reader_id text condition conditions supplier document documents findings".split())
_WORDS = frozenset({"reason"})
"""Codes stay, because reports and routing speak of them; sentences do not."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}")
_PARTS = frozenset({"text", "actor", "data"})


@dataclass(slots=True, frozen=True)
class Apart:
    """The erasable part: the text that came with the event, the key of the reader who did it, and data."""

    text: str = ""
    actor: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> str:
        """As it is stored; empty if there is nothing."""
        parts = {"text": self.text, "actor": self.actor, "data": self.data}
        kept = {name: value for name, value in parts.items() if value}
        return dump(kept) if kept else ""


def is_code(text: str) -> bool:
    """Whether a reason is a code, such as ``NotHeld``, and no sentence of somebody's."""
    return not text or _CODE.fullmatch(text) is not None


def split(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Event data as ``(what stays in the row, what is kept apart)``."""
    if _ALWAYS.isdisjoint(data) and _WORDS.isdisjoint(data):
        return dict(data), {}
    apart = {
        name: value
        for name, value in data.items()
        if name in _ALWAYS or (name in _WORDS and isinstance(value, str) and not is_code(value))
    }
    return {name: value for name, value in data.items() if name not in apart}, apart


def read(body: str | None) -> Apart:
    """The part as it was stored; nothing of it if it was erased."""
    if not body:
        return Apart()
    try:
        found = from_json(body)
    except ValueError:
        return Apart(body)  # written before texts had anything beside them
    if isinstance(found, dict) and found and found.keys() <= _PARTS:
        return Apart(**found)
    return Apart(body)
