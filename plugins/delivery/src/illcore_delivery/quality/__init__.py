"""Is a document that came whole, legible, harmless, and what was asked for? And what can be mended of it."""

from .checking import check
from .limits import Limits
from .mend import CannotRepair, Operations, repair
from .report import Finding, Report, Thumbnail

__all__ = ["CannotRepair", "Finding", "Limits", "Operations", "Report", "Thumbnail", "check", "repair"]
