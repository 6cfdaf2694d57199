"""A plain table of rules for anything else: the first rule whose conditions hold decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from illcore.hooktypes import Decision, Holds, Licence, Obligation, RequestView, Usage, Verdict
from illcore.model import BilingualText, Money, Role, Value

from . import keys
from .dates import years_before
from .ruling import Ruling, end_of_year
from .sentences import UNKNOWN_READER
from .settings import PolicyConfig, Share
from .wanted import Kind

_NONE = BilingualText(en="No rule of the table is about this.", zh="规则表中没有适用的规则。")
_RULE = BilingualText(en="Rule “{name}”.", zh="规则“{name}”。")
_UNCLEAR = BilingualText(
    en="Whether rule “{name}” is about this cannot be told: {what} is not known.",
    zh="无法判断规则“{name}”是否适用：{what_zh}不详。",
)
_OVER = BilingualText(
    en="{taken} copies count under rule “{name}” already; the limit is {limit}.",
    zh="规则“{name}”下已有 {taken} 份计数，上限 {limit} 份。",
)
_NOTHING_TO_COUNT = BilingualText(
    en="Rule “{name}” counts by {by}, and that is not known: complete the citation.",
    zh="规则“{name}”按{by_zh}计数，但该项不详：请补充著录信息。",
)
_BY = {"title": "刊名或书名", "issue": "期", "item": "篇目"}
_UNKNOWN = {
    "kind": ("what kind of copy is wanted", "复制类型"),
    "date": ("the date of publication", "出版时间"),
    "share": ("the share of the work", "所占比例"),
    "pages": ("the number of pages", "页数"),
    "title": ("the title", "题名"),
    "purpose": ("the purpose", "用途"),
    "holds": ("whether the library holds it", "本馆是否收藏"),
    "licence": ("the licence", "许可协议"),
}


class Count(Value):
    """A limit of a rule. ``period`` is for good, the calendar year, or a number of days from the copy on."""

    by: Literal["title", "issue", "item"] = "title"
    per_reader: bool = False
    limit: Annotated[int, Field(ge=0, le=100_000)]
    period: Literal["always", "year"] | Annotated[int, Field(ge=1, le=36500)] = "year"
    over: Literal["allow_with_fee", "review", "deny"] = "review"


class Rule(Value):
    """Conditions, all of which must hold (an empty one always does), and what follows.

    ``partners``: beginnings of symbols; ``titles``: ISSNs or titles; ``younger_than_years`` and ``older_than_years``
    compare the date of publication with the day of the request; ``pages_over`` and ``share_over``: more than that.
    Purposes, holds and licence that are not known can be named as ``""``.
    """

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    roles: tuple[Role, ...] = ()
    kinds: tuple[Kind, ...] = ()
    types: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    holds: tuple[Holds, ...] = ()
    licences: tuple[Licence, ...] = ()
    partners: tuple[str, ...] = ()
    reader_categories: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    electronic: bool | None = None
    open_access: bool | None = None
    younger_than_years: Annotated[int, Field(ge=1, le=1000)] | None = None
    older_than_years: Annotated[int, Field(ge=0, le=1000)] | None = None
    pages_over: Annotated[int, Field(ge=0)] | None = None
    share_over: Share | None = None

    decision: Decision
    reason: BilingualText = BilingualText()
    compliance: str = ""
    fee: Money | None = None
    count: Count | None = None
    declaration: str = ""
    obligations: tuple[Obligation, ...] = ()
    retention_years: Annotated[int, Field(ge=0, le=100)] = 0


class RulesConfig(PolicyConfig):
    """A table in the order in which it is read; ordered rules with a default at the end are usual [C19][C20]."""

    rules: tuple[Rule, ...] = ()
    """The rules."""

    default: Literal["review", "allow", "deny"] = "review"
    """What holds where no rule is about the request."""

    @model_validator(mode="after")
    def _rules_are_sound(self) -> RulesConfig:
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"rules: two are named {name}")
        for rule in self.rules:
            if rule.declaration and not self.knows(rule.declaration):
                raise ValueError(f"rules: {rule.name} names a declaration {rule.declaration} that is not under texts")
        return self


def decide(request: RequestView, usage: Usage, config: RulesConfig) -> Verdict:
    """What the first rule says that is about the request. A rule before it that may be about it makes it a review."""
    ruling = Ruling(request, usage, config)
    if config.libraries and request.library not in config.libraries:
        return Verdict(decision="allow")
    doubts: list[tuple[Rule, str]] = []
    for rule in config.rules:
        doubt = _holds(rule, ruling)
        if doubt:
            doubts.append((rule, doubt))
        elif doubt is not None:
            return _in_doubt(ruling, doubts, rule) or _follow(ruling, rule)
    undecided = _in_doubt(ruling, doubts, None)
    if undecided is None:
        ruling.say(config.default, _NONE)
    return undecided or ruling.verdict()


def _in_doubt(ruling: Ruling, doubts: list[tuple[Rule, str]], chosen: Rule | None) -> Verdict | None:
    """A review, if a rule before the chosen one may be about the request and says something else."""
    differing = [
        (rule, what)
        for rule, what in doubts
        if chosen is None or (rule.decision, rule.count) != (chosen.decision, chosen.count)
    ]
    for rule, what in differing:
        english, chinese = _UNKNOWN[what]
        ruling.say("review", _UNCLEAR, name=rule.name, what=english, what_zh=chinese)
    return ruling.verdict() if differing else None


def _follow(ruling: Ruling, rule: Rule) -> Verdict:
    ruling.say(rule.decision, rule.reason if rule.reason != BilingualText() else _RULE, name=rule.name)
    if rule.count:
        _count(ruling, rule, rule.count)
    if rule.declaration:
        ruling.declare(rule.declaration)
    for obligation in rule.obligations:
        ruling.oblige(obligation.code, obligation.text, obligation.number)
    if ruling.decision == "allow_with_fee":
        ruling.charge(rule.fee)
    return ruling.verdict(rule.compliance, end_of_year(ruling.usage.today, rule.retention_years))


def _count(ruling: Ruling, rule: Rule, count: Count) -> None:
    wanted, request = ruling.wanted, ruling.request
    title = wanted.journal if wanted.kind == "article" else wanted.work
    place = {"title": title, "issue": wanted.issue, "item": wanted.item}[count.by]
    if not place:
        ruling.say("review", _NOTHING_TO_COUNT, name=rule.name, by=count.by, by_zh=_BY[count.by])
        return
    if count.per_reader and not request.reader:
        ruling.say("review", UNKNOWN_READER)
        return
    mark = f":{keys.reader_mark(request.reader, place)}" if count.per_reader else ""
    key = f"rules:{keys.reader_mark(rule.name)[:8]}:{place}{mark}"
    year = request.requested_on.year if count.period == "year" else 0
    days = count.period if isinstance(count.period, int) else 0
    until = ruling.usage.today + timedelta(days=days) if days else None
    ruling.count(key, year, count.limit, count.over, _OVER, until=until, fee=rule.fee, values={"name": rule.name})


def _holds(rule: Rule, ruling: Ruling) -> str | None:
    """None: the rule is not about the request; empty: it is; else what would have to be known."""
    request, usage, wanted = ruling.request, ruling.usage, ruling.wanted
    plain = (
        not rule.roles or request.role in rule.roles,
        not rule.types or wanted.publication_type in {kind.casefold() for kind in rule.types},
        not rule.partners or request.partner.startswith(rule.partners),
        not rule.reader_categories or request.reader_category in rule.reader_categories,
        rule.electronic is None or request.electronic == rule.electronic,
        rule.open_access is None or usage.open_access == rule.open_access,
    )
    if not all(plain):
        return None
    named = keys.journals(rule.titles, ruling.config.same_titles)
    answers = {
        "kind": _one_of(rule.kinds, "" if wanted.kind == "unknown" else wanted.kind, "unknown" in rule.kinds),
        "purpose": _one_of(rule.purposes, request.purpose),
        "holds": _one_of(rule.holds, usage.holds),
        "licence": _one_of(rule.licences, usage.licence),
        "title": _one_of(tuple(named), wanted.journal) if rule.titles else True,
        "date": _by_date(rule, ruling),
        "pages": rule.pages_over is None or (None if wanted.pages is None else wanted.pages > rule.pages_over),
        "share": rule.share_over is None or (None if wanted.share is None else wanted.share > rule.share_over),
    }
    if False in answers.values():
        return None
    return next((what for what, answer in answers.items() if answer is None), "")


def _one_of(allowed: tuple[str, ...], value: str, unknown_named: bool = False) -> bool | None:
    if not allowed or value in allowed:
        return True
    if not value:
        return True if unknown_named else None
    return False


def _by_date(rule: Rule, ruling: Ruling) -> bool | None:
    """Both ages together: younger than so many years, older than so many."""
    when, day = ruling.wanted.published, ruling.request.requested_on
    answers: list[bool | None] = []
    if rule.younger_than_years is not None:
        begins = years_before(day, rule.younger_than_years)
        answers.append(None if when is None or when.first < begins <= when.last else when.first >= begins)
    if rule.older_than_years is not None:
        ends = years_before(day, rule.older_than_years)
        answers.append(None if when is None or when.first < ends <= when.last else when.last < ends)
    if False in answers:
        return False
    return None if None in answers else True
