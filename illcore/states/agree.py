"""Which states of the two sides go together once every message has arrived: the oracle of all tests."""

from collections.abc import Mapping

from illcore.request import TERMINAL, Attempt, Request

Pairs = Mapping[str, Mapping[str, bool]]
"""requester state → supplier state → whether the pair is surprising, but right: a timer came first, or lost
is reported as Overdue."""


def _pairs(text: str) -> Pairs:
    """Lines of ``requester states: supplier states``."""
    found: dict[str, dict[str, bool]] = {}
    for line in text.strip().splitlines():
        ours, theirs = line.split(":")
        for state in ours.split():
            found[state] = {other.rstrip("*"): other.endswith("*") for other in theirs.split()}
    return found


BEFORE_SHIPPING = _pairs("""
    sent: new review
    will_supply: will_supply picking
    conditional: conditional
    retry_offered: retry_asked
    cancel_pending: cancel_requested
""")
LOAN = _pairs("""
    shipped: shipped
    received on_loan returned: received renew_requested*
    renew_pending: renew_requested
    overdue: overdue shipped* received* renew_requested* lost*
    recalled: recalled lost* received* renew_requested* overdue*
    return_shipped: return_shipped lost*
    lost: lost
""")
COPY = _pairs("""
    shipped received: shipped completed* closed*
""")
AGREE: Mapping[str, Pairs] = {"loan": {**BEFORE_SHIPPING, **LOAN}, "copy": {**BEFORE_SHIPPING, **COPY}}
"""kind of supply → pairs, for an attempt that is open. For one that is over see ``ended_agrees``."""

_NOT_SHIPPED = frozenset("new review will_supply picking conditional retry_asked cancel_requested".split())


def agree(requester: Request, supplier: Request) -> bool:
    """Whether the two sides of one attempt go together.

    Holds once all messages are confirmed and StatusRequest is answered, with no attention ``undeliverable`` or
    ``refused`` on either side. Raises LookupError if the requester has no attempt under an id that the supplier knows.
    """
    attempt = attempt_of(requester, supplier)
    if attempt.status == "open" and attempt.n == requester.attempt:
        kind = requester.supplied_as or supplier.supplied_as or "loan"
        return supplier.state in AGREE[kind].get(requester.state, {})
    return ended_agrees(attempt, supplier)


def ended_agrees(attempt: Attempt, supplier: Request) -> bool:
    """The requester is done with this attempt: terminal itself, or gone to another supplier.

    The supplier has ended, or has not shipped and did not agree to a Cancel (an offer of a retry just runs out), or
    what it shipped is known here.
    """
    if supplier.state in TERMINAL:
        return True
    if supplier.state in _NOT_SHIPPED:
        return attempt.cancel_sent > 0 or supplier.state == "retry_asked"
    return attempt.shipped or bool(attempt.came_anyway)


def attempt_of(requester: Request, supplier: Request) -> Attempt:
    """The requester's attempt of which the supplier's request is the other side: the latest that both know."""
    known = {a.requesting_agency_request_id for a in supplier.attempts}
    ours = [a for a in requester.attempts if a.partner == supplier.library and a.requesting_agency_request_id in known]
    if not ours:
        raise LookupError(f"{requester.id} has no attempt that {supplier.library} knows")
    return ours[-1]
