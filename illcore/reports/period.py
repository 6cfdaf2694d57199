"""Which requests a report is about: the cohort, its days in the library's time zone, and the months they fall into."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, case, literal

from illcore.errors import Invalid

Cohort = Literal["created", "closed"]
By = Literal["partner", "month", "service_type", "publication_type", "category", "department"]
OF_READERS: tuple[By, ...] = ("category", "department")
"""Keys that tell of readers: their small counts are hidden."""


@dataclass(slots=True, frozen=True)
class Period:
    """A cohort: requests ``created`` or ``closed`` from ``since`` to ``until``, both days included, None = no limit.

    Days begin at midnight in ``time_zone``. Raises Invalid for days in the wrong order and an unknown time zone.
    """

    cohort: Cohort = "created"
    since: date | None = None
    until: date | None = None
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise Invalid(f"the report begins on {self.since}, after its end on {self.until}; swap since and until")
        self.zone()

    def zone(self) -> ZoneInfo:
        """The time zone in which days and months begin."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Invalid(
                f"the time zone {self.time_zone!r} is not known; use an IANA name such as Asia/Shanghai",
                {"time_zone": self.time_zone},
            ) from None

    def covers(self, stamp: ColumnElement[datetime]) -> list[ColumnElement[bool]]:
        """The conditions under which a row with this stamp belongs to the period; a row without it never does."""
        conditions: list[ColumnElement[bool]] = []
        if self.since:
            conditions.append(stamp >= self._midnight(self.since))
        if self.until and self.until < date.max:
            conditions.append(stamp < self._midnight(self.until + timedelta(days=1)))
        return conditions or [stamp.is_not(None)]

    def months(self, first: datetime, last: datetime) -> list[tuple[str, datetime]]:
        """The months from one instant to another, each ``YYYY-MM`` with the instant at which it begins."""
        zone = self.zone()
        begin, end = first.astimezone(zone), last.astimezone(zone)
        numbers = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month)
        days = [date(number // 12, number % 12 + 1, 1) for number in numbers]
        return [(day.strftime("%Y-%m"), self._midnight(day)) for day in days]

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone()).astimezone(UTC)


def month_of(stamp: ColumnElement[datetime], months: list[tuple[str, datetime]]) -> ColumnElement[str]:
    """The month of a stamp as SQL that both databases read alike: a balanced tree of comparisons with month starts."""
    if len(months) < 2:
        return literal(months[0][0] if months else "")
    middle = len(months) // 2
    return case((stamp < months[middle][1], month_of(stamp, months[:middle])), else_=month_of(stamp, months[middle:]))
