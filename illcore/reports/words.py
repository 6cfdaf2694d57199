"""What the figures of a report are called and what they are made of, in English and Chinese."""

from collections.abc import Mapping

from illcore.model import BilingualText

T = BilingualText

ROLES: Mapping[str, BilingualText] = {
    "requester": T(en="Borrowing", zh="借入（申请方）"),
    "supplier": T(en="Lending", zh="借出（提供方）"),
}
CLASSES: Mapping[str, BilingualText] = {
    "total": T(en="All", zh="总数"),
    "filled": T(en="Filled", zh="满足"),
    "supplied": T(en="Supplied", zh="已提供"),
    "unfilled": T(en="Not filled", zh="未满足"),
    "expired": T(en="Expired", zh="逾期失效"),
    "no_response": T(en="No response", zh="无回应"),
    "cancelled": T(en="Cancelled", zh="已取消"),
    "retried": T(en="Asked again", zh="再次申请"),
    "other": T(en="Other", zh="其他"),
    "open": T(en="Open", zh="未结"),
}
SPANS: Mapping[str, BilingualText] = {
    "submitted_sent": T(en="Submitted → sent", zh="提交 → 发出"),
    "sent_answered": T(en="Sent → first response", zh="发出 → 首次回应"),
    "sent_shipped": T(en="Sent → shipped", zh="发出 → 寄出"),
    "shipped_received": T(en="Shipped → received", zh="寄出 → 收到"),
    "submitted_received": T(en="Submitted → received", zh="提交 → 收到"),
    "submitted_answered": T(en="Asked → first response", zh="收到申请 → 首次回应"),
    "submitted_shipped": T(en="Asked → shipped", zh="收到申请 → 寄出"),
    "attempt_answered": T(en="One supplier asked → its first response", zh="单次申请 → 该馆首次回应"),
}
RATES: Mapping[str, BilingualText] = {
    "fill_rate": T(en="Fill rate", zh="满足率"),
    "fill_rate_with_cancelled": T(en="Fill rate, cancelled counted", zh="满足率（含取消）"),
    "fill_rate_from_partners": T(en="Fill rate, partners only", zh="满足率（仅外馆）"),
    "attempt_fill_rate": T(en="Fill rate per attempt", zh="单次申请满足率"),
    "attempt_fill_rate_with_cancelled": T(en="Fill rate per attempt, cancelled counted", zh="单次申请满足率（含取消）"),
}
LISTS: Mapping[str, BilingualText] = {
    "service_types": T(en="By service type", zh="按服务类型"),
    "publication_types": T(en="By document type", zh="按文献类型"),
    "reasons": T(en="Reasons for no", zh="未提供的原因"),
    "times": T(en="Times", zh="用时"),
    "basis": T(en="Counted", zh="统计范围"),
    "partner": T(en="By partner", zh="按合作馆"),
    "month": T(en="By month", zh="按月"),
    "service_type": T(en="By service type", zh="按服务类型"),
    "publication_type": T(en="By document type", zh="按文献类型"),
    "category": T(en="By readers' category", zh="按读者类别"),
    "department": T(en="By readers' department", zh="按读者院系"),
    "hidden": T(en="Hidden", zh="隐去"),
    "": T(en="(not given)", zh="（未注明）"),
}
KEYS: Mapping[str, BilingualText] = {
    "loan": T(en="Loan", zh="借阅"),
    "copy": T(en="Copy", zh="复制"),
    "copy_or_loan": T(en="Copy or loan", zh="复制或借阅"),
    "Article": T(en="Article", zh="论文"),
    "Book": T(en="Book", zh="图书"),
    "Chapter": T(en="Chapter", zh="章节"),
    "ConferenceProc": T(en="Conference proceedings", zh="会议录"),
    "Journal": T(en="Journal", zh="期刊"),
    "Manuscript": T(en="Manuscript", zh="手稿"),
    "Map": T(en="Map", zh="地图"),
    "Movie": T(en="Film", zh="影片"),
    "MusicScore": T(en="Score", zh="乐谱"),
    "Newspaper": T(en="Newspaper", zh="报纸"),
    "Patent": T(en="Patent", zh="专利"),
    "Report": T(en="Report", zh="报告"),
    "Thesis": T(en="Thesis", zh="学位论文"),
    "NonCirculating": T(en="Does not circulate", zh="不外借"),
    "NotAvailableForILL": T(en="Not available for interlibrary loan", zh="不参与馆际互借"),
    "NotHeld": T(en="Not held", zh="未收藏"),
    "NotOnShelf": T(en="Not on the shelf", zh="不在架"),
    "PolicyProblem": T(en="Against policy", zh="不符合规定"),
    "PoorCondition": T(en="Poor condition", zh="品相不佳"),
    "Duplicate": T(en="Duplicate", zh="重复申请"),
}
"""Codes of ISO 18626 as people read them; another code is shown as it is."""

