"""When something was published, as exactly as a citation says it: a day, a month, a year, several years, unknown."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_YEAR = r"(?P<year>1[4-9]\d\d|20\d\d|21\d\d)"
_NAME = rf"(?P<name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"{_YEAR}[-/. ](?P<month>\d\d?)[-/. ](?P<day>\d\d?)(?:t[\d:.z+-]*)?",
        rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)",
        rf"{_YEAR}[-/.](?P<month>\d\d?)",
        rf"{_YEAR}(?P<month>\d\d)",
        rf"{_YEAR} ?年 ?(?P<month>\d\d?) ?月(?: ?(?P<day>\d\d?) ?[日号])?",
        rf"{_NAME},? {_YEAR}",
        rf"{_NAME} (?P<day>\d\d?)(?:st|nd|rd|th)?,? {_YEAR}",
        rf"(?P<day>\d\d?)(?:st|nd|rd|th)?\.? {_NAME},? {_YEAR}",
        rf"{_YEAR},? {_NAME}(?: (?P<day>\d\d?))?",
    )
)
_SHORT_RANGE = re.compile(rf"{_YEAR}[-/](?P<end>\d\d)", re.ASCII)
_YEARS = re.compile(r"(?<!\d)(?:1[4-9]\d\d|20\d\d|21\d\d)(?!\d)", re.ASCII)
_DOUBT = re.compile(
    r"\?|\bca\b|\bcirca\b|\babout\b|\bbefore\b|\bafter\b|\bnot\b|约|約|前|后|後|民国|民國|昭和|平成|令和"
)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212~\u301c", "-"))


@dataclass(frozen=True, slots=True)
class Published:
    """The first and the last day on which it can have been published, both included."""

    first: date
    last: date

    @property
    def exact(self) -> bool:
        """Whether at least the month is known."""
        return (self.first.year, self.first.month) == (self.last.year, self.last.month)


def published(text: str) -> Published | None:
    """From what a citation has as its year: ``2021``, ``2021-05``, ``2021-05-03``, ``202105``, ``May 2021``, 2021年5月.

    Where the year is clear and the rest is not (``Spring 2021``, ``03/05/2021``) the whole year is meant; of several
    years (``2019/2020``) all of them. None: unknown, in doubt (``2021?``), or no year of the Gregorian calendar
    (民国36年, ``in press``).
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).casefold().split())
    for form in _FORMS:
        found = form.fullmatch(plain)
        if found:
            span = _span(found)
            if span:
                return span
    short = _SHORT_RANGE.fullmatch(plain)
    if short:
        return _two_years(int(short["year"]), int(short["end"]))
    years = [int(year) for year in _YEARS.findall(plain)]
    if not years or _DOUBT.search(plain):
        return None
    return Published(date(min(years), 1, 1), date(max(years), 12, 31))


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 29 February becomes the 28th."""
    if day.year - years < 1:
        return date.min
    if (day.month, day.day) == (2, 29) and not calendar.isleap(day.year - years):
        return date(day.year - years, 2, 28)
    return day.replace(year=day.year - years)


def _span(found: re.Match[str]) -> Published | None:
    parts = found.groupdict()
    month = _MONTHS[parts["name"]] if parts.get("name") else int(parts["month"])
    year, day = int(parts["year"]), parts.get("day")
    try:
        if day:
            exact = date(year, month, int(day))
            return Published(exact, exact)
        return Published(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    except (ValueError, calendar.IllegalMonthError):
        return None


def _two_years(year: int, end: int) -> Published | None:
    """``2019/20``; the second year must follow."""
    last = year - year % 100 + end
    if last < year:
        last += 100
    return Published(date(year, 1, 1), date(last, 12, 31)) if last - year in (1, 2) else None
