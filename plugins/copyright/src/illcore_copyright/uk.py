"""United Kingdom: CDPA 1988, s.42A (a copy for a reader who declares) and s.41 (a copy for another library)."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from illcore.hooktypes import RequestView, Usage, Verdict
from illcore.model import BilingualText, Money

from . import keys
from .ruling import Ruling, money_text, same_day
from .sentences import (
    ALREADY,
    COMMERCIAL,
    PARTNER_HAS_FLAG,
    UNKNOWN_ISSUE,
    UNKNOWN_ITEM,
    UNKNOWN_READER,
    UNKNOWN_WORK,
)
from .settings import PolicyConfig, Share

FAIR, PAID = "UK-FairDealing", "UK-CopyRFeePaid"

_ARTICLE = BilingualText(
    en="One article from one issue for this reader (s.42A).", zh="为该读者复制该期中的一篇文章（第 42A 条）。"
)
_SAME_ISSUE = BilingualText(
    en="This reader already has {taken} article(s) from this issue; the law permits {limit} (s.42A): "
    "order a copyright-fee-paid copy, or borrow the issue.",
    zh="该读者已获得该期文章 {taken} 篇，法律允许 {limit} 篇（第 42A 条）：请订购已付版权费的复制件或借阅该期。",
)
_SAME_WORK = BilingualText(
    en="This reader already has {taken} part(s) of this work: see whether all together are a reasonable proportion.",
    zh="该读者已获得该作品的 {taken} 部分：请核查合计是否仍为合理比例。",
)
_RELATED = BilingualText(
    en="Somebody of the same department asked for the same within {days} days: see whether the requests are related.",
    zh="同一部门在 {days} 天内有人申请同一内容：请核查是否为相关申请。",
)
_FEE_PAID = BilingualText(
    en="For a commercial purpose: order a copyright-fee-paid copy.", zh="用于商业目的：请订购已付版权费的复制件。"
)
_FEE = BilingualText(en="The copyright fee is {fee}.", zh="版权费为 {fee}。")
_FEE_UNKNOWN = BilingualText(
    en="A copyright fee is due; the supplier says how much.", zh="须支付版权费，金额由提供馆告知。"
)
_S41_ARTICLE = BilingualText(
    en="A single copy of an article for another library (s.41).", zh="为其他图书馆复制一份文章（第 41 条）。"
)
_S41_OTHER = BilingualText(
    en="A copy of a book or part of it for another library's collection is allowed only if nobody who could authorise "
    "it can be found by reasonable inquiry (s.41): inquire, or ask whether the partner holds a reader's declaration.",
    zh="为其他图书馆馆藏复制图书或其一部分，仅限经合理查询仍无法找到授权人的情形（第 41 条）："
    "请先查询，或询问对方馆是否持有读者声明。",
)
_PRINT = BilingualText(en="Print one copy for the reader and delete the file.", zh="为读者打印一份，并删除文件。")


class UkConfig(PolicyConfig):
    """Sources: [C28]-[C33] declarations and customary amounts; the statute's text by general knowledge."""

    declaration: str = "uk-s42a-1"
    """The text that a reader must accept before sending (s.42A(3)) [C28]-[C31]; empty: none is asked for."""

    articles_per_issue: Annotated[int, Field(ge=1, le=100)] = 1
    """Articles of one issue for one reader (s.42A) [C29][C32]."""

    second_article: Literal["deny", "review"] = "deny"
    """What is done with one more."""

    part_share: Share = Fraction(1, 10)
    """A reasonable proportion of a work that is no periodical, by custom."""

    one_chapter: bool = True
    """Whether one chapter is a reasonable proportion whatever its share [C29][C32]."""

    over_share: Literal["review", "deny"] = "review"
    """What is done with more than that."""

    related_days: Annotated[int, Field(ge=0, le=3650)] = 30
    """Within so many days a request for the same from the same department is for review; the law says "at or about
    the same time". 0: not looked at."""

    commercial: Literal["fee", "review", "deny"] = "fee"
    """fee: a copyright-fee-paid copy is ordered [C32]."""

    copyright_fee: Money | None = None
    """What such a copy costs, if it is one sum."""

    print_and_destroy: bool = False
    """Some libraries print one copy and delete the file [C28]."""

    keep_years: Annotated[int, Field(ge=0, le=100)] = 6
    """How long declarations are kept, by custom."""