BASIS: Mapping[str, BilingualText] = {
    "cohort_created": T(
        en="Requests created, and attempts begun, in the period; their state now. Later reports of the same "
        "period may differ while requests are open.",
        zh="期间内提交的申请与期间内发起的单次申请，按当前状态计；尚有未结申请时，同一期间以后的统计会变化。",
    ),
    "cohort_closed": T(
        en="Requests and attempts that ended in the period, whenever they began. Open ones are left out.",
        zh="期间内结束的申请与单次申请，不论何时开始；未结的不计。",
    ),
    "fill_rate": T(
        en="Filled ÷ (filled + not filled + expired + no response), by outcome. Filled: filled, filled locally, open "
        "access, partly filled, kept, lost and settled; for lending also lost after it was sent. No response "
        "(lending): the partner withdrew before our first answer. Left out: open, cancelled or withdrawn, other "
        "(bought, duplicate, lost).",
        zh="满足 ÷（满足 + 未满足 + 失效 + 无回应），按结果计。满足包括：满足、本馆满足、开放获取、部分满足、留用、"
        "丢失已赔；借出还包括寄出后丢失。无回应（借出）：对方在我馆首次回应前撤回。不计：未结、取消或撤回、其他（采购、重复、丢失）。",
    ),
    "fill_rate_with_cancelled": T(
        en="As the fill rate, with cancelled and withdrawn requests added to the denominator.",
        zh="同满足率，分母另加取消与撤回的申请。",
    ),
    "fill_rate_from_partners": T(
        en="As the fill rate, without what was filled from our own collection or open access.",
        zh="同满足率，不计本馆满足与开放获取。",
    ),
    "attempt_fill_rate": T(
        en="Supplied ÷ (supplied + not filled + expired + no response), each supplier asked counted by itself. "
        "Supplied: the item or copy was sent, also while it is still out. No response: silent until passed over, or "
        "our message could not be delivered. Left out: open, cancelled, asked again after an offered retry, other.",
        zh="已提供 ÷（已提供 + 未满足 + 失效 + 无回应），每向一馆申请一次计一次。已提供：已寄出或传递，含尚未归还的。"
        "无回应：逾时未答而转他馆，或消息无法送达。不计：未结、取消、对方建议重试后再次申请的、其他。",
    ),
    "attempt_fill_rate_with_cancelled": T(
        en="As the fill rate per attempt, with cancelled attempts added to the denominator.",
        zh="同单次申请满足率，分母另加取消的。",
    ),
    "times": T(
        en="Calendar days between two stamps of a request, over those (n) that have both, whatever their outcome. "
        "Sent is the first time any supplier was asked, response the first answer of any supplier. Quantiles are "
        "exact, interpolated.",
        zh="两个时间点之间的自然日，只计两者俱全的申请（n），不论结果。发出指首次向任一馆发出，回应指任一馆的首次回应。"
        "分位数为精确值（线性插值）。",
    ),
    "attempt_answered": T(
        en="Calendar days from asking one supplier to its own first response; attempts without a response are left "
        "out.",
        zh="自向某馆发出至该馆首次回应的自然日；无回应的不计。",
    ),
    "reasons": T(
        en="Share of each reason among the attempts that were not filled (each supplier's no counted by itself).",
        zh="各原因占未满足单次申请的比例（每馆的拒绝各计一次）。",
    ),
    "service_types": T(
        en="Share of all requests counted, open ones too, by the service asked for.",
        zh="按申请的服务类型，占全部所计申请（含未结）的比例。",
    ),
    "publication_types": T(
        en="Share of all requests counted, open ones too, by the type of document.",
        zh="按文献类型，占全部所计申请（含未结）的比例。",
    ),
    "partner": T(
        en="A request counts for the partner of its last attempt; attempts count for the partner asked.",
        zh="申请计入最后一次所向的馆；单次申请计入所向的馆。",
    ),
    "hidden": T(
        en="Counts below {k} are hidden (*), and others with them, so that no hidden one follows from the sums; "
        "{cells} are hidden. Where one is, times are left out too. Times are without the number of cases.",
        zh="小于 {k} 的数不显示（*），并连带隐去其他数，使任何隐去的数都无法由合计推出。共隐去 {cells} 个数；"
        "有隐去的数的一行不列用时。用时不列例数。",
    ),
}
"""What each figure is made of: numerator, denominator, what is left out."""


def key_text(key: str, language: str) -> str:
    """A code as people read it."""
    text = KEYS.get(key)
    if text is not None:
        return text.best(language)
    return key or LISTS[""].best(language)
