"""The audit trail: who looked at readers' data, daily checkpoints over all logs, and the check of all of it."""

from illcore.audit.checkpoints import Checkpoint, checkpoint, latest
from illcore.audit.journal import Entry, entries, note
from illcore.audit.verifying import Verified, verify

__all__ = ["Checkpoint", "Entry", "Verified", "checkpoint", "entries", "latest", "note", "verify"]
