"""What a licence permits for interlibrary loan: `ill`, `print` (on paper only), `none`; empty: unknown."""

from __future__ import annotations

_SAID = {
    "ill": "ill yes y true 1 allowed permitted permit ok 允许 可以 是 可",
    "print": "print printonly print-only paper secure 纸本 仅纸本 打印",
    "none": "none no n false 0 prohibited forbidden notallowed notpermitted silent-no 禁止 不允许 否 不可",
    "": "unknown silent notspecified uninterpreted 未知 不详",
}
_MEANT = {word: meant for meant, words in _SAID.items() for word in words.split()}


def licence(text: str) -> str | None:
    """What a cell or an option says; empty if it says nothing, None if it cannot be understood."""
    word = "".join(text.split()).casefold().replace("_", "-")
    if not word:
        return ""
    found = _MEANT.get(word)
    return found if found is not None else _MEANT.get(word.replace("-", ""))
