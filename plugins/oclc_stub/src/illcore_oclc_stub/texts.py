"""What people read of OCLC's codes, in English and Chinese."""

from collections.abc import Mapping

from illcore.model import BilingualText

FAILURES: Mapping[int, BilingualText] = {
    30000: BilingualText(en="missing", zh="缺少字段"),
    30001: BilingualText(en="invalid", zh="字段无效"),
    30002: BilingualText(en="out of bounds", zh="超出范围"),
    30004: BilingualText(en="no such institution", zh="机构代码无效"),
    30005: BilingualText(en="the institution is no supplier", zh="该机构不提供馆际互借"),
    30007: BilingualText(en="invalid data", zh="数据无效"),
    140001: BilingualText(en="the request could not be read", zh="无法读取请求"),
    140002: BilingualText(en="the answer could not be written", zh="无法写出应答"),
    140003: BilingualText(en="parameters are not supported", zh="参数不受支持"),
    140004: BilingualText(en="the data could not be converted", zh="数据转换失败"),
    140005: BilingualText(en="not authorized", zh="未获授权"),
    140006: BilingualText(en="an error inside the service", zh="服务内部错误"),
}
"""The failure codes of the ILL service (DevConnect, failureCodes.txt)."""

STATUSES: Mapping[str, BilingualText] = {
    "SUBMITTING": BilingualText(en="being submitted", zh="提交中"),
    "PROFILING": BilingualText(en="being profiled", zh="处理中"),
    "REVIEW": BilingualText(en="in review", zh="待审核"),
    "REVIEWING": BilingualText(en="in review", zh="审核中"),
    "PENDING": BilingualText(en="with the lender", zh="等待借出馆处理"),
    "WILL_SUPPLY": BilingualText(en="will be supplied", zh="将提供"),
    "CONDITIONAL": BilingualText(en="conditional", zh="附条件"),
    "RETRY": BilingualText(en="retry later", zh="请稍后再试"),
    "UNFILLED": BilingualText(en="unfilled", zh="未满足"),
    "EXPIRED": BilingualText(en="expired", zh="已过期"),
    "CANCEL_PENDING": BilingualText(en="cancellation asked for", zh="申请取消中"),
    "CANCELLED": BilingualText(en="cancelled", zh="已取消"),
    "SHIPPED": BilingualText(en="shipped", zh="已寄出"),
    "RECEIVED": BilingualText(en="received", zh="已收到"),
    "RENEW_PENDING": BilingualText(en="renewal asked for", zh="申请续借中"),
    "OVERDUE": BilingualText(en="overdue", zh="已过期未还"),
    "RECALLED": BilingualText(en="recalled", zh="已催还"),
    "RETURNED": BilingualText(en="returned", zh="已归还寄出"),
    "LOST": BilingualText(en="lost", zh="遗失"),
    "CLOSED": BilingualText(en="closed", zh="已结束"),
}
"""The statuses of a request. SUBMITTING, PROFILING, REVIEW, REVIEWING, RECEIVED, RETURNED and CLOSED have been seen in
published code; the others are this plugin's assumption."""


def status_note(status: str) -> str:
    """What staff read when OCLC reports a status that means no event here, in both languages."""
    known = STATUSES.get(status)
    if known is None:
        return f"OCLC: {status} / OCLC 状态：{status}"
    return f"OCLC: {known.en} ({status}) / OCLC 状态：{known.zh}（{status}）"
