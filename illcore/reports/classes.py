"""What outcomes count as in a fill rate: every request and every attempt falls into exactly one class."""

from sqlalchemy import ColumnElement, and_, case, or_

from illcore.request import FILLED_OUTCOMES, TERMINAL
from illcore.tables import attempt, request

REQUEST_CLASSES = ("filled", "unfilled", "expired", "no_response", "cancelled", "other", "open")
"""``no_response``: a partner withdrew its request before we had said anything. ``other``: lost, bought, duplicates."""

ATTEMPT_CLASSES = ("supplied", "unfilled", "expired", "no_response", "cancelled", "retried", "other", "open")
"""``retried``: the supplier offered a retry and was asked again; the new attempt tells."""

LOCAL_OUTCOMES = frozenset({"filled_locally", "open_access"})
CANCELLED_OUTCOMES = ("cancelled_by_reader", "cancelled_by_staff", "withdrawn")
_FILLED = tuple(sorted(FILLED_OUTCOMES))
_TERMINAL = tuple(sorted(TERMINAL))


def request_class() -> ColumnElement[str]:
    """The class of a request row, by its outcome: reports count outcomes, not states."""
    r = request.c
    lending = r.role == "supplier"
    unanswered = and_(
        lending,
        r.outcome == "withdrawn",
        r.shipped_at.is_(None),
        or_(r.answered_at.is_(None), r.answered_at >= r.closed_at),  # the answer to the Cancel itself is no answer
    )
    return case(
        (r.state.not_in(_TERMINAL), "open"),
        (r.outcome.in_(_FILLED), "filled"),
        (and_(lending, r.outcome == "lost", r.shipped_at.is_not(None)), "filled"),  # what we sent, we supplied
        (r.outcome == "unfilled", "unfilled"),
        (r.outcome == "expired", "expired"),
        (unanswered, "no_response"),
        (r.outcome.in_(CANCELLED_OUTCOMES), "cancelled"),
        else_="other",
    )


def attempt_class() -> ColumnElement[str]:
    """The class of an attempt row: one try at one supplier, or one id under which a partner asked."""
    a = attempt.c
    silent = and_(a.outcome.in_(("skipped", "withdrawn")), or_(a.answered_at.is_(None), a.answered_at >= a.ended_at))
    return case(
        (a.outcome.in_(("unfilled", "refused", "retry_rejected")), "unfilled"),
        (or_(a.shipped, a.outcome.in_((*_FILLED, "completed"))), "supplied"),
        (a.status == "open", "open"),
        (a.outcome == "expired", "expired"),
        (or_(a.outcome.in_(("silent", "undeliverable")), silent), "no_response"),
        (a.outcome.in_(("cancelled", "skipped", *CANCELLED_OUTCOMES)), "cancelled"),
        (a.outcome == "retried", "retried"),
        else_="other",
    )
