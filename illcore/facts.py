"""What a decision may know beside the request and the event, read in the transaction that commits the decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from illcore.model import Partner
from illcore.policy import Policy
from illcore.verdict import Claim


@dataclass(slots=True, frozen=True)
class Candidate:
    """A supplier that could be asked, as routing ranked it. ``skip`` says why it is left out, if it is.

    ``numbers`` are what the ranking was made of, JSON-able.
    """

    partner: str
    rank: int
    score: float | None = None
    why: str = ""
    skip: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Facts:
    """Frozen facts. ``partners`` holds those of the rota by symbol; ``closed`` why some are not to be asked now.

    ``reader_open`` counts the reader's other open requests that are past ``queued``; ``duplicates`` are ids of earlier
    requests for the same thing; ``full`` are the claims of the copyright verdict for which no place is left.
    ``clears``, ``delivers`` and ``fetches``: policies are asked, documents are checked and handed over, and fetched.
    """

    policy: Policy = field(default_factory=Policy)
    partners: Mapping[str, Partner] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    duplicates: tuple[str, ...] = ()
    reader_open: int = 0
    reader_category: str = ""
    reader_blocked: str = ""
    locally_held: str = ""
    full: tuple[Claim, ...] = ()
    can_search: bool = False
    clears: bool = False
    delivers: bool = False
    fetches: bool = False
    circulates: bool = False
    notifies: bool = False
