"""After the storm: all is delivered, the status is asked; then the sides must agree and can come to an end."""

from illcore.events import Event
from illcore.request import Request
from illcore.states.agree import agree, attempt_of
from tests.model.world import OURS, STAFF, SUPPLIERS, Broken, Step, World, act, apply, fire, now_of, take


def quiet(world: World) -> World:
    """Every side re-sends in order until all is confirmed; then the requester asks for the status."""
    world = deliver_all(world)
    current = world.ours.current()
    if current is not None and current.status == "open":
        world = deliver_all(act(world, OURS, "ask_status")[0])
    return world


def deliver_all(world: World) -> World:
    """Deliver what is on its way, oldest first, until nothing is."""
    for _ in range(200):
        if not world.flights:
            return world
        world = apply(world, Step("deliver", world.flights[0].receiver, world.flights[0].name, 0))
    raise Broken("the two sides never stop answering each other")


def check_quiet(world: World) -> None:
    """What must hold once all has arrived: the pairs agree, nothing is forgotten, nobody else ships unknown to us.

    A Cancel or a complaint that came twice, the second long after the answer to the first, cannot be told from a
    second wish: the supplier is asked again, and its answer must bring the sides together.
    """
    if any(a.reason in ("undeliverable", "refused") for r in world.requests if r for a in r.attention):
        return
    fault = disagreement(world)
    if fault and (world.doubled or any(a.cancel_sent > 1 for a in world.ours.attempts)):
        world = answered_again(world)
        a_person_is_called = any(a.reason == "contradiction" for a in world.ours.attention)
        fault = "" if a_person_is_called else disagreement(world)
    if fault:
        raise Broken(fault)


def disagreement(world: World) -> str:
    """What is wrong between the sides; empty if nothing is."""
    ours = world.ours
    for symbol in SUPPLIERS:
        theirs = world.at(symbol)
        if theirs is None:
            continue
        attempt = attempt_of(ours, theirs)
        pair = f"{ours.state} {ours.supplied_as} and {symbol} {theirs.state} (attempt {attempt.status})"
        if not agree(ours, theirs):
            return pair
        if theirs.state in SHIPPED_AND_OPEN and not (attempt.shipped or attempt.came_anyway):
            return f"{pair}: it shipped and the requester does not know"
        if theirs.state in ("unfilled", "cancelled") and theirs.supplied_as == "loan" and theirs.shipped_at is not None:
            return f"{pair}: an item that was sent is forgotten"
    shipping = [
        a
        for a in ours.attempts
        if (theirs := world.at(a.partner)) is not None
        and a.requesting_agency_request_id == theirs.attempts[theirs.attempt - 1].requesting_agency_request_id
        and theirs.state in SHIPPED_AND_OPEN
    ]
    unmarked = [a for a in shipping if a.status == "open" and not a.came_anyway]
    return "two suppliers ship and none is marked came_anyway" if len(unmarked) > 1 else ""


SHIPPED_AND_OPEN = frozenset("shipped received renew_requested overdue recalled return_shipped lost".split())
_AGAIN = {
    "cancel_requested": "reject_cancel",
    "conditional": "will_supply",
    "will_supply": "supply_document",
    "picking": "supply_document",
}


def answered_again(world: World) -> World:
    """The suppliers' staff answer what a repetition asked of them."""
    for _ in range(3):
        for symbol in SUPPLIERS:
            theirs = world.at(symbol)
            if theirs is not None and theirs.state in _AGAIN and disagreement(world):
                world = quiet(act(world, symbol, _AGAIN[theirs.state])[0])
    return world


_NEXT_OF_OURS = {
    "sent": "timer:silence",
    "will_supply": "next_supplier",
    "conditional": "accept_conditions",
    "retry_offered": "reject_retry",
    "cancel_pending": "timer:cancel_unanswered",
    "shipped": "receive",
    "renew_pending": "timer:renewal_unanswered",
    "returned": "ship_return",
    "on_loan": "check_in",
    "lost": "check_in",
    "review": "override",
}
_NEXT_OF_THEIRS = {
    "new": "will_supply",
    "review": "will_supply",
    "conditional": "timer:conditions_unanswered",
    "retry_asked": "timer:retry_unanswered",
    "cancel_requested": "accept_cancel",
    "renew_requested": "accept_renew",
    "return_shipped": "check_in",
}


def finish(world: World) -> tuple[str, ...]:
    """The states in which all end, ours first, if staff do the next sensible thing. Broken if that leads nowhere."""
    for _ in range(40):
        open_ones = [r for r in world.requests if r is not None and not r.terminal()]
        if not open_ones:
            return tuple(r.state if r is not None else "" for r in world.requests)
        for request in open_ones:
            after = _sensible(world, request)
            if after is not world:
                world = deliver_all(after)
                break
        else:
            raise Broken(f"stuck in {[(r.library, r.state, r.place, r.saved) for r in open_ones]}")
    raise Broken(f"no end: {[r.state for r in world.requests if r]}")


def _sensible(world: World, request: Request) -> World:
    symbol, state = request.library, request.state
    copy = request.supplied_as == "copy"
    if request.role == "requester":
        wanted = ["deliver"] if copy and state == "received" else []
        if state == "received" or state in ("overdue", "recalled"):
            wanted += ["receive", "ship_return"]
        wanted += [_NEXT_OF_OURS.get(state, "")]
    else:
        if state in ("will_supply", "picking"):
            wanted = ["supply_document" if world.service.service_type == "copy" else "ship"]
        elif state == "shipped" and copy:
            wanted = ["timer:complaint_over"]
        elif state in ("shipped", "received", "overdue", "recalled", "lost") and _nobody_holds_it(world, symbol):
            wanted = ["waive_return"]
        else:
            wanted = [_NEXT_OF_THEIRS.get(state, "")]
    for step in filter(None, wanted):
        if step.startswith("timer:"):
            after, refused = fire(world, symbol, step.removeprefix("timer:"))
        elif step == "override":
            event = Event("override", now_of(world), STAFF[symbol], private="asked everywhere")
            after, refused = take(world, symbol, event)
        else:
            after, refused = act(world, symbol, step)
        if not refused:
            return after
    return world


def _nobody_holds_it(world: World, symbol: str) -> bool:
    """The requester has ended, so nothing will come back by itself."""
    theirs = world.at(symbol)
    assert theirs is not None
    attempt = attempt_of(world.ours, theirs)
    return attempt.status != "open" or world.ours.state in ("lost", "return_shipped") or attempt.n != world.ours.attempt
