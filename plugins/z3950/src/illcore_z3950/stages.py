"""Time: a stage of a session has its own time-out and never outlives the deadline of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .errors import TimedOut


class Deadline(Protocol):
    """When the whole call must be over. It is also the clock: stages measure how far it moves."""

    def remaining(self) -> float:
        """Seconds left, finite; 0 or less when it has passed."""
        ...


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds per stage; `search` also holds for scan, sort, delete and orders. Together under 30 s by default."""

    connect: float = 5.0
    init: float = 5.0
    search: float = 10.0
    present: float = 8.0


_WHAT = {
    "connect": ("accept a connection", "建立连接"),
    "init": ("answer Init", "应答初始化请求"),
    "search": ("answer the search", "返回检索结果"),
    "present": ("send the records", "返回记录"),
    "scan": ("answer the scan", "返回索引词"),
    "sort": ("answer the sort", "完成排序"),
    "delete": ("answer the deletion of result sets", "删除结果集"),
    "order": ("answer the order", "应答订单"),
}


class Stage:
    """The time left for one stage at one target."""

    __slots__ = ("_deadline", "_floor", "_seconds", "name", "peer")

    def __init__(self, name: str, seconds: float, deadline: Deadline, peer: str) -> None:
        self.name = name
        self.peer = peer
        self._seconds = seconds
        self._deadline = deadline
        self._floor = max(deadline.remaining() - seconds, 0.0)

    def left(self) -> float:
        """Seconds left, always more than 0. Raises TimedOut when none are."""
        seconds = self._deadline.remaining() - self._floor
        if seconds <= 0:
            raise self.timed_out()
        return seconds

    def timed_out(self) -> TimedOut:
        """The error that says which stage ran out of time, and against which limit."""
        en, zh = _WHAT[self.name]
        if self._floor > 0:
            limit_en, limit_zh = f"within {self._seconds:g} s", f"在 {self._seconds:g} 秒内"
        else:
            limit_en, limit_zh = "before the deadline of the whole search", "在总时限内"
        return TimedOut(f"{self.peer} did not {en} {limit_en}.", f"{self.peer} 未能{limit_zh}{zh}。", self.name)
