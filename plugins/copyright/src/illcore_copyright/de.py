"""Germany: UrhG § 60e(5) and the agreement on interlibrary loan (Fernleihe), for articles and shares of works."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from illcore.hooktypes import RequestView, Usage, Verdict
from illcore.model import BilingualText, Money, Value

from .keys import journals
from .ruling import Ruling, end_of_year, money_text
from .sentences import COMMERCIAL, UNKNOWN_JOURNAL
from .settings import PolicyConfig, Share

_MONTH = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])")

_ARTICLE = BilingualText(
    en="A single article of a scholarly journal (§ 60e(5) UrhG).",
    zh="学术期刊中的单篇文章（德国著作权法第 60e 条第 5 款）。",
)
_NOT_SCHOLARLY = BilingualText(
    en="§ 60e(5) UrhG covers articles of scholarly and professional journals only, not of newspapers and general "
    "magazines: see whether another ground covers it.",
    zh="第 60e 条第 5 款仅适用于学术和专业期刊，不适用于报纸和大众杂志：请查明有无其他依据。",
)
_ELECTRONIC = BilingualText(
    en="Delivered to the reader as a file; {fee} (and tax) are due to VG Wort and reported for {half}.",
    zh="以电子文件交付读者；须向 VG Wort 支付 {fee}（另加税），计入 {half} 报告。",
)
_NO_TARIFF = BilingualText(
    en="There is no tariff for {day}: add one, or hand over paper.",
    zh="{day} 没有适用的费率：请补充费率，或以纸本交付。",
)
_PAPER = BilingualText(
    en="The reader gets paper: print it, hand it over, delete the file.", zh="以纸本交付读者：打印、交付并删除文件。"
)


def _month_span(value: str) -> str:
    first, slash, last = value.partition("/")
    if not _MONTH.fullmatch(first) or (last and (not _MONTH.fullmatch(last) or last < first)):
        raise ValueError("write a month or a span of months: 2026-03, 2026-03/2026-08, or 2026-03/ if it goes on")
    return value if slash else f"{value}/{value}"


MonthSpan = Annotated[str, AfterValidator(_month_span)]


class Tariff(Value):
    """What one electronic copy costs from a day on."""

    since: date
    fee: Money


class DeConfig(PolicyConfig):
    """Sources: [C34][C35] § 60e(5) and the Gesamtvertrag; [C38]-[C40] electronic delivery."""

    channel: Literal["fernleihe", "direct"] = "fernleihe"
    """fernleihe: from library to library, the reader gets paper; direct: a file to the reader, paid per copy [C34]."""

    part_share: Share = Fraction(1, 10)
    """Share of a work that is no scholarly journal [C34][C35]."""

    over_share: Literal["deny", "review"] = "deny"
    """What is done with more, and with whole works."""

    not_scholarly: tuple[str, ...] = ()
    """ISSNs or titles of magazines that are not scholarly; newspapers never are [C36]."""

    not_scholarly_is: Literal["review", "deny"] = "review"
    """What is done with articles from these."""

    commercial: Literal["deny", "review"] = "deny"
    """No commercial users [C34]."""

    opted_in: tuple[MonthSpan, ...] = ()
    """Months in which the library takes part in electronic delivery: `["2026-03/2026-08", "2027-01/"]` [C38]-[C40]."""

    tariffs: tuple[Tariff, ...] = (Tariff(since=date(2024, 1, 1), fee=Money(amount=Decimal("3.27"), currency="EUR")),)
    """What VG Wort gets for each file handed to a reader, without tax, by the day from which it holds [C38]-[C40]."""

    paper: str = "de-paper-1"
    """What is done with the file where the reader gets paper [C34]."""

    notice: str = "de-notice-1"
    """For the cover page."""

    compliance: str = ""
    """The code that is sent; ISO 18626 knows none for Germany."""

    retention_years: Annotated[int, Field(ge=0, le=100)] = 3
    """Records of copies for which a fee is due; the regular limitation (BGB §§ 195, 199)."""


def decide(request: RequestView, usage: Usage, config: DeConfig) -> Verdict:
    """What § 60e(5) says of one request, and in which form the reader may have the copy."""
    ruling = Ruling(request, usage, config)
    exempt = ruling.exempt()
    if exempt:
        return exempt
    if request.purpose == "commercial":
        ruling.say(config.commercial, COMMERCIAL)
    _amount(ruling, config)
    if config.notice:
        ruling.oblige("notice", ruling.text(config.notice))
    if request.role == "supplier":
        return ruling.verdict()
    as_file = config.channel == "direct" or _takes_part(usage.today, config.opted_in)
    if request.electronic and as_file:
        _file(ruling, config)
        return ruling.verdict(config.compliance, end_of_year(usage.today, config.retention_years))
    ruling.say("allow", _PAPER)
    ruling.oblige("print_and_destroy", ruling.text(config.paper))
    ruling.oblige("paper_only", _PAPER)
    return ruling.verdict(config.compliance)


def half_year(day: date) -> str:
    """``2026-H1``: the half-year that is reported to VG Wort."""
    return f"{day.year}-H{1 if day.month <= 6 else 2}"


def _amount(ruling: Ruling, config: DeConfig) -> None:
    wanted = ruling.wanted
    if ruling.amount(config.part_share, config.over_share):
        return
    if not wanted.journal:
        ruling.say("review", UNKNOWN_JOURNAL)
    elif wanted.publication_type == "newspaper" or wanted.journal in journals(config.not_scholarly, config.same_titles):
        ruling.say(config.not_scholarly_is, _NOT_SCHOLARLY)
    else:
        ruling.say("allow", _ARTICLE)


def _file(ruling: Ruling, config: DeConfig) -> None:
    today = ruling.usage.today
    held = [tariff for tariff in config.tariffs if tariff.since <= today]
    if not held:
        ruling.say("review", _NO_TARIFF, day=today)
        return
    fee = max(held, key=lambda tariff: tariff.since).fee
    ruling.say("allow_with_fee", _ELECTRONIC, fee=money_text(fee), half=half_year(today))
    ruling.charge(fee)
    work = ruling.wanted.journal if ruling.wanted.kind == "article" else ruling.wanted.work
    ruling.count(f"de:60e5:{half_year(today)}:{work or 'unknown'}", today.year, fee=fee)


def _takes_part(day: date, spans: tuple[str, ...]) -> bool:
    month = day.isoformat()[:7]
    return any(first <= month and (not last or month <= last) for first, _, last in (s.partition("/") for s in spans))
