"""What comes out of a file, whatever its format: records, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from .record import Record


class NotHeld(Exception):
    """Nothing is wrong with a record, but it is no holding: deleted, or all copies are gone. The text says which."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One record of a file.

    `record` is None if it is bad (`raw` holds it as it stands, `reason` says why) or, without `raw`, left out.
    `place` says where it stands, for people; `position` is where reading goes on behind it; `done` are octets.
    """

    position: int
    done: int
    place: str
    record: Record | None = None
    raw: bytes = b""
    reason: str = ""
    wrong_number: str = ""


class Reader(Protocol):
    """Reads one file. A begun load goes on at the `position` of the last reading that it kept."""

    kind: str
    """`marc`, `marcxml`, `kbart` or `csv`."""

    head: bytes
    """What a file of bad records has to begin with, so that it can be mended and loaded."""

    foot: bytes
    """What such a file has to end with."""

    def read(self, position: int) -> Iterator[Reading]:
        """The readings behind the position. Raises Failed if the file as a whole cannot be read."""
