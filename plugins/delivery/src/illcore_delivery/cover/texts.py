"""What the cover page says by itself, in English and Chinese; the law's own words come with the verdict."""

from collections.abc import Mapping

from illcore.model import BilingualText

TEXTS: Mapping[str, BilingualText] = {
    "head": BilingualText(en="Document delivered through interlibrary loan", zh="馆际互借与文献传递"),
    "library": BilingualText(en="Library", zh="图书馆"),
    "partner": BilingualText(en="Together with", zh="合作馆"),
    "request": BilingualText(en="Request", zh="申请号"),
    "title": BilingualText(en="Title", zh="题名"),
    "date": BilingualText(en="Date", zh="日期"),
    "notice": BilingualText(
        en="This copy may be protected by copyright. It is supplied for research or private study only.",
        zh="本复制件可能受著作权保护，仅供个人学习、研究使用。",
    ),
    "notices": BilingualText(en="Notice", zh="声明"),
    "print_once": BilingualText(
        en="You may print one copy. Do not copy it in any other way.", zh="本文献仅可打印一份，不得以其他方式复制。"
    ),
    "no_forwarding": BilingualText(
        en="For your own use. Do not pass this document or its link on to anybody.",
        zh="仅供本人使用，不得将本文献或其链接转给他人。",
    ),
    "paper_only": BilingualText(
        en="This copy is handed over on paper; no file may be passed on.", zh="本复制件仅以纸本提供，不得传递电子文件。"
    ),
    "print_and_destroy": BilingualText(
        en="This copy is handed over on paper; the file is deleted once it is printed.",
        zh="本复制件以纸本提供，打印后即删除电子文件。",
    ),
}


def both(code: str) -> str:
    """A label in both languages on one line."""
    return f"{TEXTS[code].en} {TEXTS[code].zh}"
