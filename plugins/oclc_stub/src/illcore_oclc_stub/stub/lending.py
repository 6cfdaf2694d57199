"""The stub's ILL requests: created with the published checks, moved by the actions of borrower and lender."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..remote import shape
from .members import Member, Members

ANY = frozenset({"*"})
OPEN = frozenset({"PENDING", "WILL_SUPPLY", "CONDITIONAL", "RETRY", "CANCEL_PENDING"})
OUT = frozenset({"SHIPPED", "RECEIVED", "RENEW_PENDING", "OVERDUE", "RECALLED", "RETURNED", "LOST"})
BEFORE = "*before"

BORROWER: Mapping[str, tuple[frozenset[str], str]] = {
    "CANCEL": (OPEN - {"CANCEL_PENDING"}, "CANCEL_PENDING"),
    "ACCEPT_CONDITIONS": (frozenset({"CONDITIONAL"}), "WILL_SUPPLY"),
    "RECEIVE": (OPEN | OUT, "RECEIVED"),
    "RENEW": (frozenset({"SHIPPED", "RECEIVED", "OVERDUE"}), "RENEW_PENDING"),
    "RETURN": (OUT, "RETURNED"),
    "RESEND": (frozenset({"SHIPPED", "RECEIVED", "CLOSED"}), "WILL_SUPPLY"),
    "LOST": (OUT, "LOST"),
    "CLOSE": (ANY, "CLOSED"),
    "NOTE": (ANY, BEFORE),
}
LENDER: Mapping[str, tuple[frozenset[str], str]] = {
    "WILL_SUPPLY": (OPEN, "WILL_SUPPLY"),
    "CONDITIONAL": (OPEN, "CONDITIONAL"),
    "SHIP": (OPEN | {"RECEIVED", "SHIPPED"}, "SHIPPED"),
    "UNFILL": (OPEN, "UNFILLED"),
    "RETRY": (OPEN, "RETRY"),
    "CANCEL_ACCEPT": (OPEN, "CANCELLED"),
    "CANCEL_DENY": (frozenset({"CANCEL_PENDING"}), BEFORE),
    "RENEW_ACCEPT": (OUT, "RECEIVED"),
    "RENEW_DENY": (frozenset({"RENEW_PENDING"}), BEFORE),
    "OVERDUE": (OUT, "OVERDUE"),
    "RECALL": (OUT, "RECALLED"),
    "LOST": (OUT, "LOST"),
    "CHECK_IN": (OUT | {"CLOSED"}, "CLOSED"),
    "WAIVE": (OUT | {"CLOSED"}, "CLOSED"),
    "CLOSE": (ANY, "CLOSED"),
    "NOTE": (ANY, BEFORE),
}
"""Action → the statuses from which it may be taken, and the one it leads to."""


class Failure(Exception):
    """What the service answers with instead: an HTTP status, failure codes with their fields."""

    def __init__(self, status: int, *details: tuple[int, str]) -> None:
        super().__init__(str(details))
        self.status = status
        self.details = details


@dataclass(slots=True)
class Request:
    """One request, as it is kept."""

    id: int
    body: dict[str, Any]
    borrower: Member
    lender: Member
    created: datetime
    edited: datetime
    status: str = "PENDING"
    saved: str = "PENDING"
    fulfillment: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    def shown(self, with_history: bool = True) -> dict[str, Any]:
        """As the service shows it. The patron that the borrower sent is shown to nobody here."""
        requester = {
            **shape.part(self.body, "requester"),
            "institution": self.borrower.shown(),
            "supplierInfo": {"institutions": [self.lender.shown()]},
            "fulfillmentType": "OCLC_ILL",
        }
        kept = {name: value for name, value in self.body.items() if name != "patron"}
        told = {"history": list(self.history)} if with_history else {}
        return {
            **kept,
            "requestId": self.id,
            "created": shape.written(self.created),
            "edited": shape.written(self.edited),
            "requestStatus": self.status,
            "requester": requester,
            "fulfillment": dict(self.fulfillment),
            **told,
        }

    def note(self, party: str, action: str, fields: Mapping[str, Any], now: datetime) -> None:
        """Write down that something happened."""
        entry = {"sequence": len(self.history) + 1, "created": shape.written(now), "party": party, "action": action}
        self.history.append({**fields, **entry, "status": self.status})
        self.edited = now


@dataclass(slots=True)
class Lending:
    """All requests. `patrons` counts bodies that named a reader, which nobody should send."""

    members: Members
    requests: dict[int, Request] = field(default_factory=dict)
    first_id: int = 167_513_532
    patrons: int = 0

    def check(self, body: Mapping[str, Any], member: Member) -> Member:
        """The lender that a new request names. Raises Failure with the published codes."""
        item, requester = shape.part(body, "item"), shape.part(body, "requester")
        faults: list[tuple[int, str]] = []
        if not any(shape.text(item.get(name)) for name in ("title", "oclcNumber", "isbn", "issn", "articleTitle")):
            faults.append((30000, "item.title"))
        if shape.text(requester.get("serviceType")) not in ("LOAN", "COPY"):
            faults.append((30001 if requester.get("serviceType") else 30000, "requester.serviceType"))
        if not shape.text(shape.part(requester, "requesterBilling", "address").get("address1")):
            faults.append((30000, "requester.requesterBilling.address.address1"))
        if shape.part(requester, "institution").get("institutionId") != member.registry_id:
            faults.append((140005, "requester.institution.institutionId"))
        named = shape.rows(shape.part(requester, "supplierInfo").get("institutions"))
        lender = self.members.by_id(named[0].get("institutionId")) if named else None
        if not named:
            faults.append((30000, "requester.supplierInfo.institutions"))
        elif lender is None:
            faults.append((30004, "requester.supplierInfo.institutions[0].institutionId"))
        elif not lender.supplies:
            faults.append((30005, "requester.supplierInfo.institutions[0].institutionId"))
        if faults or lender is None:
            raise Failure(400, *faults)
        return lender

    def create(self, body: Mapping[str, Any], member: Member, now: datetime, keep: bool = True) -> Request:
        """A new request. The same reference twice makes two requests: the service does not look."""
        lender = self.check(body, member)
        self.patrons += "patron" in body
        now = self._later(now)
        number = self.first_id + len(self.requests)
        made = Request(number, dict(body), member, lender, now, now)
        made.note("BORROWER", "SUBMIT", {}, now)
        if keep:
            self.requests[number] = made
        return made

    def act(self, request: Request, party: str, action: str, fields: Mapping[str, Any], now: datetime) -> None:
        """Take an action. Failure 409 if the request is not at a point where it may be taken."""
        known = (BORROWER if party == "BORROWER" else LENDER).get(action)
        if known is None:
            raise Failure(400, (140003, action))
        allowed, after = known
        if allowed != ANY and request.status not in allowed:
            raise Failure(409, (30001, "requestStatus"))
        if after == BEFORE:
            after = request.status if action == "NOTE" else request.saved
        if after in ("CANCEL_PENDING", "RENEW_PENDING") and request.status != after:
            request.saved = request.status
        request.status = after
        facts = {name: value for name, value in fields.items() if name not in ("referenceId", "note", "number")}
        if action == "ACCEPT_CONDITIONS":
            request.fulfillment.pop("conditions", None)
        request.fulfillment |= facts
        request.note(party, action, fields, self._later(now))

    def changed(self, member: Member, statuses: frozenset[str], since: datetime | None) -> list[Request]:
        """Requests of a member, as borrower and lender, by the time of their last change."""
        found = [
            each
            for each in self.requests.values()
            if member.registry_id in (each.borrower.registry_id, each.lender.registry_id)
            and (not statuses or each.status in statuses)
            and (since is None or _cut(each.edited) >= since)
        ]
        return sorted(found, key=lambda each: (each.edited, each.id))

    def party(self, request: Request, member: Member) -> str:
        """Which side of a request a member is on; empty: none."""
        if member.registry_id == request.borrower.registry_id:
            return "BORROWER"
        return "LENDER" if member.registry_id == request.lender.registry_id else ""

    def _later(self, now: datetime) -> datetime:
        """Never before anything that happened already, as clocks go."""
        return max([now, *(each.edited for each in list(self.requests.values())[-50:])])


def _cut(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
