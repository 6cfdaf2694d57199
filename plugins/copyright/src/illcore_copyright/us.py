"""United States: 17 USC 108 with the CONTU guidelines, for the library that asks and the library that is asked."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from illcore.hooktypes import Decision, RequestView, Usage, Verdict
from illcore.model import BilingualText, Money, Symbol

from .dates import Published, years_before
from .ruling import Ruling, end_of_year, money_text
from .sentences import (
    COMMERCIAL,
    NO_FLAG,
    PARTNER_HAS_FLAG,
    UNKNOWN_ISSUE,
    UNKNOWN_JOURNAL,
    UNKNOWN_KIND,
    UNKNOWN_WORK,
    WHOLE,
)
from .settings import PolicyConfig, Share

CCG, CCL = "US-CCG", "US-CCL"

_ROYALTY_PAID = BilingualText(
    en="{supplier} pays the royalties itself; nothing is counted.", zh="{supplier} 自行支付版税，不计数。"
)
_HELD = BilingualText(
    en="The library subscribes to it, has it on order or owns it: as if copied from its own collection (CCL).",
    zh="本馆已订购、在订或拥有该文献：视同复制本馆馆藏（CCL）。",
)
_OLDER = BilingualText(
    en="Published more than {years} years before the request ({published}): the guidelines set no limit (CCL).",
    zh="出版于申请前 {years} 年以上（{published}）：指南不设上限（CCL）。",
)
_OFF = BilingualText(
    en="This library does not apply the CONTU guidelines: as the law permits (CCL).",
    zh="本馆不采用 CONTU 指南：依法律规定（CCL）。",
)
_WITHIN = BilingualText(
    en="Published within {years} years before the request; number {number} of {limit} from this periodical in {year} "
    "(CCG).",
    zh="出版于申请前 {years} 年以内；{year} 年从该刊获得的第 {number} 篇，上限 {limit} 篇（CCG）。",
)
_BOUNDARY = BilingualText(
    en="Whether {published} is within {years} years before the request cannot be told without the month or day; "
    "it is taken as within.",
    zh="出版时间仅为 {published}，缺少月日，无法判断是否在申请前 {years} 年以内；按以内处理。",
)
_BOUNDARY_REVIEW = BilingualText(
    en="Whether {published} is within {years} years before the request cannot be told: give the month or day.",
    zh="出版时间仅为 {published}，无法判断是否在申请前 {years} 年以内：请补充月日。",
)
_UNDATED = BilingualText(
    en="When it was published is not known, so whether it counts cannot be told: give at least the year.",
    zh="出版时间不详，无法判断是否计数：请至少补充年份。",
)
_OVER = BilingualText(
    en="{taken} articles of the last {years} years from this periodical count for {year} already; the limit is "
    "{limit}: pay the royalty, ask a commercial supplier, borrow the issue, or wait for {next_year}.",
    zh="{year} 年从该刊获得的近 {years} 年论文已有 {taken} 篇，上限 {limit} 篇："
    "请支付版税、向商业供应商订购、借阅整期，或等到 {next_year} 年。",
)
_ROYALTY = BilingualText(en="The royalty of {fee} is due.", zh="须支付版税 {fee}。")
_ROYALTY_UNKNOWN = BilingualText(
    en="A royalty is due; look up how much at the Copyright Clearance Center.",
    zh="须支付版税，金额请向版权结算中心（CCC）查询。",
)
_SAME_ISSUE = BilingualText(
    en="{taken} articles from this issue were supplied already; here the limit is {limit}.",
    zh="已提供该期论文 {taken} 篇，本馆上限为 {limit} 篇。",
)
_PART = BilingualText(
    en="A small part of the work; number {number} of {limit} during its term of copyright (CCG).",
    zh="作品的一小部分；版权期内第 {number} 份，上限 {limit} 份（CCG）。",
)
_WORK_OVER = BilingualText(
    en="{taken} parts of this work count already; the limit during its term of copyright is {limit}: "
    "pay the royalty, borrow or buy the work.",
    zh="该作品已有 {taken} 份计数，版权期内上限 {limit} 份：请支付版税、借阅或购买原书。",
)
_PUBLIC_DOMAIN = BilingualText(
    en="Published more than {years} years ago: no longer protected in the United States.",
    zh="出版已逾 {years} 年：在美国已进入公有领域。",
)
_EXCLUDED = BilingualText(
    en="Section 108 covers no {kind} (108(i)): find out whether permission or fair use covers it.",
    zh="第 108 条不适用于 {kind}（108(i)）：请查明是否有许可或属合理使用。",
)


class UsConfig(PolicyConfig):
    """Sources: [C2] CCC, the CONTU guidelines; [C6] 17 USC 108; the other numbers stand in the README."""

    contu: bool = True
    """Whether the CONTU guidelines are applied. Guidelines, not law [C4][C5]; without them nothing is limited."""

    limit: Annotated[int, Field(ge=0, le=1000)] = 5
    """Articles of the window from one periodical in one calendar year [C1][C2]."""

    window_years: Annotated[int, Field(ge=0, le=100)] = 5
    """Only articles published so many years before the request count [C1][C2]."""

    window_mode: Literal["rolling", "calendar"] = "rolling"
    """rolling: back from the day of the request; calendar: by the number of the year alone [C14][C15]."""

    boundary: Literal["inside", "review"] = "inside"
    """What holds if year or month alone do not tell on which side of a rolling window it lies. Never older."""

    count_on: Literal["filled", "requested"] = "filled"
    """filled: an unfilled or cancelled request gives its place back [C9][C12]; requested: it keeps it."""

    year_of: Literal["request", "fill"] = "request"
    """To which year a request counts that is filled in the next."""

    work_limit: Annotated[int, Field(ge=0, le=1000)] = 5
    """Parts of one work that is no periodical, during its term of copyright; CCC says six [C2]."""

    part_share: Share = Fraction(1, 10)
    """What is a small part of a work in the sense of 108(d); more is 108(e) and for review. By custom."""

    articles_per_issue: Annotated[int, Field(ge=0, le=1000)] = 0
    """A stricter practice of some libraries: 1 article per issue [C3][C9]; 0: no such limit."""

    over_limit: Literal["review", "fee", "deny"] = "review"
    """What is done beyond a limit; fee: the royalty is paid [C13]."""

    royalty: Money | None = None
    """What is paid for a copy beyond the limit, if it is one sum."""

    paid_compliance: Literal["US-CCL", "US-CCG"] = "US-CCL"
    """The code that is sent where the royalty is paid."""

    royalty_paid_suppliers: tuple[Symbol, ...] = ()
    """Commercial suppliers that pay the royalties themselves: not counted [C13]."""

    commercial: Literal["review", "deny", "allow_with_fee"] = "review"
    """108(d) is for private study, scholarship or research [C6]."""

    excluded_types: tuple[str, ...] = ("Game", "Image", "Map", "Movie", "MusicRecording", "MusicScore")
    """Publication types to which 108(d) and (e) do not apply (108(i))."""

    public_domain_years: Annotated[int, Field(ge=0, le=1000)] = 95
    """What was published longer ago is not protected (17 USC 304); 0: this is not looked at."""

    flag_not_needed: tuple[str, ...] = ()
    """Lender: beginnings of the symbols of partners that need not send CCG or CCL, such as `ISIL:CA-`."""

    without_flag: Literal["review", "deny"] = "review"
    """Lender: what is done with a copy request that has neither CCG nor CCL [C1][C11]."""

    notice: str = "us-warning-1"
    """The warning for order form and cover page (37 CFR 201.14) [C7][C8]."""

    legend: str = "us-legend-1"
    """What is stamped on a copy that bears no notice of copyright (108(a)(3)) [C6]."""

    retention_years: Annotated[int, Field(ge=0, le=100)] = 3
    """Records are kept to the end of so many calendar years after the request [C1][C2]."""


def decide(request: RequestView, usage: Usage, config: UsConfig) -> Verdict:
    """What section 108 and the guidelines say of one request."""
    ruling = Ruling(request, usage, config)
    exempt = ruling.exempt()
    if exempt:
        return exempt
    if request.purpose == "commercial":
        ruling.say(config.commercial, COMMERCIAL)
    if request.role == "supplier":
        return _lend(ruling, config)
    if request.partner in config.royalty_paid_suppliers:
        ruling.say("allow", _ROYALTY_PAID, supplier=request.partner)
        return ruling.verdict()
    if config.notice:
        ruling.oblige("notice", ruling.text(config.notice))
    compliance = _borrow(ruling, config)
    return ruling.verdict(compliance, end_of_year(request.requested_on, config.retention_years))


def _borrow(ruling: Ruling, config: UsConfig) -> str:
    """Finds for the library that asks; the code to send."""
    wanted, usage = ruling.wanted, ruling.usage
    held = usage.holds in ("subscribed", "on_order", "owned") or usage.licence in ("ill", "print")
    if _is_free(wanted.published, usage.today, config):
        ruling.say("allow", _PUBLIC_DOMAIN, years=config.public_domain_years)
        return CCL
    if wanted.publication_type in {kind.casefold() for kind in config.excluded_types}:
        ruling.say("review", _EXCLUDED, kind=ruling.request.citation.publication_type)
    if wanted.kind == "unknown":
        ruling.say("review", UNKNOWN_KIND)
    elif wanted.kind == "whole":
        ruling.say("review", WHOLE)
    elif wanted.kind == "part" and not _is_small(ruling, config, held):
        pass
    elif held:
        ruling.say("allow", _HELD)
        return CCL
    elif not config.contu:
        ruling.say("allow", _OFF)
        return CCL
    elif wanted.kind == "article":
        return _article(ruling, config)
    else:
        return _part(ruling, config)
    return ""


def _article(ruling: Ruling, config: UsConfig) -> str:
    wanted, request, years = ruling.wanted, ruling.request, config.window_years
    shown = request.citation.year
    if wanted.published is None:
        ruling.say("review", _UNDATED)
        return ""
    place = _place(wanted.published, request.requested_on, config)
    if place == "older":
        ruling.say("allow", _OLDER, years=years, published=shown)
        return CCL
    if place == "boundary":
        review = config.boundary == "review"
        ruling.say(
            "review" if review else "allow", _BOUNDARY_REVIEW if review else _BOUNDARY, years=years, published=shown
        )
    if not wanted.journal:
        ruling.say("review", UNKNOWN_JOURNAL)
        return ""
    if config.articles_per_issue:
        _same_issue(ruling, config)
    year = (ruling.usage.today if config.year_of == "fill" else request.requested_on).year
    key = f"us:contu:{wanted.journal}"
    number = ruling.taken(key, year) + 1
    over, fee = _beyond(config)
    free = ruling.count(
        key,
        year,
        config.limit,
        over,
        _OVER,
        year_of=config.year_of,
        count_on=config.count_on,
        fee=fee if number > config.limit else None,
        values={"years": years, "year": year, "next_year": year + 1},
    )
    if free:
        ruling.say("allow", _WITHIN, years=years, number=number, limit=config.limit, year=year)
        return CCG
    return _pay(ruling, config)


def _part(ruling: Ruling, config: UsConfig) -> str:
    wanted = ruling.wanted
    if not wanted.work:
        ruling.say("review", UNKNOWN_WORK)
        return ""
    key = f"us:work:{wanted.work}"
    number = ruling.taken(key) + 1
    over, fee = _beyond(config)
    fee = fee if number > config.work_limit else None
    if ruling.count(key, 0, config.work_limit, over, _WORK_OVER, fee=fee, count_on=config.count_on):
        ruling.say("allow", _PART, number=number, limit=config.work_limit)
        return CCG
    return _pay(ruling, config)


def _beyond(config: UsConfig) -> tuple[Decision, Money | None]:
    return ("allow_with_fee" if config.over_limit == "fee" else config.over_limit), config.royalty


def _pay(ruling: Ruling, config: UsConfig) -> str:
    if config.over_limit != "fee":
        return ""
    if config.royalty:
        ruling.charge(config.royalty)
        ruling.say("allow_with_fee", _ROYALTY, fee=money_text(config.royalty))
    else:
        ruling.say("allow_with_fee", _ROYALTY_UNKNOWN)
        ruling.oblige("fee", _ROYALTY_UNKNOWN)
    return config.paid_compliance


def _same_issue(ruling: Ruling, config: UsConfig) -> None:
    if not ruling.wanted.issue:
        ruling.say("review", UNKNOWN_ISSUE)
        return
    ruling.count(f"us:issue:{ruling.wanted.issue}", 0, config.articles_per_issue, "review", _SAME_ISSUE)


def _is_small(ruling: Ruling, config: UsConfig, held: bool) -> bool:
    if held and ruling.wanted.share is None:
        return True
    return ruling.share(config.part_share, "review")


def _place(published: Published, requested: date, config: UsConfig) -> Literal["inside", "older", "boundary"]:
    if config.window_mode == "calendar":
        return "inside" if published.last.year >= requested.year - config.window_years else "older"
    begins = years_before(requested, config.window_years)
    if published.last < begins:
        return "older"
    return "inside" if published.first >= begins else "boundary"


def _is_free(published: Published | None, today: date, config: UsConfig) -> bool:
    years = config.public_domain_years
    return bool(years and published and published.last.year + years < today.year)


def _lend(ruling: Ruling, config: UsConfig) -> Verdict:
    """For the library that is asked: it needs the borrower's statement, and does not count the borrower's five."""
    request = ruling.request
    flag = request.compliance.upper().removeprefix("US-")
    if _is_free(ruling.wanted.published, ruling.usage.today, config):
        ruling.say("allow", _PUBLIC_DOMAIN, years=config.public_domain_years)
        return ruling.verdict()
    if flag in ("CCG", "CCL"):
        ruling.say("allow", PARTNER_HAS_FLAG, flag=request.compliance)
    elif not request.partner.startswith(config.flag_not_needed):
        ruling.say(config.without_flag, NO_FLAG)
    if ruling.wanted.kind == "whole":
        ruling.say("review", WHOLE)
    if ruling.wanted.publication_type in {kind.casefold() for kind in config.excluded_types}:
        ruling.say("review", _EXCLUDED, kind=request.citation.publication_type)
    if config.legend:
        ruling.oblige("legend", ruling.text(config.legend))
    return ruling.verdict()
