"""Canada: Copyright Act, section 30.2: articles by kind and age, and digital copies that end by themselves."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from illcore.hooktypes import RequestView, Usage, Verdict
from illcore.model import BilingualText

from .dates import years_before
from .keys import journals
from .ruling import Ruling, end_of_year
from .sentences import COMMERCIAL, UNKNOWN_JOURNAL
from .settings import PolicyConfig, Share

_SCHOLARLY = BilingualText(
    en="An article of a scholarly, scientific or technical periodical (s. 30.2(2)(a)).",
    zh="学术、科学或技术期刊中的文章（第 30.2 条第 2 款 a 项）。",
)
_OLD_ENOUGH = BilingualText(
    en="An article of another periodical, published more than {years} year(s) ago (s. 30.2(2)(b)).",
    zh="其他期刊或报纸中的文章，出版已满 {years} 年（第 30.2 条第 2 款 b 项）。",
)
_TOO_NEW = BilingualText(
    en="An article of a newspaper or of a periodical that is not scholarly, published within {years} year(s) "
    "(s. 30.2(2)(b)): wait, borrow the issue, or get permission.",
    zh="报纸或非学术期刊中的文章，出版未满 {years} 年（第 30.2 条第 2 款 b 项）：请等待、借阅该期或取得许可。",
)
_UNDATED = BilingualText(
    en="An article of a newspaper or of a periodical that is not scholarly must be older than {years} year(s), and it "
    "cannot be told whether it is: give the date.",
    zh="报纸或非学术期刊中的文章须出版满 {years} 年，目前无法判断：请补充出版日期。",
)
_NO_FICTION = BilingualText(
    en="Fiction, poetry, drama and music are left out there (s. 30.2(3)): see that it is none of these.",
    zh="小说、诗歌、戏剧和音乐作品不在此列（第 30.2 条第 3 款）：请确认不属于此类。",
)
_EXCLUDED = BilingualText(
    en="Section 30.2 covers no {kind}: see whether fair dealing or permission covers it.",
    zh="第 30.2 条不适用于 {kind}：请查明是否属于公平使用或有许可。",
)
_FIRST_USE = BilingualText(
    en="The link ends {days} business days after the first use (s. 30.2(5.02)).",
    zh="自首次使用起 {days} 个工作日后链接失效（第 30.2 条第 5.02 款）。",
)
_PRINT_ONCE = BilingualText(en="One copy may be printed.", zh="只可打印一份。")
_KEEP = BilingualText(en="It may not be passed on to anybody else.", zh="不得转交他人。")


class CaConfig(PolicyConfig):
    """Sources: [C47] section 30.2, [C48][C49] digital copies since 2012; shares of books by custom of fair dealing."""

    age_years: Annotated[int, Field(ge=0, le=100)] = 1
    """How old an article of a newspaper or a periodical that is not scholarly must be (30.2(2)(b)) [C47]."""

    scholarly: Literal["assumed", "listed"] = "assumed"
    """assumed: a periodical is scholarly unless it is a newspaper or in `not_scholarly`;
    listed: only `scholarly_titles` are."""

    scholarly_titles: tuple[str, ...] = ()
    """ISSNs or titles of scholarly, scientific or technical periodicals."""

    not_scholarly: tuple[str, ...] = ()
    """ISSNs or titles of periodicals that are not."""

    excluded_types: tuple[str, ...] = ("Game", "Image", "Movie", "MusicRecording", "MusicScore", "SoundRecording")
    """Publication types that section 30.2 does not cover (30.2(3)) [C47]."""

    part_share: Share = Fraction(1, 10)
    """Share of a book, by the custom of fair dealing."""

    one_chapter: bool = True
    """Whether one chapter will do whatever its share, by the custom of fair dealing."""

    over_share: Literal["review", "deny"] = "review"
    """What is done with more, and with whole works."""

    commercial: Literal["review", "deny"] = "review"
    """The exception is for research or private study [C47]."""

    link_business_days: Annotated[int, Field(ge=0, le=365)] = 5
    """How long a digital copy may be used from its first use (30.2(5.02)) [C48][C49]; 0: no obligation."""

    print_once: bool = True
    """No more than one printed copy (30.2(5.02)) [C48]."""

    no_forwarding: bool = True
    """No passing on (30.2(5.02)) [C48]."""

    notice: str = "ca-notice-1"
    """What the reader is told (30.2(4))."""

    compliance: str = ""
    """The code that is sent; ISO 18626 knows none for Canada."""

    retention_years: Annotated[int, Field(ge=0, le=100)] = 3
    """Records of copies (SOR/99-325, s. 4)."""


def decide(request: RequestView, usage: Usage, config: CaConfig) -> Verdict:
    """What section 30.2 says of one request, for the library's own reader or a partner's."""
    ruling = Ruling(request, usage, config)
    exempt = ruling.exempt()
    if exempt:
        return exempt
    if request.purpose == "commercial":
        ruling.say(config.commercial, COMMERCIAL)
    if ruling.wanted.publication_type in {kind.casefold() for kind in config.excluded_types}:
        ruling.say("review", _EXCLUDED, kind=request.citation.publication_type)
    if not ruling.amount(config.part_share, config.over_share, config.one_chapter):
        _article(ruling, config)
    if config.notice:
        ruling.oblige("notice", ruling.text(config.notice))
    if request.electronic:
        _measures(ruling, config)
    return ruling.verdict(config.compliance, end_of_year(usage.today, config.retention_years))


def _article(ruling: Ruling, config: CaConfig) -> None:
    wanted, years = ruling.wanted, config.age_years
    if not wanted.journal:
        ruling.say("review", UNKNOWN_JOURNAL)
        return
    if _is_scholarly(ruling, config):
        ruling.say("allow", _SCHOLARLY)
        return
    before = years_before(ruling.usage.today, years)
    if wanted.published is None or wanted.published.first < before <= wanted.published.last:
        ruling.say("review", _UNDATED, years=years)
    elif wanted.published.last < before:
        ruling.say("allow", _OLD_ENOUGH, years=years)
        ruling.say("allow", _NO_FICTION)
    else:
        ruling.say("deny", _TOO_NEW, years=years)


def _is_scholarly(ruling: Ruling, config: CaConfig) -> bool:
    journal, same = ruling.wanted.journal, config.same_titles
    if journal in journals(config.scholarly_titles, same):
        return True
    if ruling.wanted.publication_type == "newspaper" or journal in journals(config.not_scholarly, same):
        return False
    return config.scholarly == "assumed"


def _measures(ruling: Ruling, config: CaConfig) -> None:
    days = config.link_business_days
    if days:
        text = BilingualText(en=_FIRST_USE.en.format(days=days), zh=_FIRST_USE.zh.format(days=days))
        ruling.oblige("link_business_days", text, days)
    if config.print_once:
        ruling.oblige("print_once", _PRINT_ONCE)
    if config.no_forwarding:
        ruling.oblige("no_forwarding", _KEEP)
