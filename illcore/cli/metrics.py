"""What ``/metrics`` shows: requests by state, the outbox by status, lanes that are held up. No names, no ids."""

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from illcore.tables import lane, outbox, request

if TYPE_CHECKING:
    from illcore.engine import Engine

_REQUESTS = select(request.c.role, request.c.state, func.count()).group_by(request.c.role, request.c.state)
_OUTBOX = select(outbox.c.status, func.count()).group_by(outbox.c.status)
_LANES = select(lane.c.open_until).where(lane.c.open_until.is_not(None))


def render(engine: "Engine") -> tuple[bytes, str]:
    """The page in Prometheus' text format and its content type. ModuleNotFoundError without prometheus-client."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    requests = Gauge("illcore_requests", "Requests by side and state", ["role", "state"], registry=registry)
    effects = Gauge("illcore_outbox", "Effects by status; dead ones wait for a person", ["status"], registry=registry)
    held_up = Gauge("illcore_lanes_open", "Lanes that wait because the other side did not answer", registry=registry)
    now = engine.clock.now()
    with engine.database.read() as connection:
        for role, state, count in connection.execute(_REQUESTS):
            requests.labels(role, state).set(count)
        for status, count in connection.execute(_OUTBOX):
            effects.labels(status).set(count)
        held_up.set(sum(until > now for until in connection.execute(_LANES).scalars()))
    return generate_latest(registry), CONTENT_TYPE_LATEST
