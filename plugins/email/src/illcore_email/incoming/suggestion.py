"""What a free text seems to say: a `record` for staff to confirm, in English and Chinese. Pure.

Never applied by itself. The first rule that fits wins; rules that say no stand before those that say yes.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from illcore.model import Role, ServiceType

from ..formats.values import date_in, money_in

_SHIPPED = "shipped"
_SUPPLIER_SAID = (
    ("cancel_refused", r"(cannot|can't|can not|unable to|too late to) (be )?cancel|无法取消|不能取消"),
    (
        "renew_refused",
        r"(cannot|can't|can not|unable to) (be )?renew|no renewal|not renewable|(不能|无法|不予|不可|不同意)续借",
    ),
    (
        "renewed",
        r"\brenewed\b|renewal (is )?(granted|approved)|extended (until|to)|续借(成功|至|到)|(同意|"
        r"已|准予)续借|已延期",
    ),
    (
        "retry",
        r"on loan|checked out|\bin use\b|lent out|borrowed by|out until|已?(被)?借出|在借|外借中|"
        r"被借|预约中|暂(时)?不可",
    ),
    (
        "unfilled",
        r"not (held|owned)|do(es)? not (own|hold|have)|don't (own|hold|have)|not (in|"
        r"part of) (our|the) (collection|stock|holdings)|"
        r"no holdings?|(unable|not able) to (supply|fill|lend|provide|locate|find)|(cannot|can't|"
        r"can not) (supply|fill|lend|provide|"
        r"locate|find)|not available|missing from|not on (the )?shelf|non[- ]?circulating|无(此|"
        r"该)?馆藏|未(收藏|入藏|订购)|没有(收藏|馆藏|此书|该书|这本|订)|"
        r"(无法|不能)(提供|外借|借出|满足|复制)|不(提供)?外借|查无|缺藏|馆内无|找不到",
    ),
    (
        "conditions",
        r"library use only|in[- ]library use|use in (the )?library|no copying|on condition|"
        r"仅限?馆内|限馆内|不得复制|需(要)?(支付|付费|收费|缴)|收费",
    ),
    ("recalled", r"\brecall|please return (it )?(at once|immediately)|催还|召回|立即归还|尽快归还"),
    ("overdue", r"\boverdue\b|超期|逾期"),
    (
        "completed",
        r"(item|book|loan|it) (has been |was |is )?(returned|back)|received (the |your )?(item |"
        r"book )?(back|return)|归还.{0,6}收(到|讫)|收到.{0,8}(归还|还回|寄回)|已还回",
    ),
    ("cancelled", r"(has been |is |was )cancel|cancell?ed as|已取消|同意取消|取消成功"),
    (
        "supplied",
        r"attached|see (the )?attach|please find|\bpdf\b|scan (is|was|has)|随信附|附件|已扫描|"
        r"扫描件|全文(已|见|如)|(已|现)(发送|传)(全文|文献|原文|至)",
    ),
    (
        "later",
        r"(will|shall|going to) (be )?(sent|send|ship|mail|post)|(将|会|准备)(于|在)?.{0,10}(寄|"
        r"邮|发)|尽快(寄|邮|发)",
    ),
    (
        _SHIPPED,
        r"\b(sent|shipped|mailed|posted|dispatched)\b|in the (mail|post)|on its way|(已|于.{0,12}|"
        r"今天|今日|昨天|昨日|刚)(经)?(寄|邮寄|邮|发|寄送|快递)(出|送|走|了|给)|"
        r"已寄|已邮寄|已发货|已快递|寄出了|快递单号|挂号",
    ),
    (
        "will_supply",
        r"(will|can|able to|happy to) (be )?(supply|supplied|lend|provide|fill)|(可以|能够|同意|"
        r"愿意|将)(提供|外借|借出|借给)|正在(办理|查找|处理)",
    ),
)
_REQUESTER_SAID = (
    (
        "delivery_rejected",
        r"illegible|unreadable|missing pages?|wrong (article|pages?|item)|re-?send|"
        r"send (it )?again|缺(第|页)|看不清|不清晰|不完整|错(误|页)|重新?(发|扫|提供)",
    ),
    ("conditions_rejected", r"(do not|don't|cannot|can't) (accept|agree)|(不|无法)(接受|同意)"),
    ("conditions_accepted", r"(we |i )?(accept|agree)|接受|同意"),
    ("lost", r"\blost\b|cannot find|丢失|遗失|找不到"),
    ("cancel_asked", r"\bcancel|no longer (need|want|require)|取消|不(再)?需要"),
    ("renew_asked", r"\brenew|extend|longer|续借|延期|延长"),
    (
        "return_shipped",
        r"(sent|mailed|posted|shipped) (it )?back|\breturned\b|in the (mail|post)|已(寄还|寄回|"
        r"归还|还书|退还)|寄还|寄回",
    ),
    ("received", r"\b(received|arrived)\b|已?收到|收讫|已到"),
)
_RULES: Mapping[Role, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "requester": tuple((what, re.compile(words, re.IGNORECASE)) for what, words in _SUPPLIER_SAID),
    "supplier": tuple((what, re.compile(words, re.IGNORECASE)) for what, words in _REQUESTER_SAID),
}
_NEGATED_SENT = re.compile(
    r"\b(not|never|haven't|hasn't)( yet)?( been)? (sent|shipped|mailed|posted)|(尚未|还没|没有|未)(寄|发|邮)", re.I
)
_DUE = re.compile(r"(due( back| date)?|return(ed)? by|until|归还(日期|期限)?|应还|到期|还书|至|截止)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"'）)]{4,1900}")
_NEEDS_DATE = {"renewed", _SHIPPED, "recalled", "overdue"}
LONGEST = 4000


def suggest(text: str, role: Role, service: ServiceType | None, today: date, attached: bool = False) -> dict[str, Any]:
    """`{"what": …, "due_date": …}` as `ill act ID record` takes it; empty if the text says nothing that is known.

    `role` is ours: the partner's words mean other things from a supplier than from a requester.
    """
    words = text[:LONGEST]
    what = next((name for name, rule in _RULES[role] if rule.search(words)), "")
    if what == _SHIPPED and _NEGATED_SENT.search(words):
        what = ""
    if what == "later":
        what = "will_supply"
    if role == "requester" and service == "copy" and (what == _SHIPPED or (not what and attached)):
        what = "supplied"
    if what == "supplied" and service == "loan":
        what = ""
    if not what:
        return {}
    found: dict[str, Any] = {"what": what}
    day = date_in(_after_due(words), today)
    if day and what in _NEEDS_DATE:
        found["due_date"] = day.isoformat()
    elif day and what == "retry":
        found["retry_after"] = day.isoformat()
    cost = money_in(words)
    if cost and what in ("conditions", "supplied", _SHIPPED):
        found["cost"] = f"{cost.amount} {cost.currency}"
    if what == "conditions":
        found["text"] = " ".join(words.split())[:300]
    if what == "supplied":
        url = _URL.search(words)
        found |= {"url": url[0]} if url else {}
    return found


def _after_due(words: str) -> str:
    match = _DUE.search(words)
    return words[match.start() :] if match else words
