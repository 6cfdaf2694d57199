"""Australia: Copyright Act 1968, s.49 (for a reader), s.50 (from library to library), s.183 (for the Crown)."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from illcore.hooktypes import RequestView, Usage, Verdict
from illcore.model import BilingualText

from . import keys
from .ruling import Ruling, same_day
from .sentences import (
    ALREADY,
    COMMERCIAL,
    NO_FLAG,
    PARTNER_HAS_FLAG,
    UNKNOWN_ISSUE,
    UNKNOWN_ITEM,
    UNKNOWN_KIND,
    UNKNOWN_READER,
)
from .settings import PolicyConfig, Share

Code = Literal["AU-CopyrightActS49", "AU-CopyrightActS50-1"]
OfficerCode = Literal["AU-CopyrightActS50-7A", "AU-CopyrightActS50-7B", "AU-CopyrightActS49"]
S183 = {"commonwealth": "AU-CopyRCatS183ComW", "state": "AU-CopyRCatS183State"}

_ARTICLE = BilingualText(en="One article from one issue.", zh="一期中的一篇文章。")
_SAME_ISSUE = BilingualText(
    en="This reader already has {taken} article(s) from this issue; more are allowed only for the same subject: "
    "see whether they are.",
    zh="该读者已获得该期文章 {taken} 篇，仅在主题相同时方可提供更多：请核查。",
)
_OFFICER = BilingualText(
    en="More than a reasonable portion: an authorized officer must investigate and declare ({version}) that it cannot "
    "be obtained within a reasonable time at an ordinary commercial price.",
    zh="超出合理部分：须由授权人员调查并声明（{version}）无法在合理时间内以通常商业价格获得。",
)
_OFFICER_DECLARED = BilingualText(
    en="More than a reasonable portion; the authorized officer has declared {version}.",
    zh="超出合理部分；授权人员已作声明 {version}。",
)
_CROWN = BilingualText(
    en="For the services of the Crown (s.183): no limit.", zh="为政府服务而复制（第 183 条）：不设上限。"
)
_DESTROY = BilingualText(
    en="Destroy the copies that arise on the way as soon as practicable.", zh="尽快销毁过程中产生的其他复制件。"
)


class AuConfig(PolicyConfig):
    """Sources: [C51] National Library, [C52]-[C55]."""

    crown: Literal["", "commonwealth", "state"] = ""
    """For libraries of the government with a licence: s.183, no limit [C51]."""

    declaration: str = "au-s49-1"
    """What a reader declares before sending (s.49(1)) [C54]; empty: none is asked for."""

    officer_statement: str = "au-officer-1"
    """What an authorized officer declares beyond a reasonable portion (s.49(5), s.50(7A), (7B)) [C53][C54]."""

    part_share: Share = Fraction(1, 10)
    """A reasonable portion of a work [C51][C52]."""

    one_chapter: bool = True
    """Whether one chapter is a reasonable portion whatever its share [C51][C52]."""

    articles_per_issue: Annotated[int, Field(ge=1, le=100)] = 1
    """Articles of one issue for one reader; more if they have the same subject, which a person must see [C51][C52]."""

    without_reader: Literal["review", "collection"] = "review"
    """collection: what is asked for without a reader is for the library's own collection (s.50(1)) [C51]."""

    reader_code: Code = "AU-CopyrightActS50-1"
    """The code for a reader's request: libraries usually ask each other under s.50 [C51]."""

    officer_code: OfficerCode = "AU-CopyrightActS50-7A"
    """The code where the officer has declared: 7A for works on paper, 7B for electronic ones."""

    commercial: Literal["review", "deny"] = "review"
    """The exception is for research or study [C54]."""

    notice: str = ""
    """A notice for the cover page."""

    legend: str = "au-notice-1"
    """What copies are marked with, beside date and library [C54][C55]."""

    without_flag: Literal["review", "deny"] = "review"
    """Lender: what is done with a request that names no section [C51]."""

    keep_years: Annotated[int, Field(ge=0, le=100)] = 4
    """How long declarations are kept [C55]."""


def decide(request: RequestView, usage: Usage, config: AuConfig) -> Verdict:
    """What s.49, s.50 and s.183 say of one request."""
    ruling = Ruling(request, usage, config)
    exempt = ruling.exempt()
    if exempt:
        return exempt
    if request.purpose == "commercial":
        ruling.say(config.commercial, COMMERCIAL)
    if config.notice:
        ruling.oblige("notice", ruling.text(config.notice))
    if config.legend:
        ruling.oblige("legend", ruling.text(config.legend))
    kept = same_day(usage.today, config.keep_years)
    if request.role == "supplier":
        _lend(ruling, config)
        return ruling.verdict(retention_until=kept)
    if config.crown:
        ruling.say("allow", _CROWN)
        return ruling.verdict(S183[config.crown], kept)
    code = _portion(ruling, config)
    if not request.reader and config.without_reader == "collection":
        return ruling.verdict(code, kept)
    ruling.declare(config.declaration)
    if request.reader:
        _once(ruling, config)
    else:
        ruling.say("review", UNKNOWN_READER)
    return ruling.verdict(code, kept)


def _portion(ruling: Ruling, config: AuConfig) -> str:
    """A reasonable portion, or the officer's declaration; the code to send."""
    wanted = ruling.wanted
    code: str = config.reader_code if ruling.request.reader else "AU-CopyrightActS50-1"
    if wanted.kind == "article":
        ruling.say("allow", _ARTICLE)
    elif wanted.kind == "unknown":
        ruling.say("review", UNKNOWN_KIND)
    elif wanted.kind == "part" and (
        (wanted.chapter and config.one_chapter) or wanted.share is None or wanted.share <= config.part_share
    ):
        ruling.amount(config.part_share, "review", config.one_chapter)
    else:
        code = _officer(ruling, config) or code
    return code


def _officer(ruling: Ruling, config: AuConfig) -> str:
    """Beyond a reasonable portion; the code to send, empty if no officer's declaration is of use."""
    version = config.officer_statement
    if not version:
        ruling.amount(config.part_share, "review", config.one_chapter)
        return ""
    if version in ruling.usage.declarations:
        ruling.say("allow", _OFFICER_DECLARED, version=version)
    else:
        ruling.say("review", _OFFICER, version=version)
        ruling.declare(version)
    return config.officer_code


def _once(ruling: Ruling, config: AuConfig) -> None:
    wanted, reader = ruling.wanted, ruling.request.reader
    if not wanted.item:
        ruling.say("review", UNKNOWN_ITEM)
    else:
        ruling.count(f"au:item:{keys.reader_mark(reader, wanted.item)}", 0, 1, "review", ALREADY)
    if wanted.kind != "article":
        return
    if not wanted.issue:
        ruling.say("review", UNKNOWN_ISSUE)
        return
    key = f"au:issue:{wanted.journal}:{keys.reader_mark(reader, wanted.issue)}"
    ruling.count(key, 0, config.articles_per_issue, "review", _SAME_ISSUE)


def _lend(ruling: Ruling, config: AuConfig) -> None:
    flag = ruling.request.compliance
    if not flag.upper().startswith("AU-"):
        ruling.say(config.without_flag, NO_FLAG)
        return
    ruling.say("allow", PARTNER_HAS_FLAG, flag=flag)
    limited = flag.casefold() in ("au-copyrightacts49", "au-copyrightacts50-1")
    if limited:
        ruling.amount(config.part_share, "review", config.one_chapter)
    if ruling.request.electronic:
        ruling.oblige("destroy", _DESTROY)