def decide(request: RequestView, usage: Usage, config: UkConfig) -> Verdict:
    """What s.42A says for a reader's request, s.41 and s.42A for a partner's."""
    ruling = Ruling(request, usage, config)
    exempt = ruling.exempt()
    if exempt:
        return exempt
    kept = same_day(usage.today, config.keep_years)
    if request.role == "supplier":
        _lend(ruling, config)
        return ruling.verdict(PAID if ruling.decision == "allow_with_fee" else "")
    if request.purpose == "commercial":
        _fee_paid(ruling, config)
        return ruling.verdict(PAID)
    _amount(ruling, config)
    _once(ruling, config)
    ruling.declare(config.declaration)
    if config.print_and_destroy and request.electronic:
        ruling.oblige("print_and_destroy", _PRINT)
    return ruling.verdict(FAIR, kept)


def _fee_paid(ruling: Ruling, config: UkConfig) -> None:
    if config.commercial != "fee":
        ruling.say(config.commercial, COMMERCIAL)
        return
    ruling.say("allow_with_fee", _FEE_PAID)
    ruling.charge(config.copyright_fee)
    if config.copyright_fee:
        ruling.say("allow_with_fee", _FEE, fee=money_text(config.copyright_fee))
    else:
        ruling.say("allow_with_fee", _FEE_UNKNOWN)
        ruling.oblige("fee", _FEE_UNKNOWN)


def _amount(ruling: Ruling, config: UkConfig) -> None:
    """One article, or a reasonable proportion."""
    if not ruling.amount(config.part_share, config.over_share, config.one_chapter):
        ruling.say("allow", _ARTICLE)


def _once(ruling: Ruling, config: UkConfig) -> None:
    """Not twice to one reader, not to a reader and the colleagues."""
    wanted, request = ruling.wanted, ruling.request
    if not request.reader:
        ruling.say("review", UNKNOWN_READER)
    elif not wanted.item:
        ruling.say("review", UNKNOWN_ITEM)
    else:
        ruling.count(f"uk:item:{keys.reader_mark(request.reader, wanted.item)}", 0, 1, config.second_article, ALREADY)
    if request.reader and wanted.kind == "article":
        _once_an_issue(ruling, config)
    elif request.reader and wanted.kind == "part":
        _once_a_work(ruling)
    if request.reader_department and wanted.item and config.related_days:
        key = f"uk:related:{keys.reader_mark(request.reader_department, wanted.item)}"
        if ruling.taken(key):
            ruling.say("review", _RELATED, days=config.related_days)
        ruling.count(key, until=ruling.usage.today + timedelta(days=config.related_days))


def _once_an_issue(ruling: Ruling, config: UkConfig) -> None:
    if not ruling.wanted.issue:
        ruling.say("review", UNKNOWN_ISSUE)
        return
    key = f"uk:issue:{ruling.wanted.journal}:{keys.reader_mark(ruling.request.reader, ruling.wanted.issue)}"
    ruling.count(key, 0, config.articles_per_issue, config.second_article, _SAME_ISSUE)


def _once_a_work(ruling: Ruling) -> None:
    if not ruling.wanted.work:
        ruling.say("review", UNKNOWN_WORK)
        return
    key = f"uk:work:{ruling.wanted.work}:{keys.reader_mark(ruling.request.reader, ruling.wanted.work)}"
    ruling.count(key, 0, 1, "review", _SAME_WORK)


def _lend(ruling: Ruling, config: UkConfig) -> None:
    flag = ruling.request.compliance.casefold()
    if flag == PAID.casefold() or ruling.request.purpose == "commercial":
        _fee_paid(ruling, config)
    elif flag == FAIR.casefold():
        ruling.say("allow", PARTNER_HAS_FLAG, flag=ruling.request.compliance)
        _amount(ruling, config)
    elif ruling.wanted.kind == "article":
        ruling.say("allow", _S41_ARTICLE)
    else:
        ruling.say("review", _S41_OTHER)
