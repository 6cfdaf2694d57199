"""The figures of a report: counts, rates with numerator and denominator, spans of time, never divided by zero."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from illcore.model import Role
from illcore.reports.cells import TOTAL
from illcore.reports.classes import ATTEMPT_CLASSES, LOCAL_OUTCOMES, REQUEST_CLASSES
from illcore.reports.period import By, Period

DAY = 86_400_000_000
"""Microseconds."""

ENDED = ("filled", "unfilled", "expired", "no_response")
"""The classes of requests that a fill rate divides by."""


@dataclass(slots=True, frozen=True)
class Rate:
    """A part of a whole. ``value`` is None where there is nothing to divide by."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """Numerator by denominator, 0 to 1."""
        return self.numerator / self.denominator if self.denominator else None

    def to_json(self) -> dict[str, Any]:
        """``{"value", "numerator", "denominator"}``, the value with four decimals or null."""
        value = self.value
        return {
            "value": None if value is None else round(value, 4),
            "numerator": self.numerator,
            "denominator": self.denominator,
        }


@dataclass(slots=True, frozen=True)
class Span:
    """How long something took, in calendar days, over ``n`` cases that have both stamps; None where ``n`` is 0."""

    n: int = 0
    mean: float | None = None
    median: float | None = None
    p90: float | None = None

    def to_json(self) -> dict[str, Any]:
        """``{"n", "mean", "median", "p90"}``, days with six decimals."""
        days = {name: getattr(self, name) for name in ("mean", "median", "p90")}
        return {"n": self.n} | {name: None if value is None else round(value, 6) for name, value in days.items()}


@dataclass(slots=True, frozen=True)
class Share:
    """One service type, document type or reason among all: how many, which part of all, how many were filled."""

    key: str
    count: int
    of: int
    fill_rate: Rate | None = None

    @property
    def share(self) -> float | None:
        """The part of all, 0 to 1."""
        return Rate(self.count, self.of).value

    def to_json(self) -> dict[str, Any]:
        """``{"key", "count", "of", "share"}`` and ``fill_rate`` where there is one."""
        share = self.share
        own = {"key": self.key, "count": self.count, "of": self.of, "share": None if share is None else round(share, 4)}
        return own if self.fill_rate is None else own | {"fill_rate": self.fill_rate.to_json()}


@dataclass(slots=True)
class Figures:
    """The figures of one role, in all or for one partner, month or type (``key``).

    ``hidden`` names the classes of requests (and ``total``) that are not shown, None where the figures are not of
    readers. Figures of readers have no attempts, outcomes and reasons, and times without their number of cases.
    """

    role: Role
    key: str = ""
    requests: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    times: dict[str, Span] = field(default_factory=dict)
    reasons: tuple[Share, ...] = ()
    service_types: tuple[Share, ...] = ()
    publication_types: tuple[Share, ...] = ()
    hidden: frozenset[str] | None = None

    def count(self, name: str) -> int | None:
        """How many requests of a class, or in all (``total``); None if that is hidden."""
        if self.hidden and name in self.hidden:
            return None
        return self.requests.total() if name == TOTAL else self.requests[name]

    def rates(self) -> dict[str, Rate]:
        """The fill rates, by name; ``illcore.reports.words`` says what each is made of."""
        local = sum(self.outcomes[name] for name in LOCAL_OUTCOMES)
        filled, ended = self.requests["filled"], sum(self.requests[name] for name in ENDED)
        supplied = self.attempts["supplied"]
        tried = supplied + sum(self.attempts[name] for name in ENDED)
        rates = {
            "fill_rate": Rate(filled, ended),
            "fill_rate_with_cancelled": Rate(filled, ended + self.requests["cancelled"]),
            "attempt_fill_rate": Rate(supplied, tried),
            "attempt_fill_rate_with_cancelled": Rate(supplied, tried + self.attempts["cancelled"]),
        }
        if self.role == "requester":
            rates["fill_rate_from_partners"] = Rate(filled - local, ended - local)
        if self.hidden is not None:
            shown = self.hidden.isdisjoint((*ENDED, TOTAL))
            with_cancelled = shown and "cancelled" not in self.hidden
            return {
                "fill_rate": rates["fill_rate"] if shown else Rate(0, 0),
                "fill_rate_with_cancelled": rates["fill_rate_with_cancelled"] if with_cancelled else Rate(0, 0),
            }
        return rates

    def to_json(self) -> dict[str, Any]:
        """Counts by class and outcome, rates, times, reasons for no and shares; null is hidden or without a case."""
        if self.hidden is not None:
            return {
                "requests": {name: self.count(name) for name in (TOTAL, *REQUEST_CLASSES)},
                **{name: rate.to_json() for name, rate in self.rates().items()},
                "times": {name: span.to_json() | {"n": None} for name, span in self.times.items()},
                "hidden": sorted(self.hidden),
            }
        return {
            "requests": _counted(self.requests, REQUEST_CLASSES),
            "outcomes": dict(sorted(self.outcomes.items())),
            "attempts": _counted(self.attempts, ATTEMPT_CLASSES),
            **{name: rate.to_json() for name, rate in self.rates().items()},
            "times": {name: span.to_json() for name, span in self.times.items()},
            "reasons": _all(self.reasons),
            **({} if self.key else {"service_types": _all(self.service_types)}),
            **({} if self.key else {"publication_types": _all(self.publication_types)}),
        }


def _counted(counts: Mapping[str, int], classes: Iterable[str]) -> dict[str, int]:
    return {"total": sum(counts.values())} | {name: counts.get(name, 0) for name in classes}


def _all(shares: Iterable[Share]) -> list[dict[str, Any]]:
    return [share.to_json() for share in shares]


@dataclass(slots=True, frozen=True)
class Report:
    """A whole report of one library. ``groups`` are sorted by role and key; ``k`` is set where they are of readers."""

    library: str
    period: Period
    by: By | None
    at: datetime
    roles: tuple[Figures, ...]
    groups: tuple[Figures, ...] = ()
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    k: int | None = None

    @property
    def hidden(self) -> int:
        """How many counts are not shown, because they or others are below ``k``."""
        return sum(len(group.hidden or ()) for group in self.groups)
