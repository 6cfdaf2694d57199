"""A copy of a request is the same request, and changing it leaves the first as it was."""

from copy import copy
from datetime import UTC, datetime

from illcore.request import Attempt, Request, Timer

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_copy_is_equal_and_apart() -> None:
    attempt = Attempt(1, "ISIL:S1", rank=2, status="open", started_at=AT)
    first = Request(
        "X", "ISIL:A", "requester", "loan", AT, AT, AT, attempts=(attempt,), attempt=1, timers={"silence": Timer(AT)}
    )
    second = copy(first)
    assert second == first
    assert second is not first
    second.state, second.version = "sent", 2
    assert (first.state, first.version) == ("new", 0)


def test_a_copied_attempt_is_equal_and_apart() -> None:
    first = Attempt(1, "ISIL:S1", why="named in the request", shipped=True, last_change=AT)
    second = copy(first)
    assert second == first
    second.status = "ended"
    assert first.status == "waiting"
