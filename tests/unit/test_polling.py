"""When accounts are asked for what has come."""

from illcore.backoff import poll_backoff
from illcore.polling import POLL_EVERY, Polling
from illcore.testing.fakes import FakeClock


def made():
    clock = FakeClock()
    return Polling(clock, lambda: 0.0), clock


def test_each_account_is_asked_every_half_minute():
    polling, clock = made()
    assert polling.due(["a", "b"]) == ["a", "b"]
    clock.sleep(POLL_EVERY - 1)
    assert polling.due(["a", "b"]) == []
    clock.sleep(1)
    assert polling.due(["a", "b"]) == ["a", "b"]


def test_an_account_with_more_is_asked_at_once():
    polling, _ = made()
    polling.due(["a"])
    polling.done("a", brought=True, more=True)
    assert polling.due(["a"]) == ["a"]


def test_an_account_that_says_more_and_brings_nothing_keeps_nobody_busy():
    polling, clock = made()
    polling.due(["a"])
    polling.done("a", brought=False, more=True)
    assert polling.due(["a"]) == []
    clock.sleep(1)
    assert polling.due(["a"]) == ["a"]


def test_an_account_that_fails_is_asked_less_and_less_and_again_as_ever_once_it_works():
    polling, clock = made()
    waits = []
    for _ in range(6):
        polling.due(["a"], always=True)
        polling.failed("a")
        begun = clock.monotonic()
        while not polling.due(["a"]):
            clock.sleep(1)
        waits.append(clock.monotonic() - begun)
    assert waits == [30, 60, 120, 240, 300, 300]
    polling.done("a", brought=True, more=False)
    polling.failed("a")
    clock.sleep(30)
    assert polling.due(["a"]) == ["a"]


def test_the_time_that_an_account_names_is_kept():
    polling, clock = made()
    polling.due(["a"])
    polling.failed("a", 90.0)
    clock.sleep(89)
    assert polling.due(["a"]) == []
    clock.sleep(1)
    assert polling.due(["a"]) == ["a"]


def test_chance_shortens_the_wait_by_half_at_most():
    assert poll_backoff(1, lambda: 1.0).total_seconds() == 15
    assert poll_backoff(99, lambda: 0.0).total_seconds() == 300
