"""States as the search tells them apart: a world without names and clocks, times only by their order."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from illcore.request import Request
from tests.model.world import Flight, World


def key(world: World) -> tuple[Any, ...]:
    """A world without names and clocks: times only by their order."""
    times = {t for r in world.requests if r for t in _times(r)}
    times |= {f.message.last_change for f in world.flights if f.message.last_change}
    rank = {t: n for n, t in enumerate(sorted(times))}
    rank[None] = -1  # type: ignore[index]
    return (
        tuple(_request_key(r, rank) if r is not None else None for r in world.requests),
        tuple(_flight_key(f, rank) for f in world.flights),
        world.posted,
    )


def _times(request: Request) -> Iterator[datetime]:
    if request.role == "supplier" and request.last_change:
        yield request.last_change
    for attempt in request.attempts:
        if attempt.last_change:
            yield attempt.last_change
        if attempt.rejected_at:
            yield attempt.rejected_at


def _request_key(request: Request, rank: dict[Any, int]) -> tuple[Any, ...]:
    return (
        request.state,
        request.saved,
        request.place,
        request.then,
        request.resume,
        request.supplied_as,
        request.shipped_at is not None,
        request.received_at is not None,
        request.ending,
        request.attempt,
        request.asked_status,
        request.accepted_retry,
        rank.get(request.last_change, -2) if request.role == "supplier" else 0,
        tuple(
            (
                a.status,
                a.shipped,
                a.came_anyway,
                a.last_status,
                rank[a.last_change],
                rank[a.rejected_at],
                a.cancel_sent,
                a.verifying,
                a.answered_at is not None,
            )
            for a in request.attempts
        ),
        tuple((c.number, c.answer, c.attempt) for c in request.conditions),
        tuple(
            (bool(i.returned_at), bool(i.lost_at), bool(i.checked_in_at), bool(i.received_at)) for i in request.items
        ),
        frozenset(kind for kind, timer in request.timers.items() if timer.fired),
        frozenset(a.reason for a in request.attention if a.reason in ("undeliverable", "refused")),
        request.outcome in ("kept", "lost_settled"),
    )


def _flight_key(flight: Flight, rank: dict[Any, int]) -> tuple[Any, ...]:
    message = flight.message
    return (
        flight.sender,
        flight.receiver,
        flight.name,
        flight.attempt,
        message.status,
        message.reason,
        rank[message.last_change],
        tuple(c.number for c in message.conditions),
        message.signal and message.signal.number,
        flight.unknown,
        flight.delivered,
        bool(flight.answer),
        flight.ghost,
    )
