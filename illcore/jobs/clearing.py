"""Asking the copyright policies: what they may see of the request and of what the library used, and their verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from illcore import readers
from illcore.calendars import local_date
from illcore.context import Context
from illcore.dispatch import AccountReport, Dispatch
from illcore.hooktypes import Holds, Licence, RequestView, Usage
from illcore.outbox import Claimed
from illcore.outcomes import Outcome
from illcore.request import Request, asked_of_policies
from illcore.store import get
from illcore.store.ledger import Place, Taken, count
from illcore.verdict import Verdict


@dataclass(slots=True, frozen=True)
class Cleared:
    """What the policies said together, how each of them did, and of what (``request.asked_of_policies``)."""

    verdict: Verdict
    reports: tuple[AccountReport, ...]
    asked: str

    def as_data(self) -> dict[str, Any]:
        """For the event ``cleared``."""
        return {
            "asked": self.asked,
            "verdict": self.verdict.model_dump(mode="json", exclude_defaults=True),
            "accounts": [
                {"name": r.name, "status": r.status} | ({"error": r.error[:200]} if r.error else {})
                for r in self.reports
            ],
        }


def clearing(
    context: Context, dispatch: Dispatch, connection: Connection, row: Claimed, seconds: float
) -> Callable[[], Outcome[Any]]:
    """The work that asks all policies of the library; it reads the ledger as they ask for it."""
    request = get(connection, row.library, row.request_id)
    policy = context.library(row.library).policy
    today = local_date(policy.calendar, context.clock.now())
    known = readers.by_key(connection, row.library, request.reader_id) if request.reader_id else None
    view = RequestView.of(request, known.category if known else "", known.department if known else "")
    holds, licence = _held(request)
    asked = asked_of_policies(request)

    def taken(place: Place) -> int:
        with context.store.read() as reading:
            return count(reading, row.library, [place], today, [row.request_id])[place]

    usage = Usage(
        library=row.library,
        today=today,
        taken=Taken(taken),
        holds=holds,
        licence=licence,
        declarations=frozenset(request.declared),
    )

    def work() -> Outcome[Any]:
        verdict, reports = dispatch.copyright(view, usage, seconds, policy.copyright_accounts or None)
        return Outcome("ok", Cleared(verdict, reports, asked))

    return work


def _held(request: Request) -> tuple[Holds, Licence]:
    """What the search found of the library's own: a subscription, something on the shelf, or nothing."""
    own = request.found.get(request.library)
    if own is None:
        return ("none" if request.searched else ""), ""
    if not own.online:
        return "owned", ""
    return "subscribed", "none" if own.copyable is False else ""
