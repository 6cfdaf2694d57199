"""A structured mail → the core's message, where it can mean but one thing; else None, and it is for people. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from illcore.checks import partner_completeness
from illcore.message import Message, OfferedCondition, Signal
from illcore.model import PUBLICATION_TYPES, BilingualText, ServiceType

from ..formats.names import BY_FIELD
from ..formats.reading import Found
from ..formats.sheet import code_in, message_of, midnight
from ..formats.values import date_in, money_in, service_in
from ..tokens import Thread

_SAYS = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("unfilled",
            r"(?:un(?:able to (?:supply|fill|lend)|filled|available)|not (?:held|owned|supplied|"
            r"filled|available|on shelf|found)|"
         r"cannot (?:supply|fill|lend)|will not supply|no(?:t)? holdings|lost|missing|"
         r"non[- ]?circulating|no|n|refused|"
         r"NotHeld|NotOnShelf|无馆藏|未收藏|无法提供|不能提供|不提供)"),
        ("retry",
            r"(?:on loan|in use|checked out|on hold|retry|ask again|at bindery|"
            r"temporarily unavailable|OnLoan|借出|已借出|在借)"),
        ("conditional", r"(?:condition(?:al(?:ly)?|s)?|estimate|library use only|有条件)"),
        ("shipped", r"(?:shipped|sent|loaned|已寄出|已发出)"),
        ("will_supply",
            r"(?:will supply|will send|can supply|in process|being processed|yes|y|ok|accepted|将提供|"
            r"可以提供|同意)"),
    )
)  # fmt: skip
_JOINED = re.compile(r"(?<=[A-Za-z])[-_](?=[A-Za-z])")  # WILL-SUPPLY, as ISO 10160 spells it
_END = re.compile(r"\s*(?:$|[-–:;,.(/，。；：（])")
_YES = re.compile(r"(?:yes|y|ok|oui|approved|granted|renewed|accepted?|agreed?|同意|是|接受|已续借)", re.IGNORECASE)
_NO = re.compile(
    r"(?:no|n|non|not? (?:renewed|renewable|approved|granted|accepted)|denied|refused|"
    r"declined|rejected|不同意|否|不接受|不能续借)",
    re.IGNORECASE,
)
_REASONS = (
    ("NotHeld", r"not (held|owned)|no holdings|无馆藏|未收藏"),
    ("OnLoan", r"on loan|in use|checked out|借出|在借"),
    ("NotOnShelf", r"not on shelf|not found|missing"),
    ("NonCirculating", r"non[- ]?circ|not for loan"),
    ("Lost", r"\blost\b"),
)
_PUBLICATIONS = {"JOURNAL": "Journal", "CONFERENCE": "ConferenceProc", "BOOK CHAPTER": "Chapter", "THESIS": "Thesis"}

_NO_ITEM = BilingualText(
    en="Title or identifier: write the title (TIT), or an ISBN, ISSN, DOI or OCLC number (SBN SSN DOI OCL)",
    zh="题名或标识号：请填写题名（TIT），或 ISBN、ISSN、DOI、OCLC 号（SBN SSN DOI OCL）",
)


@dataclass(slots=True, frozen=True)
class Demand:
    """What a request by mail came to: the message, or what it lacks."""

    message: Message | None
    missing: tuple[BilingualText, ...] = ()


def is_echo(found: Found, library: str, role: str) -> bool:
    """Whether it is our own mail that comes back: we stand in it on the partner's side."""
    if role == "requester" and found.kind == "request":
        return found.first("requesting").casefold() == library.casefold()
    return found.first("supplying" if role == "requester" else "requesting").casefold() == library.casefold()


def meaning(found: Found, thread: Thread, service: ServiceType | None, at: datetime, broker: bool) -> Message | None:
    """The message of a structured reply; None if it says nothing certain, or nothing that this side may say."""
    if is_echo(found, thread.library, thread.role) or found.kind == "request":
        return None
    base = _base(found, thread, at)
    if any(found.first(name) for name in ("status", "action", "signal")):
        stated = "status" if thread.role == "requester" else "action"
        return message_of(found.fields, base) if found.first(stated) else None
    more = _requester_says(found) if thread.role == "supplier" else _supplier_says(found, service, broker)
    if more is None:
        return None
    try:
        return Message.model_validate(base | {"note": found.first("note")} | more)
    except ValidationError:
        return None


def _base(found: Found, thread: Thread, at: datetime) -> dict[str, Any]:
    ours = thread.role == "requester"
    return {
        "kind": "SupplyingAgencyMessage" if ours else "RequestingAgencyMessage",
        "requesting_agency": thread.library if ours else thread.partner,
        "supplying_agency": thread.partner if ours else thread.library,
        "requesting_agency_request_id": thread.number,
        "supplying_agency_request_id": found.first("supplying_number")[:255],
        "timestamp": at,
    }


def _requester_says(found: Found) -> dict[str, Any] | None:
    if found.kind in ("cancel", "renewal"):
        return {"action": "Cancel" if found.kind == "cancel" else "Renew"}
    if found.kind == "conditional" and yes_or_no(_codes(found)) is True:
        return {"action": "Notification", "signal": Signal(name="accept")}
    return None


