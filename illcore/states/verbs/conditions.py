"""Verbs of the conditions of supply: asked, joined to the list, accepted, rejected, dropped."""

from dataclasses import replace
from typing import Any

from illcore.errors import NotAllowed
from illcore.message import Signal
from illcore.request import Condition
from illcore.states.guards import offered_conditions, standing_condition
from illcore.states.row import Case, Verb, named


def add_conditions(case: Case) -> None:
    """Add what the supplier asks to the list; one that stands there, open or accepted, is not added again.

    Its number is the supplier's, where the message tells it, else the next one of this attempt.
    """
    request = case.request
    for entry in offered_conditions(case):
        if standing_condition(request, entry) is None:
            used = [c.number for c in request.conditions if c.attempt == request.attempt]
            request.conditions += (_condition(entry, entry.get("number") or max(used, default=0) + 1, case),)


def ask_conditions(case: Case) -> None:
    """Ask for a further condition."""
    request = case.request
    offered = offered_conditions(case)
    if not offered:
        raise NotAllowed("a condition needs code=…, text=… or cost=…")
    for entry in offered:
        known = standing_condition(request, entry)
        if known is not None:
            state = "accepted already" if known.answer else "open already"
            raise NotAllowed(f"this condition is number {known.number} and {state}")
    add_conditions(case)


def _condition(entry: dict[str, Any], number: int, case: Case) -> Condition:
    return Condition(
        number,
        entry.get("code") or "",
        entry.get("text") or "",
        entry.get("cost"),
        case.request.attempt,
        case.now,
    )


def answer_conditions(answer: str) -> Verb:
    """Write the answer on the open conditions, up to the number named."""

    def verb(case: Case) -> None:
        number = case.event.data.get("number")
        request = case.request
        request.conditions = tuple(
            replace(c, answer=answer, answered_at=case.now)
            if not c.answer and c.attempt == request.attempt and (number is None or c.number <= number)
            else c
            for c in request.conditions
        )

    return named(verb, f"conditions {answer}")


def ask_rejected_again(case: Case) -> None:
    """The supplier refused to let go, so what was rejected is a question again."""
    request = case.request
    request.conditions = tuple(
        replace(c, answer="", answered_at=None) if c.answer == "rejected" and c.attempt == request.attempt else c
        for c in request.conditions
    )


def send_acceptance(case: Case) -> None:
    """Accept the last condition shown."""
    request = case.request
    shown = [c.number for c in request.conditions if c.attempt == request.attempt]
    last = max(shown, default=0)
    named_one = case.event.data.get("number")
    if named_one is not None and named_one != last:
        raise NotAllowed(f"condition {named_one} is not the last one shown ({last}); read the later ones first")
    case.send("Accept", signal=Signal(name="accept", number=last))


def keep_picking(case: Case) -> None:
    """Agreed conditions lead back to picking, if that is where they were added."""
    if case.request.state != "conditional":
        case.request.resume = "picking" if case.request.state == "picking" else "will_supply"


def save_resume(case: Case) -> None:
    """The accepted conditions change what a refused cancel restores."""
    case.request.saved = case.request.resume or "will_supply"
