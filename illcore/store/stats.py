"""How partners do: one small row each, kept up with every commit, so that routing never scans the history."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from illcore.history import PartnerStats, fading, weight
from illcore.prepared import Prepared
from illcore.request import Attempt, Request
from illcore.store.upsert import upsert
from illcore.tables import partner_stats

_COUNTS = ("asked", "filled", "unfilled", "days_total", "tries_weight", "fills_weight", "days_weight", "lent_weight")
_ADD = Prepared(upsert(partner_stats, ("library", "partner", "service_type"), _COUNTS, adds=True))
_OF_LIBRARY = select(partner_stats).where(partner_stats.c.library == bindparam("library"))
_OUR_OWN_DOING = frozenset({"cancelled", "closed", "retried", "completed"})
_DAY = 86_400


def read_stats(connection: Connection, library: str, now: datetime) -> dict[str, dict[str, PartnerStats]]:
    """What the partners of a library did, by service type and symbol, as it counts now."""
    rows = list(connection.execute(_OF_LIBRARY, {"library": library}))
    factor = fading(now)
    between: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        between[row.partner][0] += row.fills_weight * factor
        between[row.partner][1] += row.lent_weight * factor
    found: dict[str, dict[str, PartnerStats]] = defaultdict(dict)
    for row in rows:
        own = (row.tries_weight * factor, row.fills_weight * factor, row.days_weight * factor)
        found[row.service_type][row.partner] = PartnerStats(*own, *between[row.partner])
    for service in ("loan", "copy", "copy_or_loan"):
        for partner, both in between.items():
            found[service].setdefault(partner, PartnerStats(0.0, 0.0, 0.0, *both))
    return found


class PartnerCounts:
    """Collects what a batch adds to the counts of partners; written last, in the order of their keys."""

    def __init__(self) -> None:
        self._added: dict[tuple[str, str, str], dict[str, float]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))

    def changed(self, before: Request | None, after: Request) -> None:
        """Count attempts of a requester that were opened, shipped, or ended without an item, and what we lent."""
        if before is not None and before.received_at is None and after.received_at is not None:
            self._arrived(after)
        if before is not None and before.attempts == after.attempts:
            return
        old = {one.n: one for one in before.attempts} if before else {}
        for one in after.attempts:
            was = old.get(one.n)
            if was is one or was == one:
                continue
            was = was or Attempt(one.n, one.partner)
            if after.role == "requester":
                self._attempt(after, was, one)
            elif one.shipped and not was.shipped:
                self._of(after, one)["lent_weight"] += weight(after.updated_at)

    def _of(self, after: Request, one: Attempt) -> dict[str, float]:
        return self._added[after.library, one.partner, after.service_type]

    def _attempt(self, after: Request, was: Attempt, one: Attempt) -> None:
        now = after.updated_at
        if one.started_at is not None and was.started_at is None:
            self._of(after, one)["asked"] += 1
        if one.shipped and not was.shipped:
            self._of(after, one)["filled"] += 1
            self._of(after, one)["fills_weight"] += weight(now)
            self._tried(after, one, now)
            if one.started_at is not None:
                self._of(after, one)["days_total"] += (now - one.started_at).total_seconds() / _DAY
        elif one.ended_at and not was.ended_at and not one.shipped and one.outcome not in _OUR_OWN_DOING:
            self._of(after, one)["unfilled"] += 1
            self._tried(after, one, now)

    def _tried(self, after: Request, one: Attempt, now: datetime) -> None:
        counts = self._of(after, one)
        counts["tries_weight"] += weight(now)
        if one.started_at is not None:
            counts["days_weight"] += weight(now) * (now - one.started_at).total_seconds() / _DAY

    def _arrived(self, after: Request) -> None:
        """The days on the way belong to the try that brought it."""
        one = after.current()
        if after.role != "requester" or one is None or not one.shipped or after.shipped_at is None:
            return
        if after.received_at is not None and after.received_at > after.shipped_at:
            days = (after.received_at - after.shipped_at).total_seconds() / _DAY
            self._of(after, one)["days_weight"] += weight(after.shipped_at) * days

    def write(self, connection: Connection) -> None:
        """Add to the rows."""
        rows = [
            {"library": library, "partner": partner, "service_type": service, **counts}
            for (library, partner, service), counts in sorted(self._added.items())
            if any(counts.values())
        ]
        if rows:
            _ADD.run(connection, rows)
