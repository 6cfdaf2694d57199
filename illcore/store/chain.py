"""The hash chain of a request: what an event's hash says, and what is wrong with a log that was tampered with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from pydantic_core import to_json

from illcore.model import BilingualText
from illcore.request import Request
from illcore.tables import microseconds

_HASHED = "type actor_kind actor_id actor_role attempt effect by_hand data payload_sha refused state prev_hash".split()

T = BilingualText
TEXTS: Mapping[str, BilingualText] = {
    "event_missing": T(en="event {event} of {request} is missing", zh="申请 {request} 缺少第 {event} 条记录"),
    "events_missing": T(
        en="events {event} to {last} of {request} are missing", zh="申请 {request} 缺少第 {event} 至 {last} 条记录"
    ),
    "event_moved": T(
        en="event {event} of {request} does not follow the one before it",
        zh="申请 {request} 的第 {event} 条记录与前一条不相接",
    ),
    "event_changed": T(en="event {event} of {request} was changed", zh="申请 {request} 的第 {event} 条记录被改动"),
    "text_changed": T(
        en="the text of event {event} of {request} was changed", zh="申请 {request} 第 {event} 条记录的文字被改动"
    ),
    "text_missing": T(
        en="the text of event {event} of {request} is missing", zh="申请 {request} 第 {event} 条记录的文字缺失"
    ),
    "text_erased": T(
        en="the text of event {event} of {request} was erased, but {request} was never anonymised",
        zh="申请 {request} 第 {event} 条记录的文字被删除，但该申请从未匿名化",
    ),
    "request_missing": T(en="there is no request {request}", zh="没有申请 {request}"),
    "log_cut": T(
        en="the log of {request} ends at event {event}, but the request is at version {version}",
        zh="申请 {request} 的记录止于第 {event} 条，而申请的版本为 {version}",
    ),
    "state_differs": T(
        en="the request {request} says it is {state}, but its last event left it {left}",
        zh="申请 {request} 的状态为 {state}，而最后一条记录为 {left}",
    ),
    "head_differs": T(
        en="the request {request} does not name its last event {event} as its head",
        zh="申请 {request} 未以其最后第 {event} 条记录为末端",
    ),
}


@dataclass(slots=True, frozen=True)
class Flaw:
    """One thing that is wrong: its code, and the fields of its text, which say exactly which row it is."""

    code: str
    fields: Mapping[str, Any]
    texts: Mapping[str, BilingualText] = field(default_factory=lambda: TEXTS, repr=False)

    @property
    def text(self) -> str:
        """One sentence."""
        return self.texts[self.code].en.format(**self.fields)

    @property
    def zh(self) -> str:
        """The same in Chinese."""
        return self.texts[self.code].zh.format(**self.fields)

    def to_json(self) -> dict[str, Any]:
        """``{"code", "text", "zh"}`` and the fields."""
        return {"code": self.code, "text": self.text, "zh": self.zh, **self.fields}


def digest(row: Any) -> str:
    """The hash of an event row: SHA-256 over a JSON list of all it says, the data as stored, and the hash before it."""
    said = [row["request_id"], row["seq"], microseconds(row["at"]), *(row[name] for name in _HASHED)]
    return sha256(to_json(said)).hexdigest()


def salted(salt: str, body: str) -> str:
    """The digest of a text that stands apart; the salt, erased with it, keeps short texts from being guessed."""
    return sha256(f"{salt}{body}".encode()).hexdigest()


def flaws(id: str, rows: Iterable[Any], stored: Request | None) -> Iterable[Flaw]:
    """What is wrong with the log of a request: its rows in order, with ``salt``, ``body`` and ``erased_at``.

    Finds a changed, missing, added or exchanged event, a changed text, and a log cut short. An erased text is right.
    ``stored`` is the request as its row holds it, None if there is none.
    """
    head, last, state = "", 0, ""
    for row in rows:
        seq = row["seq"]
        here = {"request": id, "event": seq}
        if seq == last + 2:
            yield Flaw("event_missing", {"request": id, "event": last + 1})
        elif seq != last + 1:
            yield Flaw("events_missing", {"request": id, "event": last + 1, "last": seq - 1})
        elif row["prev_hash"] != head:
            yield Flaw("event_moved", here)
        if digest(row) != row["hash"]:
            yield Flaw("event_changed", here)
        if row["body"] is not None and salted(row["salt"], row["body"]) != row["payload_sha"]:
            yield Flaw("text_changed", here)
        if row["body"] is None and row["payload_sha"] and row["erased_at"] is None:
            yield Flaw("text_missing", here)
        if row["erased_at"] is not None and stored is not None and stored.anonymised_at is None:
            yield Flaw("text_erased", here)
        head, last, state = row["hash"], seq, row["state"]
    if stored is None:
        yield Flaw("request_missing", {"request": id})
    elif stored.version != last:
        yield Flaw("log_cut", {"request": id, "event": last, "version": stored.version})
    elif stored.head != head:
        yield Flaw("head_differs", {"request": id, "event": last})
    elif stored.state != state:
        yield Flaw("state_differs", {"request": id, "state": stored.state, "left": state})