def _supplier_says(found: Found, service: ServiceType | None, broker: bool) -> dict[str, Any] | None:
    due = {"due_date": midnight(_due(found))}
    if found.kind == "renewal_answer":
        answer = yes_or_no(_codes(found))
        if answer is None:
            return None
        return {"reason": "RenewResponse", "answer": answer} | ({"status": "Loaned", **due} if answer else {})
    if found.kind == "shipped":
        return _shipped(found, service, due)
    if found.kind in ("overdue", "recall"):
        return {"reason": "StatusChange", "status": "Overdue" if found.kind == "overdue" else "Recalled", **due}
    if found.kind == "conditional":
        return _conditions(found)
    if found.kind == "forward" and broker:
        return {"reason": "Notification", "status": "ExpectToSupply"}
    if found.kind not in ("reply", "form"):
        return None
    said = _said(found)
    if said == "shipped":
        return _shipped(found, service, due)
    if said == "conditional":
        return _conditions(found)
    reason = _reason(found)
    if said == "unfilled":
        return {"reason": "StatusChange", "status": "Unfilled", "reason_unfilled": reason}
    if said == "retry":
        after = date_in(found.first("retry_after")) or _due(found)
        return {
            "reason": "StatusChange", "status": "RetryPossible", "reason_retry": reason, "retry_after": midnight(after),
        }  # fmt: skip
    return {"reason": "StatusChange", "status": "WillSupply"} if said == "will_supply" else None


def _shipped(found: Found, service: ServiceType | None, due: dict[str, Any]) -> dict[str, Any] | None:
    sort = service_in(found.first("service")) or service
    if sort not in ("loan", "copy"):
        return None
    url = found.first("url")
    more: dict[str, Any] = {"url": url} if re.fullmatch(r"https?://\S{1,1900}", url) else {}
    if sort == "loan":
        more |= due
    return {"reason": "StatusChange", "status": "Loaned" if sort == "loan" else "CopyCompleted", **more}


def _conditions(found: Found) -> dict[str, Any] | None:
    texts = list(found.all_of("condition")) or ([found.first("note")] if found.first("note") else [])
    cost = money_in(found.first("cost")) or money_in(found.first("max_cost"))
    if not texts and cost is None:
        return None
    conditions = tuple(OfferedCondition(text=text[:2000]) for text in texts[:20])
    if cost:
        conditions = (
            *conditions[:-1],
            OfferedCondition(text=conditions[-1].text if conditions else "", cost=cost),
        )
    return {"reason": "StatusChange", "status": "WillSupply", "conditions": conditions}


def _codes(found: Found) -> list[str]:
    """Where a code may stand: the answer and the reason; lines of the note only if they are nothing but a code."""
    return [*found.all_of("answer", "reason"), *(line for text in found.all_of("note") for line in text.split("\n"))]


def _said(found: Found) -> str:
    for text in found.all_of("answer", "reason"):
        name = _leading(text)
        if name:
            return name
    for text in found.all_of("note"):
        for line in text.split("\n"):
            for name, pattern in _SAYS:
                if pattern.fullmatch(line.strip().rstrip(".。!！")):
                    return name
    return ""


def _leading(text: str) -> str:
    text = _JOINED.sub(" ", text)
    for name, pattern in _SAYS:
        match = pattern.match(text)
        if match and _END.match(text[match.end() :]):
            after = _leading(text[match.end() :].lstrip(" -–:;,./")) if name == "unfilled" else ""
            return "retry" if after == "retry" else name
    return ""


def yes_or_no(texts: Iterable[str]) -> bool | None:
    """The first text that is plainly a yes or a no."""
    for text in texts:
        for answer, pattern in ((False, _NO), (True, _YES)):
            match = pattern.match(text.strip())
            if match and _END.match(text.strip()[match.end() :]):
                return answer
    return None


def _reason(found: Found) -> str:
    text = _JOINED.sub(" ", " ".join(found.all_of("reason", "answer", "note")))
    return next((code for code, words in _REASONS if re.search(words, text, re.IGNORECASE)), "")


def _due(found: Found) -> Any:
    for text in found.all_of("due_date"):
        return date_in(text)
    for text in found.all_of("note", "answer"):
        match = re.search(r"\b(due|until|return by|avant le)\b|应还|到期|归还", text, re.IGNORECASE)
        if match:
            return date_in(text[match.start() :])
    return None


def demand(found: Found, library: str, partner: str, at: datetime, own_number: str) -> Demand:
    """The request that a structured mail asks for; `own_number` where its sender gave it none."""
    service = service_in(found.first("service"))
    number = next(iter(found.all_of("number")), "")[:255] or own_number
    base = {
        "kind": "Request",
        "requesting_agency": partner,
        "supplying_agency": library,
        "requesting_agency_request_id": number,
        "timestamp": at,
    }
    message = message_of(found.fields, base)
    missing: list[BilingualText] = []
    if service is None:
        name = BY_FIELD["service"]
        missing.append(
            BilingualText(
                en=f"{name.en}: write LOAN or COPY ({name.gsm})", zh=f"{name.zh}：请注明借阅或复制（{name.gsm}）"
            )
        )
    if message is not None and message.citation is not None and partner_completeness(message.citation):
        missing.append(_NO_ITEM)
    if message is None and not missing:
        missing.append(BilingualText(en="the request could not be read", zh="申请内容无法识别"))
    if missing or message is None or message.citation is None:
        return Demand(None, tuple(missing))
    given = message.citation.publication_type
    kind = _PUBLICATIONS.get(given.upper()) or code_in(given, PUBLICATION_TYPES) or given
    if kind == "Journal" and message.citation.title_of_component:
        kind = "Article"
    citation = message.citation.model_copy(update={"publication_type": kind})
    return Demand(message.model_copy(update={"citation": citation, "signal": None}))
