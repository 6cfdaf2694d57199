"""A request as people and programs see it: the ``show`` object and the rows of ``list``, JSON-able."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from illcore.decide import allowed_actions
from illcore.events import REQUESTER_ACTIONS, SUPPLIER_ACTIONS, Actor
from illcore.facts import Facts
from illcore.policy import Policy
from illcore.reasons import in_chinese
from illcore.request import Attempt, Condition, Document, Found, Item, Request
from illcore.store.events import EventRow


def plain(value: Any) -> Any:
    """Times RFC 3339 UTC with ``Z``, dates ISO, amounts text, models their fields."""
    match value:
        case datetime():
            return (
                value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z").replace(".000000", "")
            )
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            return {str(name): plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
    return value


def show(
    request: Request,
    events: Sequence[EventRow],
    actor: Actor,
    policy: Policy,
    reader: str,
    now: datetime,
) -> dict[str, Any]:
    """The request for one actor: staff see all of it, readers what concerns them (``_for_reader``).

    ``reader`` is the reader's own id, empty if there is none or it was erased.
    """
    whole = _whole(request, events, actor, policy, reader, now)
    return whole if actor.kind != "reader" else _for_reader(whole, actor)


def _whole(
    request: Request, events: Sequence[EventRow], actor: Actor, policy: Policy, reader: str, now: datetime
) -> dict[str, Any]:
    known = tuple(REQUESTER_ACTIONS if request.role == "requester" else SUPPLIER_ACTIONS)
    role = actor.role if actor.kind == "staff" else None
    current = request.current()
    return {
        "id": request.id,
        "role": request.role,
        "service_type": request.service_type,
        "supplied_as": request.supplied_as or None,
        "state": request.state,
        "outcome": request.outcome or None,
        "reasons": list(request.reasons),
        "attention": [
            {"reason": a.reason, "effect": a.effect or None, "since": plain(a.since), "detail": a.detail}
            for a in request.attention
        ],
        "needs_attention": bool(request.attention),
        "not_wanted": request.not_wanted,
        "citation": plain(request.citation),
        "reader": {"id": reader} if reader else None,
        "partner": request.partner or None,
        "requesting_agency_request_id": (current and current.requesting_agency_request_id) or None,
        "supplying_agency_request_id": (current and current.supplying_agency_request_id) or None,
        "due_date": plain(request.due_date),
        "needed_by": plain(request.needed_by),
        "max_cost": plain(request.max_cost),
        "service_level": request.service_level,
        "format": request.format,
        "any_edition": request.any_edition,
        "purpose": request.purpose or None,
        "delivery": plain(request.delivery),
        "retry_after": plain(request.retry_after),
        "place": request.place or None,
        "queue": request.queue or None,
        "assignee": request.assignee or None,
        "unread": request.unread,
        "actions": list(allowed_actions(request, Facts(policy=policy), now, role, known)),
        "conditions": [_condition(c) for c in request.conditions],
        "items": [_item(i) for i in request.items],
        "found": {symbol: _found(one) for symbol, one in request.found.items()},
        "rota": [_rota(a) for a in request.attempts] if request.role == "requester" else [],
        "documents": [_document(d) for d in request.documents],
        "copyright": None if request.clearance is None else _clearance(request),
        "charges": plain(request.charges),
        "timers": {kind: plain(t.due) for kind, t in sorted(request.timers.items()) if not t.fired},
        "created_at": plain(request.created_at),
        "updated_at": plain(request.updated_at),
        "state_since": plain(request.state_since),
        "anonymised_at": plain(request.anonymised_at),
        "events": [_event(row, request, reader) for row in events],
        "version": request.version,
    }


_HOUSE = frozenset(
    "note assign escalate hand_back undo override approve record retry_effect done_by_hand set_suppliers located "
    "place_free print_slip Message Repeated document checked cleared destroyed".split()
)
"""Events that are the house's own affair; so are those of timers and effects, which have a colon in their names."""


