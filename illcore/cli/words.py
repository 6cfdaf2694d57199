"""What people read around the data: labels in English and Chinese."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {
    "!": ("!", "!"),
    "accounts": ("Searched", "检索结果"),
    "actions": ("You may now", "可执行操作"),
    "asks": ("asks", "询问"),
    "attention": ("Needs attention", "需要处理"),
    "available": ("available", "可用"),
    "balance": ("balance", "往来差"),
    "by": ("by", "操作者"),
    "chance": ("chance", "满足率"),
    "charges": ("Charges", "费用"),
    "citation": ("Citation", "文献"),
    "conditions": ("Conditions", "条件"),
    "copy": ("copy", "复制"),
    "copy_or_loan": ("copy or loan", "复制或借阅"),
    "copyright": ("Copyright", "版权"),
    "cost": ("cost", "费用"),
    "created": ("Created", "创建时间"),
    "days": ("days a try", "每次天数"),
    "days_per_fill": ("days a fill", "每满足天数"),
    "delivery": ("Delivery", "交付方式"),
    "documents": ("Documents", "文件"),
    "due": ("Due", "到期日"),
    "events": ("Timeline", "经过"),
    "by_hand": ("by hand", "手工登记"),
    "format": ("Format", "格式"),
    "id": ("Id", "编号"),
    "items": ("Items", "实物"),
    "kind": ("Kind", "类型"),
    "loan": ("loan", "借阅"),
    "more_partners": ("partners did not come into the rota", "个合作馆未列入"),
    "n": ("n", "序"),
    "name": ("Name", "名称"),
    "needed_by": ("Needed by", "需要日期"),
    "none": ("nothing", "无"),
    "nothing": ("no requests", "没有请求"),
    "no": ("no", "否"),
    "no_rota": ("no supplier was looked for yet", "尚未选择提供馆"),
    "nobody": ("no partners", "没有合作馆"),
    "outcome": ("Outcome", "结果"),
    "partner": ("Partner", "合作馆"),
    "preference": ("rank", "优先级"),
    "reader": ("Reader", "读者"),
    "reasons": ("Reasons", "原因"),
    "refused": ("refused", "被拒绝"),
    "requester": ("borrowing", "借入"),
    "role": ("Side", "角色"),
    "rota": ("Suppliers", "提供馆"),
    "score": ("score", "得分"),
    "service_level": ("Urgency", "缓急"),
    "service_type": ("Service", "服务"),
    "state": ("State", "状态"),
    "status": ("Status", "状况"),
    "supplier": ("lending", "借出"),
    "symbol": ("Symbol", "馆代码"),
    "their_id": ("Their id", "对方编号"),
    "timers": ("Waits", "等待"),
    "title": ("Title", "题名"),
    "tries": ("tries", "次数"),
    "waiting_for": ("of {asked} have answered; waiting for", "/ {asked} 已应答；等待"),
    "weighed_days": ("weighed", "加权天数"),
    "why": ("why", "理由"),
    "yes": ("yes", "是"),
    "our_id": ("Id at the partner", "双方编号"),
    "account": ("Account", "账户"),
    "services": ("Services", "服务"),
    "action": ("Action", "操作"),
    "at": ("At", "时间"),
    "audit_checkpoints": ("checkpoints", "个检查点"),
    "audit_erased": ("texts erased", "段文字已删除"),
    "audit_events": ("events", "条记录"),
    "audit_flaws": ("things are wrong", "处有误"),
    "audit_lines": ("lines of the journal", "行审计日志"),
    "audit_ok": ("nothing is wrong", "未发现问题"),
    "audit_requests": ("requests", "个申请"),
    "audit_texts": ("texts", "段文字"),
    "blocked": ("Blocked", "停借原因"),
    "category": ("Category", "类别"),
    "changed_at": ("Changed", "更新时间"),
    "data": ("Data", "数据"),
    "department": ("Department", "院系"),
    "email": ("E-mail", "电子邮箱"),
    "erased_claims": ("claims of the copyright ledger", "版权台账记录"),
    "erased_declarations": ("copyright declarations", "版权声明"),
    "erased_documents": ("documents", "文档"),
    "erased_keys": ("idempotency keys", "幂等键"),
    "erased_messages": ("bodies of messages", "消息正文"),
    "erased_outbox": ("letters in the outbox", "发件箱内容"),
    "erased_readers": ("readers without a request", "无申请的读者"),
    "erased_requests": ("requests anonymised", "匿名化的申请"),
    "erased_texts": ("notes and texts", "备注与文字"),
    "erased_unmatched": ("messages that matched nothing", "无法对应的消息"),
    "gone": ("Erased", "已删除"),
    "held": ("Held", "保留"),
    "kept": ("Kept", "保留不动"),
    "kept_blocked_readers": ("readers who are blocked", "被停借的读者"),
    "kept_declared_readers": ("readers who made a copyright declaration", "作过版权声明的读者"),
    "kept_held": ("requests that are held", "依法保留的申请"),
    "kept_needs_attention": ("requests that need attention", "待处理的申请"),
    "kept_under_way": ("requests with messages under way", "尚有消息待发的申请"),
    "language": ("Language", "语言"),
    "no_holds": ("nothing is held", "没有保留项"),
    "no_lines": ("nobody looked", "无人查看"),
    "no_readers": ("no readers", "没有读者"),
    "open_requests": ("Open", "未结"),
    "reason": ("Reason", "原因"),
    "recorded_at": ("Recorded", "登记时间"),
    "requests": ("Requests", "申请"),
    "sealed": ("Sealed", "最近封存"),
    "subject": ("What", "对象"),
    "would_go": ("Would be erased", "将删除"),
}


class Words:
    """Labels in one language (``en`` or ``zh``), or in both at once."""

    def __init__(self, language: str) -> None:
        self._zh = language.startswith("zh")

    def text(self, name: str) -> str:
        """The label in the language of the configuration; an unknown one as it is."""
        en, zh = LABELS.get(name, (name, name))
        return zh if self._zh else en

    def both(self, name: str) -> str:
        """The label in both languages, that of the configuration first."""
        en, zh = LABELS.get(name, (name, name))
        return en if en == zh else (f"{zh} {en}" if self._zh else f"{en} {zh}")

    def state(self, role: str, state: str) -> str:
        """What a state is called."""
        from illcore.states.texts import STATE_TEXTS

        found = STATE_TEXTS.get(role, {}).get(state)  # type: ignore[call-overload]
        return found.best("zh" if self._zh else "en") if found else state

    def state_both(self, role: str, state: str) -> str:
        """The same in both languages, with its public name."""
        from illcore.states.texts import STATE_TEXTS

        found = STATE_TEXTS.get(role, {}).get(state)  # type: ignore[call-overload]
        return f"{found.en} {found.zh} ({state})" if found else state
