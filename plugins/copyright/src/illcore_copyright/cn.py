"""China: 著作权法 第二十四条, 信息网络传播权保护条例 第七条, 第十条, and the practice of BALIS and CALIS."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from illcore.hooktypes import RequestView, Usage, Verdict
from illcore.model import BilingualText, Money

from . import keys
from .ruling import Ruling, end_of_year, money_text
from .sentences import COMMERCIAL, UNKNOWN_ISSUE, UNKNOWN_JOURNAL, UNKNOWN_READER
from .settings import PolicyConfig, Share

_ARTICLE = BilingualText(
    en="A single article for study or research (Copyright Law, article 24).",
    zh="为学习、研究复制单篇文章（《著作权法》第二十四条）。",
)
_TOO_MANY = BilingualText(
    en="This reader already has {taken} articles from the same {what}; the limit is {limit}: borrow it.",
    zh="该读者已获得同一{what_zh}文章 {taken} 篇，上限 {limit} 篇：请改为借阅。",
)
_FEE = BilingualText(en="The fee is {fee}.", zh="收费 {fee}。")
_FEE_LATER = BilingualText(
    en="{fee} a page are due; how many pages is not known yet.", zh="每页收费 {fee}，页数尚不清楚。"
)
_LINK = BilingualText(
    en="The link ends after {days} days, so that nobody else comes to the copy (Regulation, article 10).",
    zh="链接 {days} 天后失效，以防止他人获取（《信息网络传播权保护条例》第十条）。",
)


class CnConfig(PolicyConfig):
    """Sources: [C41] 著作权法, [C42] 条例, [C43]-[C46] BALIS and CALIS: limits are practice, not law."""

    part_share: Share = Fraction(1, 3)
    """Share of a book: at most a third [C43][C44]."""

    over_share: Literal["deny", "review"] = "deny"
    """What is done with more, and with whole works."""

    articles: Annotated[int, Field(ge=0, le=1000)] = 4
    """Articles from one issue or title for one reader [C43]; 0: no limit."""

    articles_of: Literal["issue", "title"] = "issue"
    """What 同一本期刊 means: the issue, or the title [C43]."""

    period_days: Annotated[int, Field(ge=0, le=36500)] = 0
    """After so many days an article counts no more; 0: it counts for good."""

    over_articles: Literal["deny", "review"] = "deny"
    """What is done with one more."""

    commercial: Literal["deny", "review"] = "deny"
    """第二十四条 covers personal study and research, teaching and research [C41]."""

    declaration: str = "cn-study-1"
    """What the reader declares before sending: 个人学习和研究 [C45]; empty: none is asked for."""

    notice: str = "cn-notice-1"
    """For the cover page: name author and work (条例 第十条（二）) [C42]."""

    watermark: bool = True
    """Whether files bear a watermark (条例 第十条（四）) [C42]."""

    link_days: Annotated[int, Field(ge=0, le=3650)] = 10
    """After so many days the link to a file ends (条例 第十条（四）) [C42]; 0: no obligation."""

    link_views: Annotated[int, Field(ge=0, le=1000)] = 0
    """After so many views the link to a file ends; 0: no obligation."""

    page_fee: Money | None = None
    """What a page costs; one union takes CNY 0.30 [C45]. Nothing is charged unless it is set."""

    urgent_fee: Money | None = None
    """What an urgent request costs besides, in the same currency; one union takes CNY 10 an article [C45]."""

    urgent_days: Annotated[int, Field(ge=0, le=365)] = 2
    """A request is urgent if it is needed within so many days [C44]."""

    compliance: str = ""
    """The code that is sent; ISO 18626 knows none for China."""

    retention_years: Annotated[int, Field(ge=0, le=100)] = 3
    """How long the record is kept; the limitation of claims is three years (民法典 第一百八十八条)."""


def decide(request: RequestView, usage: Usage, config: CnConfig) -> Verdict:
    """What the law and the practice of the document delivery services say of one request."""
    ruling = Ruling(request, usage, config)
    exempt = ruling.exempt()
    if exempt:
        return exempt
    if request.purpose == "commercial":
        ruling.say(config.commercial, COMMERCIAL)
    _amount(ruling, config)
    if request.role == "requester":
        ruling.declare(config.declaration)
    _measures(ruling, config)
    _fees(ruling, config)
    return ruling.verdict(config.compliance, end_of_year(usage.today, config.retention_years))


def _amount(ruling: Ruling, config: CnConfig) -> None:
    if ruling.amount(config.part_share, config.over_share):
        return
    ruling.say("allow", _ARTICLE)
    if config.articles and ruling.request.role == "requester":
        _articles(ruling, config)


def _articles(ruling: Ruling, config: CnConfig) -> None:
    wanted, reader = ruling.wanted, ruling.request.reader
    by_issue = config.articles_of == "issue"
    place = wanted.issue if by_issue else wanted.journal
    if not place:
        ruling.say("review", UNKNOWN_ISSUE if by_issue and wanted.journal else UNKNOWN_JOURNAL)
    elif not reader:
        ruling.say("review", UNKNOWN_READER)
    else:
        today, days = ruling.usage.today, config.period_days
        ruling.count(
            f"cn:{config.articles_of}:{wanted.journal}:{keys.reader_mark(reader, place)}",
            0,
            config.articles,
            config.over_articles,
            _TOO_MANY,
            until=today + timedelta(days=days) if days else None,
            values={"what": "issue" if by_issue else "periodical", "what_zh": "期" if by_issue else "刊"},
        )


def _measures(ruling: Ruling, config: CnConfig) -> None:
    if config.notice:
        ruling.oblige("notice", ruling.text(config.notice))
    if not ruling.request.electronic:
        return
    if config.watermark:
        ruling.oblige("watermark", ruling.text("cn-watermark-1"))
    if config.link_days:
        text = BilingualText(en=_LINK.en.format(days=config.link_days), zh=_LINK.zh.format(days=config.link_days))
        ruling.oblige("link_days", text, config.link_days)
    if config.link_views:
        ruling.oblige("link_views", number=config.link_views)


def _fees(ruling: Ruling, config: CnConfig) -> None:
    request, pages = ruling.request, ruling.wanted.pages
    urgent = bool(request.needed_by and (request.needed_by - request.requested_on).days <= config.urgent_days)
    due: dict[str, Decimal] = {}
    if config.page_fee and pages:
        due[config.page_fee.currency] = config.page_fee.amount * pages
    elif config.page_fee:
        ruling.say("allow_with_fee", _FEE_LATER, fee=money_text(config.page_fee))
    if config.urgent_fee and urgent:
        currency = config.urgent_fee.currency
        due[currency] = due.get(currency, Decimal(0)) + config.urgent_fee.amount
    for currency, amount in due.items():
        fee = Money(amount=amount, currency=currency)
        ruling.charge(fee)
        ruling.say("allow_with_fee", _FEE, fee=money_text(fee))
