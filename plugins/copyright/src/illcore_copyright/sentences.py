"""The sentences that several policies give as reasons, in English and Chinese."""

from __future__ import annotations

from illcore.model import BilingualText

LOAN = BilingualText(
    en="The loan of the item itself is no copy; copyright sets no limit here.",
    zh="外借原件不属于复制，不受版权限制。",
)
OPEN_ACCESS = BilingualText(
    en="It is free on the web: use that copy; nothing is counted.",
    zh="可在网上免费获取：请使用该版本，不计数。",
)
DECLARATION = BilingualText(
    en="The reader must accept the declaration {version} before the request is sent: ask for it and record it.",
    zh="发送申请前须由读者确认声明 {version}：请向读者索取并登记。",
)
UNKNOWN_KIND = BilingualText(
    en="It cannot be told whether an article, part of a work or a whole work is wanted: "
    "give the publication type and the pages.",
    zh="无法判断需要的是论文、部分章节还是整部作品：请补充文献类型和页码。",
)
UNKNOWN_JOURNAL = BilingualText(
    en="The periodical is not named, so its copies cannot be counted: give its title or ISSN.",
    zh="未注明期刊，无法计数：请补充刊名或 ISSN。",
)
UNKNOWN_ISSUE = BilingualText(
    en="The issue is not named, so the articles from it cannot be counted: give the issue, or the month.",
    zh="未注明期号，无法按期计数：请补充期号或月份。",
)
UNKNOWN_WORK = BilingualText(
    en="The work is not identified, so its copies cannot be counted: give its title or ISBN.",
    zh="未注明作品，无法计数：请补充书名或 ISBN。",
)
UNKNOWN_ITEM = BilingualText(
    en="It cannot be told which article or pages are wanted: give the title of the part or its pages.",
    zh="无法判断需要哪篇文章或哪些页：请补充篇名或页码。",
)
UNKNOWN_SHARE = BilingualText(
    en="What share of the work is wanted cannot be told: give the first and last page, and how many pages it has.",
    zh="无法判断所需部分占全书的比例：请补充起止页码和总页数。",
)
UNKNOWN_READER = BilingualText(
    en="No reader is named, so copies for one reader cannot be counted.",
    zh="未注明读者，无法按读者计数。",
)
OVER_SHARE = BilingualText(
    en="{pages} of {total} pages are {share} of the work, more than {limit}: ask for less, borrow it or get leave.",
    zh="所需 {pages} 页占全书 {total} 页的 {share}，超过 {limit}：请减少页数、改为借阅或取得许可。",
)
WITHIN_SHARE = BilingualText(
    en="{pages} of {total} pages are {share} of the work, not more than {limit}.",
    zh="所需 {pages} 页占全书 {total} 页的 {share}，未超过 {limit}。",
)
ONE_CHAPTER = BilingualText(en="One chapter of a work.", zh="一部作品中的一章。")
WHOLE = BilingualText(
    en="A whole work or issue is wanted: borrow it, or find out whether it can be bought or permission be had.",
    zh="申请复制整部作品或整期：请改为借阅，或查明能否购买、取得许可。",
)
COMMERCIAL = BilingualText(
    en="It is wanted for a commercial purpose, which this exception does not cover.",
    zh="用于商业目的，不适用该例外。",
)
ALREADY = BilingualText(
    en="This reader was supplied with the same before.",
    zh="该读者此前已获得同一内容的复制件。",
)
PARTNER_HAS_FLAG = BilingualText(
    en="The partner states that it may have the copy ({flag}).",
    zh="对方馆声明其可获得该复制件（{flag}）。",
)
NO_FLAG = BilingualText(
    en="The partner does not state on what ground it may have the copy: ask it for its statement.",
    zh="对方馆未声明依据何种规定获得复制件：请向对方索取声明。",
)
