"""Rows that every state of a machine shares."""

from illcore.states import verbs as v
from illcore.states.row import STAY, UNDO, Row, go

States = dict[str, dict[str, tuple[Row, ...]]]

ALWAYS: dict[str, tuple[Row, ...]] = {
    "note": (go(STAY),),
    "message": (go(STAY, v.send_message),),
    "retry_effect": (go(STAY, v.try_effect_again),),
    "done_by_hand": (go(STAY, v.settle_by_hand),),
    "Message": (go(STAY, v.unread_message),),
    "effect:done": (go(STAY, v.effect_done),),
    "effect:misconfigured": (go(STAY, v.attention_to_effect("misconfigured")),),
}
WHILE_OPEN: dict[str, tuple[Row, ...]] = {
    "assign": (go(STAY, v.assign),),
    "escalate": (go(STAY, v.escalate),),
    "hand_back": (go(STAY, v.hand_back),),
    "undo": (go(UNDO),),
}
NEEDED_BY = {"timer:needed_by": (go(STAY, v.attention("needed_by"), v.notice("needed_by_passed", "staff")),)}


def with_shared(own: States, shared: dict[str, tuple[Row, ...]], states: tuple[str, ...]) -> States:
    """The table with the shared rows after a state's own rows for the same event."""
    table: States = {state: dict(rows) for state, rows in own.items()}
    for state in states:
        for event, rows in shared.items():
            table[state][event] = table[state].get(event, ()) + rows
    return table
