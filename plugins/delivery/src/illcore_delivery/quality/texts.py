"""What the command line writes around a report, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "pass": ("Pass: {kind}, pages: {pages}.", "通过：{kind}，共 {pages} 页。"),
    "review": (
        "Review: {kind}, pages: {pages}; look at it before it goes on.",
        "待审：{kind}，共 {pages} 页，转交前请人工核对。",
    ),
    "fail": (
        "Fail: {kind}, pages: {pages}; it should not go on as it is.",
        "不通过：{kind}，共 {pages} 页，不宜直接转交。",
    ),
    "page": ("Page", "页"),
    "finding": ("Finding", "检查结果"),
    "code": ("Code", "代码"),
    "cleanable": (
        "A clean copy would pass: ill documents repair FILE --rebuild",
        "清理后即可通过：ill documents repair FILE --rebuild",
    ),
}


def said(code: str, language: str, **values: object) -> str:
    """A text in a language (`en`, `zh`)."""
    en, zh = TEXTS[code]
    return (zh if language.startswith("zh") else en).format(**values)
