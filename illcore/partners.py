"""The partners of a library: added, changed, imported and found by any of their symbols."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import ValidationError
from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from illcore.errors import Conflict, Invalid, NotFound
from illcore.mistakes import by_field, sentence
from illcore.model import Partner
from illcore.prepared import Prepared
from illcore.store.codec import dump_partner, load_partner
from illcore.store.upsert import upsert
from illcore.tables import calendar, partner, partner_symbol

Status = Literal["prospect", "active", "suspended", "ended"]

_ROWS = select(partner.c.body, calendar.c.body.label("days"), partner.c.calendar, partner.c.version).select_from(
    partner.outerjoin(calendar, (calendar.c.library == partner.c.library) & (calendar.c.name == partner.c.calendar))
)
_BY_SYMBOL = _ROWS.join(
    partner_symbol,
    (partner_symbol.c.library == partner.c.library) & (partner_symbol.c.partner == partner.c.symbol),
).where(partner_symbol.c.library == bindparam("library"), partner_symbol.c.symbol == bindparam("symbol"))
_FIND = Prepared(_BY_SYMBOL)
_BY_SYMBOL_LOCKED = _BY_SYMBOL.with_for_update(of=partner)
_OF_LIBRARY = _ROWS.where(partner.c.library == bindparam("library")).order_by(partner.c.symbol)
_WITH_STATUS = _OF_LIBRARY.where(partner.c.status == bindparam("status"))
_OWNERS = select(partner_symbol.c.symbol, partner_symbol.c.partner).where(
    partner_symbol.c.library == bindparam("library"), partner_symbol.c.symbol.in_(bindparam("symbols", expanding=True))
)
_AT_ONCE = 1000
_CALENDAR = select(calendar.c.name).where(
    calendar.c.library == bindparam("library"), calendar.c.name == bindparam("calendar")
)
_PUT = upsert(
    partner,
    ("library", "symbol"),
    ("kind", "status", "account", "name_en", "name_zh", "calendar", "body", "version", "updated_at"),
)
_NAME = insert(partner_symbol)
_FORGET_NAMES = delete(partner_symbol).where(
    partner_symbol.c.library == bindparam("of_library"), partner_symbol.c.partner == bindparam("of_partner")
)


@dataclass(slots=True, frozen=True)
class Imported:
    """What became of one item of a list: the partner's symbol, or one sentence on what is wrong with it."""

    index: int
    symbol: str = ""
    error: str = ""


def find(connection: Connection, library: str, symbol: str) -> Partner | None:
    """The partner that goes by this symbol, be it one of its others; None if there is none."""
    row = _FIND.read(connection, {"library": library, "symbol": symbol}).first()
    return None if row is None else load_partner(row.body, row.days)


def get(connection: Connection, library: str, symbol: str) -> Partner:
    """The same; NotFound if there is none."""
    found = find(connection, library, symbol)
    if found is None:
        raise NotFound(f"{symbol} is not a partner of {library}; `ill partners import FILE.json` adds partners")
    return found


def owners(connection: Connection, library: str, symbols: Iterable[str]) -> dict[str, str]:
    """The main symbols of those partners that go by one of these symbols; what belongs to nobody is left out."""
    wanted = sorted({symbol for symbol in symbols if "\0" not in symbol})
    found: dict[str, str] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        rows = connection.execute(_OWNERS, {"library": library, "symbols": wanted[at : at + _AT_ONCE]})
        found.update({row.symbol: row.partner for row in rows})
    return found


def listed(connection: Connection, library: str, status: Status | None = None) -> list[Partner]:
    """All partners of a library, by symbol."""
    statement = _OF_LIBRARY if status is None else _WITH_STATUS
    rows = connection.execute(statement, {"library": library} | ({"status": status} if status else {}))
    return [load_partner(row.body, row.days) for row in rows]


def version_of(connection: Connection, library: str, symbol: str) -> int:
    """How often the record was written; NotFound if there is none."""
    row = connection.execute(_BY_SYMBOL, {"library": library, "symbol": symbol}).first()
    if row is None:
        raise NotFound(f"{symbol} is not a partner of {library}")
    return int(row.version)


def add(connection: Connection, library: str, given: Partner | Mapping[str, Any], now: datetime) -> Partner:
    """A new partner. Invalid if a field is wrong or a symbol is taken, also by one of another partner's symbols."""
    one, shared = _checked(connection, library, given)
    if find(connection, library, one.symbol) is not None:
        raise Invalid(f"{one.symbol} is a partner of {library} already", {"symbol": "is taken"})
    return _write(connection, library, one, shared, 1, now)


