"""What had been handed over and came back: the effect counts as given up after all, once for each report."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from illcore.context import Context
from illcore.events import Actor, Event
from illcore.message import Undelivered
from illcore.store import Input, inbox_get, inbox_put
from illcore.store.sent import Sent, returned, sent_under


def undelivered(
    context: Context, connection: Connection, account: str, reports: Sequence[Undelivered], now: datetime
) -> None:
    """Apply reports in the caller's transaction: ``effect:given_up`` for the message that each names by its key.

    A Request that came back moves on to the next supplier; anything else needs attention and can be retried, as the
    table says. A report that was here before, of what has failed already, or under an unknown key changes nothing.
    Raises Conflict only.
    """
    reported = {report.key: report for report in reports}
    for row in sent_under(connection, reported):
        if row.library in context.libraries:
            _take(context, connection, account, reported[row.key], row, now)


def _take(
    context: Context, connection: Connection, account: str, report: Undelivered, row: Sent, now: datetime
) -> None:
    partner = row.lane.removeprefix("send/")
    digest = undelivered_digest(report)
    if inbox_get(connection, row.library, partner, digest) is not None:
        return
    seq = 0
    if row.status not in ("dead", "settled"):
        data = {
            "kind": "send",
            "message": row.name,
            "reason": report.reason,
            "code": "returned",
            "previous": row.known,
            "known": "not_sent",
            "tries": row.tries,
        }
        actor = Actor(kind="system", id=account, library=row.library)
        event = Event("effect:given_up", now, actor, data, row.attempt, effect=row.key)
        [applied] = context.apply(connection, [Input(row.library, event, row.request_id)], now)
        seq = applied.seq
        waits = any(one.effect == row.key for one in applied.request.attention)
        returned(connection, replace(row, status="dead" if waits else "done"), report.reason, now)
    inbox_put(
        connection,
        row.library,
        partner,
        digest,
        kind="Undelivered",
        status="applied",
        now=now,
        result={},
        body=report.model_dump(mode="json"),
        request_id=row.request_id,
        seq=seq,
    )


def undelivered_digest(report: Undelivered) -> str:
    """By which a report is known again in the inbox."""
    return sha256(f"undelivered {report.model_dump_json()}".encode()).hexdigest()
