"""A claimed row made ready: the call, the search or the work that it asks for."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple

from illcore.calls import Call
from illcore.dispatch import AccountReport
from illcore.model import Holding, Query
from illcore.outbox import Claimed
from illcore.outcomes import Outcome
from illcore.request import Request


class Located(NamedTuple):
    """What a search brought."""

    holdings: tuple[Holding, ...]
    reports: tuple[AccountReport, ...]


@dataclass(slots=True)
class Job:
    """A claimed row made ready. Without ``call`` no hook is needed, or none can be called: ``outcome`` says why.

    ``opens`` makes the call when files are at hand, which the stack lets go of when all calls have ended; it raises
    IllcoreError if they are not. ``work`` is done by the engine itself.
    """

    row: Claimed
    account: str = ""
    call: Call[Any] | None = None
    outcome: Outcome[object] | None = None
    give_up_hours: float = 48.0
    query: Query | None = None
    request: Request | None = None
    opens: Callable[[ExitStack], Call[Any]] | None = None
    work: Callable[[], Outcome[Any]] | None = None
