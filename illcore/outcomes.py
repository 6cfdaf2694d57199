"""What came of calling a hook: one frozen value for every way in which it can end."""

import math
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import ValidationError

from illcore.accounts import describe
from illcore.errors import BadMessage, Misconfigured, Refused, TryLater, Unknown

T = TypeVar("T")

Kind = Literal["ok", "try_later", "refused", "misconfigured", "unknown", "bug", "bad_message"]
_LONGEST_WAIT = 7 * 24 * 3600.0
_LONGEST_TEXT = 500


@dataclass(slots=True, frozen=True)
class Outcome(Generic[T]):
    """How one hook call ended.

    ``value`` is what the hook returned if ``kind`` is ok. ``reason`` is one sentence without secrets. ``after`` is in
    seconds (try_later). ``code`` is the partner's error type (refused); ``busy`` or ``stuck`` if no slot was free
    (try_later: the hook was not called, so it counts against nobody); ``partner`` if only that partner's address is
    wrong (misconfigured: the account is well). ``elapsed`` is in seconds on the engine's clock.
    """

    kind: Kind
    value: T | None = None
    reason: str = ""
    after: float | None = None
    code: str = ""
    elapsed: float = field(default=0.0, compare=False)

    @property
    def ok(self) -> bool:
        """Whether the hook did what it was asked."""
        return self.kind == "ok"

    @property
    def again(self) -> bool:
        """Whether the same call may succeed later without a person."""
        return self.kind in ("try_later", "unknown", "bug")

    @property
    def known(self) -> Literal["not_sent", "unknown"]:
        """What the next try is told of this one (``Try.previous``). A bug may have struck after the sending."""
        return "not_sent" if self.kind in ("try_later", "misconfigured") else "unknown"

    def result(self) -> T:
        """The value of an outcome that is ok; ValueError otherwise."""
        if self.value is None or self.kind != "ok":
            raise ValueError(f"there is no result: {self.kind}: {self.reason}")
        return self.value


class Junk(Exception):
    """A hook returned what its specification does not allow; the text says what came."""


def from_error(error: BaseException, who: str, receiving: bool) -> Outcome[Any]:
    """What an exception out of a hook means. ``who`` names hook and account; only a receiver may say BadMessage."""
    match error:
        case TryLater():
            return Outcome("try_later", reason=_text(error), after=_seconds(error.after))
        case Refused():
            return Outcome("refused", reason=_text(error), code=str(error.code))
        case Misconfigured():
            return Outcome("misconfigured", reason=_text(error), code=error.code)
        case Unknown():
            return Outcome("unknown", reason=_text(error))
        case BadMessage() if receiving:
            return Outcome("bad_message", reason=_text(error))
        case Junk():
            return Outcome("bug", reason=f"{who} {error}")
    return Outcome("bug", reason=f"{who} raised {type(error).__name__}: {_text(error)}{_where(error)}")


def _text(error: BaseException) -> str:
    try:
        text = describe(error) if isinstance(error, ValidationError) else str(error)
    except Exception as unprintable:
        text = f"(its text cannot be read: {type(unprintable).__name__})"
    text = " ".join(text.split()) or type(error).__name__
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _where(error: BaseException) -> str:
    step = error.__traceback__ and error.__traceback__.tb_next
    return f" ({step.tb_frame.f_code.co_filename.rpartition('/')[2]} line {step.tb_lineno})" if step else ""


def _seconds(after: Any) -> float | None:
    if isinstance(after, int | float) and math.isfinite(after) and after >= 0:
        return min(float(after), _LONGEST_WAIT)
    return None
