"""The bad records of a load, in a file beside the source as they stand there, and in another one why."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from .faults import CannotLoad
from .sets import Progress


class BadRecords:
    """Writes `NAME.bad`, which can be mended and loaded, and `NAME.bad.txt`; neither is there if nothing is bad.

    What was written after the last batch that was kept is cut off when a load goes on.
    """

    def __init__(self, path: Path, head: bytes, foot: bytes, kept: Progress) -> None:
        self.path = path
        self.reasons = path.with_name(path.name + ".txt")
        self._head, self._foot = head, foot
        self._open: tuple[BinaryIO, BinaryIO] | None = None
        try:
            if kept.bad:
                self._open = (_appended(self.path, kept.bad_octets), _appended(self.reasons, kept.reason_octets))
            else:
                self.path.unlink(missing_ok=True)
                self.reasons.unlink(missing_ok=True)
        except OSError as error:
            raise self._cannot(error) from None

    def add(self, place: str, raw: bytes, reason: str) -> None:
        """Keep one. Raises CannotLoad if the file cannot be written."""
        try:
            if self._open is None:
                self._open = (self.path.open("wb"), self.reasons.open("wb"))
                self._open[0].write(self._head)
            self._open[0].write(raw)
            self._open[1].write(f"{place}: {' '.join(reason.split())}\n".encode(errors="replace"))
        except OSError as error:
            raise self._cannot(error) from None

    def lengths(self) -> tuple[int, int]:
        """Octets of both files so far, safely written."""
        if self._open is None:
            return 0, 0
        for file in self._open:
            file.flush()
        return self._open[0].tell(), self._open[1].tell()

    def finish(self) -> None:
        """End the files properly."""
        if self._open is not None:
            self._open[0].write(self._foot)
        self.close()

    def close(self) -> None:
        """Let go of them as they are."""
        for file in self._open or ():
            file.close()
        self._open = None

    def _cannot(self, error: OSError) -> CannotLoad:
        return CannotLoad(
            f"bad records cannot be kept in {self.path}: {error.strerror}; name another file with --bad FILE"
        )


def _appended(path: Path, length: int) -> BinaryIO:
    file = path.open("r+b" if path.exists() else "w+b")
    file.truncate(length)
    file.seek(length)
    return file
