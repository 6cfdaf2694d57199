"""The SQL of a report: one statement for the counts of requests, one for attempts, one for each kind of time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Numeric, Select, and_, cast, func, literal, select, union_all

from illcore.model import Role
from illcore.reports.classes import attempt_class, request_class
from illcore.reports.figures import DAY, Span
from illcore.reports.period import By, Period, month_of
from illcore.tables import attempt, partner, request

r, a = request.c, attempt.c

REQUEST_SPANS: Mapping[Role, Mapping[str, tuple[ColumnElement[Any], ColumnElement[Any]]]] = {
    "requester": {
        "submitted_sent": (r.created_at, r.sent_at),
        "sent_answered": (r.sent_at, r.answered_at),
        "sent_shipped": (r.sent_at, r.shipped_at),
        "shipped_received": (r.shipped_at, r.received_at),
        "submitted_received": (r.created_at, r.received_at),
    },
    "supplier": {
        "submitted_answered": (r.created_at, r.answered_at),
        "submitted_shipped": (r.created_at, r.shipped_at),
        "shipped_received": (r.shipped_at, r.received_at),
    },
}
ATTEMPT_SPANS: Mapping[Role, Mapping[str, tuple[ColumnElement[Any], ColumnElement[Any]]]] = {
    "requester": {"attempt_answered": (a.started_at, a.answered_at)},
    "supplier": {"attempt_answered": (a.started_at, a.answered_at)},
}


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

    def _found_months(self, period: Period) -> list[tuple[str, Any]]:
        ends = union_all(
            select(func.min(self._request_stamp).label("at")).where(self._requests),
            select(func.max(self._request_stamp)).where(self._requests),
            select(func.min(self._attempt_stamp)).where(self._attempts),
            select(func.max(self._attempt_stamp)).where(self._attempts),
        )
        found = [at for at in self.connection.scalars(ends) if at is not None]
        return period.months(min(found), max(found)) if found else period.months(*_nothing(period))

    @property
    def months(self) -> list[str]:
        """The months of the cohorts, those without a request in between too."""
        return [name for name, _ in self._months]

    def _request_key(self, grouped: bool) -> ColumnElement[str]:
        if not grouped or self._by is None:
            return literal("")
        return month_of(self._request_stamp, self._months) if self._by == "month" else r[self._by]

    def _attempt_key(self, grouped: bool) -> ColumnElement[str]:
        if not grouped or self._by is None:
            return literal("")
        if self._by == "month":
            return month_of(self._attempt_stamp, self._months)
        return a.partner if self._by == "partner" else r[self._by]

    def _of_attempts(self, statement: Select[Any], joined: bool) -> Select[Any]:
        if joined and self._by in ("service_type", "publication_type"):
            statement = statement.join_from(attempt, request, r.id == a.request_id)
        return statement.where(self._attempts)

    def requests(self, grouped: bool) -> Iterable[Any]:
        """Rows of role, key, class, outcome, count."""
        key = self._request_key(grouped).label("key")
        kind = request_class().label("class")
        columns = (r.role, key, kind, r.outcome)
        return self.connection.execute(select(*columns, func.count()).where(self._requests).group_by(*columns))

    def kinds(self) -> Iterable[Any]:
        """Rows of role, service type, publication type, class, count."""
        columns = (r.role, r.service_type, r.publication_type, request_class().label("class"))
        return self.connection.execute(select(*columns, func.count()).where(self._requests).group_by(*columns))

    def attempts(self, grouped: bool) -> Iterable[Any]:
        """Rows of role, key, class, reason, count; reasons only where the supplier said no."""
        key = self._attempt_key(grouped).label("key")
        columns = (a.role, key, attempt_class().label("class"), a.reason)
        counted = select(*columns, func.count())
        return self.connection.execute(self._of_attempts(counted, grouped).group_by(*columns))

    def times(self, grouped: bool) -> dict[tuple[str, str, str], Span]:
        """Spans of time by role, key and name."""
        found: dict[tuple[str, str, str], Span] = {}
        for role in self.roles:
            key = self._request_key(grouped)
            for name, (start, end) in REQUEST_SPANS[role].items():
                cases = select(key.label("key"), (end - start).label("took")).where(self._requests, r.role == role)
                found |= self._spans(role, name, cases.where(end >= start))
            key = self._attempt_key(grouped)
            for name, (start, end) in ATTEMPT_SPANS[role].items():
                cases = self._of_attempts(select(key.label("key"), (end - start).label("took")), grouped)
                found |= self._spans(role, name, cases.where(a.role == role, end >= start))
        return found

    def _spans(self, role: Role, name: str, cases: Select[Any]) -> dict[tuple[str, str, str], Span]:
        exact = _by_rank if self.connection.dialect.name == "sqlite" else _by_percentile
        return {(role, key, name): span for key, span in exact(self.connection, cases)}


def _nothing(period: Period) -> tuple[Any, Any]:
    from illcore.tables import EPOCH  # a month without requests shows nothing; any instant will do

    return EPOCH, EPOCH


def _by_percentile(connection: Connection, cases: Select[Any]) -> Iterable[tuple[str, Span]]:
    took = cases.subquery()
    value = cast(took.c.took, Numeric)
    quantile = [func.percentile_cont(p).within_group(value) for p in (0.5, 0.9)]
    statement = select(took.c.key, func.count(), func.avg(value), *quantile).group_by(took.c.key)
    for key, n, mean, median, p90 in connection.execute(statement):
        yield key, Span(n, *(float(days) / DAY for days in (mean, median, p90)))


def _by_rank(connection: Connection, cases: Select[Any]) -> Iterable[tuple[str, Span]]:
    raise NotImplementedError


def partner_names(connection: Connection, library: str) -> dict[str, tuple[str, str]]:
    """The partners' names, English and Chinese, by symbol."""
    p = partner.c
    rows = connection.execute(select(p.symbol, p.name_en, p.name_zh).where(p.library == library))
    return {symbol: (name_en, name_zh) for symbol, name_en, name_zh in rows}
