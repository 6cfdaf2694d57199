"""The run that anonymises what is due: in small commits, beside workers, to be stopped and begun again at any time."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, and_, bindparam, exists, func, literal, not_, or_, select, tuple_

from illcore import audit, documents
from illcore.blobs import Blobs
from illcore.calendars import end_of_day, local_date
from illcore.connectors import Erase, Tell
from illcore.events import Actor
from illcore.policy import Library, Privacy
from illcore.privacy.erasing import Erased, anonymise, erase_left_over, erase_strays
from illcore.privacy.holds import held_among
from illcore.privacy.strays import Strays
from illcore.request import Request
from illcore.store import Database
from illcore.store.requests import lock
from illcore.tables import ENDED_WITH_DATA, UNFINISHED, document, hold, outbox, payload, request
from illcore.tables import inbox as came

PORTION = 50
"""Requests of one commit: on SQLite nobody else writes meanwhile."""

_HELD = (
    select(hold.c.subject)
    .where(
        hold.c.library == request.c.library,
        or_(
            and_(hold.c.kind == "request", hold.c.subject == request.c.id),
            and_(hold.c.kind == "reader", hold.c.subject == request.c.reader_id),
        ),
    )
    .correlate(request)
    .exists()
)
_UNDER_WAY = exists().where(outbox.c.request_id == request.c.id, UNFINISHED).correlate(request)
_WITH_WORK = select(outbox.c.request_id).where(outbox.c.request_id.in_(bindparam("ids", expanding=True)), UNFINISHED)
_WAITS = and_(request.c.needs_attention == 1, request.c.closed_at >= bindparam("attention_before"))
_ENDED = and_(
    request.c.library == bindparam("library"), ENDED_WITH_DATA, request.c.closed_at < bindparam("closed_before")
)
_DUE = (
    select(request.c.id, request.c.closed_at)
    .where(_ENDED, not_(_HELD), not_(_UNDER_WAY), not_(_WAITS))
    .order_by(request.c.closed_at, request.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_DUE_AFTER = _DUE.where(
    tuple_(request.c.closed_at, request.c.id)
    > tuple_(bindparam("after_closed", type_=request.c.closed_at.type), bindparam("after_id"))
)
_READY = and_(_ENDED, not_(_HELD), not_(_UNDER_WAY), not_(_WAITS))
_READY_IDS = select(request.c.id).where(_READY)
_COUNTS = {
    "requests": select(func.count()).select_from(request).where(_READY),
    "texts": select(func.count()).where(payload.c.request_id.in_(_READY_IDS), payload.c.erased_at.is_(None)),
    "messages": select(func.count()).where(came.c.request_id.in_(_READY_IDS), came.c.body != literal("{}")),
    "outbox": select(func.count()).where(outbox.c.request_id.in_(_READY_IDS)),
    "documents": select(func.count()).where(document.c.request_id.in_(_READY_IDS), document.c.erased_at.is_(None)),
}
_KEPT = {
    "held": select(func.count()).select_from(request).where(_ENDED, _HELD),
    "under_way": select(func.count()).select_from(request).where(_ENDED, not_(_HELD), _UNDER_WAY),
    "needs_attention": select(func.count()).select_from(request).where(_ENDED, not_(_HELD), not_(_UNDER_WAY), _WAITS),
}


KINDS = "requests texts messages outbox documents readers unmatched keys declarations claims".split()


@dataclass(slots=True)
class Report:
    """What a run erased, or what a dry run would erase, by kind; what was kept and why; which parts failed."""

    library: str
    dry_run: bool
    closed_before: datetime
    erased: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))
    kept: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """``{"library", "dry_run", "closed_before", "erased", "kept", "failed"}``."""
        return {
            "library": self.library,
            "dry_run": self.dry_run,
            "closed_before": self.closed_before,
            "erased": dict(sorted(self.erased.items())),
            "kept": self.kept,
            "failed": self.failed,
        }


def closed_before(library: Library, now: datetime, days: int) -> datetime:
    """The moment before which a request must have ended to be due: ``days`` dates of the library's calendar ago."""
    calendar = library.policy.calendar
    return end_of_day(calendar, local_date(calendar, now) - timedelta(days=days))


