"""Working days: when a wait ends, in a library's own calendar and time zone."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from illcore.errors import Invalid
from illcore.model import CalendarDays

NO_REASON = "no reason given"
"""What ``closed_on`` answers for a closure that does not say why."""

LONGEST_GAP = 3 * 366
"""Days without one working day after which a calendar counts as wrong."""

_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
_LAST_ORDINAL = date.max.toordinal()


class _Table:
    """A calendar prepared for counting. Days are proleptic Gregorian ordinals; ordinal 1 is a Monday."""

    __slots__ = ("_added", "_closed_from", "_closed_to", "_extra", "_weekday", "_weekdays_before", "zone")

    def __init__(self, days: CalendarDays) -> None:
        self.zone = _zone(days.time_zone)
        self._weekday = tuple(n in days.weekdays for n in range(7))
        self._weekdays_before = tuple(sum(self._weekday[:n]) for n in range(8))
        spans = _merged((c.first.toordinal(), c.last.toordinal()) for c in days.closures)
        self._closed_from = [first for first, _ in spans]
        self._closed_to = [last for _, last in spans]
        self._extra: frozenset[int] = frozenset()
        extra = sorted({day.toordinal() for day in days.extra})
        self._added = [day for day in extra if not self.works(day)]
        self._extra = frozenset(extra)

    def works(self, day: int) -> bool:
        if day in self._extra:
            return True
        if not self._weekday[(day - 1) % 7]:
            return False
        span = bisect_right(self._closed_from, day) - 1
        return span < 0 or self._closed_to[span] < day

    def after(self, day: int, n: int) -> int:
        """The n-th working day after this one, or before it if n is negative."""
        step = 1 if n > 0 else -1
        left, idle = abs(n), 0
        while left:
            day += step
            if not 0 < day <= _LAST_ORDINAL or idle > LONGEST_GAP:
                raise Invalid(
                    f"The calendar has no working day within {LONGEST_GAP // 366} years; "
                    "set its weekdays, shorten its closures or add extra working days."
                )
            if self.works(day):
                left, idle = left - 1, 0
            else:
                idle += 1
        return day

    def worked(self, day: int) -> int:
        """How many working days there are from ordinal 1 up to this one, itself included."""
        total = self._weekdays_until(day) + bisect_right(self._added, day)
        for first, last in zip(self._closed_from, self._closed_to, strict=True):
            if first > day:
                break
            total -= self._weekdays_until(min(last, day)) - self._weekdays_until(first - 1)
        return total

    def _weekdays_until(self, day: int) -> int:
        weeks, rest = divmod(day, 7)
        return weeks * self._weekdays_before[7] + self._weekdays_before[rest]

    def end(self, day: int) -> datetime:
        if day >= _LAST_ORDINAL:
            return _LAST_MOMENT
        return datetime.combine(date.fromordinal(day + 1), time.min, self.zone).astimezone(UTC)


def is_working_day(days: CalendarDays, day: date) -> bool:
    """Whether the library works on that date: an extra day always, else a weekday outside every closure."""
    return _table(days).works(day.toordinal())


def add_working_days(days: CalendarDays, start: datetime, n: int) -> datetime:
    """When a wait of ``n`` working days that begins at ``start`` is over, in UTC.

    That is the end of the n-th working day after the date that ``start`` has in the calendar's time zone; the rest of
    that date itself does not count. With ``n`` 0 it is the end of the same date if it is a working day, else of the
    next working day. Raises Invalid for a negative ``n``, a ``start`` without time zone, an unknown time zone, and a
    calendar without a working day in three years.
    """
    if n < 0:
        raise Invalid(f"A wait cannot be {n} working days; give 0 or more.")
    table = _table(days)
    return _end_of_wait(table, _ordinal(table, start), n)


def working_day_before(days: CalendarDays, day: date, n: int) -> date:
    """The n-th working day before a date; the date itself for ``n`` 0. Raises Invalid as ``add_working_days`` does."""
    if n < 0:
        raise Invalid(f"Cannot go back {n} working days; give 0 or more.")
    return date.fromordinal(_table(days).after(day.toordinal(), -n))


def next_working_day(days: CalendarDays, day: date) -> date:
    """That date if the library works on it, else the next on which it does. Raises Invalid if there is none."""
    return date.fromordinal(_table(days).after(day.toordinal() - 1, 1))


def working_days_between(days: CalendarDays, a: date | datetime, b: date | datetime) -> int:
    """How many working days come after ``a`` until ``b``, ``b`` included; negative if ``b`` is before ``a``.

    Datetimes count as the date that they have in the calendar's time zone.
    """
    table = _table(days)
    return table.worked(_ordinal(table, b)) - table.worked(_ordinal(table, a))


def local_date(days: CalendarDays, at: datetime) -> date:
    """The date on the wall of the library at that moment."""
    return date.fromordinal(_ordinal(_table(days), at))


def end_of_day(days: CalendarDays, day: date) -> datetime:
    """The moment at which that date is over in the calendar's time zone, in UTC (the last of all dates never ends)."""
    return _table(days).end(day.toordinal())


def closed_on(days: CalendarDays, day: date) -> str | None:
    """Why the library is closed on that date: the closure's reason (``NO_REASON`` if it gives none), else None.

    A plain weekend is no closure: what comes in waits for the next working day. A weekend that runs into a closure
    is part of it, for nobody will be there before the closure is over.
    """
    table = _table(days)
    first = day.toordinal()
    until: int | None
    if table.works(first):
        return None
    try:
        until = table.after(first, 1)
    except Invalid:
        until = None
    spans = sorted(days.closures, key=lambda closure: (closure.first, closure.last))
    for closure in spans:
        if (until is None or closure.first.toordinal() < until) and closure.last.toordinal() >= first:
            return closure.why.strip() or NO_REASON
    return NO_REASON if until is None else None


def _ordinal(table: _Table, day: date | datetime) -> int:
    if not isinstance(day, datetime):
        return day.toordinal()
    if day.tzinfo is None:
        raise Invalid(f"The time {day.isoformat()} has no time zone; give it one, e.g. {day.isoformat()}Z.")
    return day.astimezone(table.zone).toordinal()


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f"The calendar's time zone {name!r} is not known; use an IANA name such as Asia/Shanghai.",
            {"time_zone": name},
        ) from None


@lru_cache(maxsize=4096)
def _end_of_wait(table: _Table, day: int, n: int) -> datetime:
    return table.end(table.after(day, n) if n else table.after(day - 1, 1))


@lru_cache(maxsize=512)
def _by_value(days: CalendarDays) -> _Table:
    return _Table(days)


_by_identity: dict[int, tuple[CalendarDays, _Table]] = {}


def _table(days: CalendarDays) -> _Table:
    """Hashing a calendar by value costs more than the count itself, so the same object is recognised first."""
    known = _by_identity.get(id(days))
    if known is not None and known[0] is days:
        return known[1]
    table = _by_value(days)
    if len(_by_identity) >= 512:
        _by_identity.clear()
    _by_identity[id(days)] = (days, table)
    return table
