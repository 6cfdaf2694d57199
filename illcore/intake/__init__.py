"""Outside input → events: what staff and readers ask, what partners say, waits that ran out; validated and matched."""

from illcore.intake.actions import act, event_of_action
from illcore.intake.documents import add_document, declare, keep
from illcore.intake.messages import take
from illcore.intake.submission import submit
from illcore.intake.timers import due, fire
from illcore.intake.undelivered import undelivered, undelivered_digest

__all__ = [
    "act",
    "add_document",
    "declare",
    "due",
    "event_of_action",
    "fire",
    "keep",
    "submit",
    "take",
    "undelivered",
    "undelivered_digest",
]