def preview(connection: Connection, library: Library, now: datetime, parts: Mapping[str, Tell] | None = None) -> Report:
    """What a run would erase now, and what it would keep and why; of ``parts`` how many things they tell of.

    A part that cannot tell stands in ``failed``.
    """
    values = _values(library, now)
    strays = Strays(library, now)
    report = Report(library.symbol, True, values["closed_before"])
    for kind, statement in _COUNTS.items():
        report.erased[kind] = connection.execute(statement, values).scalar_one()
    report.erased.update(strays.counted(connection, _READY, values))
    report.kept = {**_kept(connection, values), **strays.kept(connection)}
    last: tuple[datetime, str] | None = None
    while parts and (due := _due(connection, values, last)):
        ids = [id for id, _ in due]
        for name, tell in parts.items():
            try:
                with connection.begin_nested():
                    report.erased[name] += len(tell(connection, library.symbol, ids))
            except Exception as error:
                report.failed[name] = type(error).__name__
        last = (due[-1][1], due[-1][0])
    return report


def run(
    database: Database,
    blobs: Blobs,
    library: Library,
    parts: Mapping[str, Erase],
    actor: Actor,
    now: datetime,
    step: Callable[[int], object] = lambda requests: None,
    go_on: Callable[[], bool] = lambda: True,
) -> Report:
    """Anonymise all that is due, then erase what belongs to no request any more; note it in the journal.

    ``step`` is told after each commit how many requests were done; ``go_on`` is asked between commits. Whoever runs at
    the same time does no harm: each request is locked, looked at again, and done once.
    """
    values = _values(library, now)
    report = Report(library.symbol, False, values["closed_before"])
    last: tuple[datetime, str] | None = None
    while go_on():
        with database.write() as connection:
            due = _due(connection, values, last)
            erased = anonymise(connection, library.symbol, _ready(connection, due, values), parts, now)
        if not due:
            break
        documents.delete_bytes(blobs, erased.documents)
        last = (due[-1][1], due[-1][0])
        _add(report, erased)
        step(len(due))
    strays = Strays(library, now)
    with database.write() as connection:
        erased = erase_left_over(connection, library.symbol, parts, now)
        erased.add(erase_strays(connection, library.symbol, parts, now, strays.unmatched_before))
        erased.counts.update(strays.erase(connection))
        _add(report, erased)
    while go_on():
        with database.write() as connection:
            dropped = strays.erase_readers(connection)
        if not dropped:
            break
        report.erased["readers"] += dropped
    with database.write() as connection:
        report.kept = {**_kept(connection, values), **strays.kept(connection)}
        if any(report.erased.values()):
            audit.note(connection, library.symbol, actor, "anonymise", now, counts=dict(sorted(report.erased.items())))
    database.forget()
    return report


def _values(library: Library, now: datetime) -> dict[str, Any]:
    policy: Privacy = library.policy.privacy
    return {
        "library": library.symbol,
        "closed_before": closed_before(library, now, policy.days),
        "attention_before": closed_before(library, now, policy.attention_days),
    }


def _due(
    connection: Connection, values: Mapping[str, Any], last: tuple[datetime, str] | None
) -> Sequence[tuple[str, datetime]]:
    given = {**values, "limit": PORTION}
    if last is None:
        return [(row.id, row.closed_at) for row in connection.execute(_DUE, given)]
    given |= {"after_closed": last[0], "after_id": last[1]}
    return [(row.id, row.closed_at) for row in connection.execute(_DUE_AFTER, given)]


def _ready(connection: Connection, due: Sequence[tuple[str, datetime]], values: Mapping[str, Any]) -> list[Request]:
    """Locked and looked at again: since they were found, somebody may have held, reopened or done one of them."""
    found = lock(connection, [id for id, _ in due])
    kept = held_among(connection, list(found)) | _under_way(connection, list(found))
    return [
        one
        for one in found.values()
        if one.id not in kept
        and one.closed_at is not None
        and one.closed_at < values["closed_before"]
        and (one.anonymised_at is None or one.updated_at > one.anonymised_at)
    ]


def _under_way(connection: Connection, ids: list[str]) -> set[str]:
    return set(connection.execute(_WITH_WORK, {"ids": ids}).scalars()) if ids else set()


def _kept(connection: Connection, values: Mapping[str, Any]) -> dict[str, int]:
    return {kind: connection.execute(statement, values).scalar_one() for kind, statement in _KEPT.items()}


def _add(report: Report, erased: Erased) -> None:
    report.erased.update(erased.counts)
    report.failed.update(erased.failed)
