"""A verdict as it comes about: findings, counts, obligations; the most restrictive finding decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Literal

from illcore.hooktypes import RESTRICTIVENESS, Claim, Decision, Obligation, RequestView, Usage, Verdict
from illcore.model import BilingualText, Money

from .sentences import (
    DECLARATION,
    LOAN,
    ONE_CHAPTER,
    OPEN_ACCESS,
    OVER_SHARE,
    UNKNOWN_KIND,
    UNKNOWN_SHARE,
    WHOLE,
    WITHIN_SHARE,
)
from .settings import PolicyConfig
from .texts import TEXTS
from .wanted import Wanted, percent


class Ruling:
    """What one policy finds about one request."""

    def __init__(self, request: RequestView, usage: Usage, config: PolicyConfig) -> None:
        self.request = request
        self.usage = usage
        self.config = config
        self.wanted = Wanted.of(request, config)
        self._found: list[tuple[Decision, BilingualText]] = []
        self._claims: dict[str, Claim] = {}
        self._obligations: list[Obligation] = []
        self._fees: list[Money] = []

    def exempt(self) -> Verdict | None:
        """The verdict where no copyright policy has anything to say: another library, a loan, free on the web."""
        if self.config.libraries and self.request.library not in self.config.libraries:
            return Verdict(decision="allow")
        if self.wanted.kind == "loan":
            self.say("allow", LOAN)
        elif self.usage.open_access:
            self.say("allow", OPEN_ACCESS)
        else:
            return None
        return self.verdict()

    def say(self, decision: Decision, said: BilingualText, **values: object) -> None:
        """A finding with its sentence."""
        text = BilingualText(en=said.en.format(**values), zh=said.zh.format(**values))
        if (decision, text) not in self._found:
            self._found.append((decision, text))

    def count(
        self,
        key: str,
        year: int = 0,
        limit: int | None = None,
        over: Decision = "review",
        said: BilingualText | None = None,
        until: date | None = None,
        year_of: Literal["request", "fill"] = "request",
        count_on: Literal["filled", "requested"] = "filled",
        fee: Money | None = None,
        values: Mapping[str, object] | None = None,
    ) -> bool:
        """Claim one place under a key. True if there is one; else ``over`` with the sentence, and no limit is claimed.

        A claim beyond the limit bears none, so that a copy which staff let pass after all can be sent, and counts.
        """
        taken = self.usage.taken.get((key, year), 0)
        free = limit is None or taken < limit
        if not free and said:
            self.say(over, said, taken=taken, limit=limit, **(values or {}))
        citation = self.request.citation
        self._claims[key] = Claim(
            key=key,
            year=year,
            limit=limit if free else None,
            until=until,
            year_of=year_of,
            count_on=count_on,
            title=citation.title,
            issn=citation.issn,
            fee=fee,
        )
        return free

    def taken(self, key: str, year: int = 0) -> int:
        """What counts under a key already."""
        return self.usage.taken.get((key, year), 0)

    def share(self, limit: Fraction, over: Decision) -> bool:
        """A finding on the share of the work that is wanted; True if it is known and no more than the limit."""
        wanted = self.wanted
        if wanted.share is None:
            self.say("review", UNKNOWN_SHARE)
            return False
        small = wanted.share <= limit
        values = {"pages": wanted.pages, "total": wanted.total, "share": percent(wanted.share), "limit": percent(limit)}
        self.say("allow" if small else over, WITHIN_SHARE if small else OVER_SHARE, **values)
        return small

    def amount(self, limit: Fraction, over: Decision, one_chapter: bool = False) -> bool:
        """Findings on all that is no article: unclear, whole, one chapter, or a share. False for an article."""
        wanted = self.wanted
        if wanted.kind == "article":
            return False
        if wanted.kind == "unknown":
            self.say("review", UNKNOWN_KIND)
        elif wanted.kind == "whole":
            self.say(over, WHOLE)
        elif wanted.chapter and one_chapter:
            self.say("allow", ONE_CHAPTER)
        else:
            self.share(limit, over)
        return True

    def oblige(self, code: str, text: BilingualText | None = None, number: int | None = None) -> None:
        """Something to do with the copy."""
        self._obligations.append(Obligation(code=code, text=text or BilingualText(), number=number))

    def text(self, version: str) -> BilingualText:
        """The text of a version: the library's own, else the package's."""
        own = self.config.texts.get(version)
        return own if own is not None else TEXTS[version]

    def declare(self, version: str) -> None:
        """Ask for a declaration, unless this reader accepted this version for this request. No version: none asked."""
        if not version or version in self.usage.declarations:
            return
        self.say("review", DECLARATION, version=version)
        self._obligations.append(Obligation(code="declaration", text=self.text(version), version=version))

    def charge(self, fee: Money | None) -> None:
        """What the copy costs, if it is known."""
        if fee is not None:
            self._fees.append(fee)

    @property
    def decision(self) -> Decision:
        """As it stands so far."""
        return max((decision for decision, _ in self._found), key=RESTRICTIVENESS.__getitem__, default="allow")

    def verdict(self, compliance: str = "", retention_until: date | None = None) -> Verdict:
        """The verdict. The compliance code is named only where the copy may be had without a person's decision."""
        decision = self.decision
        hard = RESTRICTIVENESS[decision] >= RESTRICTIVENESS["review"]
        least = RESTRICTIVENESS["review"] if hard else 0
        found = sorted(self._found, key=lambda each: -RESTRICTIVENESS[each[0]])
        return Verdict(
            decision=decision,
            reasons=tuple(text for each, text in found if RESTRICTIVENESS[each] >= least),
            compliance="" if hard else compliance,
            fees=tuple(self._fees),
            claims=tuple(self._claims.values()),
            obligations=tuple(self._obligations),
            retention_until=retention_until,
        )


def end_of_year(day: date, years: int) -> date | None:
    """31 December so many years after that day's; None for 0 years."""
    return date(day.year + years, 12, 31) if years else None


def same_day(day: date, years: int) -> date | None:
    """The same day so many years later, 28 February for a leap day; None for 0 years."""
    if not years:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def money_text(fee: Money) -> str:
    """An amount as people read it."""
    return f"{fee.currency} {fee.amount}"
