"""How partners do: one small row each, kept up with every commit, so that routing never scans the history."""

from collections import defaultdict

from sqlalchemy import Connection

from illcore.prepared import Prepared
from illcore.request import Attempt, Request
from illcore.store.upsert import upsert
from illcore.tables import partner_stats

_COUNTS = ("asked", "filled", "unfilled", "days_total")
_ADD = Prepared(upsert(partner_stats, ("library", "partner", "service_type"), _COUNTS, adds=True))
_OUR_OWN_DOING = frozenset({"cancelled", "closed", "retried", "completed"})
_DAY = 86_400


class PartnerCounts:
    """Collects what a batch adds to the counts of partners; written last, in the order of their keys."""

    def __init__(self) -> None:
        self._added: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])

    def changed(self, before: Request | None, after: Request) -> None:
        """Count attempts of a requester that were opened, shipped, or ended without an item."""
        if after.role != "requester" or (before is not None and before.attempts == after.attempts):
            return
        old = {one.n: one for one in before.attempts} if before else {}
        for one in after.attempts:
            was = old.get(one.n)
            if was is not one and was != one:
                self._attempt(after, was or Attempt(one.n, one.partner), one)

    def _attempt(self, after: Request, was: Attempt, one: Attempt) -> None:
        key = (after.library, one.partner, after.service_type)
        if one.started_at is not None and was.started_at is None:
            self._added[key][0] += 1
        if one.shipped and not was.shipped:
            self._added[key][1] += 1
            if one.started_at is not None:
                self._added[key][3] += (after.updated_at - one.started_at).total_seconds() / _DAY
        elif one.ended_at is not None and was.ended_at is None and not one.shipped:
            self._added[key][2] += one.outcome not in _OUR_OWN_DOING

    def write(self, connection: Connection) -> None:
        """Add to the rows."""
        rows = [
            dict(zip(("library", "partner", "service_type", *_COUNTS), (*key, *counts), strict=True))
            for key, counts in sorted(self._added.items())
            if any(counts)
        ]
        if rows:
            _ADD.run(connection, rows)
