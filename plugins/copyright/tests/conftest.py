"""A policy asked as the engine asks it, without an engine."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from illcore.hooktypes import RequestView, Usage, Verdict
from illcore.model import Citation
from illcore_copyright.policies import POLICIES

TODAY = date(2026, 7, 10)
ARTICLE = {
    "title": "Nature",
    "issn": "0028-0836",
    "title_of_component": "On the copying of articles",
    "volume": "600",
    "issue": "7",
    "pages": "12-19",
    "year": "2025",
    "publication_type": "Article",
}
CHAPTER = {
    "title": "The history of copying",
    "isbn": "978-0-306-40615-7",
    "title_of_component": "Monks",
    "pages": "11-30",
    "total_pages": "200",
    "year": "2019",
    "publication_type": "Chapter",
}


class Everywhere(dict[tuple[str, int], int]):
    """So many under every key."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def get(self, key: tuple[str, int], default: Any = None) -> Any:
        return self.number


def ask(
    policy: str,
    citation: Mapping[str, Any] | None = None,
    *,
    chapter: Mapping[str, Any] | None = None,
    only: Mapping[str, Any] | None = None,
    used: int | Mapping[tuple[str, int], int] = 0,
    today: date = TODAY,
    config: Mapping[str, Any] | None = None,
    holds: str = "",
    licence: str = "",
    open_access: bool = False,
    declared: tuple[str, ...] = (),
    **view: Any,
) -> Verdict:
    """On an article whose citation differs in what is given, on a `chapter` that does, or on `only` that."""
    wanted = (
        only if only is not None else {**CHAPTER, **chapter} if chapter is not None else {**ARTICLE, **(citation or {})}
    )
    request = RequestView.model_validate(
        {
            "id": "r1",
            "library": "ISIL:CN-110001",
            "role": "requester",
            "service_type": "copy",
            "requested_on": today,
            "reader": "R1",
            "purpose": "study",
            **view,
            "citation": Citation(**{name: value for name, value in wanted.items() if value is not None}),
        }
    )
    usage = Usage(
        library=request.library,
        today=today,
        taken=Everywhere(used) if isinstance(used, int) else used,
        holds=holds,  # type: ignore[arg-type]
        licence=licence,  # type: ignore[arg-type]
        open_access=open_access,
        declarations=frozenset(declared),
    )
    chosen = POLICIES[policy]
    return chosen.decide(request, usage, chosen.config.model_validate(dict(config or {})))


@pytest.fixture(name="ask", scope="session")
def asking() -> Callable[..., Verdict]:
    """`ask("us", {"year": "2021"}, used=5)`: the verdict on an article; `chapter=` and `only=` for other citations."""
    return ask