def _for_reader(whole: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """The same shape without notes, staff, trouble inside the house and how the supplier was chosen."""
    events = [
        {
            "seq": event["seq"],
            "at": event["at"],
            "type": event["type"],
            "actor": {"kind": event["actor"]["kind"], "id": actor.id if _is_own(event, actor) else None},
            "state": event["state"],
            "data": {},
            **({"text": event["text"]} if "text" in event and _is_own(event, actor) else {}),
        }
        for event in whole["events"]
        if "refused" not in event
        and event["type"] not in _HOUSE
        and not event["type"].startswith(("effect:", "timer:"))
    ]
    rota = [
        {**dict.fromkeys(entry), "n": entry["n"], "partner": entry["partner"], "outcome": entry["outcome"]}
        for entry in whole["rota"]
        if entry["requesting_agency_request_id"]
    ]
    documents = [{**each, "verdict": None, "findings": [], **_own_link(each)} for each in whole["documents"]]
    items = [{**item, "condition": "", "location": ""} for item in whole["items"]]
    hidden = {
        "attention": [],
        "needs_attention": False,
        "queue": None,
        "assignee": None,
        "found": {},
        "unread": 0,
        "charges": [],
        "timers": {},
    }
    return {**whole, **hidden, "events": events, "rota": rota, "items": items, "documents": documents}


def _own_link(document: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is kept here a reader gets a link of ours, once it was checked; the partner's goes round all of that."""
    return {"url": None} if document["id"] else {}


def _is_own(event: Mapping[str, Any], actor: Actor) -> bool:
    return bool(event["actor"] == {"kind": actor.kind, "id": actor.id})


def _condition(one: Condition) -> dict[str, Any]:
    return {
        "number": one.number,
        "code": one.code,
        "text": one.text,
        "cost": plain(one.cost),
        "asked_at": plain(one.asked_at),
        "answer": one.answer or None,
        "answered_at": plain(one.answered_at),
    }


def _item(one: Item) -> dict[str, Any]:
    return {name: plain(getattr(one, name)) for name in Item.__dataclass_fields__}


def _document(one: Document) -> dict[str, Any]:
    return {
        "url": one.url or None,
        "at": plain(one.at),
        "attempt": one.attempt or None,
        "id": one.id or None,
        "name": one.name or None,
        "media_type": one.media_type or None,
        "size": one.size or None,
        "verdict": one.verdict or None,
        "pages": one.pages or None,
        "findings": list(one.findings),
    }


def _clearance(request: Request) -> dict[str, Any]:
    """What the copyright policies said; the reasons in both languages, the claims for the ledger left out."""
    verdict = request.clearance
    assert verdict is not None
    said = verdict.model_dump(mode="json", exclude={"claims"})
    return {**said, "declared": list(request.declared)}


def _found(one: Found) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Found.__dataclass_fields__}


def _rota(one: Attempt) -> dict[str, Any]:
    return {
        "n": one.n,
        "partner": one.partner,
        "rank": one.rank,
        "score": one.score,
        "why": one.why,
        "status": one.status,
        "requesting_agency_request_id": one.requesting_agency_request_id or None,
        "supplying_agency_request_id": one.supplying_agency_request_id or None,
        "outcome": one.outcome or None,
        "came_anyway": one.came_anyway or None,
        "retry_offer": one.retry_offer,
    }


def _event(row: EventRow, request: Request, reader: str) -> dict[str, Any]:
    """The log knows a reader by the key alone; the own id is the present reader's, of an earlier one there is none."""
    who: str | None = row.actor_id
    if row.actor_kind == "reader":
        who = reader if reader and row.actor_id == request.reader_id else None
    event: dict[str, Any] = {
        "seq": row.seq,
        "at": plain(row.at),
        "type": row.type,
        "actor": {"kind": row.actor_kind, "id": who},
        "state": row.state,
        "data": plain(row.data),
    }
    if row.attempt:
        event["attempt"] = row.attempt
    if row.refused:
        event["refused"] = row.refused
    if row.by_hand:
        event["by_hand"] = True
    if row.private:
        event["text"] = row.private
    return event


_NUMBERS = tuple("place chance days days_per_fill tries cost balance preference available weighed_days".split())


def explain(shown: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """Why the rota of a request, as ``show`` gives it to staff, is what it is.

    ``{"id", "state", "accounts", "found", "rota", "more"}``: the accounts that were searched last, the best holding by
    library, each entry with ``why`` in that language and the numbers of the time when the rota was made (None where
    there are none, as for a supplier that staff named), and how many partners did not come into the rota.
    """
    made: dict[int, Mapping[str, Any]] = {}
    accounts: list[Any] = []
    more = 0
    for event in shown["events"]:
        data = event["data"]
        made |= {one["n"]: one for one in data.get("rota") or ()}
        more = data.get("rota_more", more)
        if event["type"] == "located" and "refused" not in event:
            accounts = data.get("accounts") or []
    zh = language.startswith("zh")
    rota = [
        {
            **{name: entry[name] for name in ("n", "partner", "rank", "score", "status", "outcome")},
            "why": in_chinese(entry["why"]) if zh else entry["why"],
            **{name: made.get(entry["n"], {}).get(name) for name in _NUMBERS},
        }
        for entry in shown["rota"]
    ]
    known = {name: shown[name] for name in ("id", "state", "found")}
    return {**known, "accounts": accounts, "rota": rota, "more": more}


def listed(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row of ``list``."""
    return {
        "id": row["id"],
        "role": row["role"],
        "service_type": row["service_type"],
        "state": row["state"],
        "title": row["title"],
        "partner": row["partner"] or None,
        "requesting_agency_request_id": row["requesting_agency_request_id"] or None,
        "needs_attention": bool(row["needs_attention"]),
        "outcome": row["outcome"] or None,
        "due_date": plain(row["due_date"]),
        "created_at": plain(row["created_at"]),
        "updated_at": plain(row["updated_at"]),
    }
