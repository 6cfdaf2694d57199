"""Waits that ran out: each becomes an event, which the table may still refuse."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from illcore.context import Context
from illcore.events import Actor, Event
from illcore.store import Applied, DueTimer, Input, due_timers

BATCH = 100


def due(context: Context, connection: Connection, now: datetime, without: Collection[str] = ()) -> list[DueTimer]:
    """Up to a hundred waits that have run out, at most one per request; ``without`` names requests to leave alone."""
    first: dict[str, DueTimer] = {}
    for timer in due_timers(connection, now, BATCH + len(without)):
        if timer.library in context.libraries and timer.request_id not in without:
            first.setdefault(timer.request_id, timer)
    return sorted(first.values(), key=lambda each: each.request_id)


def fire(context: Context, connection: Connection, waits: Sequence[DueTimer], now: datetime) -> list[Applied]:
    """Take up waits in one commit; what another worker has taken up meanwhile stays as it is."""
    inputs = [
        Input(
            wait.library,
            Event(f"timer:{wait.kind}", now, Actor(kind="system", id="timer", library=wait.library)),
            wait.request_id,
        )
        for wait in waits
    ]
    return context.apply(connection, inputs, now)
