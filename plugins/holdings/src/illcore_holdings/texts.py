"""What people read: sentences and headings in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "same_isbn": ("The ISBN {number} is the same.", "ISBN {number} 相同。"),
    "same_issn": ("The ISSN {number} is the same.", "ISSN {number} 相同。"),
    "other_isbn": ("the ISBN is another ({number})", "ISBN 不同（{number}）"),
    "other_issn": ("the ISSN is another ({number})", "ISSN 不同（{number}）"),
    "word": ("It was found by a word from anywhere, which is not compared.", "按任意词检出，未作核对。"),
    "no_match": ("There is nothing to compare.", "没有可供核对的内容。"),
    "and": (", ", "，"),
    "but": (", but ", "，但"),
    "stop": (".", "。"),
    "space": (" ", ""),
    "title": ("the title", "题名"),
    "author": ("the author", "责任者"),
    "year": ("the year", "年份"),
    "agrees": ("{what} agrees", "{what}一致"),
    "alike": ("{what} is alike ({percent})", "{what}相近（{percent}）"),
    "differs": ("{what} differs ({percent})", "{what}不同（{percent}）"),
    "another": ("{what} is another", "{what}不同"),
    "by_one": ("{what} differs by one", "{what}相差一年"),
    "covered": (" The issue cited is within {span}.", "所引卷期在 {span} 之内。"),
    "maybe_covered": (
        " Whether the issue cited is within {span} cannot be told.",
        "无法确定所引卷期是否在 {span} 之内。",
    ),
    "free": ("Free to read.", "可免费阅读。"),
    "licence_ill": ("The licence permits interlibrary loan.", "许可协议允许馆际互借。"),
    "licence_print": (
        "The licence permits interlibrary loan from a print-out only.",
        "许可协议仅允许以打印件方式提供馆际互借。",
    ),
    "licence_none": ("The licence forbids interlibrary loan.", "许可协议禁止馆际互借。"),
    "licence_": ("The licence is not known.", "许可协议未知。"),
    "abstracts": ("Abstracts only.", "仅有文摘。"),
    "selected": ("Selected articles only.", "仅有部分文章。"),
    "library": ("Library", "馆代码"),
    "source": ("Source", "来源"),
    "kind": ("Format", "格式"),
    "records": ("Records", "记录数"),
    "bad": ("Bad", "有误"),
    "loaded_at": ("Loaded", "装入时间"),
    "state": ("State", "状态"),
    "visible": ("searched", "可检索"),
    "loading": ("not complete: {percent}", "未完成：{percent}"),
    "call_number": ("Call number", "索书号"),
    "location": ("Location", "馆藏地"),
    "available": ("Available", "在架"),
    "score": ("Score", "得分"),
    "why": ("Why", "依据"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "none_loaded": (
        "no holdings are loaded yet; begin with: ill holdings load FILE",
        "尚未装入馆藏；请先运行：ill holdings load FILE",
    ),
    "done": (
        "{library} {source}: {loaded} records can be found, {bad} were bad, {left_out} left out; "
        "{rate} records/s, {seconds} s",
        "{library} {source}：{loaded} 条记录可供检索，{bad} 条有误，{left_out} 条略去；"
        "每秒 {rate} 条，用时 {seconds} 秒",
    ),
    "resumed": ("went on behind record {count}, where the last load stopped", "从上次中断处（第 {count} 条之后）继续"),
    "replaced": ("they replace what this source held before", "已替换该来源原有记录"),
    "bad_kept": ("bad records are in {file}, why stands in {reasons}", "有误的记录保存在 {file}，原因见 {reasons}"),
    "wrong_numbers": (
        "{count} records have an ISBN or ISSN that is none; they are found by their titles",
        "{count} 条记录的 ISBN 或 ISSN 有误，只能按题名检索",
    ),
    "no_account": (
        'no search looks there yet; add [accounts."holdings:own"] to {file}',
        '检索时尚不会查找这些馆藏；请在 {file} 中加入 [accounts."holdings:own"]',
    ),
    "stopped": (
        "stopped; the same command goes on from here, and until then searches find what was there before",
        "已中断；再次运行同一命令即从此处继续，在此之前检索结果不变",
    ),
    "dropped": ("{library} {source} is dropped: {count} records", "已删除 {library} {source}：{count} 条记录"),
    "nothing_found": ("nothing found", "未检出"),
    "loading_bar": ("Loading", "正在装入"),
    "removing_bar": ("Removing the old records", "正在删除旧记录"),
}


def said(code: str, language: str, **values: object) -> str:
    """A text in a language (`en`, `zh`)."""
    en, zh = TEXTS[code]
    return (zh if language.startswith("zh") else en).format(**values)
