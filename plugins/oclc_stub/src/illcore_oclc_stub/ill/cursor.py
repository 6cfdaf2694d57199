"""How far a poll has come: a time, what was seen around it, and what waits for a partner that is not known yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..remote import shape

OVERLAP = timedelta(minutes=2)
"""Lists are read again from so long before the last change: the remote side may show a change late."""

MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """`since` is the last change that was read, `seen` entry ids with their times (as OCLC writes them) around it.

    `answered` are numbers of our requests whose StatusRequest was answered, with the time it was asked; `waiting` are
    requests of libraries that are no partners here, with the symbol to look for.
    """

    since: datetime | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    answered: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """The cursor that was committed; a fresh one if there is none that can be read."""
        data = shape.read((text or "").encode()) or {}
        maps = (
            {shape.text(key): shape.text(value) for key, value in shape.part(data, name).items()}
            for name in ("seen", "answered", "waiting")
        )
        return cls(shape.moment(data.get("since")), *maps)

    def __str__(self) -> str:
        since = shape.written(self.since) if self.since is not None else ""
        body = {"since": since, "seen": self.seen, "answered": self.answered, "waiting": self.waiting}
        return json.dumps({name: value for name, value in body.items() if value}, ensure_ascii=False, sort_keys=True)

    @property
    def beginning(self) -> datetime | None:
        """From when on to list changes."""
        return None if self.since is None else self.since - OVERLAP

    def is_new(self, id: str, at: datetime) -> bool:
        """Whether an entry was not read before."""
        return id not in self.seen and (self.since is None or at >= self.since - OVERLAP)

    def moved(self, since: datetime | None, seen: Mapping[str, datetime]) -> "Cursor":
        """The cursor after more was read; what lies too far back to be listed again is forgotten."""
        known = [each for each in (self.since, since) if each is not None]
        end = max(known) if known else None
        marks = {**self.seen, **{id: shape.written(at) for id, at in seen.items()}}
        if end is not None:
            first = end - OVERLAP
            marks = {id: at for id, at in marks.items() if (shape.moment(at) or first) >= first}
        return replace(self, since=end, seen=marks)
