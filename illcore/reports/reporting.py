"""A report put together: what the queries counted, for both roles, in all and by the key that was asked for."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import Connection

from illcore.errors import Invalid
from illcore.model import Role
from illcore.reports.cells import hidden
from illcore.reports.figures import ENDED, Figures, Rate, Report, Share, Span
from illcore.reports.period import OF_READERS, By, Period
from illcore.reports.queries import Cohorts, partner_names, spans_of

_KEYS: tuple[By, ...] = get_args(By)
_Kinds = dict[str, Counter[str]]
"""Counts by type and class."""


def report(
    connection: Connection,
    library: str,
    period: Period,
    now: datetime,
    roles: Sequence[Role] = ("requester", "supplier"),
    by: By | None = None,
    k: int = 5,
) -> Report:
    """The figures of a library over a period, from the stamped columns of requests and attempts alone.

    With ``by`` also one set of figures per role and partner, month (of the library's time zone), service type or
    document type, or of borrowing alone for the readers' category or department, where counts below ``k`` are hidden
    with as many others as it takes. An empty library gives zeros and rates of None. Raises Invalid for an unknown
    ``by``.
    """
    if by is not None and by not in _KEYS:
        raise Invalid(f"a report cannot be made by {by!r}; use one of {', '.join(_KEYS)}")
    cohorts = Cohorts(connection, library, period, roles, by)
    whole = _counted(cohorts, grouped=False)
    groups = _counted(cohorts, grouped=True) if by else {}
    for role in roles if by == "month" else ():
        for month in cohorts.months:
            groups.setdefault((role, month), _empty(role, month))
    names = partner_names(connection, library) if by == "partner" else {}
    if by in OF_READERS:
        groups = _without_small_cells({key: own for key, own in groups.items() if key[0] == "requester"}, k)
    ordered = [groups[key] for key in sorted(groups, key=lambda key: (roles.index(key[0]), key[1]))]
    return Report(
        library,
        period,
        by,
        now,
        tuple(whole.get((role, ""), _empty(role)) for role in roles),
        tuple(ordered),
        names,
        k if by in OF_READERS else None,
    )


def _without_small_cells(groups: dict[tuple[Role, str], Figures], k: int) -> dict[tuple[Role, str], Figures]:
    """Counts of readers' categories with the small ones hidden, and what could give them away left out."""
    cells = hidden({key: own.requests for (_, key), own in groups.items()}, k)
    found = {}
    for (role, key), own in groups.items():
        names = frozenset(name for group, name in cells if group == key)
        times = {name: span if not names and span.n >= k else Span() for name, span in own.times.items()}
        found[role, key] = Figures(role, key, own.requests, times=times, hidden=names)
    return found


def _counted(cohorts: Cohorts, grouped: bool) -> dict[tuple[Role, str], Figures]:
    found: dict[tuple[Role, str], Figures] = {}

    def figures(role: Role, key: str) -> Figures:
        return found.setdefault((role, key), _empty(role, key))

    services: dict[Role, _Kinds] = defaultdict(lambda: defaultdict(Counter))
    documents: dict[Role, _Kinds] = defaultdict(lambda: defaultdict(Counter))
    for role, key, kind, outcome, service, document, count in cohorts.requests(grouped):
        own = figures(role, key)
        own.requests[kind] += count
        if kind != "open":
            own.outcomes[outcome] += count
        services[role][service][kind] += count
        documents[role][document][kind] += count
    reasons: dict[tuple[Role, str], Counter[str]] = defaultdict(Counter)
    for role, key, kind, reason, count in cohorts.attempts(grouped):
        figures(role, key).attempts[kind] += count
        if kind == "unfilled":
            reasons[role, key][reason] += count
    for (role, key), counts in reasons.items():
        figures(role, key).reasons = _ordered(
            [Share(reason, count, counts.total()) for reason, count in counts.items()]
        )
    for (role, key, name), span in cohorts.times(grouped).items():
        figures(role, key).times[name] = span
    for (role, _), own in found.items() if not grouped else ():
        own.service_types, own.publication_types = _shares(services[role]), _shares(documents[role])
    return found


def _empty(role: Role, key: str = "") -> Figures:
    return Figures(role, key, times={name: Span() for name in spans_of(role)})


def _shares(own: _Kinds) -> tuple[Share, ...]:
    total = sum(kinds.total() for kinds in own.values())
    shares = []
    for key, kinds in own.items():
        rate = Rate(kinds["filled"], sum(kinds[kind] for kind in ENDED))
        shares.append(Share(key, kinds.total(), total, rate))
    return _ordered(shares)


def _ordered(shares: list[Share]) -> tuple[Share, ...]:
    return tuple(sorted(shares, key=lambda share: (-share.count, share.key)))
