"""Core message ⇄ wire model of ISO 18626, in the partner's dialect, and the confirmation of a result."""

from .answers import confirmation
from .dialect import BadProfile, Dialect
from .from_wire import NO_TIMESTAMP, from_wire
from .to_wire import to_wire

__all__ = ["NO_TIMESTAMP", "BadProfile", "Dialect", "confirmation", "from_wire", "to_wire"]
