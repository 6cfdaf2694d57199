"""Close: either side ends the session (Z39.50-2003 section 3.2.11)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import values as v
from ..ber import Content, Node, ctx

REASONS: dict[int, tuple[str, str]] = {
    0: ("finished", "会话结束"),
    1: ("shutdown", "对方关机"),
    2: ("system problem", "系统故障"),
    3: ("cost limit reached", "费用达到上限"),
    4: ("out of resources", "资源不足"),
    5: ("security violation", "违反安全规定"),
    6: ("protocol error", "协议错误"),
    7: ("lack of activity", "长时间无活动"),
    8: ("abort by the peer", "对方中止"),
    9: ("unspecified", "未说明原因"),
}


@dataclass(frozen=True, slots=True)
class Close:
    """Reason by code, and what else the sender says."""

    reason: int = 0
    information: str = ""

    def node(self) -> Node:
        """The APDU, [48]."""
        text = [v.string(ctx(3), self.information)] if self.information else []
        return ctx(48), [v.integer(ctx(211), self.reason), *text]


def close(content: Content, charset: str) -> Close:
    """Reads the content of [48]; a reason that is missing counts as unspecified."""
    found = v.fields(content)
    reason = v.opt_int(found, ctx(211))
    return Close(9 if reason is None else reason, v.opt_text(found, ctx(3), charset) or "")
