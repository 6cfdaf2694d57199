"""Requests, data and messages as text in the database, and the typed columns that a request row shows."""

from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from illcore.identifiers import title_key
from illcore.model import Citation, Partner
from illcore.request import Attempt, Condition, Item, Request

_REQUEST: TypeAdapter[Request] = TypeAdapter(Request)
_PARTNER: TypeAdapter[Partner] = TypeAdapter(Partner)


def dump_request(request: Request) -> str:
    """The whole aggregate as JSON. Fields at their default are left out: a default is part of the stored form."""
    return _REQUEST.dump_json(request, exclude_defaults=True).decode()


def load_request(body: str) -> Request:
    """The request again, equal to the one that was dumped."""
    return _REQUEST.validate_json(body)


def dump(value: Any) -> str:
    """JSON of data, dates, money and frozen values; instants with their zone, dates ISO, decimals as text."""
    return to_json(value).decode()


def load(text: str) -> Any:
    """What JSON text says."""
    return from_json(text)


def dump_partner(partner: Partner) -> str:
    """A partner without its defaults."""
    return partner.model_dump_json(exclude_defaults=True)


@lru_cache(maxsize=8192)
def load_partner(body: str, calendar: str | None) -> Partner:
    """A partner, with the shared calendar that its row names, if any. Cached by content: partners are frozen."""
    if calendar is None:
        return _PARTNER.validate_json(body)
    return _PARTNER.validate_python({**from_json(body), "calendar": from_json(calendar)})


def plain(text: str) -> str:
    """Text that every database takes: PostgreSQL refuses NUL."""
    return text.replace("\0", "") if "\0" in text else text


search_key = lru_cache(maxsize=4096)(title_key)
"""A title as it is compared and searched."""


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def shown_title(citation: Citation) -> str:
    """The title that a list shows: the article's or chapter's before that of the whole."""
    return citation.title_of_component or citation.title


def request_columns(request: Request) -> dict[str, Any]:
    """The request row: the aggregate and what queries and reports look at."""
    current = request.current()
    title = plain(shown_title(request.citation))
    return {
        "id": request.id,
        "library": request.library,
        "role": request.role,
        "service_type": request.service_type,
        "supplied_as": request.supplied_as,
        "state": request.state,
        "outcome": request.outcome,
        "version": request.version,
        "partner": plain(request.partner),
        "attempt": request.attempt,
        "reader_id": plain(request.reader_id),
        "title": title,
        "title_key": search_key(title),
        "requesting_agency_request_id": plain(current.requesting_agency_request_id) if current else "",
        "needs_attention": 1 if request.attention else 0,
        "queue": plain(request.queue),
        "due_date": _day(request.due_date),
        "needed_by": _day(request.needed_by),
        "not_wanted": request.not_wanted,
        "publication_type": plain(request.citation.publication_type),
        "parent_id": request.parent_id,
        "created_at": request.created_at,
        "updated_at": request.updated_at,
        "state_since": request.state_since,
        "sent_at": request.sent_at,
        "answered_at": request.answered_at,
        "shipped_at": request.shipped_at,
        "received_at": request.received_at,
        "closed_at": request.closed_at,
        "reader_category": request.reader_category,
        "reader_department": request.reader_department,
        "anonymised_at": request.anonymised_at,
        "body": dump_request(request),
    }


def attempt_columns(request: Request, attempt: Attempt) -> dict[str, Any]:
    """The row of an attempt that was made; its id is NULL as long as it has none."""
    return {
        "request_id": request.id,
        "n": attempt.n,
        "library": request.library,
        "role": request.role,
        "partner": plain(attempt.partner),
        "requesting_agency_request_id": plain(attempt.requesting_agency_request_id) or None,
        "supplying_agency_request_id": plain(attempt.supplying_agency_request_id),
        "status": attempt.status,
        "outcome": attempt.outcome,
        "reason": plain(attempt.reason),
        "shipped": attempt.shipped,
        "started_at": attempt.started_at,
        "answered_at": attempt.answered_at,
        "ended_at": attempt.ended_at,
    }


def item_columns(request: Request, item: Item) -> dict[str, Any]:
    """The row of an item."""
    return {
        "request_id": request.id,
        "n": item.n,
        "library": request.library,
        "label": plain(item.label),
        "barcode": plain(item.barcode),
        "call_number": plain(item.call_number),
        "location": plain(item.location),
        "due_date": _day(item.due_date),
        "condition": plain(item.condition),
        "sent_at": item.sent_at,
        "received_at": item.received_at,
        "returned_at": item.returned_at,
    }


def condition_columns(request: Request, condition: Condition) -> dict[str, Any]:
    """The row of a condition of supply."""
    return {
        "request_id": request.id,
        "attempt": condition.attempt,
        "number": condition.number,
        "code": plain(condition.code),
        "text": plain(condition.text),
        "cost": None if condition.cost is None else str(condition.cost.amount),
        "currency": None if condition.cost is None else condition.cost.currency,
        "asked_at": condition.asked_at,
        "answer": condition.answer,
        "answered_at": condition.answered_at,
    }
