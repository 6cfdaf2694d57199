"""The copyright ledger: what copies count under which key and year, reserved when a request is sent.

A claim is taken in the commit that sends, made final when the copy is received, and released when the request ends
without one. So a bad scan that is sent again counts once, and two requests cannot both take the last place: whoever
decides on a claim holds the guard row of its key.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from illcore.request import FILLED_OUTCOMES, TERMINAL, Request
from illcore.tables import LIVE_CLAIM, claim, hold
from illcore.tables import request as request_row
from illcore.verdict import Claim

ClaimStatus = Literal["", "reserved", "final", "released"]
Place = tuple[str, int]
"""A ledger key and a year; year 0 stands for all years."""

_ADD = insert(claim)
_CHANGE = (
    update(claim)
    .where(claim.c.request_id == bindparam("of"), claim.c.key == bindparam("under"))
    .values(status=bindparam("to"), year=bindparam("in_year"), changed_at=bindparam("now"))
)
_KEYS_OF = select(claim.c.key, claim.c.status, claim.c.year).where(claim.c.request_id == bindparam("request_id"))
_LIVE = select(claim.c.key, claim.c.year, claim.c.until, claim.c.request_id).where(
    claim.c.library == bindparam("library"),
    claim.c.key.in_(bindparam("keys", expanding=True)),
    LIVE_CLAIM,
    or_(claim.c.until.is_(None), claim.c.until >= bindparam("today")),
    claim.c.request_id.not_in(bindparam("without", expanding=True)),
)
_LISTED = select(claim).order_by(claim.c.year, claim.c.title, claim.c.key, claim.c.taken_at)


def claim_status(request: Request) -> ClaimStatus:
    """What the request's claims are worth now: empty before it is sent and where nothing is claimed."""
    if request.role != "requester" or request.sent_at is None or request.clearance is None:
        return ""
    if request.supplied_as == "loan" and request.shipped_at is not None:
        return "released"
    if request.received_at is not None:
        return "final"
    if request.state in TERMINAL:
        return "final" if request.outcome in FILLED_OUTCOMES else "released"
    return "reserved"


def claims_of(request: Request) -> tuple[Claim, ...]:
    """What the verdict claims."""
    return request.clearance.claims if request.clearance is not None else ()


def year_of(one: Claim, request: Request, local_day: Callable[[datetime], date]) -> int:
    """The year in which the claim counts: its own, or that of the receipt where the policy counts so."""
    if one.year and one.year_of == "fill" and request.received_at is not None:
        return local_day(request.received_at).year
    return one.year


def count(
    connection: Connection, library: str, places: Iterable[Place], today: date, without: Iterable[str] = ()
) -> dict[Place, int]:
    """How many live claims stand under each (key, year), those of some requests left out."""
    wanted = list(places)
    found = dict.fromkeys(wanted, 0)
    if not wanted:
        return found
    values = {
        "library": library,
        "keys": sorted({key for key, _ in wanted}),
        "today": today.isoformat(),
        "without": list(without),
    }
    for row in connection.execute(_LIVE, values):
        for place in {(row.key, row.year), (row.key, 0)}:
            if place in found:
                found[place] += 1
    return found


