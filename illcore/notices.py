"""The texts of notices to readers and staff, in English and Chinese; the subject names the title, never the reader."""

from illcore.policy import Library
from illcore.request import Request

_TEXTS: dict[str, tuple[str, str]] = {
    "shipped": ("is on its way to the library", "已由对方图书馆寄出"),
    "arrived": ("has arrived and waits for you", "已到馆，请来取"),
    "delivered": ("has been delivered to you", "已交付给您"),
    "unfilled": ("could not be obtained", "未能获取"),
    "queued": ("waits until one of your other requests has ended", "正在排队，待您其他申请结束后处理"),
    "conditions": ("is offered under conditions", "对方提出了提供条件"),
    "cancel_refused": ("can no longer be cancelled", "已无法取消"),
    "overdue": ("is overdue; please bring it back", "已逾期，请尽快归还"),
    "recalled": ("has been recalled by its owner; please bring it back now", "被所有馆催还，请立即归还"),
    "due_soon": ("is due soon", "即将到期"),
    "renewed": ("has been renewed", "已续借"),
    "renewal_refused": ("could not be renewed", "续借未获同意"),
    "not_collected": ("still waits for you at the library", "仍在馆内等您来取"),
    "review": ("needs a decision", "需要处理"),
    "new_request": ("was asked for by a partner", "有新的借出请求"),
    "cancel_requested": ("is no longer wanted by the partner, who asks to cancel", "对方要求取消"),
    "renewal_asked": ("is to be renewed, the partner asks", "对方要求续借"),
    "online_here": ("is online here; the link stands with your request", "本馆有电子版，链接见您的申请"),
    "supplied_locally": ("can be supplied from our own collection", "可由本馆提供"),
    "needed_by_passed": ("is later than the reader needed it", "已超过读者需要的日期"),
}


def notice_text(code: str, request: Request, library: Library, language: str) -> tuple[str, str]:
    """Subject and body of a notice in that language; an unknown code names itself."""
    en, zh = _TEXTS.get(code, (code.replace("_", " "), code))
    title = request.citation.title_of_component or request.citation.title or request.id
    due = request.due_date.isoformat() if request.due_date else ""
    if language.startswith("zh"):
        lines = [f"《{title}》{zh}。", f"应还日期：{due}" if due else "", f"申请号：{request.id}", library.name_zh]
        return f"馆际互借：《{title}》{zh}", "\n".join(line for line in lines if line)
    lines = [f"“{title}” {en}.", f"Due back: {due}" if due else "", f"Request: {request.id}", library.name_en]
    return f"Interlibrary loan: “{title}” {en}", "\n".join(line for line in lines if line)
