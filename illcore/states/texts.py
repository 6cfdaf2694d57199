"""What people read for a state, in English and Chinese."""

from illcore.model import BilingualText, Role


def _t(en: str, zh: str) -> BilingualText:
    return BilingualText(en=en, zh=zh)


STATE_TEXTS: dict[Role, dict[str, BilingualText]] = {
    "requester": {
        "new": _t("New", "新申请"),
        "review": _t("Needs review", "待审核"),
        "queued": _t("Waiting for a free place", "排队等候"),
        "locating": _t("Finding a supplier", "查找提供馆"),
        "local_supply": _t("Supplied from our own collection", "本馆提供"),
        "sent": _t("Sent to the supplier", "已发送"),
        "will_supply": _t("Supplier will supply", "对方同意提供"),
        "conditional": _t("Supplier sets conditions", "有条件提供"),
        "retry_offered": _t("Supplier asks to try again", "建议稍后重试"),
        "cancel_pending": _t("Cancel asked", "取消待确认"),
        "shipped": _t("On its way", "已寄出"),
        "received": _t("Received", "已收到"),
        "on_loan": _t("With the reader", "已借给读者"),
        "renew_pending": _t("Renewal asked", "续借待确认"),
        "overdue": _t("Overdue", "逾期"),
        "recalled": _t("Recalled", "被催还"),
        "returned": _t("Returned by the reader", "读者已还"),
        "return_shipped": _t("On its way back", "已寄还"),
        "lost": _t("Lost", "丢失"),
        "completed": _t("Completed", "已完成"),
        "unfilled": _t("Not filled", "未满足"),
        "cancelled": _t("Cancelled", "已取消"),
        "closed": _t("Closed", "已关闭"),
    },
    "supplier": {
        "new": _t("New request", "新请求"),
        "review": _t("Needs review", "待审核"),
        "will_supply": _t("We will supply", "同意提供"),
        "picking": _t("Being fetched from the shelf", "取书中"),
        "conditional": _t("Conditions offered", "已提条件"),
        "retry_asked": _t("Asked to try again", "已请对方重试"),
        "cancel_requested": _t("Partner asks to cancel", "对方要求取消"),
        "shipped": _t("Sent", "已寄出"),
        "received": _t("Received by the partner", "对方已收到"),
        "renew_requested": _t("Partner asks to renew", "对方要求续借"),
        "overdue": _t("Overdue", "逾期"),
        "recalled": _t("Recalled", "已催还"),
        "return_shipped": _t("On its way back", "归还途中"),
        "lost": _t("Lost", "丢失"),
        "completed": _t("Completed", "已完成"),
        "unfilled": _t("Not supplied", "未提供"),
        "cancelled": _t("Cancelled", "已取消"),
        "closed": _t("Closed", "已关闭"),
    },
}
