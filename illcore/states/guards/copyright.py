"""Guards of copyright: whether the policies must be asked, what they said, whether the ledger has a place left."""

from illcore.request import TERMINAL, asked_of_policies
from illcore.states.row import Case

_OBJECTIONS = frozenset({"review", "deny"})


def must_clear(case: Case) -> bool:
    """A copy may come of it, there are policies to ask, and none has spoken yet."""
    request = case.request
    return case.facts.clears and request.service_type != "loan" and request.clearance is None


def copyright_objects(case: Case) -> bool:
    """The policies want a person to decide, or the ledger has no place left, and nobody has answered for it."""
    request = case.request
    if "copyright" in request.overrides or request.clearance is None or request.service_type == "loan":
        return False
    return request.clearance.decision in _OBJECTIONS or bool(case.facts.full)


def verdict_objects(case: Case) -> bool:
    """The verdict that comes now wants a person to decide."""
    decision = (case.event.data.get("verdict") or {}).get("decision")
    return decision in _OBJECTIONS and "copyright" not in case.request.overrides


def promise_is_objected_to(case: Case) -> bool:
    """The verdict wants a person to decide, but comes after the partner was promised or sent it."""
    return case.request.state not in TERMINAL and verdict_objects(case)


def verdict_is_outdated(case: Case) -> bool:
    """The verdict is on what was wanted before it was changed; another is under way."""
    asked = case.event.data.get("asked")
    return bool(asked) and asked != asked_of_policies(case.request)


def only_copyright_left(case: Case) -> bool:
    """Copyright is all that the review waits for."""
    return case.request.reasons == ("copyright",)
