"""What of a serial is held: dates, volumes and issues from and to, and embargoes (KBART, NISO RP-9-2014, 6.6).

Whether a cited year, volume and issue is held is yes, no, or unknown where only a part of the year is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_EMBARGO = re.compile(r"([RP])(\d{1,3})([DMY])", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_NUMBER = re.compile(r"\d+")


class WrongCoverage(ValueError):
    """A date or an embargo that cannot be understood; the text says which."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The range that can be read. Dates are `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; an empty end means until today.

    `embargo` is as KBART writes it: `P1Y` without the newest year, `R10Y` only the newest ten, `R10Y;P30D` both.
    """

    first_date: str = ""
    first_volume: str = ""
    first_issue: str = ""
    last_date: str = ""
    last_volume: str = ""
    last_issue: str = ""
    embargo: str = ""

    def check(self) -> None:
        """Raises WrongCoverage if a date or the embargo cannot be understood, or the range runs backwards."""
        first, last = _begin(self.first_date), _end(self.last_date)
        if first and last and first > last:
            raise WrongCoverage(f"the coverage ends ({self.last_date}) before it begins ({self.first_date})")
        for part in filter(None, re.split(r"[;\s]+", self.embargo)):
            if not _EMBARGO.fullmatch(part):
                raise WrongCoverage(f"the embargo {self.embargo} is none; write P1Y, R10Y, P6M or the like")

    def holds(self, year: str, volume: str, issue: str, today: date) -> bool | None:
        """Whether the issue that is cited is in the range; None if that cannot be told."""
        cited = _YEAR.search(year)
        years = (date(int(cited[1]), 1, 1), date(int(cited[1]), 12, 31)) if cited and int(cited[1]) else None
        within = self._by_year(years) if years else None
        if within is None:
            within = self._by_volume(_number(volume), _number(issue), in_range=years is not None)
        open_now = self._free_of_embargo(years, today)
        return False if within is False or open_now is False else (within and open_now)

    def _by_year(self, years: tuple[date, date]) -> bool | None:
        first, last = _begin(self.first_date), _end(self.last_date)
        begins, ends = years
        if (first and ends < first) or (last and begins > last):
            return False
        after_first = first is None or first < begins or (first == begins and not self._in_mid_year(first=True))
        before_last = last is None or last > ends or (last == ends and not self._in_mid_year(first=False))
        return True if after_first and before_last else None

    def _in_mid_year(self, *, first: bool) -> bool:
        """Whether a bare year as the end of the range is made narrower by an issue."""
        day, volume, issue = (
            (self.first_date, self.first_volume, self.first_issue)
            if first
            else (self.last_date, self.last_volume, self.last_issue)
        )
        number = _number(issue)
        return len(day) == 4 and _number(volume) is not None and number is not None and (number > 1 or not first)

    def _free_of_embargo(self, years: tuple[date, date] | None, today: date) -> bool | None:
        state: bool | None = True
        for kind, count, unit in _EMBARGO.findall(self.embargo):
            if years is None:
                return None
            edge = _before(today, int(count), unit.upper())
            old, new = years[1] <= edge, years[0] > edge
            fits, not_at_all = (old, new) if kind.upper() == "P" else (new, old)
            if not_at_all:
                return False
            state = state if fits else None
        return state

    def _by_volume(self, volume: int | None, issue: int | None, *, in_range: bool) -> bool | None:
        first, last = _number(self.first_volume), _number(self.last_volume)
        if volume is None or (first is None and last is None):
            return None
        if (first is not None and volume < first) or (last is not None and volume > last):
            return False
        at_first = _beside(volume, issue, first, _number(self.first_issue), -1)
        at_last = _beside(volume, issue, last, _number(self.last_issue), 1)
        if at_first is False or at_last is False:
            return False
        if at_first is None or at_last is None:
            return None
        known = first is not None and (last is not None or not self.last_date)
        return True if known or in_range else None

    def __str__(self) -> str:
        def end(day: str, volume: str, issue: str) -> str:
            parts = [day, f"v.{volume}" if volume else "", f"no.{issue}" if issue else ""]
            return " ".join(part for part in parts if part)

        first = end(self.first_date, self.first_volume, self.first_issue)
        last = end(self.last_date, self.last_volume, self.last_issue)
        span = f"{first}–{last}" if first or last else ""
        return f"{span} ({self.embargo})".strip() if self.embargo else span


def _beside(volume: int, issue: int | None, edge: int | None, edge_issue: int | None, side: int) -> bool | None:
    """Whether an issue of the first (-1) or last (1) volume is inside; True where it is another volume."""
    if edge is None or volume != edge or edge_issue is None or (side < 0 and edge_issue <= 1):
        return True
    if issue is None:
        return None
    return issue >= edge_issue if side < 0 else issue <= edge_issue


def _begin(text: str) -> date | None:
    if not text:
        return None
    year, month, day = _parts(text)
    return _day(text, year, month or 1, day or 1)


def _end(text: str) -> date | None:
    if not text:
        return None
    year, month, day = _parts(text)
    if day:
        return _day(text, year, month or 12, day)
    first = _day(text, year, month or 12, 1)
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1) if year < 9999 else date.max


def _parts(text: str) -> tuple[int, int, int]:
    found = _DATE.fullmatch(text)
    if not found:
        raise WrongCoverage(f"the date {text} is none; write YYYY, YYYY-MM or YYYY-MM-DD")
    return int(found[1]), int(found[2] or 0), int(found[3] or 0)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise WrongCoverage(f"there is no day {text}") from None


def _before(today: date, count: int, unit: str) -> date:
    if unit == "D":
        return today - timedelta(days=count)
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "Y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, 28))


def _number(text: str) -> int | None:
    """The only number in a volume or issue (`Vol. 12`, `12`, 第12卷); None for none, or for `3-4`."""
    found = _NUMBER.findall(text)
    return int(found[0]) if len(found) == 1 and len(found[0]) < 9 else None
