"""Waits that ran out: each becomes an event, which the table may still refuse."""

from datetime import datetime

from sqlalchemy import Connection

from illcore.context import Context
from illcore.events import Actor, Event
from illcore.store import Applied, DueTimer, Input, due_timers

BATCH = 100


def fire(context: Context, connection: Connection, now: datetime) -> list[Applied]:
    """Take up to a hundred waits that have run out, at most one per request, in one commit."""
    due = due_timers(connection, now, BATCH)
    first: dict[str, DueTimer] = {}
    for timer in due:
        first.setdefault(timer.request_id, timer)
    served = [timer for timer in first.values() if timer.library in context.libraries]
    inputs = [
        Input(
            timer.library,
            Event(f"timer:{timer.kind}", now, Actor(kind="system", id="timer", library=timer.library)),
            timer.request_id,
        )
        for timer in sorted(served, key=lambda each: each.request_id)
    ]
    if not inputs:
        return []
    return context.apply(connection, inputs, now)