def put(
    connection: Connection,
    library: str,
    given: Partner | Mapping[str, Any],
    now: datetime,
    version: int | None = None,
) -> Partner:
    """Add a partner, or replace the one with this symbol.

    ``given`` may name a shared calendar of the library, ``"calendar": "<name>"``. Invalid as in ``add``; Conflict if
    ``version`` is given and the record was written since.
    """
    one, shared = _checked(connection, library, given)
    before = connection.execute(_BY_SYMBOL_LOCKED, {"library": library, "symbol": one.symbol}).first()
    last = 0 if before is None else before.version
    if version is not None and version != last:
        raise Conflict(f"somebody else changed {one.symbol} meanwhile; read it again")
    return _write(connection, library, one, shared, last + 1, now)


def set_status(connection: Connection, library: str, symbol: str, status: Status, now: datetime) -> Partner:
    """Change only the status. Partners are never deleted: requests of the past refer to them."""
    if status not in get_args(Status):
        raise Invalid(
            f"status {status!r} does not exist; there are {', '.join(get_args(Status))}", {"status": "unknown"}
        )
    row = connection.execute(_BY_SYMBOL_LOCKED, {"library": library, "symbol": symbol}).first()
    if row is None:
        raise NotFound(f"{symbol} is not a partner of {library}")
    one = load_partner(row.body, None).model_copy(update={"status": status})
    return _write(connection, library, one, row.calendar, row.version + 1, now)


def import_list(
    connection: Connection, library: str, items: Iterable[Mapping[str, Any] | Partner], now: datetime
) -> list[Imported]:
    """Put every item that is right; the answer names what is wrong with each of the others, which change nothing."""
    results = []
    for index, item in enumerate(items):
        try:
            results.append(Imported(index, put(connection, library, item, now).symbol))
        except Invalid as error:
            results.append(Imported(index, error=str(error)))
    return results


def _checked(connection: Connection, library: str, given: Partner | Mapping[str, Any]) -> tuple[Partner, str | None]:
    one, shared = _read(connection, library, given)
    symbols = [one.symbol, *one.other_symbols]
    twice = {symbol for symbol in symbols if symbols.count(symbol) > 1}
    if twice:
        raise Invalid(f"{one.symbol}: {', '.join(sorted(twice))} is named twice", {"other_symbols": "named twice"})
    for symbol, owner in connection.execute(_OWNERS, {"library": library, "symbols": symbols}):
        if owner != one.symbol:
            field = "symbol" if symbol == one.symbol else "other_symbols"
            raise Invalid(f"{one.symbol}: {symbol} is a symbol of the partner {owner} already", {field: "is taken"})
    return one, shared


def _read(connection: Connection, library: str, given: Partner | Mapping[str, Any]) -> tuple[Partner, str | None]:
    if isinstance(given, Partner):
        return given, None
    if not isinstance(given, Mapping):
        raise Invalid(f"a partner is an object with a symbol, not {type(given).__name__}")
    fields = dict(given)
    shared = fields.pop("calendar") if isinstance(fields.get("calendar"), str) else None
    if shared is not None and connection.execute(_CALENDAR, {"library": library, "calendar": shared}).first() is None:
        raise Invalid(
            f"{fields.get('symbol', 'the partner')}: {library} has no calendar named {shared!r}; add it first",
            {"calendar": "unknown"},
        )
    try:
        return Partner.model_validate(fields), shared
    except ValidationError as error:
        wrong = by_field(error, "partner")
        raise Invalid(f"{fields.get('symbol') or 'a partner'}: {sentence(error)}", wrong) from None


def _write(
    connection: Connection, library: str, one: Partner, shared: str | None, version: int, now: datetime
) -> Partner:
    row = {
        "library": library,
        "symbol": one.symbol,
        "kind": one.kind,
        "status": one.status,
        "account": one.account,
        "name_en": one.name.en,
        "name_zh": one.name.zh,
        "calendar": shared,
        "body": dump_partner(one),
        "version": version,
        "updated_at": now,
    }
    connection.execute(_PUT, row)
    connection.execute(_FORGET_NAMES, {"of_library": library, "of_partner": one.symbol})
    names = [
        {"library": library, "symbol": symbol, "partner": one.symbol} for symbol in (one.symbol, *one.other_symbols)
    ]
    try:
        connection.execute(_NAME, names)
    except IntegrityError as error:
        raise Conflict(f"a symbol of {one.symbol} was given to another partner at this moment; try again") from error
    return get(connection, library, one.symbol)