class Taken(Mapping[Place, int]):
    """What is taken in a library, read when a policy asks for it; it has no length and no order."""

    def __init__(self, read: Callable[[Place], int]) -> None:
        self._read = read
        self._known: dict[Place, int] = {}

    def __getitem__(self, place: Place) -> int:
        if place not in self._known:
            self._known[place] = self._read(place)
        return self._known[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class LedgerRows:
    """Collects what the requests of a batch claim, then writes it."""

    def __init__(self, now: datetime, local_day: Callable[[str, datetime], date]) -> None:
        self._now = now
        self._local_day = local_day
        self._changed: list[Request] = []

    def changed(self, before: Request | None, after: Request) -> None:
        """Note a request whose claims may be worth something else now."""
        worth = ("", ()) if before is None else (claim_status(before), claims_of(before))
        if worth != (claim_status(after), claims_of(after)):
            self._changed.append(after)

    def write(self, connection: Connection) -> None:
        """Take, finish and release."""
        for request in self._changed:
            known = {row.key: row for row in connection.execute(_KEYS_OF, {"request_id": request.id})}
            status = claim_status(request)
            claimed = {one.key: one for one in claims_of(request)} if status else {}
            for key, one in claimed.items():
                worth = "final" if one.count_on == "requested" else status
                year = year_of(one, request, partial(self._local_day, request.library))
                if key not in known:
                    connection.execute(_ADD, self._row(request, one, worth, year))
                elif (known[key].status, known[key].year) != (worth, year):
                    self._set(connection, request.id, key, worth, year)
            for key, row in known.items():
                if key not in claimed and row.status != "released":
                    self._set(connection, request.id, key, "released", row.year)

    def _set(self, connection: Connection, request_id: str, key: str, status: str, year: int) -> None:
        values = {"of": request_id, "under": key, "to": status, "in_year": year, "now": self._now}
        connection.execute(_CHANGE, values)

    def _row(self, request: Request, one: Claim, status: str, year: int) -> dict[str, Any]:
        kept = request.clearance.retention_until if request.clearance is not None else None
        return {
            "request_id": request.id,
            "key": one.key,
            "library": request.library,
            "year": year,
            "claim_limit": one.limit,
            "until": one.until.isoformat() if one.until else None,
            "status": status,
            "title": one.title,
            "issn": one.issn,
            "fee": str(one.fee.amount) if one.fee else None,
            "currency": one.fee.currency if one.fee else "",
            "retention_until": kept.isoformat() if kept else None,
            "taken_at": self._now,
            "changed_at": self._now,
        }


def listed(
    connection: Connection, library: str, year: int | None = None, released: bool = False
) -> list[dict[str, Any]]:
    """What the ledger holds, by year and title; without those that were released, unless asked for."""
    asked = _LISTED.where(claim.c.library == library)
    if year is not None:
        asked = asked.where(claim.c.year == year)
    if not released:
        asked = asked.where(LIVE_CLAIM)
    return [
        {
            "request": row["request_id"],
            "key": row["key"],
            "year": row["year"] or None,
            "limit": row["claim_limit"],
            "status": row["status"],
            "title": row["title"],
            "issn": row["issn"],
            "fee": {"amount": row["fee"], "currency": row["currency"]} if row["fee"] else None,
            "until": row["until"],
            "retention_until": row["retention_until"],
            "taken_at": row["taken_at"],
        }
        for row in connection.execute(asked).mappings()
    ]


def purge(connection: Connection, library: str, today: date) -> int:
    """Delete the claims whose retention has passed and that count no more, and that no hold keeps; gives how many."""
    return connection.execute(claim.delete().where(*_past(library, today))).rowcount


def past(connection: Connection, library: str, today: date) -> int:
    """How many ``purge`` would delete."""
    return int(connection.execute(select(func.count()).select_from(claim).where(*_past(library, today))).scalar_one())


_HELD = (
    select(request_row.c.id)
    .join(
        hold,
        or_(
            and_(hold.c.kind == "request", hold.c.subject == request_row.c.id),
            and_(hold.c.kind == "reader", hold.c.subject == request_row.c.reader_id),
        ),
    )
    .where(hold.c.library == request_row.c.library, request_row.c.library == bindparam("held_in"))
)


def _past(library: str, today: date) -> tuple[Any, ...]:
    return (
        claim.c.request_id.not_in(_HELD.params(held_in=library)),
        claim.c.library == library,
        claim.c.retention_until.is_not(None),
        claim.c.retention_until < today.isoformat(),
        claim.c.year < today.year,
        claim.c.year != 0,
    )
