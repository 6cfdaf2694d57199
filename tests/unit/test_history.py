"""What is expected of a partner comes from what it did, little by little, and fades with age."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illcore.history import HALF_LIFE, Expected, PartnerStats, expect, fading, likelier, usual, weight

NOW = datetime(2026, 7, 1, tzinfo=UTC)
AVERAGE = Expected(0.5, 5.0)


def test_one_lucky_request_does_not_beat_a_long_good_record() -> None:
    lucky, proven = PartnerStats(1, 1, 3.0), PartnerStats(100, 95, 300.0)
    assert expect(lucky, AVERAGE).per_fill > expect(proven, AVERAGE).per_fill


def test_answers_within_the_hour_do_not_outweigh_everything() -> None:
    hasty, steady = PartnerStats(50, 5, 0.5), PartnerStats(50, 45, 100.0)
    assert expect(hasty, AVERAGE).per_fill > expect(steady, AVERAGE).per_fill


def test_of_a_newcomer_the_average_is_expected() -> None:
    assert expect(PartnerStats(), AVERAGE) == AVERAGE
    assert usual([]) == Expected(0.5, 5.0)
    assert usual([PartnerStats(98, 73, 190.0)]) == Expected(0.74, 2.0)


def test_a_try_of_a_year_ago_counts_half() -> None:
    then = NOW - HALF_LIFE
    assert weight(then) * fading(NOW) == pytest.approx(0.5)
    assert weight(NOW) * fading(NOW) == 1.0
    centuries = datetime(2300, 1, 1, tzinfo=UTC)
    assert weight(centuries) * fading(centuries) == 1.0


@given(st.lists(st.integers(-3000, 0), min_size=1, max_size=30))
@settings(deadline=None)
def test_adding_weights_up_is_fading_all_of_them_each_day(ages: list[int]) -> None:
    stored = sum(weight(NOW + timedelta(days=age)) for age in ages)
    assert stored * fading(NOW) == pytest.approx(sum(0.5 ** (-age / 365) for age in ages))


def test_an_old_bad_record_gives_way_to_a_new_good_one() -> None:
    old, new = weight(NOW - 3 * HALF_LIFE), weight(NOW)
    factor = fading(NOW)
    past = PartnerStats((20 * old + 10 * new) * factor, 10 * new * factor, (200 * old + 20 * new) * factor)
    assert expect(past, AVERAGE).chance > 0.7


@pytest.mark.parametrize(
    ("borrowed", "lent", "balance"),
    [
        pytest.param(0, 0, 0.0, id="nothing yet"),
        pytest.param(10, 10, 0.0, id="even"),
        pytest.param(1, 0, 1 / 6, id="one loan is hardly a debt"),
        pytest.param(45, 0, 0.9, id="it only lends to us"),
        pytest.param(0, 45, -0.9, id="it only borrows from us"),
    ],
)
def test_the_balance(borrowed: float, lent: float, balance: float) -> None:
    assert PartnerStats(borrowed=borrowed, lent=lent).balance == pytest.approx(balance)


def test_odds_of_two_make_an_even_chance_two_thirds() -> None:
    assert likelier(AVERAGE, 2.0) == Expected(pytest.approx(2 / 3), 5.0)
