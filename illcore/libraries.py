"""The libraries that the engine serves, with their policies, and the calendars that their records share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from sqlalchemy import Connection, bindparam, delete, select

from illcore.errors import Conflict, Invalid, NotFound
from illcore.mistakes import sentence
from illcore.model import CalendarDays
from illcore.policy import Library
from illcore.store.upsert import upsert
from illcore.tables import calendar, library, partner

_CALENDAR: TypeAdapter[CalendarDays] = TypeAdapter(CalendarDays)
_ROWS = select(library.c.symbol, library.c.body, library.c.version, calendar.c.body.label("days")).select_from(
    library.outerjoin(calendar, (calendar.c.library == library.c.symbol) & (calendar.c.name == library.c.calendar))
)
_ALL = _ROWS.order_by(library.c.symbol)
_ONE = _ROWS.where(library.c.symbol == bindparam("symbol"))
_LOCKED = _ONE.with_for_update(of=library)
_PUT = upsert(library, ("symbol",), ("calendar", "body", "version", "updated_at"))
_CALENDARS = select(calendar.c.name, calendar.c.body).where(calendar.c.library == bindparam("library"))
_PUT_CALENDAR = upsert(calendar, ("library", "name"), ("body", "updated_at"))
_DROP_CALENDAR = delete(calendar).where(
    calendar.c.library == bindparam("of_library"), calendar.c.name == bindparam("of_name")
)
_USERS = (
    select(partner.c.symbol)
    .where(partner.c.library == bindparam("library"), partner.c.calendar == bindparam("name"))
    .union_all(
        select(library.c.symbol).where(
            library.c.symbol == bindparam("library"), library.c.calendar == bindparam("name")
        )
    )
)


def listed(connection: Connection) -> dict[str, Library]:
    """All libraries by symbol, as ``apply`` takes them."""
    return {row.symbol: _library(row) for row in connection.execute(_ALL)}


def get(connection: Connection, symbol: str) -> Library:
    """One library; NotFound if the engine does not serve it."""
    row = connection.execute(_ONE, {"symbol": symbol}).first()
    if row is None:
        raise NotFound(f"this engine does not serve the library {symbol}; `ill init` adds libraries")
    return _library(row)


def put(
    connection: Connection,
    given: Library | Mapping[str, Any],
    now: datetime,
    calendar: str | None = None,
    version: int | None = None,
) -> Library:
    """Add a library or replace its record. ``calendar`` names a shared calendar that its policy is to use.

    Raises Invalid (a field is wrong, or no such calendar), and Conflict if ``version`` is given and was passed.
    """
    try:
        one = given if isinstance(given, Library) else Library.model_validate(given)
    except ValidationError as error:
        raise Invalid(f"library: {sentence(error)}") from None
    if calendar is not None and calendar not in calendars(connection, one.symbol):
        raise Invalid(f"{one.symbol} has no calendar named {calendar!r}; add it first", {"calendar": "unknown"})
    before = connection.execute(_LOCKED, {"symbol": one.symbol}).first()
    last = 0 if before is None else before.version
    if version is not None and version != last:
        raise Conflict(f"somebody else changed {one.symbol} meanwhile; read it again")
    row = {
        "symbol": one.symbol,
        "calendar": calendar,
        "body": one.model_dump_json(exclude_defaults=True),
        "version": last + 1,
        "updated_at": now,
    }
    connection.execute(_PUT, row)
    return get(connection, one.symbol)


def version_of(connection: Connection, symbol: str) -> int:
    """How often the record was written, 0 if there is none."""
    row = connection.execute(_ONE, {"symbol": symbol}).first()
    return 0 if row is None else int(row.version)


def calendars(connection: Connection, library: str) -> dict[str, CalendarDays]:
    """The shared calendars of a library by name, e.g. one with the public holidays of a country."""
    rows = connection.execute(_CALENDARS, {"library": library})
    return {name: _CALENDAR.validate_json(body) for name, body in rows}


def put_calendar(
    connection: Connection, library: str, name: str, given: CalendarDays | Mapping[str, Any], now: datetime
) -> CalendarDays:
    """Add or replace a shared calendar; whoever refers to it by name has the new days at once. Invalid if wrong."""
    if not name.strip():
        raise Invalid("a calendar needs a name", {"name": "is empty"})
    try:
        days = given if isinstance(given, CalendarDays) else _CALENDAR.validate_python(given)
    except ValidationError as error:
        raise Invalid(f"calendar {name}: {sentence(error)}") from None
    body = days.model_dump_json(exclude_defaults=True)
    connection.execute(_PUT_CALENDAR, {"library": library, "name": name, "body": body, "updated_at": now})
    return days


def drop_calendar(connection: Connection, library: str, name: str) -> None:
    """Remove a shared calendar. Invalid while somebody refers to it; NotFound if there is none."""
    users = list(connection.execute(_USERS, {"library": library, "name": name}).scalars())
    if users:
        raise Invalid(f"the calendar {name} is used by {', '.join(sorted(users)[:5])}; give them another one first")
    if connection.execute(_DROP_CALENDAR, {"of_library": library, "of_name": name}).rowcount != 1:
        raise NotFound(f"{library} has no calendar named {name!r}")


def _library(row: Any) -> Library:
    if row.days is None:
        return Library.model_validate_json(row.body)
    body = from_json(row.body)
    policy = {**body.get("policy", {}), "calendar": from_json(row.days)}
    return Library.model_validate({**body, "policy": policy})
