"""One row of the table and what guards and verbs work on."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from illcore.effects import Effect, Send
from illcore.events import Event
from illcore.facts import Facts
from illcore.request import Attempt, Attention, Request

Services = Literal["any", "loan", "copy"]

STAY = "STAY"
SAVED = "SAVED"
PLACE = "PLACE"
RESUME = "RESUME"
UNDO = "UNDO"
BY_OUTCOME = "BY_OUTCOME"
"""``close`` ends in ``completed`` if the outcome counts as filled, else in ``closed``."""


@dataclass(slots=True)
class Case:
    """One decision in the making: the changed request, what it asks for, and what the event's record should say."""

    request: Request
    event: Event
    facts: Facts
    now: datetime
    effects: list[Effect] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def send(self, name: str, attempt: int = 0, **fields: Any) -> None:
        """Ask for a message to the partner of an attempt, by default the current one."""
        self.effects.append(Send(name, attempt or self.request.attempt, fields))

    def change_attempt(self, n: int, **changes: Any) -> Attempt:
        """Replace the attempt with a changed one."""
        request = self.request
        changed = copy(request.attempts[n - 1])
        for name, value in changes.items():
            setattr(changed, name, value)
        request.attempts = (*request.attempts[: n - 1], changed, *request.attempts[n:])
        return changed

    def attend(self, reason: str, effect: str = "", detail: str = "") -> None:
        """Put the request on the attention list; the same reason for the same effect stands there once."""
        request = self.request
        if not any(a.reason == reason and a.effect == effect and a.detail == detail for a in request.attention):
            request.attention += (Attention(reason, self.now, effect, detail),)

    def settle(self, reason: str = "", effect: str = "", detail: str = "") -> None:
        """Take matching entries off the attention list."""
        self.request.attention = tuple(
            a
            for a in self.request.attention
            if not (
                (not reason or a.reason == reason)
                and (not effect or a.effect == effect)
                and (not detail or a.detail == detail)
            )
        )


Guard = Callable[[Case], bool]
Verb = Callable[[Case], None]


@dataclass(slots=True, frozen=True)
class Row:
    """First row whose services and guard hold is taken.

    ``next`` is a state or STAY, SAVED, PLACE, RESUME, UNDO, BY_OUTCOME. ``then`` names a step that follows at once.
    ``undoable`` rows have no effect outside the house.
    """

    next: str
    verbs: tuple[Verb, ...] = ()
    guard: Guard | None = None
    services: Services = "any"
    then: str = ""
    undoable: bool = False

    def holds(self, case: Case) -> bool:
        """Whether this row is the one for the case."""
        kind = case.request.supplied_as or case.request.service_type
        if self.services != "any" and kind not in (self.services, "copy_or_loan"):
            return False
        return self.guard is None or self.guard(case)

    @property
    def idle(self) -> bool:
        """Whether the row only writes the event down."""
        return self.next == STAY and not self.verbs and not self.then


def go(
    next: str,
    *verbs: Verb,
    when: Guard | None = None,
    services: Services = "any",
    then: str = "",
    undoable: bool = False,
) -> Row:
    """A row, written shortly."""
    return Row(next, verbs, when, services, then, undoable)


def named(verb: Verb, name: str) -> Verb:
    """A verb made by a factory, under the name that the documentation shows."""
    verb.__name__ = name
    verb.__doc__ = verb.__doc__ or f"{name}."
    return verb


def asking(guard: Guard, name: str) -> Guard:
    """A guard made by a factory, under the name that the documentation shows."""
    guard.__name__ = name
    guard.__doc__ = f"{name}."
    return guard


PARTS: dict[Guard, tuple[Guard, ...]] = {}
"""Of which guards a combined one is made."""

_OTHERWISE: dict[Guard, str] = {}


def otherwise(sentence: str) -> Callable[[Guard], Guard]:
    """Name the sentence that refuses an action whose only rows ask this guard."""

    def remember(guard: Guard) -> Guard:
        _OTHERWISE[guard] = sentence
        return guard

    return remember


def why_not(rows: tuple[Row, ...], case: Case) -> str:
    """What a person is told if none of these rows holds: the sentence of the first guard that has one and fails."""
    for row in rows:
        for guard in _parts(row.guard):
            if guard in _OTHERWISE and not guard(case):
                return _OTHERWISE[guard]
    return ""


def _parts(guard: Guard | None) -> tuple[Guard, ...]:
    if guard is None:
        return ()
    return tuple(part for each in PARTS.get(guard, ()) for part in _parts(each)) or (guard,)
