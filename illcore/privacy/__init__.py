"""What is personal and when it goes: anonymisation, holds, a reader's export and deletion, noted in the journal."""

from illcore.privacy.erasing import Erased, anonymise
from illcore.privacy.holds import Hold, hold, holds, release
from illcore.privacy.reading import delete, export, look, look_through
from illcore.privacy.running import Report, preview, run

__all__ = [
    "Erased",
    "Hold",
    "Report",
    "anonymise",
    "delete",
    "export",
    "hold",
    "holds",
    "look",
    "look_through",
    "preview",
    "release",
    "run",
]
