"""A target to test against, without a library behind it: good, slow or broken as its script says."""

from .scripts import (
    answering,
    answering_http,
    catalogue,
    closing,
    dribbling,
    indefinite,
    lying_about_length,
)
from .target import Conversation, Script, ScriptedTarget

__all__ = [
    "Conversation",
    "Script",
    "ScriptedTarget",
    "answering",
    "answering_http",
    "catalogue",
    "closing",
    "dribbling",
    "indefinite",
    "lying_about_length",
]
