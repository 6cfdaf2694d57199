"""What stands on paper, in English and Chinese; a slip shows both."""

from collections.abc import Mapping

from illcore.model import BilingualText

TEXTS: Mapping[str, tuple[str, str]] = {
    "pull": ("Pull slip", "索书单"),
    "straps": ("Interlibrary loan", "馆际互借"),
    "labels": ("To", "收件"),
    "returns": ("Return to", "归还至"),
    "from": ("From", "寄件"),
    "location": ("Location", "馆藏地"),
    "call_number": ("Call number", "索书号"),
    "barcode": ("Barcode", "条码"),
    "volume": ("Volume", "卷册"),
    "title": ("Title", "题名"),
    "author": ("Author", "责任者"),
    "article": ("Article", "篇名"),
    "issue": ("Issue", "卷期"),
    "pages": ("Pages", "页码"),
    "edition": ("Edition", "版本"),
    "for": ("For", "申请馆"),
    "of": ("Belongs to", "所属馆"),
    "service": ("Service", "服务"),
    "needed_by": ("Needed by", "需用日期"),
    "due": ("Due", "归还日期"),
    "pickup": ("Pick-up", "取书地点"),
    "their_number": ("Their number", "对方编号"),
    "item": ("Item", "件"),
    "loan": ("loan", "借阅"),
    "copy": ("copy", "复制"),
    "copy_or_loan": ("copy or loan", "复制或借阅"),
    "urgent": ("URGENT", "急件"),
    "conditions": ("Conditions", "条件"),
    "please": (
        "Please leave this strap on the book and return both to the library.",
        "请勿取下书腰，归还时请连同本书腰一并交回图书馆。",
    ),
    "no_address": ("(no postal address is recorded)", "（未登记邮寄地址）"),
}


def text(code: str) -> BilingualText:
    """A text in both languages."""
    en, zh = TEXTS[code]
    return BilingualText(en=en, zh=zh)


def both(code: str) -> str:
    """A label as it stands on paper: ``Call number 索书号``."""
    en, zh = TEXTS[code]
    return f"{en} {zh}"


def names(name: BilingualText, otherwise: str = "") -> str:
    """A name in both languages on one line, or what stands for it where there is none."""
    return " ".join(part for part in (name.zh, name.en) if part) or otherwise
