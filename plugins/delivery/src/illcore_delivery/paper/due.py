"""Which requests wait for which paper."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from illcore.session import Session

PAGE = 500

DUE: Mapping[str, tuple[tuple[str, tuple[str, ...], bool], ...]] = {
    "pull": (("supplier", ("new", "will_supply"), False),),
    "straps": (("supplier", ("picking",), True), ("requester", ("received",), True)),
    "labels": (("supplier", ("picking",), False),),
    "returns": (("supplier", ("picking",), True), ("requester", ("returned",), True)),
}
"""For each kind: role, states, and whether only loans. A pull slip that is marked makes its request `picking`."""


def due(session: "Session", kind: str, states: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The requests that are due for a kind of paper, as `show` has them; ``states`` replaces the usual ones."""
    from illcore.store import Filter

    for role, usual, loans in DUE[kind]:
        after = ""
        while True:
            asked = Filter(role=role, states=tuple(states) or usual)  # type: ignore[arg-type]
            rows = session.find(asked, PAGE, after)
            for row in rows:
                shown = session.get(row["id"])
                if not loans or (shown["supplied_as"] or shown["service_type"]) != "copy":
                    yield shown
            if len(rows) < PAGE:
                break
            after = rows[-1]["id"]
