"""The rows of links: made once per key, opened so often, revoked, forgotten."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from illcore.calendars import add_working_days
from illcore.model import BilingualText, CalendarDays

from ..tables import links, prints, views

Death = Literal["", "expired", "revoked", "used_up"]
"""Why a link opens no more; empty: it does."""

WINDOW = timedelta(hours=1)
"""How long after its last request a download may go on with the rest of the file."""

SLACK = 64 * 1024
"""A download may fetch twice the file and this; what goes beyond is another view."""

TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)

_BY_HASH = select(links).where(links.c.token_hash == bindparam("hash"))
_BY_KEY = select(links).where(links.c.library == bindparam("of"), links.c.key == bindparam("row_key"))
_LOCKED = select(links).where(links.c.id == bindparam("link")).with_for_update()
_LAST_VIEW = select(views).where(views.c.link == bindparam("link")).order_by(views.c.n.desc()).limit(1)
_VIEW = select(views).where(views.c.link == bindparam("link"), views.c.n == bindparam("number"))
_SENT = (
    update(views)
    .where(views.c.link == bindparam("of"), views.c.n == bindparam("number"))
    .values(sent=views.c.sent + bindparam("more"), last_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link as its row has it, without the token. ``business_days`` count from the first use, 0: they do not."""

    id: int
    library: str
    key: str
    request_id: str
    token_hash: str
    file: str
    name: str
    media_type: str
    size: int
    notices: tuple[BilingualText, ...]
    confirm: bool
    salt: str
    password_hash: str
    views: int
    used: int
    business_days: int
    made_at: datetime
    expires_at: datetime
    first_used_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str
    tries: int
    tried_at: datetime | None

    @property
    def asks(self) -> bool:
        """Whether a page stands before the download."""
        return bool(self.confirm or self.notices or self.password_hash)

    def death(self, now: datetime) -> Death:
        """Why it opens no more."""
        if self.revoked_at is not None:
            return "revoked"
        if now >= self.expires_at:
            return "expired"
        return "used_up" if self.used >= self.views else ""


def by_hash(connection: Connection, hash: str) -> Link | None:
    """The link whose token has this hash."""
    return _link(connection.execute(_BY_HASH, {"hash": hash}).first())


def by_key(connection: Connection, library: str, key: str) -> Link | None:
    """The link that was made for an outbox key."""
    return _link(connection.execute(_BY_KEY, {"of": library, "row_key": key}).first())


def by_id(connection: Connection, library: str, id: int) -> Link | None:
    """One link of a library."""
    statement = select(links).where(links.c.library == library, links.c.id == id)
    return _link(connection.execute(statement).first())


def listed(
    connection: Connection, library: str, request_id: str = "", now: datetime | None = None, limit: int | None = None
) -> list[Link]:
    """A library's links, newest first; with ``now`` only those that still open."""
    statement = select(links).where(links.c.library == library).order_by(links.c.id.desc()).limit(limit)
    if request_id:
        statement = statement.where(links.c.request_id == request_id)
    if now is not None:
        statement = statement.where(
            links.c.revoked_at.is_(None), links.c.expires_at > now, links.c.used < links.c.views
        )
    return [_known(row) for row in connection.execute(statement)]


def keep(connection: Connection, values: dict[str, Any]) -> Link:
    """Write a new link, or give the one that its key has already."""
    statement = upsert(links).on_conflict_do_nothing(index_elements=["library", "key"])
    row = {**values, "notices": json.dumps([each.model_dump() for each in values["notices"]], ensure_ascii=False)}
    connection.execute(statement, row)
    found = by_key(connection, values["library"], values["key"])
    assert found is not None
    return found


def rehash(connection: Connection, link: Link, hash: str) -> None:
    """Give a link another token, after the account's secret was changed."""
    connection.execute(update(links).where(links.c.id == link.id).values(token_hash=hash))


def open_view(connection: Connection, id: int, now: datetime, calendar: CalendarDays, asked: int) -> tuple[int, Death]:
    """Count one more view: its number and no death, or 0 and why there is none. ``asked`` are the bytes it begins with.

    The first sets the end of a link that lives so many business days from its first use.
    """
    link = _known(connection.execute(_LOCKED, {"link": id}).one())
    dead = link.death(now)
    if dead:
        return 0, dead
    n = link.used + 1
    values: dict[str, Any] = {"used": n, "last_used_at": now}
    if link.first_used_at is None:
        values["first_used_at"] = now
        if link.business_days:
            values["expires_at"] = min(link.expires_at, add_working_days(calendar, now, link.business_days))
    connection.execute(update(links).where(links.c.id == id).values(**values))
    row = {"link": id, "n": n, "started_at": now, "last_at": now, "requests": int(asked > 0), "granted": asked}
    connection.execute(insert(views), {**row, "sent": 0})
    return n, ""


