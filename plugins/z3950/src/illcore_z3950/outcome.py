"""What went wrong at a target → what the engine understands: TryLater, Misconfigured, Refused or Unknown."""

from __future__ import annotations

from collections.abc import Sequence

from illcore.errors import ConnectorError, Misconfigured, Refused, TryLater, Unknown

from .diagnostics import Diagnostic
from .errors import InitRefused, NotSupported, NotZ3950, QueryError, TimedOut, TlsFailed, Z3950Error

_NO_DATABASE = frozenset({235, 236})


def from_failure(error: Z3950Error) -> ConnectorError:
    """The sentence stays; the type says who can do something about it, and when."""
    text = str(error)
    if isinstance(error, InitRefused):
        passing = error.diagnostics and all(d.is_temporary for d in error.diagnostics)
        return TryLater(text) if passing else Misconfigured(text)
    if isinstance(error, TlsFailed | NotZ3950):
        return Misconfigured(text)
    if isinstance(error, QueryError | NotSupported):
        return Refused(text)
    if isinstance(error, TimedOut):
        return Unknown(text)
    return TryLater(text)


def from_diagnostics(peer: str, diagnostics: Sequence[Diagnostic], what: str = "the search") -> ConnectorError:
    """A refusal by the target, in one sentence with everything that it said."""
    said = "; ".join(d.text("en") for d in diagnostics) or "it gave no reason"
    text = f"{peer} refused {what}: {said}."
    if any(d.is_about_login or d.code in _NO_DATABASE for d in diagnostics):
        return Misconfigured(text)
    if diagnostics and all(d.is_temporary for d in diagnostics):
        return TryLater(text)
    return Refused(text, code=str(diagnostics[0].code) if diagnostics else "")
