"""Dates, amounts and services in texts that people and systems write, in English and Chinese. Pure."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from illcore.model import Money, ServiceType

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*年\s*(?P<number>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>(?:19|20)\d\d)",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)",
        r"(?<!\d)(?P<number>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}(?![a-z])",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)",
    )
)
_EUROPEAN = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d)(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_SIGNS = {"¥": "CNY", "￥": "CNY", "元": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}
_CURRENCIES = frozenset("AUD CAD CHF CNY CZK DKK EUR GBP HKD INR JPY KRW MOP NOK NZD PLN RUB SEK SGD TWD USD".split())
_MONEY = re.compile(
    r"(?P<before>[A-Z]{3}|[¥￥$€£])?\s*(?P<amount>\d{1,8}(?:[.,]\d{1,4})?)\s*(?P<after>[A-Z]{3}|元|€|£)?(?![A-Za-z\d])"
)


def date_in(text: str, today: date | None = None) -> date | None:
    """The first date that a text names. A day without a year is the next such day from `today`.

    `31/01/2026` is read only if one of its numbers can be no month, so that nothing is guessed.
    """
    found: tuple[int, date] | None = None
    for pattern in _DATES:
        match = pattern.search(text)
        day = _dated(match.groupdict(), today) if match else None
        if match and day and (found is None or match.start() < found[0]):
            found = match.start(), day
    if found:
        return found[1]
    european = _EUROPEAN.search(text)
    if european:
        first, second, year = int(european[1]), int(european[3]), int(european[4])
        dotted = european[2] == "."
        if first > 12 or dotted or first == second:
            return _made(year, second, first)
        return _made(year, first, second) if second > 12 else None
    compact = _COMPACT.search(text)
    return _made(int(compact[1]), int(compact[2]), int(compact[3])) if compact else None


def _dated(parts: dict[str, str | None], today: date | None) -> date | None:
    month = parts.get("month")
    number = _MONTHS.index(month[:3].lower()) + 1 if month else int(parts.get("number") or 0)
    day = int(parts["day"] or 0)
    year = parts.get("year")
    if year:
        return _made(int(year), number, day)
    if today is None:
        return None
    this = _made(today.year, number, day)
    return this if this is None or this >= today else _made(today.year + 1, number, day)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def instant_in(text: str) -> datetime | None:
    """A time as ISO 8601 with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def money_in(text: str) -> Money | None:
    """The first amount with a currency (¥ 元 $ € £ or a code of `_CURRENCIES`); None without a currency.

    Where the text is an amount and nothing else, any ISO 4217 code is read.
    """
    alone = _MONEY.fullmatch(text.strip()[:500])
    for match in [alone] if alone else _MONEY.finditer(text[:500]):
        currency = match["before"] or match["after"] or ""
        if not (alone or currency in _SIGNS or currency in _CURRENCIES):
            continue
        try:
            amount = Decimal(match["amount"].replace(",", "."))
            return Money(amount=amount, currency=_SIGNS.get(currency, currency))
        except (InvalidOperation, ValidationError):
            continue
    return None


def service_in(text: str) -> ServiceType | None:
    """`LOAN`, `PHOTOCOPY`, 借阅, 复制 … as a service type."""
    words = text.casefold()
    copy = any(word in words for word in ("copy", "photo", "scan", "复制", "复印", "传递", "扫描"))
    loan = any(word in words for word in ("loan", "lend", "borrow", "借"))
    if copy and loan:
        return "copy_or_loan"
    return "copy" if copy else "loan" if loan else None
