"""Everything the engine can be asked to do: committed with the decision, done afterwards by a worker."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, frozen=True)
class Send:
    """Tell the partner of an attempt. ``name`` says which message, ``fields`` what only this one carries."""

    name: str
    attempt: int
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Locate:
    """Search all accounts that can, then bring back candidates as the event ``located``."""


@dataclass(slots=True, frozen=True)
class Circulate:
    """Ask the library's own system: ``accept check_out check_in renew lookup``."""

    action: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Notice:
    """Tell the reader or staff; ``code`` names the text."""

    code: str
    to: str = "reader"
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Clear:
    """Ask the copyright policies, then bring back their verdict as the event ``cleared``."""


@dataclass(slots=True, frozen=True)
class Fetch:
    """Fetch the document at a URL and keep it; the event ``document`` says what came."""

    url: str


@dataclass(slots=True, frozen=True)
class Check:
    """Look whether a kept document is what was wanted; the event ``checked`` brings the report."""

    document: str


@dataclass(slots=True, frozen=True)
class HandOver:
    """Give kept documents to the ``reader`` or the ``partner``; the event ``handed_over`` says how."""

    to: str
    documents: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Destroy:
    """Delete all kept documents of the request: the verdict lets only the paper remain."""


@dataclass(slots=True, frozen=True)
class FreePlace:
    """A reader's place became free: the oldest queued request of that reader may start."""

    reader_id: str


@dataclass(slots=True, frozen=True)
class Again:
    """Put failed effects back to work: one outbox key, or all of the request's with an empty key."""

    key: str = ""


@dataclass(slots=True, frozen=True)
class Settle:
    """A person did by hand what a failed effect could not: it is done, nobody retries it."""

    key: str = ""


Effect = Send | Locate | Clear | Fetch | Check | HandOver | Destroy | Circulate | Notice | FreePlace | Again | Settle
