"""The fields of a structured mail: GSM tag, labels in English and Chinese, ARTEmail-like keyword, others."""

from typing import NamedTuple


class Name(NamedTuple):
    """How one field is called. `gsm` and `art` are written; all of them, and `others`, are understood."""

    field: str
    gsm: str
    en: str
    zh: str
    art: str
    others: str = ""


NAMES = (
    Name("requesting", "LSB", "Requesting library", "申请馆", "REQLIB", "borrowing library|borrower|请求馆|借入馆"),
    Name("supplying", "LSP", "Supplying library", "供应馆", "SUPLIB", "lending library|lender|提供馆|借出馆"),
    Name("requesting_name", "ORG", "Name of the requesting library", "申请馆名称", "ORG", "organization|organisation"),
    Name(
        "number", "NO.", "Request number", "申请号", "FILEREFNO", "NUM|request no.|request no|ill number|申请编号|编号"
    ),
    Name("supplying_number", "O/A", "Supplier's number", "供应馆编号", "SUPREF", "lender's number"),
    Name("previous", "PRV", "Previous number", "原申请号", "PREVREF"),
    Name("request_type", "RTY", "Request type", "申请类型", "RTYPE"),
    Name("service", "SER", "Service", "服务方式", "SERVICE", "service type|loan or copy|服务|服务类型|申请方式"),
    Name("title", "TIT", "Title", "题名", "TITLE", "book title|journal title|journal|书名|刊名|题名/刊名"),
    Name("author", "AUT", "Author", "作者", "AUTHOR", "authors|著者|责任者"),
    Name("title_of_component", "ART", "Title of article", "篇名", "ARTICLE", "article title|article|篇章题名|论文题名"),
    Name("author_of_component", "ARA", "Author of article", "篇章作者", "ARTAUTHOR", "article author|论文作者"),
    Name("series", "SRS", "Series", "丛书", "SERIES"),
    Name("edition", "EDN", "Edition", "版本", "EDITION", "EDD|版次"),
    Name("publisher", "P/M", "Publisher", "出版者", "PUBLISHER", "出版社"),
    Name("place", "P/L", "Place of publication", "出版地", "PLACE"),
    Name("year", "DAT", "Year", "出版年", "YEAR", "date of publication|publication date|年|年份"),
    Name("volume", "VOL", "Volume", "卷", "VOLUME"),
    Name("issue", "ISS", "Issue", "期", "ISSUE", "number of issue"),
    Name("pages", "PAG", "Pages", "页码", "PAGES", "起止页码"),
    Name("total_pages", "TPG", "Total pages", "总页数", "TOTALPAGES"),
    Name("isbn", "SBN", "ISBN", "ISBN", "ISBN"),
    Name("issn", "SSN", "ISSN", "ISSN", "ISSN"),
    Name("doi", "DOI", "DOI", "DOI", "DOI"),
    Name("pmid", "PMI", "PubMed id", "PMID", "PMID"),
    Name("oclc", "OCL", "OCLC number", "OCLC 号", "OCLC"),
    Name("publication_type", "PUB", "Kind of publication", "文献类型", "PUBTYPE"),
    Name("language", "LNG", "Language", "语种", "LANGUAGE"),
    Name("call_number", "CA#", "Call number", "索书号", "SHELFMARK", "CNO"),
    Name("format", "FMT", "Format", "载体形式", "FORMAT"),
    Name("level", "LEV", "Service level", "服务级别", "LEVEL"),
    Name("needed_by", "N/R", "Needed by", "需用日期", "NEEDBY", "need by|needed before|截止日期"),
    Name("max_cost", "CO$", "Maximum cost", "费用上限", "MAXCOST", "max cost|cost limit"),
    Name("any_edition", "ANY", "Any edition", "任何版本", "ANYEDITION"),
    Name("copyright", "CPR", "Copyright compliance", "版权声明", "COPYRIGHT"),
    Name("delivery", "ADR", "Delivery address", "寄送地址", "DELIVERY", "ship to|address|地址"),
    Name("action", "ACT", "Action", "动作", "ACTION"),
    Name("status", "STA", "Status", "状态", "STATUS"),
    Name("why", "RFM", "Reason for message", "通知事由", "REASONFOR"),
    Name("answer", "ANS", "Answer", "答复", "ANSWER", "REP|RES|reply|result|回复|结果"),
    Name("reason", "RSN", "Reason", "原因", "REASON", "reason for non-supply|未提供原因"),
    Name("due_date", "DUE", "Due date", "应还日期", "DUEDATE", "due|date due|到期日|归还日期"),
    Name("expected", "EXP", "Expected", "预计日期", "EXPECTED"),
    Name("retry_after", "RTA", "Ask again after", "可再次申请日期", "RETRYAFTER"),
    Name("retry_before", "RTB", "Ask again before", "再次申请截止日期", "RETRYBEFORE"),
    Name("condition", "CON", "Condition", "条件", "CONDITION", "conditions"),
    Name("cost", "CST", "Cost", "费用", "COST", "charge"),
    Name("sent_at", "DSH", "Sent on", "寄出日期", "SENT", "date shipped|shipped on|寄送日期"),
    Name("via", "VIA", "Sent by", "寄送方式", "VIA"),
    Name("url", "URL", "Document", "文献网址", "URL", "link"),
    Name("attached", "ATT", "Attached", "附件", "ATTACHED", "attachments"),
    Name("item", "ITM", "Item", "单件", "ITEM"),
    Name("delivered_format", "DFM", "Delivered as", "提供形式", "DELIVEREDAS"),
    Name("return_agency", "RTN", "Return to", "归还至", "RETURNTO"),
    Name("return_to", "RAD", "Return address", "归还地址", "RETURNADDRESS"),
    Name("signal", "SIG", "Signal", "标记", "SIGNAL"),
    Name("last_change", "LCH", "Status since", "状态时间", "SINCE"),
    Name("timestamp", "TIM", "Written", "写于", "WRITTEN"),
    Name("account", "A#C", "Account", "账号", "CUSTOMER", "account number"),
    Name("password", "", "", "", "PASSWORD"),
    Name("note", "NOT", "Note", "备注", "NOTE", "REM|notes|remarks|comments|附注|说明"),
)
BY_FIELD = {name.field: name for name in NAMES}
MULTILINE = frozenset({"delivery", "return_to", "note"})
REPEATED = frozenset({"condition", "item", "delivery"})
CITATION = (
    "title author title_of_component author_of_component series edition publisher place year volume issue pages "
    "total_pages isbn issn doi pmid oclc publication_type language"
).split()

_IGNORED_TAGS = "#UN BIL DDN EDD LCN SRC P/U NTS SRV".split()
GSM_TAGS = {name.gsm: name.field for name in NAMES if name.gsm}
GSM_TAGS |= {
    tag: name.field for name in NAMES for tag in name.others.split("|") if tag and tag.isupper() and tag not in GSM_TAGS
}
GSM_TAGS |= {tag: "" for tag in _IGNORED_TAGS if tag not in GSM_TAGS}
"""Tag → field; tags that stand for nothing here, the reader's name among them, lead to no field."""

LABELS = {
    spelling.casefold(): name.field
    for name in NAMES
    for spelling in (name.en, name.zh, f"{name.en} {name.zh}", *name.others.split("|"))
    if spelling
}
ART_KEYS = {name.art: name.field for name in NAMES if name.art}
