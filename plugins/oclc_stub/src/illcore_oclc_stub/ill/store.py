"""Rows of the requests that were made at OCLC: whose they are, and which wait for an answer to a StatusRequest."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from illcore.store.upsert import upsert

from ..tables import requests

_COLUMNS = tuple(requests.c[name] for name in "number library partner request_id made_at asked_at".split())
_HERE = requests.c.institution == bindparam("here")
_BY_NUMBER = select(*_COLUMNS).where(_HERE, requests.c.number == bindparam("wanted"))
_BY_IDS = select(*_COLUMNS).where(_HERE, requests.c.request_id.in_(bindparam("wanted", expanding=True)))
_ASKED = select(*_COLUMNS).where(_HERE, requests.c.asked_at.is_not(None)).order_by(requests.c.asked_at).limit(50)
_ASK = update(requests).where(_HERE, requests.c.number == bindparam("wanted")).values(asked_at=bindparam("at"))
_BY_NUMBERS = select(*_COLUMNS).where(_HERE, requests.c.number.in_(bindparam("wanted", expanding=True)))
_BEGIN = upsert(requests, ("institution", "number"), ()).values(
    library=bindparam("library"), partner=bindparam("partner"), request_id="", made_at=bindparam("made_at")
)
_KEEP = upsert(requests, ("institution", "number"), ("library", "partner", "request_id", "made_at"))


class Made(NamedTuple):
    """A request of ours: our number and library, the partner that was asked, OCLC's id (empty: not known yet)."""

    number: str
    library: str
    partner: str
    request_id: str
    made_at: datetime
    asked_at: datetime | None = None


def begin(connection: Connection, institution: int, made: Made) -> None:
    """Remember a request before it is made, so that an answer is known as ours whatever becomes of the making."""
    values = {"institution": institution, "number": made.number, "library": made.library, "partner": made.partner}
    connection.execute(_BEGIN, {**values, "made_at": made.made_at})


def keep(connection: Connection, institution: int, made: Made) -> None:
    """Remember a request that OCLC has taken."""
    values = {
        "institution": institution,
        "number": made.number,
        "library": made.library,
        "partner": made.partner,
        "request_id": made.request_id,
        "made_at": made.made_at,
    }
    connection.execute(_KEEP, values)


def by_number(connection: Connection, institution: int, number: str) -> Made | None:
    """The request of our number."""
    row = connection.execute(_BY_NUMBER, {"here": institution, "wanted": number}).first()
    return None if row is None else Made(*row)


def by_ids(connection: Connection, institution: int, references: Mapping[str, str]) -> dict[str, Made]:
    """Requests of ours by OCLC's id, out of these ids with the references they carry.

    One whose id is not known yet, because no answer came when it was made, is known by its reference.
    """
    rows = connection.execute(_BY_IDS, {"here": institution, "wanted": list(references)})
    found = {made.request_id: made for made in (Made(*row) for row in rows)}
    missing = {reference: id for id, reference in references.items() if reference and id not in found}
    if missing:
        rows = connection.execute(_BY_NUMBERS, {"here": institution, "wanted": list(missing)})
        found |= {missing[made.number]: made for made in (Made(*row) for row in rows) if not made.request_id}
    return found


def set_asked(connection: Connection, institution: int, number: str, at: datetime | None) -> None:
    """A StatusRequest waits for its answer, or has got it."""
    connection.execute(_ASK, {"here": institution, "wanted": number, "at": at})


def asked(connection: Connection, institution: int) -> list[Made]:
    """Requests whose StatusRequest waits for its answer."""
    return [Made(*row) for row in connection.execute(_ASKED, {"here": institution})]
