"""The requester's machine: from a reader's need to the item handed over and, for a loan, back with its owner."""

from dataclasses import replace

from illcore.states import guards as g
from illcore.states.common import ALWAYS, WHILE_OPEN, Rows, States, with_shared, without_dead_rows
from illcore.states.requester.asked import ASKED
from illcore.states.requester.entry import ENTRY
from illcore.states.requester.holding import HELD
from illcore.states.requester.late import AFTERWARDS, FAILED_EFFECTS, LATE, OTHER_ATTEMPT, late_item
from illcore.states.row import Row

OPEN: States = {**ENTRY, **ASKED, **HELD}


def _with_other_attempts(rows: Rows) -> Rows:
    """``attempt=n`` may name the item of another supplier than the one that the state speaks of."""
    return {
        event: other + tuple(_of_the_open_one(row) for row in rows.get(event, ()))
        for event, other in OTHER_ATTEMPT.items()
    }


def _of_the_open_one(row: Row) -> Row:
    guard = g.of_open_attempt if row.guard is None else g.both(g.of_open_attempt, row.guard)
    return replace(row, guard=guard)


def _complete() -> States:
    table = with_shared({**OPEN, **AFTERWARDS}, {**ALWAYS, **FAILED_EFFECTS, **LATE}, (*OPEN, *AFTERWARDS))
    table = with_shared(table, WHILE_OPEN, OPEN)
    for state, rows in table.items():
        table[state] = {**rows, **late_item(state), **_with_other_attempts(rows)}
    return without_dead_rows(table)


REQUESTER: States = _complete()
