"""The sentences that checks, reviews and the rota give to people, in English and Chinese, each with a code."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from illcore.model import BilingualText, Money, ServiceType

REVIEW_REASONS: Mapping[str, BilingualText] = {
    "incomplete": BilingualText(en="The citation is incomplete or wrong", zh="著录信息不完整或有误"),
    "invalid_reader": BilingualText(en="The reader may not borrow now", zh="读者目前不能申请"),
    "duplicate": BilingualText(en="The same was asked for before", zh="疑似重复申请"),
    "over_limit": BilingualText(en="The reader has too many open requests", zh="读者未完成的申请已达上限"),
    "locally_held": BilingualText(en="Held in this library", zh="本馆有收藏"),
    "open_access": BilingualText(en="Free on the web", zh="可开放获取"),
    "copyright": BilingualText(en="Copyright needs a decision", zh="版权问题待定"),
    "cost": BilingualText(en="May cost more than allowed", zh="费用可能超出上限"),
    "no_supplier": BilingualText(en="No supplier is left", zh="没有可用的供应馆"),
    "approval": BilingualText(en="Needs approval", zh="需要审批"),
    "booking": BilingualText(en="Needs a booking", zh="需要预约"),
}
"""The reasons of state ``review``, as headings."""

_SENTENCES: Mapping[str, tuple[str, str]] = {
    # copyright
    "ledger_full": (
        "The {limit} copies that may be had of {title} in {year} are taken.",
        "{title} 在 {year} 年的 {limit} 份复制限额已用完。",
    ),
    "ledger_full_for_good": (
        "The {limit} copies that may be had of {title} are taken.",
        "{title} 的 {limit} 份复制限额已用完。",
    ),
    # citation: what is missing
    "item_missing": (
        "Nothing says which item is wanted: give a title or an identifier (ISBN, ISSN, OCLC number, DOI).",
        "没有说明所需文献：请填写题名或标识号（ISBN、ISSN、OCLC 号、DOI）。",
    ),
    "book_missing": (
        "A chapter needs its book: give the book's title or ISBN.",
        "申请章节须说明所在图书：请填写书名或 ISBN。",
    ),
    "chapter_pages_missing": (
        "A chapter needs its pages: give the first and last page.",
        "申请章节须填写起止页码。",
    ),
    "journal_missing": (
        "An article needs its journal: give the journal's title or ISSN, or the article's DOI or PMID.",
        "申请论文须说明所在期刊：请填写刊名或 ISSN，或填写论文的 DOI 或 PMID。",
    ),
    "article_year_missing": (
        "An article needs its year, or else its DOI or PMID.",
        "申请论文须填写出版年，或填写 DOI 或 PMID。",
    ),
    "article_place_missing": (
        "An article needs its volume, issue or pages, or else its DOI or PMID.",
        "申请论文须填写卷、期或页码，或填写 DOI 或 PMID。",
    ),
    "newspaper_missing": (
        "A newspaper needs its title or ISSN.",
        "申请报纸须填写报名或 ISSN。",
    ),
    "newspaper_date_missing": (
        "A newspaper needs its date: give at least the year.",
        "申请报纸须填写日期，至少填写年份。",
    ),
    "journal_volume_missing": (
        "The loan of a journal needs the volume, issue or year that is wanted.",
        "借阅期刊须说明所需的卷、期或年份。",
    ),
    "part_missing": (
        "A copy needs to say of what: give the pages, or the title of the chapter or article.",
        "复制须说明范围：请填写页码，或章节、论文的题名。",
    ),
    "paper_missing": (
        "A conference paper needs its pages or its own title.",
        "申请会议论文须填写页码或论文题名。",
    ),
    "thesis_author_missing": (
        "A thesis needs its author, or else an identifier (ISBN, OCLC number, DOI).",
        "申请学位论文须填写作者，或填写标识号（ISBN、OCLC 号、DOI）。",
    ),
    "composer_missing": (
        "A score needs its composer, or else an identifier (ISBN, OCLC number).",
        "申请乐谱须填写作曲者，或填写标识号（ISBN、OCLC 号）。",
    ),
    "part_on_loan": (
        "An article or chapter cannot be lent: ask for a copy, or for the loan of the whole volume.",
        "论文或章节不能外借：请改为申请复制，或借阅整册。",
    ),
    "partner_item_missing": (
        "The partner's request does not say which item is wanted: ask the partner for a title or an identifier.",
        "对方馆的申请没有说明所需文献：请向对方索取题名或标识号。",
    ),
    # citation: what is wrong
    "isbn_characters": (
        "{value} is not an ISBN: an ISBN has 10 or 13 digits (the last of 10 may be X).",
        "{value} 不是 ISBN：ISBN 由 10 位或 13 位数字组成（10 位时末位可为 X）。",
    ),
    "isbn_length": (
        "{value} is not an ISBN: it has {length} characters, not 10 or 13.",
        "{value} 不是 ISBN：共 {length} 位，应为 10 位或 13 位。",
    ),
    "isbn_prefix": (
        "{value} is not an ISBN: 13 digits must begin with 978 or 979.",
        "{value} 不是 ISBN：13 位的 ISBN 须以 978 或 979 开头。",
    ),
    "isbn_check_digit": (
        "The check digit of ISBN {value} is wrong: look for a mistyped digit.",
        "ISBN {value} 的校验码有误：请核对数字。",
    ),
    "issn_characters": (
        "{value} is not an ISSN: an ISSN has 8 digits (the last may be X).",
        "{value} 不是 ISSN：ISSN 由 8 位数字组成（末位可为 X）。",
    ),
    "issn_length": (
        "{value} is not an ISSN: it has {length} characters, not 8.",
        "{value} 不是 ISSN：共 {length} 位，应为 8 位。",
    ),
    "issn_check_digit": (
        "The check digit of ISSN {value} is wrong: look for a mistyped digit.",
        "ISSN {value} 的校验码有误：请核对数字。",
    ),
    "doi_form": (
        "{value} is not a DOI: a DOI looks like 10.1000/182.",
        "{value} 不是 DOI：DOI 形如 10.1000/182。",
    ),
    "pmid_form": (
        "{value} is not a PubMed number: a PMID has 1 to 8 digits.",
        "{value} 不是 PMID：PMID 由 1 至 8 位数字组成。",
    ),
    "oclc_form": (
        "{value} is not an OCLC number: it has digits only.",
        "{value} 不是 OCLC 号：OCLC 号只含数字。",
    ),
    "year_form": (
        "{value} is not a year: write it with four digits.",
        "{value} 不是年份：请用四位数字填写。",
    ),
    "year_future": (
        "The year {value} lies in the future: look for a mistyped digit.",
        "年份 {value} 尚未到来：请核对数字。",
    ),
    "needed_by_past": (
        "The date by which it is needed, {value}, is past: give a later one or none.",
        "需用日期 {value} 已过：请改为较晚的日期或留空。",
    ),
    # other checks
    "reader_blocked": ("The library system says of the reader: {why}.", "图书馆系统提示该读者：{why}。"),
    "duplicate_of": (
        "The same seems to be asked for already in {ids}.",
        "似与已有申请重复：{ids}。",
    ),
    "over_limit": (
        "The reader has {open} open requests; the limit is {limit}.",
        "该读者有 {open} 项未完成的申请，上限为 {limit} 项。",
    ),
    "locally_held": ("This library holds it: {where}.", "本馆有收藏：{where}。"),
    "cost_over": (
        "The request allows up to {cost}, more than the library's limit of {limit}.",
        "申请允许的费用 {cost} 超过本馆上限 {limit}。",
    ),
    "cost_currency": (
        "The request allows up to {cost}, the library's limit is {limit}: two currencies, so a person must compare.",
        "申请允许的费用为 {cost}，本馆上限为 {limit}，币种不同，需人工比较。",
    ),
    "approval_all": ("Every request needs approval here.", "本馆所有申请均需审批。"),
    "approval_service": ("Requests for {service} need approval here.", "本馆的{service}申请需审批。"),
    "approval_category": (
        "Requests of readers in category {category} need approval here.",
        "读者类别“{category}”的申请需审批。",
    ),
    "approval_cost": (
        "Requests that may cost more than {limit} need approval; this one allows {cost}.",
        "费用可能超过 {limit} 的申请需审批；本申请允许 {cost}。",
    ),
    "approval_currency": (
        "Requests that may cost more than {limit} need approval; this one allows {cost}, in another currency.",
        "费用可能超过 {limit} 的申请需审批；本申请允许 {cost}，币种不同。",
    ),
    # rota: why a supplier is asked
    "named": ("Named in the request as number {position}.", "申请中指定，第 {position} 位。"),
    # rota: why a supplier is left out
    "own_library": ("This is the library itself.", "这是本馆。"),
    "unknown_partner": (
        "Named in the request but not among the partners: add it with ill partners add.",
        "申请中指定，但不在合作馆名单中：请用 ill partners add 添加。",
    ),
    "prospect": ("Only a prospect so far: no agreement yet.", "尚为意向合作馆：还没有协议。"),
    "suspended": ("Suspended.", "合作已暂停。"),
    "ended": ("The partnership has ended.", "合作已终止。"),
    "agreement_over": ("The agreement ended on {day}.", "协议已于 {day} 到期。"),
    "service_not_offered": ("Does not offer {service}.", "不提供{service}。"),
    "no_account": (
        "No account leads to it: set the partner's account.",
        "没有通往该馆的账号：请为合作馆设置账号。",
    ),
    "too_dear": (
        "Charges {cost}; the request allows {limit}.",
        "收费 {cost}，超出申请允许的 {limit}。",
    ),
    "not_loanable": ("Holds it but does not lend it.", "有收藏，但不外借。"),
    "not_copyable": ("Holds it but makes no copies of it.", "有收藏，但不提供复制。"),
    "licence_forbids": (
        "Holds it online, but its licence forbids interlibrary loan.",
        "有电子版，但许可协议禁止馆际互借。",
    ),
    "licence_paper_only": (
        "Holds it online, but its licence permits copies on paper only; a file is wanted.",
        "有电子版，但许可协议仅允许提供纸本复制件，而申请要求电子版。",
    ),
    "licence_paper_sends_files": (
        "Holds it online, but its licence permits copies on paper only, and it delivers files only.",
        "有电子版，但许可协议仅允许提供纸本复制件，而该馆只提供电子版。",
    ),
    "copies_as_files_only": (
        "May send copies of it as files only; paper is wanted, or all that it delivers.",
        "仅可提供其电子复制件，而申请要求纸本，或该馆只提供纸本。",
    ),
    "paper_only": ("Delivers on paper only; a file is wanted.", "只提供纸本，而申请要求电子版。"),
    "files_only": ("Delivers files only; paper is wanted.", "只提供电子版，而申请要求纸本。"),
    "holds_online_only": ("Holds it online only; paper is wanted.", "只有电子版，而申请要求纸本。"),
    "holds_on_paper_only": ("Holds it on paper only; an online loan is wanted.", "只有纸本，而申请要求在线借阅。"),
    "not_found": (
        "No catalogue says that it holds it, and policy asks nobody else.",
        "目录中未见该馆收藏，按本馆规定不予询问。",
    ),
    "closed_until": ("Closed until {day} ({why}).", "闭馆至 {day}（{why}）。"),
    "closed": ("Closed ({why}).", "闭馆（{why}）。"),
    "calendar_wrong": ("Its calendar is wrong: {why}", "其工作日历有误：{why}"),
}

_PHRASES: Mapping[str, tuple[str, str]] = {
    # where a supplier stands in the rota
    "named": ("named in the request", "申请中已指定"),
    "holds_available": ("holds it, and it is available", "有收藏且可用"),
    "holds": ("holds it, perhaps available", "有收藏，是否可用不详"),
    "holds_unavailable": ("holds it, but it is not available now, so it comes last", "有收藏但目前不可用，排在最后"),
    "open": ("offers {service}", "提供{service}"),
    "not_known_to_hold": ("not known to hold it", "是否有收藏未知"),
    "asks_on": ("a broker, which finds suppliers itself", "代理机构，自行查找提供馆"),
    "last_resort": ("a lender of last resort", "最后求助的提供馆"),
    # what to expect of it
    "expected": (
        "likely to fill {chance} % of such requests, {days} days a try ({tries} known)",
        "预计满足率 {chance} %，每次约 {days} 天（已知 {tries} 次）",
    ),
    "newcomer": (
        "not asked for such before, so taken as an average partner ({chance} %, {days} days a try)",
        "此类申请尚无往来，按平均水平估计（{chance} %，每次约 {days} 天）",
    ),
    # what else counted
    "charges": ("charges {cost}", "收费 {cost}"),
    "preference": ("rank {rank}", "优先级 {rank}"),
    "they_lent_more": ("lent us more than we lent it", "借给本馆多于本馆借给它"),
    "we_lent_more": ("borrowed from us more than it lent us", "向本馆借得多于借给本馆"),
}
"""Parts of a sentence about a supplier, joined by ``told``."""

_WORDS: Mapping[str, str] = {
    "loans": "外借",
    "copies": "复制",
    "loans or copies": "外借或复制",
    "loans and copies": "外借和复制",
    "no reason given": "未说明原因",
}
"""Words that stand in sentences as values and have a Chinese form of their own."""

SERVICE_WORDS: Mapping[ServiceType, str] = {"loan": "loans", "copy": "copies", "copy_or_loan": "loans or copies"}
"""A service type as it stands in a sentence."""

CODES = frozenset(_SENTENCES)


def money(value: Money) -> str:
    """An amount as people read it: ``CNY 12.50``."""
    return f"{value.currency} {value.amount}"


def sentence(code: str, **values: object) -> BilingualText:
    """The sentence of that code with its values filled in. Raises KeyError for a code or value that is missing."""
    english, chinese = _SENTENCES[code]
    texts = {name: str(value) for name, value in values.items()}
    return BilingualText(
        en=english.format_map(texts),
        zh=chinese.format_map({name: _WORDS.get(value, value) for name, value in texts.items()}),
    )


def english(code: str, **values: object) -> str:
    """Only the English of a sentence, for texts that are stored in English."""
    return _SENTENCES[code][0].format_map(values)


def phrase(code: str, **values: object) -> str:
    """A part of a sentence, in English."""
    return _PHRASES[code][0].format_map(values)


def told(phrases: Iterable[str]) -> str:
    """Phrases as one English sentence."""
    text = "; ".join(phrases)
    return f"{text[:1].upper()}{text[1:]}."


def joined(texts: list[BilingualText]) -> BilingualText:
    """Several sentences as one text."""
    return BilingualText(en=" ".join(text.en for text in texts), zh="".join(text.zh for text in texts))


def in_chinese(english: str) -> str:
    """The Chinese of a sentence made here, found by its English as gettext does; any other text comes back as it is.

    For texts that are stored in English only, such as ``why`` and ``skip`` of a rota. Of several sentences and phrases
    joined by semicolons those are translated that were made here.
    """
    whole = _translated(english, _patterns())
    if whole is not None:
        return whole
    parts = english.removesuffix(".").split("; ")
    known = [_part_in_chinese(part) for part in parts]
    if not any(zh for _, zh in known):
        return english
    text = "；".join((zh or part).removesuffix("。") for part, zh in known)
    return f"{text}。" if known[-1][1] else text


def _part_in_chinese(part: str) -> tuple[str, str | None]:
    lower = f"{part[:1].lower()}{part[1:]}"
    return part, _translated(lower, _phrase_patterns()) or _translated(part, _patterns())


def _translated(text: str, patterns: tuple[tuple[re.Pattern[str], str], ...]) -> str | None:
    for pattern, chinese in patterns:
        found = pattern.fullmatch(text)
        if found:
            return chinese.format_map({name: _WORDS.get(value, value) for name, value in found.groupdict().items()})
    return None


@lru_cache(maxsize=1)
def _phrase_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(english), chinese) for english, chinese in _PHRASES.values())


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Longest sentence first, so that a general one never takes what a special one means."""
    by_length = sorted(_SENTENCES.values(), key=lambda pair: -len(pair[0]))
    return tuple((_pattern(english), chinese) for english, chinese in by_length)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    literal = [re.escape(text) for text in parts[::2]]
    names = [f"(?P<{name}>.+?)" for name in parts[1::2]]
    return re.compile("".join(a + b for a, b in zip(literal, [*names, ""], strict=True)), re.DOTALL)
