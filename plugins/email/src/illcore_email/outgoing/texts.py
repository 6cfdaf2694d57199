"""The wording of letters in English and Chinese: subject and first sentence of each kind, and the words around them."""

from collections.abc import Mapping

from illcore.model import BilingualText

SUBJECTS: Mapping[str, tuple[str, str]] = {
    "request": ("Interlibrary loan request: $title", "馆际互借申请：$title"),
    "retry_request": ("Interlibrary loan request, asked again: $title", "馆际互借再次申请：$title"),
    "cancel": ("Please cancel our request", "请取消我馆申请"),
    "renewal": ("Renewal request", "续借申请"),
    "accept": ("We accept your conditions", "我馆接受贵馆条件"),
    "received": ("Item received", "文献已收到"),
    "returned": ("Item sent back", "文献已寄还"),
    "forwarded": ("Item forwarded", "文献已转寄"),
    "status_question": ("What is the state of our request?", "请告知申请进展"),
    "resend": ("Please send it again", "请重新提供"),
    "lost": ("Item lost", "文献遗失"),
    "closed": ("Request closed", "申请已关闭"),
    "message": ("Message about an interlibrary loan", "馆际互借留言"),
    "acknowledged": ("Your request has arrived", "贵馆申请已收到"),
    "expected": ("A supplier is expected to answer", "预计可以提供"),
    "will_supply": ("We will supply", "我馆将提供"),
    "conditions": ("We can supply on conditions", "我馆可有条件提供"),
    "retry": ("Not available now", "目前无法提供"),
    "unfilled": ("We cannot supply", "我馆无法提供"),
    "shipped": ("Item sent", "文献已寄出"),
    "copy_sent": ("Copy sent", "复制件已提供"),
    "overdue": ("Overdue: please return", "逾期催还"),
    "recall": ("Recall: please return at once", "提前催还"),
    "renew_yes": ("Renewed", "同意续借"),
    "renew_no": ("Not renewed", "不同意续借"),
    "cancel_yes": ("Your request is cancelled", "贵馆申请已取消"),
    "cancel_no": ("Your request cannot be cancelled", "贵馆申请无法取消"),
    "cancelled": ("Your request is cancelled", "贵馆申请已取消"),
    "completed": ("Item is back with us", "归还文献已收到"),
    "kept": ("Completed, nothing to return", "已办结，无需归还"),
    "status": ("State of your request", "贵馆申请进展"),
    "incomplete": ("Your request lacks something", "贵馆申请信息不全"),
}
LEADS: Mapping[str, tuple[str, str]] = {
    "request": (
        "We ask you for the following item ($service). Could you please supply it, or tell us that you cannot?",
        "我馆拟向贵馆申请以下文献（$service）。请予以提供；如无法提供，请告知我馆。",
    ),
    "retry_request": (
        "We ask you once more for the following item ($service).",
        "我馆再次向贵馆申请以下文献（$service）。",
    ),
    "cancel": ("Please cancel the following request.", "请取消下列申请。"),
    "renewal": ("May we keep the following item longer?", "我馆申请续借下列文献，请予答复。"),
    "accept": ("We accept the conditions that you named.", "我馆接受贵馆提出的条件。"),
    "received": ("The item has reached us. Thank you.", "文献已收到，谢谢。"),
    "returned": ("We have sent the item back to you.", "文献已寄还贵馆。"),
    "forwarded": ("We have forwarded the item.", "文献已转寄。"),
    "status_question": ("Please tell us how the following request stands.", "请告知下列申请的办理情况。"),
    "resend": (
        "What you sent cannot be used: $reason Please send it again.",
        "贵馆提供的文献无法使用：$reason 请重新提供。",
    ),
    "lost": ("We are sorry: the item has been lost.", "很抱歉，该文献已遗失。"),
    "closed": ("We have closed this request.", "我馆已关闭此申请。"),
    "message": ("We write to you about the following request.", "关于下列申请，我馆留言如下。"),
    "acknowledged": ("Your request has reached us; we are working on it.", "贵馆申请已收到，正在办理。"),
    "expected": ("We expect that the item can be supplied.", "预计该文献可以提供。"),
    "will_supply": ("We will supply the item.", "我馆将提供该文献。"),
    "conditions": (
        "We can supply the item on the conditions below. Do you accept them?",
        "我馆可按下列条件提供该文献，请答复是否接受。",
    ),
    "retry": ("We cannot supply the item now; please ask again later.", "目前无法提供该文献，请稍后再次申请。"),
    "unfilled": ("We are sorry that we cannot supply the item.", "很抱歉，我馆无法提供该文献。"),
    "shipped": ("We have sent the item to you. Please return it by the due date.", "文献已寄出，请按期归还。"),
    "copy_sent": ("We have sent the copy to you.", "复制件已提供。"),
    "overdue": ("The item is overdue. Please return it.", "文献已逾期，请尽快归还。"),
    "recall": ("We need the item ourselves. Please return it at once.", "我馆急需该文献，请立即归还。"),
    "renew_yes": ("You may keep the item until the new due date.", "同意续借，请按新的日期归还。"),
    "renew_no": ("The loan cannot be renewed. Please return the item in time.", "不同意续借，请按期归还。"),
    "cancel_yes": ("The request is cancelled as you asked.", "已按贵馆要求取消申请。"),
    "cancel_no": ("The request cannot be cancelled any more.", "该申请已无法取消。"),
    "cancelled": ("The request is cancelled.", "申请已取消。"),
    "completed": ("The item is back with us. Thank you.", "归还的文献已收到，谢谢。"),
    "kept": ("The request is completed; nothing needs to come back.", "该申请已办结，无需归还。"),
    "status": ("This is how your request stands.", "贵馆申请目前情况如下。"),
    "incomplete": (
        "Thank you for your request. Before we can begin we need to know:\n\n$missing\n\n"
        "Please send it again, complete.",
        "贵馆申请已收到，但缺少以下信息，暂时无法办理：\n\n$missing\n\n请补充完整后重新发送。",
    ),
}
GREETING = BilingualText(en="Dear colleagues,", zh="各位同仁：")
CLOSING = BilingualText(en="With kind regards", zh="此致\n敬礼")
HINT = BilingualText(
    en="Please answer to this mail and leave the subject as it is, so that your answer reaches this request.",
    zh="请直接回复本邮件并保留主题，以便系统识别您的答复。",
)
TEXT = "$greeting\n\n$lead\n\n$note\n\n$details\n\n$hint\n\n$closing\n$library"
SERVICES: Mapping[str, tuple[str, str]] = {
    "loan": ("loan", "借阅"),
    "copy": ("copy", "复制"),
    "copy_or_loan": ("copy or loan", "复制或借阅"),
    "": ("loan or copy", "借阅或复制"),
}
HIDDEN_IN_LETTERS = frozenset(
    "timestamp last_change signal action why request_type status requesting_name any_edition answer".split()
)
"""What a system needs and a reader of a letter does not."""
