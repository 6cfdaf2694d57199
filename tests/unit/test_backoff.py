"""Waits between tries, and the breaker of a lane: every step of it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from illcore.backoff import Breaker, backoff, breaker, given_up

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_waits_double_up_to_an_hour() -> None:
    waits = [backoff(attempt, lambda: 0.0) for attempt in range(1, 60)]
    assert waits[:4] == [timedelta(seconds=s) for s in (5, 10, 20, 40)]
    assert all(a <= b for a, b in pairwise(waits))
    assert waits[-1] == timedelta(hours=1)


@pytest.mark.parametrize("attempt", [0, 1, 5, 40, 10_000])
def test_chance_shortens_a_wait_by_half_at_most(attempt: int) -> None:
    longest = backoff(attempt, lambda: 0.0)
    assert longest / 2 <= backoff(attempt, lambda: 0.999999) < longest


def test_the_breaker_opens_at_the_fifth_failure_in_a_row() -> None:
    state = Breaker()
    for failures in range(1, 5):
        state = breaker(state, False, NOW)
        assert (state.failures, state.state(NOW)) == (failures, "closed")
    state = breaker(state, False, NOW)
    assert state == Breaker(5, NOW + MINUTE, MINUTE)
    assert state.state(NOW + MINUTE - timedelta(microseconds=1)) == "open"
    assert state.state(NOW + MINUTE) == "half_open"


def test_an_answer_starts_the_count_again() -> None:
    state = Breaker()
    for _ in range(4):
        state = breaker(state, False, NOW)
    state = breaker(breaker(state, True, NOW), False, NOW)
    assert state == Breaker(1)


def test_results_of_the_same_batch_do_not_prolong_the_wait() -> None:
    state = Breaker()
    for _ in range(50):
        state = breaker(state, False, NOW)
    assert state == Breaker(50, NOW + MINUTE, MINUTE)


def test_probes_come_after_1_2_4_minutes_and_at_least_every_hour() -> None:
    state, now, waits = Breaker(5, NOW + MINUTE, MINUTE), NOW + MINUTE, []
    for _ in range(9):
        state = breaker(state, False, now)
        assert state.open_until is not None
        waits.append((state.open_until - now) // MINUTE)
        assert state.open_until - now == state.probe_wait
        now = state.open_until
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert breaker(state, True, now) == Breaker()


def test_a_late_answer_closes_an_open_breaker() -> None:
    assert breaker(Breaker(7, NOW + MINUTE, MINUTE), True, NOW) == Breaker()


@pytest.mark.parametrize(("hours", "expected"), [(47.9, False), (48, True), (500, True)])
def test_a_row_is_given_up_by_its_age(hours: float, expected: bool) -> None:
    assert given_up(NOW, NOW + timedelta(hours=hours)) is expected
    assert given_up(NOW, NOW + timedelta(hours=hours), hours=1) is True
