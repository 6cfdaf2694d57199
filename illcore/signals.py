"""Notifications that mean something: how a signal is spelt in a note, per partner profile, and found again."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from illcore.message import Signal

DEFAULT_SPELLING: Mapping[str, str] = {
    "accept": "#accept {number}#",
    "resend": "#resend {reason}#",
    "lost": "#lost#",
    "closed": "#closed#",
}
"""The tokens that every illcore understands; a partner's ``profile["signals"]`` may spell each in its own way."""


def spelling(profile: Mapping[str, Any]) -> dict[str, str]:
    """The spelling that holds for this partner; unknown names in the profile are ignored."""
    own = profile.get("signals") or {}
    return {name: str(own.get(name, text)) for name, text in DEFAULT_SPELLING.items()}


def write(signal: Signal, note: str, profile: Mapping[str, Any]) -> str:
    """The note with the signal's token before it."""
    template = spelling(profile)[signal.name]
    number = "" if signal.number is None else str(signal.number)
    token = template.replace("{number}", number).replace("{reason}", signal.reason.replace("#", " ").strip())
    return f"{token} {note}".strip()


@lru_cache(maxsize=256)
def _pattern(template: str) -> re.Pattern[str]:
    escaped = re.escape(template)
    escaped = escaped.replace(r"\{number\}", r"(?P<number>\d{0,9})").replace(r"\{reason\}", r"(?P<reason>[^#]{0,500})")
    return re.compile(r"\s*" + escaped.replace(r"\ ", r"\s*"), re.IGNORECASE)


def read(note: str, profile: Mapping[str, Any]) -> tuple[Signal | None, str]:
    """The signal at the start of a note and what remains; the default spelling is understood from everyone."""
    own = spelling(profile)
    for name, default in DEFAULT_SPELLING.items():
        for template in dict.fromkeys((own[name], default)):
            found = _pattern(template).match(note)
            if found:
                groups = found.groupdict()
                number = groups.get("number")
                reason = (groups.get("reason") or "").strip()
                signal = Signal(name=name, number=int(number) if number else None, reason=reason)  # type: ignore[arg-type]
                return signal, note[found.end() :].strip()
    return None, note