def continue_view(connection: Connection, id: int, now: datetime, asked: int, number: int = 0) -> int:
    """Go on with the view of that number, or else the last one; its number, or 0 if it must not go on.

    A view goes on until an hour after its last request, and not beyond twice the file; not after a revocation or the
    link's end.
    """
    link = _known(connection.execute(_LOCKED, {"link": id}).one())
    if link.death(now) in ("revoked", "expired"):
        return 0
    found = connection.execute(
        _VIEW if number else _LAST_VIEW, {"link": id, "number": number} if number else {"link": id}
    )
    view = found.first()
    if view is None or now - view.last_at > WINDOW or view.granted + asked > 2 * link.size + SLACK:
        return 0
    changed = update(views).where(views.c.link == id, views.c.n == view.n)
    values = {"requests": views.c.requests + 1, "granted": views.c.granted + asked, "last_at": now}
    connection.execute(changed.values(**values))
    return int(view.n)


def note_sent(connection: Connection, id: int, n: int, sent: int, now: datetime) -> None:
    """Log how many bytes a request of a view got."""
    connection.execute(_SENT, {"of": id, "number": n, "more": sent, "now": now})


def views_of(connection: Connection, id: int) -> list[Row[Any]]:
    """The log of a link: its views in their order."""
    return list(connection.execute(select(views).where(views.c.link == id).order_by(views.c.n)))


def claim_try(connection: Connection, id: int, now: datetime) -> timedelta | None:
    """Count a password that is about to be tried, before it is compared; if there were too many, how long to wait."""
    link = _known(connection.execute(_LOCKED, {"link": id}).one())
    since = link.tried_at
    if since is None or now - since >= TRIES_WITHIN:
        since, tries = now, 0
    else:
        tries = link.tries
    if tries >= TRIES:
        return since + TRIES_WITHIN - now
    connection.execute(update(links).where(links.c.id == id).values(tries=tries + 1, tried_at=since))
    return None


def clear_tries(connection: Connection, id: int) -> None:
    """The password was right."""
    connection.execute(update(links).where(links.c.id == id).values(tries=0, tried_at=None))


def revoke(connection: Connection, link: Link, by: str, now: datetime) -> bool:
    """Let a link open no more; False if it was revoked before."""
    changed = update(links).where(links.c.id == link.id, links.c.revoked_at.is_(None))
    return connection.execute(changed.values(revoked_at=now, revoked_by=by)).rowcount == 1


def forget(connection: Connection, library: str, requests: Sequence[str]) -> tuple[int, list[str]]:
    """Delete all rows about these requests; gives how many there were, and the files that must go too."""
    rows = 0
    files: list[str] = []
    for request_id in requests:
        of_links = (links.c.library == library) & (links.c.request_id == request_id)
        of_prints = (prints.c.library == library) & (prints.c.request_id == request_id)
        files += connection.execute(select(links.c.file).where(of_links)).scalars()
        files += connection.execute(select(prints.c.file).where(of_prints)).scalars()
        gone = (views.c.link.in_(select(links.c.id).where(of_links)), of_links, of_prints)
        for table, condition in zip((views, links, prints), gone, strict=True):
            rows += connection.execute(delete(table).where(condition)).rowcount
    return rows, files


def needed_files(connection: Connection, now: datetime) -> set[str]:
    """The files that a link or a paper copy still needs: of dead links until a last download may have ended."""
    lately = now - WINDOW
    alive = select(links.c.file).where(
        links.c.revoked_at.is_(None),
        links.c.expires_at > now,
        (links.c.used < links.c.views) | (links.c.last_used_at > lately),
    )
    waiting = select(prints.c.file).where(prints.c.printed_at.is_(None))
    return {*connection.execute(alive).scalars(), *connection.execute(waiting).scalars()}


def _link(row: Row[Any] | None) -> Link | None:
    return None if row is None else _known(row)


def _known(row: Row[Any]) -> Link:
    notices = tuple(BilingualText.model_validate(each) for each in json.loads(row.notices or "[]"))
    return Link(**{**row._mapping, "notices": notices, "confirm": bool(row.confirm)})
