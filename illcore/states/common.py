"""Rows that every state of a machine shares."""

from collections.abc import Iterable

from illcore.states import guards as g
from illcore.states import verbs as v
from illcore.states.row import STAY, UNDO, Row, go

Rows = dict[str, tuple[Row, ...]]
States = dict[str, Rows]

ALWAYS: Rows = {
    "note": (go(STAY),),
    "message": (go(STAY, v.send_message, when=g.a_partner_is_known),),
    "retry_effect": (go(STAY, v.try_effect_again, when=g.an_effect_failed),),
    "done_by_hand": (go(STAY, v.settle_by_hand, when=g.needs_attention),),
    "Message": (go(STAY, v.unread_message),),
    "document": (go(STAY, v.keep_document),),
    "checked": (go(STAY, v.take_report),),
    "destroyed": (go(STAY, v.effect_done, v.forget_documents),),
    "declared": (go(STAY, v.take_declaration),),
    "effect:done": (go(STAY, v.effect_done),),
    "effect:misconfigured": (go(STAY, v.attention_to_effect("misconfigured")),),
}
WHILE_OPEN: Rows = {
    "assign": (go(STAY, v.assign),),
    "escalate": (go(STAY, v.escalate),),
    "hand_back": (go(STAY, v.hand_back, when=g.was_escalated),),
    "undo": (go(UNDO),),
}
NEEDED_BY: Rows = {"timer:needed_by": (go(STAY, v.attention("needed_by"), v.notice("needed_by_passed", "staff")),)}


def with_shared(own: States, shared: Rows, states: Iterable[str]) -> States:
    """The table with the shared rows after a state's own rows for the same event."""
    table: States = {state: dict(rows) for state, rows in own.items()}
    for state in states:
        for event, rows in shared.items():
            table[state][event] = table[state].get(event, ()) + rows
    return table


def without_dead_rows(table: States) -> States:
    """Rows after one that always holds are never reached; they come from sharing and are left out."""
    return {state: {event: _reachable(rows) for event, rows in own.items()} for state, own in table.items()}


def _reachable(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    for at, row in enumerate(rows, start=1):
        if row.guard is None and row.services == "any":
            return rows[:at]
    return rows
