"""What can go wrong at a target: one exception type per cause, each with one sentence in English and in Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .diagnostics import Diagnostic


class Z3950Error(Exception):
    """A session failed. `str(error)` is the sentence in English, `error.zh` the one in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


class QueryError(Z3950Error, ValueError):
    """A query cannot be built or written for this target. Nothing was sent."""


class ConnectFailed(Z3950Error):
    """No connection: refused, unreachable, or the host's name is not known. Nothing was sent."""


class TlsFailed(Z3950Error):
    """The TLS handshake failed: no TLS at the other end, or its certificate is not trusted. Nothing was sent."""


class TimedOut(Z3950Error):
    """A stage (`connect`, `init`, `search`, `present`, `scan` …) took longer than allowed."""

    def __init__(self, en: str, zh: str, stage: str) -> None:
        super().__init__(en, zh)
        self.stage = stage


class ConnectionLost(Z3950Error):
    """The target closed the connection. `answered` is False if no octet of the awaited answer had come: a pooled
    connection that went stale looks like this, and a search may be repeated on a new one."""

    def __init__(self, en: str, zh: str, *, answered: bool) -> None:
        super().__init__(en, zh)
        self.answered = answered


class NotZ3950(Z3950Error):
    """What answers there speaks another protocol."""


class ProtocolBroken(Z3950Error):
    """The target's answer is malformed, too long, or not an answer to what was asked."""


class ClosedByTarget(Z3950Error):
    """The target sent Close; `reason` is the code of CloseReason (Z39.50-2003 section 3.2.11)."""

    def __init__(self, en: str, zh: str, reason: int) -> None:
        super().__init__(en, zh)
        self.reason = reason


class InitRefused(Z3950Error):
    """The target rejected Init, mostly for its user name or password; `diagnostics` are what it said."""

    def __init__(self, en: str, zh: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(en, zh)
        self.diagnostics = diagnostics


class NotSupported(Z3950Error):
    """The target did not agree to this service in Init. Nothing was sent."""
