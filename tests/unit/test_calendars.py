"""Waits end when the library's own calendar says so."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illcore.calendars import (
    NO_REASON,
    add_working_days,
    closed_on,
    end_of_day,
    is_working_day,
    local_date,
    next_working_day,
    working_day_before,
    working_days_between,
)
from illcore.errors import Invalid
from illcore.model import CalendarDays, Closure

steady = settings(deadline=None, derandomize=True, max_examples=150)

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA_2026 = CalendarDays(
    time_zone="Asia/Shanghai",
    closures=(
        Closure(first=date(2026, 1, 1), last=date(2026, 1, 3), why="元旦"),
        Closure(first=date(2026, 2, 15), last=date(2026, 2, 23), why="春节"),
    ),
    extra=(date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)),
)
PLAIN = CalendarDays()


def china(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def end_in_china(month: int, day: int) -> datetime:
    return datetime.combine(date(2026, month, day) + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param(date(2026, 2, 13), True, id="an ordinary Friday"),
        pytest.param(date(2026, 2, 14), True, id="a Saturday worked in exchange for the holiday"),
        pytest.param(date(2026, 2, 15), False, id="the first day of the closure"),
        pytest.param(date(2026, 2, 18), False, id="a Wednesday inside the closure"),
        pytest.param(date(2026, 2, 23), False, id="the last day of the closure"),
        pytest.param(date(2026, 2, 24), True, id="the day after the closure"),
        pytest.param(date(2026, 3, 1), False, id="an ordinary Sunday"),
    ],
)
def test_a_day_is_worked_or_not(day: date, works: bool) -> None:
    assert is_working_day(CHINA_2026, day) is works


def test_an_extra_day_inside_a_closure_is_worked() -> None:
    days = CHINA_2026.model_copy(update={"extra": (date(2026, 2, 20),)})
    assert is_working_day(days, date(2026, 2, 20))
    assert closed_on(days, date(2026, 2, 20)) is None


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        pytest.param(china(3, 6, 20), 1, end_in_china(3, 9), id="Friday evening and one day end with Monday"),
        pytest.param(china(3, 7), 1, end_in_china(3, 9), id="Saturday and one day end with Monday"),
        pytest.param(china(3, 2, 1), 5, end_in_china(3, 9), id="five days over a weekend"),
        pytest.param(china(2, 13, 20), 1, end_in_china(2, 14), id="Friday before the holiday: the worked Saturday"),
        pytest.param(china(2, 13, 20), 2, end_in_china(2, 24), id="two days jump over the whole holiday"),
        pytest.param(china(2, 13, 20), 5, end_in_china(2, 27), id="five days over the holiday"),
        pytest.param(china(2, 13, 20), 6, end_in_china(2, 28), id="six days end on the other worked Saturday"),
        pytest.param(china(2, 18), 1, end_in_china(2, 24), id="from the middle of the holiday"),
        pytest.param(china(3, 4), 0, end_in_china(3, 4), id="zero days on a working day: the end of the day"),
        pytest.param(
            china(2, 18), 0, end_in_china(2, 24), id="zero days in the holiday: the end of the first day after"
        ),
        pytest.param(
            datetime(2026, 3, 5, 17, tzinfo=UTC), 1, end_in_china(3, 9), id="Thursday evening UTC is Friday in Shanghai"
        ),
    ],
)
def test_a_wait_ends_with_a_working_day(start: datetime, n: int, end: datetime) -> None:
    assert add_working_days(CHINA_2026, start, n) == end
    assert add_working_days(CHINA_2026, start, n).tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        pytest.param("UTC", date(2026, 3, 1), datetime(2026, 3, 2, tzinfo=UTC), id="UTC"),
        pytest.param("Asia/Shanghai", date(2026, 3, 1), datetime(2026, 3, 1, 16, tzinfo=UTC), id="east of UTC"),
        pytest.param(
            "Europe/Berlin", date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC), id="before summer time"
        ),
        pytest.param("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC), id="the 23-hour day"),
        pytest.param(
            "Africa/Cairo", date(2024, 4, 25), datetime(2024, 4, 25, 22, tzinfo=UTC), id="midnight is skipped"
        ),
        pytest.param(
            "America/Havana", date(2024, 11, 2), datetime(2024, 11, 3, 4, tzinfo=UTC), id="midnight comes twice"
        ),
        pytest.param("UTC", date.max, datetime.max.replace(tzinfo=UTC), id="a needed-by date that means never"),
    ],
)
def test_a_day_ends_at_local_midnight(zone: str, day: date, end: datetime) -> None:
    assert end_of_day(CalendarDays(time_zone=zone), day) == end


def test_the_date_is_the_one_on_the_wall_of_the_library() -> None:
    late = datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert local_date(CHINA_2026, late) == date(2026, 3, 2)
    assert local_date(PLAIN, late) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("a", "b", "n"),
    [
        pytest.param(date(2026, 2, 13), date(2026, 2, 13), 0, id="the same day"),
        pytest.param(
            date(2026, 2, 13), date(2026, 2, 24), 2, id="over the holiday: the worked Saturday and the Tuesday"
        ),
        pytest.param(date(2026, 2, 24), date(2026, 2, 13), -2, id="backwards is negative"),
        pytest.param(china(2, 13, 1), china(2, 14, 23), 1, id="times count as local dates"),
        pytest.param(
            date(2026, 1, 1), date(2026, 12, 31), 256, id="the year after New Year: 260 weekdays, 7 closed, 3 exchanged"
        ),
    ],
)
def test_working_days_between(a: date, b: date, n: int) -> None:
    assert working_days_between(CHINA_2026, a, b) == n


def test_a_reminder_three_working_days_before_the_due_date() -> None:
    assert working_day_before(CHINA_2026, date(2026, 2, 25), 3) == date(2026, 2, 13)
    assert working_day_before(CHINA_2026, date(2026, 2, 18), 0) == date(2026, 2, 18)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        pytest.param(date(2026, 2, 18), "春节", id="inside a closure"),
        pytest.param(date(2026, 2, 14), None, id="the worked Saturday before it"),
        pytest.param(date(2026, 1, 4), None, id="the worked Sunday after it"),
        pytest.param(date(2026, 3, 7), None, id="a plain weekend is no closure"),
        pytest.param(date(2026, 3, 9), None, id="a working day"),
    ],
)
def test_why_a_library_is_closed(day: date, why: str | None) -> None:
    assert closed_on(CHINA_2026, day) == why


def test_a_weekend_that_runs_into_a_closure_is_part_of_it() -> None:
    days = CalendarDays(closures=(Closure(first=date(2026, 3, 9), last=date(2026, 3, 13), why="stocktaking"),))
    assert closed_on(days, date(2026, 3, 6)) is None
    assert closed_on(days, date(2026, 3, 7)) == "stocktaking"
    assert closed_on(days, date(2026, 3, 14)) is None


def test_a_closure_without_a_reason_is_still_a_closure() -> None:
    days = CalendarDays(closures=(Closure(first=date(2026, 3, 9), last=date(2026, 3, 9)),))
    assert closed_on(days, date(2026, 3, 9)) == NO_REASON


def test_a_library_that_never_works_is_closed_not_an_endless_search() -> None:
    never = CalendarDays(weekdays=())
    assert closed_on(never, date(2026, 3, 9)) == NO_REASON
    for count in (
        lambda: add_working_days(never, china(3, 9), 1),
        lambda: next_working_day(never, date(2026, 3, 9)),
        lambda: working_day_before(never, date(2026, 3, 9), 1),
    ):
        with pytest.raises(Invalid, match="no working day within 3 years"):
            count()


def test_a_closure_of_two_years_is_only_a_long_wait() -> None:
    days = CalendarDays(closures=(Closure(first=date(2026, 1, 1), last=date(2027, 12, 31), why="rebuilding"),))
    assert next_working_day(days, date(2026, 1, 1)) == date(2028, 1, 3)


@pytest.mark.parametrize("name", ["Asia/Peking", "", "../etc/passwd", "America", "中国"])
def test_an_unknown_time_zone_is_named(name: str) -> None:
    with pytest.raises(Invalid, match="is not known; use an IANA name") as error:
        local_date(CalendarDays(time_zone=name), china(3, 9))
    assert error.value.fields == {"time_zone": name}


def test_a_time_without_zone_or_a_negative_wait_is_refused() -> None:
    with pytest.raises(Invalid, match="has no time zone"):
        add_working_days(PLAIN, datetime(2026, 3, 9), 1)  # noqa: DTZ001
    with pytest.raises(Invalid, match="cannot be -1 working days"):
        add_working_days(PLAIN, china(3, 9), -1)
    with pytest.raises(Invalid, match="Cannot go back -1"):
        working_day_before(PLAIN, date(2026, 3, 9), -1)


dates = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@st.composite
def closures(draw: st.DrawFn) -> Closure:
    first = draw(dates)
    return Closure(first=first, last=first + timedelta(days=draw(st.integers(0, 40))), why=draw(st.text(max_size=3)))


calendars = st.builds(
    CalendarDays,
    weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=8).map(tuple),
    closures=st.lists(closures(), max_size=6).map(tuple),
    extra=st.lists(dates, max_size=6).map(tuple),
    time_zone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia", "Africa/Cairo"]),
)
moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001
    datetime(2060, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-11)), SHANGHAI]),
)


def works(days: CalendarDays, day: date) -> bool:
    closed = any(c.first <= day <= c.last for c in days.closures)
    return day in days.extra or (day.weekday() in days.weekdays and not closed)


@steady
@given(calendars, dates)
def test_a_day_is_worked_as_the_words_of_the_calendar_say(days: CalendarDays, day: date) -> None:
    assert is_working_day(days, day) is works(days, day)


@steady
@given(calendars, moments, st.integers(1, 40))
def test_a_wait_of_n_days_holds_exactly_n_working_days(days: CalendarDays, start: datetime, n: int) -> None:
    end = add_working_days(days, start, n)
    last = local_date(days, end - timedelta(microseconds=1))
    assert is_working_day(days, last)
    assert end == end_of_day(days, last) > start
    assert working_days_between(days, start, last) == n
    assert working_day_before(days, last, n - 1) <= last
    assert add_working_days(days, start, n + 1) > end


@steady
@given(calendars, moments, moments, st.integers(0, 20))
def test_who_starts_later_never_ends_earlier(days: CalendarDays, a: datetime, b: datetime, n: int) -> None:
    first, second = sorted((a, b))
    assert add_working_days(days, first, n) <= add_working_days(days, second, n)


@steady
@given(calendars, dates, st.integers(0, 200))
def test_counting_agrees_with_looking_at_every_day(days: CalendarDays, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    counted = sum(works(days, first + timedelta(days=n)) for n in range(1, length + 1))
    assert working_days_between(days, first, last) == counted
    assert working_days_between(days, last, first) == -counted


@steady
@given(calendars, dates)
def test_closed_means_that_nobody_works_and_a_closure_is_why(days: CalendarDays, day: date) -> None:
    reason = closed_on(days, day)
    until = next_working_day(days, day)
    inside = [c.why.strip() or NO_REASON for c in days.closures if c.last >= day and c.first < until]
    assert (reason is None) is (until == day or not inside)
    assert reason is None or reason in inside


@steady
@given(calendars)
def test_equal_calendars_count_alike_whichever_object_holds_them(days: CalendarDays) -> None:
    again = CalendarDays.model_validate_json(days.model_dump_json())
    assert add_working_days(again, china(3, 9), 7) == add_working_days(days, china(3, 9), 7)
