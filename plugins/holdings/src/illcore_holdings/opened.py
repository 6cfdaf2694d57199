"""A file to load: plain or gzip, read as octets from any place; and what tells it from another."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from .faults import CannotLoad

_END = 64 * 1024
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that is there. `size` are the octets on the disk."""

    path: Path
    size: int
    packed: bool

    @classmethod
    def at(cls, path: Path) -> SourceFile:
        """Raises CannotLoad if it is no readable file, or empty."""
        if not path.exists():
            raise CannotLoad(f"there is no file {path}")
        if not path.is_file():
            raise CannotLoad(f"{path} is no file")
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
        size = path.stat().st_size
        if not size:
            raise CannotLoad(f"{path} is empty")
        return cls(path, size, packed)

    @contextmanager
    def open(self, position: int = 0) -> Iterator[tuple[BinaryIO, BinaryIO]]:
        """The octets from a position on, unpacked, and the file on the disk, whose place shows how much is done."""
        with self.path.open("rb") as disk:
            if not self.packed:
                disk.seek(position)
                yield disk, disk
                return
            with gzip.open(disk) as unpacked:
                unpacked.seek(position)
                yield cast(BinaryIO, unpacked), disk

    def head(self, length: int = _END) -> bytes:
        """The first octets, unpacked. Raises CannotLoad."""
        try:
            with self.open() as (file, _):
                return file.read(length)
        except (EOFError, gzip.BadGzipFile) as error:
            raise CannotLoad(f"{self.path} cannot be unpacked: {error}") from None

    def fingerprint(self, options: str) -> str:
        """Differs if the file was changed or is to be read in another way."""
        found = self.path.stat()
        digest = sha256(f"{found.st_size}|{found.st_mtime_ns}|{options}|".encode())
        with self.path.open("rb") as file:
            digest.update(file.read(_END))
            file.seek(max(0, found.st_size - _END), os.SEEK_SET)
            digest.update(file.read(_END))
        return digest.hexdigest()
