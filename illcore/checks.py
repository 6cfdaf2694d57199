"""Checks before a request is sent: is the citation complete, is it a duplicate, over a limit, to be approved.

A failed check sends a request to review with its reasons; it never rejects it. Staff may override each reason.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from illcore.calendars import local_date
from illcore.facts import Facts
from illcore.identifiers import KINDS, fault
from illcore.model import PUBLICATION_TYPES, BilingualText, Citation, Money, ServiceType
from illcore.reasons import SERVICE_WORDS, joined, money, sentence
from illcore.request import Request

_KNOWN_TYPES = frozenset(kind.casefold() for kind in PUBLICATION_TYPES)

When = Literal["before_locating", "after_locating"]


@dataclass(slots=True, frozen=True)
class Problem:
    """One thing missing or wrong in the citation: its field, a code of ``illcore.reasons``, and a sentence on it."""

    field: str
    code: str
    text: BilingualText


@dataclass(slots=True, frozen=True)
class Finding:
    """One reason for review, a text that explains it, and JSON-able details.

    ``detail`` by reason: ``incomplete`` ``{"problems": [{"field", "code", "en", "zh"}]}``; ``invalid_reader``
    ``{"why"}``; ``duplicate`` ``{"requests": [id]}``; ``over_limit`` ``{"open", "limit"}``; ``locally_held``
    ``{"where"}``; ``cost`` ``{"cost", "limit"}`` (money); ``approval`` ``{"rule", "when"}``.
    """

    reason: str
    text: BilingualText
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class _Need:
    """At least one of these fields; if none is there, the problem stands on the first."""

    fields: tuple[str, ...]
    code: str

    def met_by(self, citation: Citation) -> bool:
        return any(getattr(citation, name) for name in self.fields)


@dataclass(slots=True, frozen=True)
class _Rule:
    """What a publication type needs. One of the identifiers in ``enough`` stands for all of it."""

    needs: tuple[_Need, ...]
    enough: tuple[str, ...] = ()


_ITEM = _Need(("title", "isbn", "issn", "oclc", "doi", "pmid"), "item_missing")
_BOOK_NUMBERS = ("isbn", "oclc", "doi")
_PART = _Need(("pages", "title_of_component"), "part_missing")

_ANY_ITEM = _Rule((_ITEM,))
_ARTICLE = _Rule(
    (
        _Need(("title", "issn"), "journal_missing"),
        _Need(("year",), "article_year_missing"),
        _Need(("volume", "issue", "pages"), "article_place_missing"),
    ),
    enough=("doi", "pmid"),
)
_CHAPTER = _Rule(
    (_Need(("title", *_BOOK_NUMBERS), "book_missing"), _Need(("pages",), "chapter_pages_missing")),
)
_JOURNAL_LOAN = _Rule((_ITEM, _Need(("volume", "issue", "year"), "journal_volume_missing")))
_NEWSPAPER = (_Need(("title", "issn", "oclc"), "newspaper_missing"), _Need(("year",), "newspaper_date_missing"))
_THESIS = _Rule((_ITEM, _Need(("author",), "thesis_author_missing")), enough=_BOOK_NUMBERS)
_SCORE = _Rule((_ITEM, _Need(("author",), "composer_missing")), enough=("isbn", "oclc", "doi"))
_BOOK_COPY = _Rule((_ITEM, _PART))
_UNNAMED_COPY = _Rule(
    (_ITEM, _Need(("pages", "title_of_component", "volume", "issue"), "part_missing")), enough=("doi", "pmid")
)

_LOANS: Mapping[str, _Rule] = {
    "journal": _JOURNAL_LOAN,
    "newspaper": _Rule(_NEWSPAPER),
    "thesis": _THESIS,
    "musicscore": _SCORE,
}
_COPIES: Mapping[str, _Rule] = {
    "": _UNNAMED_COPY,
    "article": _ARTICLE,
    "chapter": _CHAPTER,
    "book": _BOOK_COPY,
    "journal": _ARTICLE,
    "newspaper": _Rule((*_NEWSPAPER, _PART)),
    "conferenceproc": _Rule(
        (_ITEM, _Need(("pages", "title_of_component"), "paper_missing")),
        enough=("doi", "pmid"),
    ),
    "thesis": _THESIS,
    "musicscore": _SCORE,
}
"""Types that stand in neither table (Map, Patent, Report, Manuscript …) need only something that names the item."""

_PARTS = ("article", "chapter")
_FIRST_YEAR = 400


def completeness(service_type: ServiceType, citation: Citation, today: date | None = None) -> list[Problem]:
    """What is missing or wrong in a reader's citation, by service type and publication type; empty if it will do.

    Also reports identifiers that are malformed or have a wrong check digit, and a year that cannot be one (later than
    next year's, if ``today`` is given). A type that ISO 18626 does not list is treated like none.
    """
    kind = citation.publication_type.casefold()
    found: list[Problem] = []
    if service_type == "loan" and kind in _PARTS:
        found.append(_problem("publication_type", "part_on_loan"))
    rule = _rule(service_type, kind)
    if not any(getattr(citation, name) for name in rule.enough):
        found.extend(_problem(need.fields[0], need.code) for need in rule.needs if not need.met_by(citation))
    for name in KINDS:
        wrong = fault(name, getattr(citation, name))
        if wrong:
            found.append(Problem(name, *wrong))
    year = _year_fault(citation.year, today)
    if year:
        found.append(_problem("year", year, value=citation.year[:60]))
    return found


def partner_completeness(citation: Citation) -> list[Problem]:
    """What a partner's request lacks before staff can look for the item: something that names it, and no more."""
    named = _ITEM.met_by(citation) or citation.title_of_component
    return [] if named else [_problem("title", "partner_item_missing")]


def check(request: Request, facts: Facts, now: datetime) -> list[Finding]:
    """The reasons for review that hold before a supplier is looked for, without those that staff overrode.

    In this order: ``incomplete invalid_reader duplicate over_limit locally_held cost approval``; a partner's request
    is checked for ``incomplete`` and ``duplicate`` only. ``over_limit`` stands here only where policy wants a person
    (else the request queues: see ``over_limit``), ``approval`` only where it comes before locating. Raises Invalid if
    the library's calendar names an unknown time zone.
    """
    found = _lending_findings(request, facts) if request.role == "supplier" else _findings(request, facts, now)
    return [finding for finding in found if finding.reason not in request.overrides]


def over_limit(request: Request, facts: Facts) -> bool:
    """Whether the reader has as many open requests as policy allows."""
    limit = facts.policy.open_requests_per_reader
    return bool(request.reader_id) and limit is not None and facts.reader_open >= limit


def approval_needed(request: Request, facts: Facts, when: When) -> Finding | None:
    """Why policy stops this request for approval at that stage, or None; None also if staff gave it already."""
    rules = facts.policy.approval
    if rules.when != when or "approval" in request.overrides:
        return None
    detail = {"when": when}
    if rules.all:
        return Finding("approval", sentence("approval_all"), {"rule": "all", **detail})
    if request.service_type in rules.service_types:
        text = sentence("approval_service", service=SERVICE_WORDS[request.service_type])
        return Finding("approval", text, {"rule": "service_type", **detail})
    if facts.reader_category and facts.reader_category in rules.categories:
        text = sentence("approval_category", category=facts.reader_category)
        return Finding("approval", text, {"rule": "category", **detail})
    code = _above(request.max_cost, rules.cost_above, "approval_cost", "approval_currency")
    if code and request.max_cost and rules.cost_above:
        text = sentence(code, cost=money(request.max_cost), limit=money(rules.cost_above))
        return Finding("approval", text, {"rule": "cost", **detail})
    return None


def _rule(service_type: ServiceType, kind: str) -> _Rule:
    if service_type == "copy" or (service_type == "copy_or_loan" and kind in _PARTS):
        return _COPIES.get(kind if kind in _KNOWN_TYPES else "", _ANY_ITEM)
    return _LOANS.get(kind, _ANY_ITEM)


def _problem(name: str, code: str, **values: object) -> Problem:
    return Problem(name, code, sentence(code, **values))


def _year_fault(text: str, today: date | None) -> str:
    """Years in words or of another era (民国36年, 昭和50年, n.d.) pass; bare numbers must be years or dates."""
    if re.fullmatch(r"\d+", text) and len(text) not in (4, 6, 8):
        return "year_form"
    first = re.match(r"[^\d]{0,3}(\d{4})", text)
    if first is None:
        return ""
    year = int(first.group(1))
    if year < _FIRST_YEAR:
        return "year_form"
    return "year_future" if today is not None and year > today.year + 1 else ""


def _findings(request: Request, facts: Facts, now: datetime) -> Iterator[Finding]:
    policy = facts.policy
    today = local_date(policy.calendar, now)
    problems = completeness(request.service_type, request.citation, today)
    if request.needed_by is not None and request.needed_by < today:
        problems.append(_problem("needed_by", "needed_by_past", value=request.needed_by.isoformat()))
    if problems:
        yield _incomplete(problems)
    if facts.reader_blocked:
        why = facts.reader_blocked.rstrip(".。")
        yield Finding("invalid_reader", sentence("reader_blocked", why=why), {"why": facts.reader_blocked})
    if facts.duplicates:
        yield _duplicate(facts)
    if policy.over_limit == "review" and over_limit(request, facts):
        counts = {"open": facts.reader_open, "limit": policy.open_requests_per_reader}
        yield Finding("over_limit", sentence("over_limit", **counts), counts)
    if facts.locally_held:
        where = facts.locally_held.rstrip(".。")
        yield Finding("locally_held", sentence("locally_held", where=where), {"where": facts.locally_held})
    cost = _cost(request.max_cost, policy.maximum_cost)
    if cost:
        yield cost
    approval = approval_needed(request, facts, "before_locating")
    if approval:
        yield approval


def _lending_findings(request: Request, facts: Facts) -> Iterator[Finding]:
    problems = partner_completeness(request.citation)
    if problems:
        yield _incomplete(problems)
    if facts.duplicates:
        yield _duplicate(facts)


def _incomplete(problems: list[Problem]) -> Finding:
    told = [{"field": p.field, "code": p.code, "en": p.text.en, "zh": p.text.zh} for p in problems]
    return Finding("incomplete", joined([p.text for p in problems]), {"problems": told})


def _duplicate(facts: Facts) -> Finding:
    ids = list(facts.duplicates)
    shown = ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")
    return Finding("duplicate", sentence("duplicate_of", ids=shown), {"requests": ids})


def _cost(cost: Money | None, limit: Money | None) -> Finding | None:
    code = _above(cost, limit, "cost_over", "cost_currency")
    if not code or cost is None or limit is None:
        return None
    text = sentence(code, cost=money(cost), limit=money(limit))
    return Finding("cost", text, {"cost": cost.model_dump(mode="json"), "limit": limit.model_dump(mode="json")})


def _above(cost: Money | None, limit: Money | None, over: str, other_currency: str) -> str:
    """Money of two currencies is never compared: that is for a person. Nothing to pay is nothing in every currency."""
    if cost is None or limit is None or cost.amount == 0:
        return ""
    if cost.currency != limit.currency:
        return other_currency
    return over if cost.amount > limit.amount else ""
