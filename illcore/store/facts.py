"""The facts of a batch, read in the transaction that commits the decisions: few queries, whatever the batch holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, bindparam, func, or_, select

from illcore.calendars import local_date
from illcore.errors import NotFound
from illcore.events import Event
from illcore.facts import Candidate, Facts
from illcore.history import PartnerStats
from illcore.identifiers import match_keys
from illcore.locating import found_after
from illcore.model import Citation, Partner
from illcore.policy import Library, Policy
from illcore.prepared import Prepared
from illcore.request import TERMINAL, Request
from illcore.routing import rank
from illcore.states import TABLE
from illcore.states.naming import row_name
from illcore.store import ledger
from illcore.store.codec import load_partner
from illcore.store.ledger import Place
from illcore.store.stats import read_stats
from illcore.store.upsert import upsert
from illcore.tables import HAS_READER, calendar, guard, match_key, partner, reader, request
from illcore.verdict import Claim, Verdict

LOOKS_ACROSS = frozenset({"submit", "edit", "override", "approve", "place_free", "Retry"})
"""Events whose checks look at other requests."""

_MOST_DUPLICATES = 20
_EARLY = frozenset({"new", "review", "queued", "locating"})
_NOT_YET_OPEN = ("new", "queued")
_NO_DUPLICATE = ("unfilled", "cancelled", "closed")

_PARTNERS = select(partner.c.symbol, partner.c.body, calendar.c.body.label("days")).select_from(
    partner.outerjoin(calendar, (calendar.c.library == partner.c.library) & (calendar.c.name == partner.c.calendar))
)
_NAMED = _PARTNERS.where(
    partner.c.library == bindparam("library"), partner.c.symbol.in_(bindparam("symbols", expanding=True))
)
_ONE = Prepared(_PARTNERS.where(partner.c.library == bindparam("library"), partner.c.symbol == bindparam("symbol")))
_ALL = _PARTNERS.where(partner.c.library == bindparam("library")).order_by(partner.c.symbol)
_READERS = select(reader.c.number, reader.c.category, reader.c.blocked).where(
    reader.c.library == bindparam("library"), reader.c.number.in_(bindparam("numbers", expanding=True))
)
_SAME = (
    select(match_key.c.key, request.c.id, request.c.role, request.c.partner, request.c.reader_id, request.c.state)
    .select_from(match_key.join(request, request.c.id == match_key.c.request_id))
    .where(
        match_key.c.library == bindparam("library"),
        match_key.c.key.in_(bindparam("keys", expanding=True)),
        match_key.c.at >= bindparam("since"),
        request.c.id.not_in(bindparam("batch", expanding=True)),
    )
    .order_by(request.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


def _holds_place(state: ColumnElement[str], sent: ColumnElement[datetime]) -> ColumnElement[bool]:
    not_counted = (*sorted(TERMINAL), *_NOT_YET_OPEN)
    return and_(state.not_in(not_counted), or_(state != "review", sent.is_not(None)))


_OPEN: Select[Any] = (
    select(request.c.reader_id, func.count())
    .where(
        request.c.library == bindparam("library"),
        HAS_READER,
        request.c.reader_id.in_(bindparam("readers", expanding=True)),
        request.c.role == "requester",
        _holds_place(request.c.state, request.c.sent_at),
        request.c.id.not_in(bindparam("batch", expanding=True)),
    )
    .group_by(request.c.reader_id)
)
_MAKE_GUARD = upsert(guard, ("library", "reader_id"), ())
_TAKE_GUARD = (
    select(guard.c.library)
    .where(guard.c.library == bindparam("library"), guard.c.reader_id.in_(bindparam("readers", expanding=True)))
    .order_by(guard.c.reader_id)
    .with_for_update()
)


@dataclass(slots=True, frozen=True)
class Capabilities:
    """What the configured accounts can do; ``by_library`` where libraries differ."""

    can_search: bool = False
    circulates: bool = False
    notifies: bool = False
    clears: bool = False
    delivers: bool = False
    fetches: bool = False
    by_library: Mapping[str, "Capabilities"] = field(default_factory=dict)

    def of(self, library: str) -> "Capabilities":
        """Those of one library."""
        return self.by_library.get(library, self)


@cache
def _steps(role: str, state: str, name: str) -> bool:
    """Whether a row of the table for this event may go on to the next supplier."""
    rows = TABLE[role].get(state, {}).get(name, ())  # type: ignore[index]
    return name == "set_suppliers" or any(row.then for row in rows)


def citation_after(one: Request, event: Event) -> Citation:
    """The citation that the request will have if the event changes it: staff edit fields, a Retry brings it whole."""
    changes = event.data.get("citation") if event.type in ("edit", "Retry") else None
    if not changes:
        return one.citation
    if isinstance(changes, Citation):
        return changes
    return Citation.model_validate({**one.citation.model_dump(), **changes})


_keys_of = lru_cache(maxsize=1024)(match_keys)


def verdict_after(one: Request, event: Event) -> Verdict | None:
    """The copyright verdict that the request will have if the event changes it."""
    if event.type == "cleared":
        return Verdict.model_validate(event.data["verdict"])
    return None if event.type in ("edit", "declared") else one.clearance


def limited_claims(one: Request, event: Event) -> tuple[Claim, ...]:
    """The claims for which a place must be left if this event may send the request."""
    if one.role != "requester" or one.service_type == "loan" or "copyright" in one.overrides:
        return ()
    if one.clearance is None and event.type != "cleared":
        return ()
    if not _steps(one.role, one.state, row_name(one, event)):
        return ()
    verdict = verdict_after(one, event)
    return tuple(claim for claim in verdict.claims if claim.limit is not None) if verdict is not None else ()


def lock_readers(connection: Connection, library: str, readers: Iterable[str]) -> None:
    """One guard row per reader, so that two requests cannot both take the last place. SQLite has one writer."""
    lock_guards(connection, library, readers)


def lock_guards(connection: Connection, library: str, keys: Iterable[str]) -> None:
    """One guard row per key, locked in order. SQLite has one writer."""
    if connection.dialect.name == "sqlite":
        return
    wanted = sorted(set(keys))
    connection.execute(_MAKE_GUARD, [{"library": library, "reader_id": one} for one in wanted])
    connection.execute(_TAKE_GUARD, {"library": library, "readers": wanted})


class BatchFacts:
    """Reads what the decisions of one batch may know. ``latest`` are its requests as the batch has left them so far."""

    def __init__(
        self,
        connection: Connection,
        events: Sequence[Event],
        requests: Sequence[Request],
        latest: Mapping[str, Request],
        now: datetime,
        libraries: Mapping[str, Library],
        capabilities: Capabilities,
    ) -> None:
        self._connection = connection
        self._latest = latest
        self._now = now
        self._libraries = libraries
        self._capabilities = capabilities
        self._partners: dict[str, dict[str, Partner]] = defaultdict(dict)
        self._everybody: set[str] = set()
        self._stats: dict[str, dict[str, dict[str, PartnerStats]]] = {}
        self._readers: dict[tuple[str, str], tuple[str, str]] = {}
        self._same: dict[tuple[str, str], list[Any]] = defaultdict(list)
        self._open: dict[tuple[str, str], int] = {}
        self._taken: dict[tuple[str, Place], int] = {}
        by_library: dict[str, list[tuple[Event, Request]]] = defaultdict(list)
        for event, one in zip(events, requests, strict=True):
            by_library[one.library].append((event, one))
        for library, pairs in by_library.items():
            self._read(library, pairs)

    def policy(self, library: str) -> Policy:
        """The policy of a library; NotFound if the engine does not serve it."""
        return self.library(library).policy

    def library(self, symbol: str) -> Library:
        """A library that the engine serves; NotFound if it does not."""
        if symbol not in self._libraries:
            raise NotFound(f"this engine does not serve the library {symbol}")
        return self._libraries[symbol]

    def partner(self, library: str, symbol: str) -> Partner:
        """A partner; one that is not in the list (any more) has no account, so nothing can be sent to it."""
        known = self._partners[library]
        if symbol not in known:
            self._name(library, {symbol})
        return known.get(symbol) or Partner(symbol=symbol)

    def facts_for(self, event: Event, one: Request) -> Facts:
        """The facts for one decision."""
        library = one.library
        can = self._capabilities.of(library)
        facts: dict[str, Any] = {}
        if one.role == "requester":
            waiting = [attempt.partner for attempt in one.attempts if attempt.status == "waiting"]
            if _steps(one.role, one.state, row_name(one, event)):
                if not one.attempts or (one.state in _EARLY and not one.named_suppliers):
                    facts["candidates"] = self._candidates(event, one)
                if waiting:
                    facts["closed"] = self._closed(one, waiting)
            if one.state in _EARLY and one.reader_id:
                known = self._readers.get((library, one.reader_id), ("", ""))
                facts["reader_category"], facts["reader_blocked"] = known
        if event.type in LOOKS_ACROSS and _comparable(one):
            facts["duplicates"] = self._duplicates(event, one)
            facts["reader_open"] = self._reader_open(one)
        claims = limited_claims(one, event) if can.clears else ()
        if claims:
            facts["full"] = tuple(claim for claim in claims if self._is_full(one, claim))
        return Facts(
            policy=self.policy(library),
            partners=self._partners[library],
            can_search=can.can_search,
            clears=can.clears,
            delivers=can.delivers,
            fetches=can.fetches,
            circulates=can.circulates,
            notifies=can.notifies,
            **facts,
        )

    # --- reading -----------------------------------------------------------------------------------------------

    def _read(self, library: str, pairs: Sequence[tuple[Event, Request]]) -> None:
        symbols: set[str] = set()
        keys: set[str] = set()
        readers: set[str] = set()
        early: set[str] = set()
        places: set[Place] = set()
        clears = self._capabilities.of(library).clears
        for event, one in pairs:
            if clears:
                places.update((claim.key, claim.year) for claim in limited_claims(one, event))
            symbols.add(one.partner)
            symbols.update(attempt.partner for attempt in one.attempts)
            for name in ("suppliers", "add"):
                symbols.update(event.data.get(name) or ())
            if event.type in LOOKS_ACROSS and _comparable(one):
                keys.update(_keys_of(citation_after(one, event), one.service_type))
                if one.role == "requester" and one.reader_id:
                    readers.add(one.reader_id)
            if one.role == "requester" and one.state in _EARLY and one.reader_id:
                early.add(one.reader_id)
        self._name(library, symbols - {""})
        if readers:
            lock_readers(self._connection, library, readers)
        batch = list(self._latest)
        if keys:
            since = self._now - timedelta(days=self.policy(library).duplicate_window_days)
            limit = _MOST_DUPLICATES * len(keys)
            values = {"library": library, "keys": sorted(keys), "since": since, "batch": batch, "limit": limit}
            for row in self._connection.execute(_SAME, values):
                self._same[library, row.key].append(row)
        if readers:
            values = {"library": library, "readers": sorted(readers), "batch": batch}
            for reader_id, count in self._connection.execute(_OPEN, values):
                self._open[library, reader_id] = count
        if places:
            lock_guards(self._connection, library, (f"ledger:{key}" for key, _ in places))
            today = local_date(self.policy(library).calendar, self._now)
            taken = ledger.count(self._connection, library, places, today, batch)
            self._taken.update({(library, place): count for place, count in taken.items()})
        if early:
            values = {
                "library": library,
                "numbers": sorted(int(key) for key in early if key.isdecimal() and len(key) < 19),
            }
            for number, category, blocked in self._connection.execute(_READERS, values):
                self._readers[library, str(number)] = (category, blocked)

    def _name(self, library: str, symbols: Iterable[str]) -> None:
        wanted = sorted(set(symbols) - self._partners[library].keys())
        if wanted and library not in self._everybody:
            self._take(library, self._named(library, wanted))

    def _named(self, library: str, wanted: Sequence[str]) -> Iterable[Any]:
        if len(wanted) == 1:
            return _ONE.read(self._connection, {"library": library, "symbol": wanted[0]})
        return self._connection.execute(_NAMED, {"library": library, "symbols": wanted})

    def _take(self, library: str, rows: Iterable[Any]) -> None:
        known = self._partners[library]
        for symbol, body, days in rows:
            known[symbol] = load_partner(body, days)

    # --- one decision ------------------------------------------------------------------------------------------

    def _candidates(self, event: Event, one: Request) -> tuple[Candidate, ...]:
        library = one.library
        if library not in self._everybody:
            self._take(library, self._connection.execute(_ALL, {"library": library}))
            self._everybody.add(library)
            self._stats[library] = read_stats(self._connection, library, self._now)
        stats = self._stats[library].get(one.service_type, {})
        found, searched = found_after(one, event.type, event.data)
        known = self._partners[library].values()
        policy = self.policy(library)
        return rank(known, one, self._now, stats, policy=policy, found=found, searched=searched)

    def _closed(self, one: Request, waiting: Sequence[str]) -> dict[str, str]:
        """Those of the rota that cannot be asked now: closed, suspended, unknown …, each with the reason."""
        known = self._partners[one.library]
        rota = [known[symbol] for symbol in waiting if symbol in known]
        ranked = rank(rota, one, self._now, named=waiting, policy=self.policy(one.library))
        return {each.partner: each.skip for each in ranked if each.skip}

    def _duplicates(self, event: Event, one: Request) -> tuple[str, ...]:
        keys = _keys_of(citation_after(one, event), one.service_type)
        found = {row.id for key in keys for row in self._same[one.library, key] if _repeats(one, row)}
        found.update(
            other.id
            for other in self._latest.values()
            if other.library == one.library
            and other.version
            and other.id != one.id
            and _repeats(one, other)
            and not set(keys).isdisjoint(other.match_key.split("\n"))
        )
        return tuple(sorted(found)[-_MOST_DUPLICATES:])

    def _reader_open(self, one: Request) -> int:
        if one.role != "requester" or not one.reader_id:
            return 0
        return self._open.get((one.library, one.reader_id), 0) + sum(
            1
            for other in self._latest.values()
            if other.library == one.library
            and other.reader_id == one.reader_id
            and other.id != one.id
            and other.role == "requester"
            and other.state not in (*TERMINAL, *_NOT_YET_OPEN)
            and (other.state != "review" or other.sent_at is not None)
        )

    def _is_full(self, one: Request, claim: Claim) -> bool:
        """Whether so many others have a place that none is left; requests of this batch count as it left them."""
        taken = self._taken.get((one.library, (claim.key, claim.year)), 0)
        taken += sum(
            1
            for other in self._latest.values()
            if other.library == one.library
            and other.id != one.id
            and ledger.claim_status(other) in ("reserved", "final")
            and any(each.key == claim.key and claim.year in (0, each.year) for each in ledger.claims_of(other))
        )
        return claim.limit is not None and taken >= claim.limit


def _comparable(one: Request) -> bool:
    """Only the same reader or the same partner can ask twice; a reader's request without a reader is nobody's."""
    return bool(one.partner if one.role == "supplier" else one.reader_id)


def _repeats(one: Request, other: Any) -> bool:
    """The same reader asked for it before and may still get it or got it; the same partner has it open here."""
    if other.role != one.role:
        return False
    if one.role == "supplier":
        return bool(other.partner == one.partner and other.state not in TERMINAL)
    return bool(other.reader_id == one.reader_id and other.state not in _NO_DUPLICATE)


def with_match_key(after: Request, before: Request | None) -> None:
    """Keep the request's own match keys in step with its citation."""
    if before is None or before.citation != after.citation or not before.version:
        after.match_key = "\n".join(_keys_of(after.citation, after.service_type))
