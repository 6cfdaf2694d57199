"""What the check of the audit trail can find, in English and Chinese; the log's own flaws stand with the chain."""

from collections.abc import Mapping
from typing import Any

from illcore.model import BilingualText
from illcore.store.chain import TEXTS, Flaw

T = BilingualText
_TEXTS: Mapping[str, BilingualText] = {
    **TEXTS,
    "column_differs": T(
        en="the row of request {request} says {column} = {row}, its record says {record}",
        zh="申请 {request} 的行中 {column} 为 {row}，其内容中为 {record}",
    ),
    "unreadable": T(en="the record of request {request} cannot be read", zh="申请 {request} 的内容无法读取"),
    "orphan": T(
        en="there are {count} events of {request}, but no such request",
        zh="有申请 {request} 的 {count} 条记录，但没有该申请",
    ),
    "sealed_request_missing": T(
        en="request {request} is gone; checkpoint {checkpoint} saw it at event {event}",
        zh="申请 {request} 已不存在；检查点 {checkpoint} 见到其第 {event} 条记录",
    ),
    "sealed_log_cut": T(
        en="the log of {request} ends at event {last}; checkpoint {checkpoint} saw event {event}",
        zh="申请 {request} 的记录止于第 {last} 条；检查点 {checkpoint} 见到第 {event} 条",
    ),
    "sealed_event_missing": T(
        en="event {event} of {request}, which checkpoint {checkpoint} saw, is missing",
        zh="检查点 {checkpoint} 见到的申请 {request} 第 {event} 条记录已不存在",
    ),
    "sealed_event_differs": T(
        en="event {event} of {request} is not the one that checkpoint {checkpoint} saw",
        zh="申请 {request} 的第 {event} 条记录并非检查点 {checkpoint} 所见",
    ),
    "checkpoint_missing": T(en="checkpoint {checkpoint} is missing", zh="缺少检查点 {checkpoint}"),
    "checkpoint_changed": T(en="checkpoint {checkpoint} was changed", zh="检查点 {checkpoint} 被改动"),
    "checkpoint_moved": T(
        en="checkpoint {checkpoint} does not follow the one before it", zh="检查点 {checkpoint} 与前一个不相接"
    ),
    "heads_differ": T(
        en="what checkpoint {checkpoint} saw was changed: it sealed {sealed} requests, {found} stand there",
        zh="检查点 {checkpoint} 的内容被改动：封存 {sealed} 个申请，现有 {found} 个",
    ),
    "hash_unknown": T(
        en="no checkpoint has the hash {hash}: it was changed or cut off",
        zh="没有散列值为 {hash} 的检查点：已被改动或截去",
    ),
    "line_missing": T(en="line {line} of the journal is missing", zh="审计日志缺少第 {line} 行"),
    "line_changed": T(en="line {line} of the journal was changed", zh="审计日志第 {line} 行被改动"),
    "line_moved": T(
        en="line {line} of the journal does not follow the one before it", zh="审计日志第 {line} 行与前一行不相接"
    ),
    "journal_differs": T(
        en="line {line} of the journal is not the one that checkpoint {checkpoint} saw",
        zh="审计日志第 {line} 行并非检查点 {checkpoint} 所见",
    ),
}


def finding(code: str, **fields: Any) -> Flaw:
    """A flaw of the trail beside the log's own."""
    return Flaw(code, fields, _TEXTS)
