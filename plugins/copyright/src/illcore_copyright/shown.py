"""What `ill copyright` shows: settings with their defaults, and headings in English and Chinese."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .policies import Policy

_TEXTS: Mapping[str, tuple[str, str]] = {
    "allow": ("Allowed.", "允许。"),
    "allow_with_fee": ("Allowed for a fee.", "允许，须付费。"),
    "review": ("A person must decide.", "须人工审查。"),
    "deny": ("Not allowed.", "不允许。"),
    "fee": ("Fee: {fee}", "费用：{fee}"),
    "obligation": ("To do: {what}: {text}", "须办：{what}：{text}"),
    "kept": ("Keep the record until {day}.", "记录保存至 {day}。"),
}


def said(code: str, language: str, **values: object) -> str:
    """A text in a language (`en`, `zh`)."""
    en, zh = _TEXTS[code]
    return (zh if language.startswith("zh") else en).format(**values)


def settings_of(policy: Policy) -> list[dict[str, Any]]:
    """Each setting with ``name``, ``default``, ``shown`` (as in ill.toml) and ``meaning``, own ones first."""
    fields = policy.config.model_fields
    common = set(policy.config.__mro__[1].model_fields)  # type: ignore[attr-defined]
    defaults = policy.config().model_dump(mode="json")
    ordered = [name for name in fields if name not in common] + [name for name in fields if name in common]
    return [
        {
            "name": name,
            "default": defaults[name],
            "shown": _toml(defaults[name]),
            "meaning": " ".join((fields[name].description or "").split()),
        }
        for name in ordered
    ]


def _toml(value: Any) -> str:
    """As it is written in ill.toml; empty where there is no default."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
