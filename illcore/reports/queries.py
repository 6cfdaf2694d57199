"""The SQL of a report: for requests and for attempts one statement that counts, and one for each time."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)

from illcore.model import Role
from illcore.reports.classes import attempt_class, request_class
from illcore.reports.figures import Span
from illcore.reports.period import OF_READERS, By, Period, month_of
from illcore.reports.quantiles import percentile_spans, sorted_spans
from illcore.tables import attempt, partner, reader, request

r, a = request.c, attempt.c
_NOTHING: ColumnElement[str] = literal_column("''")

Stamp = ColumnElement[Any]
_BORROWING: tuple[Role, ...] = ("requester",)
_LENDING: tuple[Role, ...] = ("supplier",)

REQUEST_SPANS: tuple[tuple[str, tuple[Role, ...], Stamp, Stamp], ...] = (
    ("submitted_sent", _BORROWING, r.created_at, r.sent_at),
    ("sent_answered", _BORROWING, r.sent_at, r.answered_at),
    ("submitted_answered", _LENDING, r.created_at, r.answered_at),
    ("sent_shipped", _BORROWING, r.sent_at, r.shipped_at),
    ("submitted_shipped", _LENDING, r.created_at, r.shipped_at),
    ("shipped_received", (*_BORROWING, *_LENDING), r.shipped_at, r.received_at),
    ("submitted_received", _BORROWING, r.created_at, r.received_at),
)
"""Name, the roles that have it, start and end."""

ATTEMPT_SPANS: tuple[tuple[str, Stamp, Stamp], ...] = (("attempt_answered", a.started_at, a.answered_at),)


class Cohorts:
    """The requests and attempts of a library that a period covers, and the keys by which a report groups them."""

    def __init__(self, connection: Connection, library: str, period: Period, roles: Sequence[Role], by: By | None):
        self.connection = connection
        self.roles = roles
        self._by = by
        self._request_stamp: ColumnElement[Any] = r.created_at if period.cohort == "created" else r.closed_at
        self._attempt_stamp: ColumnElement[Any] = a.started_at if period.cohort == "created" else a.ended_at
        self._requests = and_(r.library == library, r.role.in_(roles), *period.covers(self._request_stamp))
        self._attempts = and_(a.library == library, a.role.in_(roles), *period.covers(self._attempt_stamp))
        self._months = self._found_months(period) if by == "month" else []
        self._readers = _readers_of(library)

    def _found_months(self, period: Period) -> list[tuple[str, Any]]:
        ends = union_all(
            select(func.min(self._request_stamp).label("at")).where(self._requests),
            select(func.max(self._request_stamp)).where(self._requests),
            select(func.min(self._attempt_stamp)).where(self._attempts),
            select(func.max(self._attempt_stamp)).where(self._attempts),
        )
        found = [at for at in self.connection.scalars(ends) if at is not None]
        return period.months(min(found), max(found)) if found else []

    @property
    def months(self) -> list[str]:
        """The months of the cohorts, those without a request in between too."""
        return [name for name, _ in self._months]

    def _request_key(self, grouped: bool) -> ColumnElement[str]:
        if not grouped or self._by is None:
            return _NOTHING
        if self._by in OF_READERS:
            kept = func.nullif(r[f"reader_{self._by}"], "")
            return func.coalesce(kept, self._readers.c[self._by], "")
        return month_of(self._request_stamp, self._months) if self._by == "month" else r[self._by]

    def _attempt_key(self, grouped: bool) -> ColumnElement[str]:
        if not grouped or self._by is None:
            return _NOTHING
        if self._by in OF_READERS:
            return self._request_key(grouped)
        if self._by == "month":
            return month_of(self._attempt_stamp, self._months)
        return a.partner if self._by == "partner" else r[self._by]

    def requests(self, grouped: bool) -> Iterable[Any]:
        """Rows of role, key, class, outcome, service type, publication type, count; the types only if not grouped."""
        key = self._request_key(grouped).label("key")
        service, document = (_NOTHING, _NOTHING) if grouped else (r.service_type, r.publication_type)
        types = service.label("service"), document.label("document")
        cases = select(r.role, key, request_class().label("class"), r.outcome, *types).where(self._requests)
        return self._counts(self._with_readers(cases, grouped))

    def attempts(self, grouped: bool) -> Iterable[Any]:
        """Rows of role, key, class, reason, count."""
        key = self._attempt_key(grouped).label("key")
        cases = select(a.role, key, attempt_class().label("class"), a.reason).where(self._attempts)
        return self._counts(self._joined(cases, grouped))

    def _counts(self, cases: Any) -> Iterable[Any]:
        columns = cases.subquery().c
        return self.connection.execute(select(*columns, func.count()).group_by(*columns))

    def _joined(self, statement: Select[Any], grouped: bool) -> Select[Any]:
        if grouped and self._by in ("service_type", "publication_type", *OF_READERS):
            return self._with_readers(statement.join_from(attempt, request, r.id == a.request_id), grouped)
        return statement

    def _with_readers(self, statement: Select[Any], grouped: bool) -> Select[Any]:
        """Requests that are not anonymised yet take category and department from their readers."""
        if grouped and self._by in OF_READERS:
            return statement.join_from(request, self._readers, self._readers.c.key == r.reader_id, isouter=True)
        return statement

    def times(self, grouped: bool) -> dict[tuple[Role, str, str], Span]:
        """Spans of time by role, key and name."""
        exact = sorted_spans if self.connection.dialect.name == "sqlite" else percentile_spans
        found: dict[tuple[Role, str, str], Span] = {}
        for name, roles, start, end in REQUEST_SPANS:
            cases = _took(r.role, self._request_key(grouped), start, end).where(self._requests, r.role.in_(roles))
            cases = self._with_readers(cases, grouped)
            found |= {(*group, name): span for group, span in exact(self.connection, cases)}
        for name, start, end in ATTEMPT_SPANS:
            cases = self._joined(_took(a.role, self._attempt_key(grouped), start, end), grouped).where(self._attempts)
            found |= {(*group, name): span for group, span in exact(self.connection, cases)}
        return found


def _readers_of(library: str) -> CTE:
    """Materialised, so that SQLite indexes the keys by itself instead of casting them again for every request."""
    key = cast(reader.c.number, Text).label("key")
    rows = select(key, reader.c.category, reader.c.department).where(reader.c.library == library)
    return rows.cte("readers").prefix_with("MATERIALIZED")


def spans_of(role: Role) -> tuple[str, ...]:
    """The names of the spans that a role has, in the order of a request's life."""
    own = tuple(name for name, roles, _, _ in REQUEST_SPANS if role in roles)
    return own + tuple(name for name, _, _ in ATTEMPT_SPANS)


def _took(role: Stamp, key: Stamp, start: Stamp, end: Stamp) -> Select[Any]:
    """Microseconds from start to end, where both are there and no clock was set back between them."""
    since, until = type_coerce(start, BigInteger), type_coerce(end, BigInteger)
    columns: tuple[Any, ...] = (role.label("role"), key.label("key"), (until - since).label("took"))
    return select(*columns).where(until >= since)


def partner_names(connection: Connection, library: str) -> dict[str, tuple[str, str]]:
    """The partners' names, English and Chinese, by symbol."""
    p = partner.c
    rows = connection.execute(select(p.symbol, p.name_en, p.name_zh).where(p.library == library))
    return {symbol: (name_en, name_zh) for symbol, name_en, name_zh in rows}
