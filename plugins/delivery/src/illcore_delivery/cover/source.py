"""The files that an order names: where they are, and whether they can go out as they are."""

from collections.abc import Sequence
from pathlib import Path

from illcore.errors import Refused, TryLater
from illcore.hooktypes import DocumentFile

from .terms import Terms

PDF = "application/pdf"
IMAGES = ("image/tiff", "image/jpeg", "image/png")


def as_it_is(files: Sequence[DocumentFile], terms: Terms, with_cover: bool) -> bool:
    """Whether the bytes of the one file can be handed over unchanged."""
    return len(files) == 1 and not terms.marks and not with_cover


def file_of(one: DocumentFile, limit: int) -> Path:
    """Where the bytes of a document are on this machine. Refused if nowhere, or if it is too large."""
    if one.path is None:
        raise Refused(f"{one.name} stands only at its supplier's address; it must be fetched before it is handed over")
    try:
        size = one.path.stat().st_size
    except FileNotFoundError:
        raise Refused(f"the file of {one.name} is not there any more") from None
    except OSError as error:
        raise TryLater(f"the file of {one.name} cannot be read: {error.strerror or error}") from error
    if size > limit:
        raise Refused(f"{one.name} is larger than {limit:,} bytes (max_bytes of the account)")
    return one.path
