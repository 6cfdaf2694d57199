"""Access points from configuration: `"1=4 4=6"` is a list of Bib-1 attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from .query import DEFAULT_ACCESS_POINTS, AccessPoints, Ladder
from .rpn import Attribute

if TYPE_CHECKING:
    from .config import AttributesConfig

_ATTRIBUTE = re.compile(r"([1-9]\d{0,4})=([^\s=]{1,40})")


def ladder(steps: Iterable[str]) -> Ladder:
    """Attribute lists to try in order. Raises ValueError that names the step that is wrong."""
    return tuple(tuple(_attribute(part, step) for part in step.split()) for step in steps)


def _attribute(part: str, step: str) -> Attribute:
    match = _ATTRIBUTE.fullmatch(part)
    if match is None:
        raise ValueError(f"'{step}' is not a list of attributes; write for example \"1=4 4=6\"")
    value = match[2]
    return Attribute(int(match[1]), int(value) if value.isascii() and value.isdigit() else value)


def access_points(own: AttributesConfig) -> AccessPoints:
    """The usual access points, with those that an account sets in their place."""
    given = {name: ladder(steps) for name, steps in own if steps is not None}
    return replace(DEFAULT_ACCESS_POINTS, **given)
