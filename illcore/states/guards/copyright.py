"""Guards of copyright: whether the policies must be asked, what they said, whether the ledger has a place left."""

from illcore.states.row import Case

_OBJECTIONS = frozenset({"review", "deny"})


def must_clear(case: Case) -> bool:
    """A copy may come of it, there are policies to ask, and none has spoken yet."""
    request = case.request
    return (
        case.facts.clears
        and request.service_type != "loan"
        and request.clearance is None
        and "copyright" not in request.overrides
    )


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


def only_copyright_left(case: Case) -> bool:
    """Copyright is all that the review waits for."""
    return case.request.reasons == ("copyright",)
