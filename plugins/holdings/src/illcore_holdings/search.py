"""A search in the loaded holdings: candidates, verified, one holding for each place, best first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from illcore.model import Holding

from .asked import Asked
from .find import Finder
from .places import Hit, online, printed
from .sets import HoldingSet, visible_sets
from .tables import set_of
from .verify import verify

_ORDER = {True: 0, None: 1, False: 2}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where is searched, and what holds where records and sources say nothing."""

    libraries: Collection[str] = ()
    sources: Collection[str] = ()
    loanable: bool | None = None
    copyable: bool | None = None
    believe: timedelta = timedelta(days=2)
    min_score: float = 0.5
    language: str = "en"

    def includes(self, one: HoldingSet) -> bool:
        """Whether a set is searched."""
        return (not self.libraries or one.library in self.libraries) and (
            not self.sources or one.source in self.sources
        )


def search(connection: Connection, asked: Asked, scope: Scope, now: datetime, most: int) -> list[Holding]:
    """At most so many holdings that score enough, best first. A serial without the issue that is cited is none."""
    sets = {one.id: one for one in visible_sets(connection) if scope.includes(one)}
    found: list[Holding] = []
    for number, record in Finder(connection, sets).candidates(asked).items():
        verdict = verify(record, asked, scope.language)
        if verdict.score < scope.min_score:
            continue
        source = sets[set_of(number)]
        hit = Hit(number, record, verdict, source)
        if record.electronic:
            found += online(hit, asked, now.date(), scope.language)
        else:
            fresh = source.finished_at is not None and now - source.finished_at <= scope.believe
            # That some volume of a serial is there says nothing of the one that is cited.
            known = fresh and not (record.issn and (asked.year or asked.volume))
            found += printed(hit, scope.loanable, scope.copyable, known=known)
    found.sort(key=lambda one: (-one.score, _ORDER[one.available], one.library, one.record_id))
    return found[:most]
