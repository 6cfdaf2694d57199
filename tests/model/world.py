"""Two suppliers and a requester, joined by a channel that loses, delays, reorders and doubles; every step is a choice.

The real tables, decide, compose and interpret work here; only the wire and the store are played: a message is
confirmed, or answered with ERROR, when it is delivered, and one with the same content is recognised.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from illcore.compose import compose
from illcore.decide import PLACED, TWINS, Decision, allowed_actions, decide
from illcore.effects import Send
from illcore.events import REQUESTER_ACTIONS, SUPPLIER_ACTIONS, Actor, Event
from illcore.facts import Facts
from illcore.interpret import meanings
from illcore.message import Message
from illcore.model import Citation, Partner
from illcore.policy import Library, Policy
from illcore.request import TERMINAL, Attempt, Request

OURS = "ISIL:R"
SUPPLIERS = ("ISIL:A", "ISIL:B")
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
LIBRARIES = {symbol: Library(symbol=symbol) for symbol in (OURS, *SUPPLIERS)}
PARTNERS = {symbol: Partner(symbol=symbol, account="wire:main") for symbol in (OURS, *SUPPLIERS)}
STAFF = {symbol: Actor(kind="staff", id="s", library=symbol, role="admin") for symbol in PARTNERS}
SYSTEM = {symbol: Actor(kind="system", id="engine", library=symbol) for symbol in PARTNERS}
FACTS = Facts(policy=Policy(), partners=PARTNERS)

REQUESTER_CHOICES = tuple(
    "next_supplier cancel accept_conditions reject_conditions accept_retry reject_retry receive reject_delivery "
    "deliver check_out check_in renew ship_return report_lost close".split()
)
SUPPLIER_CHOICES = tuple(
    "will_supply cannot_supply add_conditions ask_retry print_slip ship supply_document accept_cancel reject_cancel "
    "accept_renew reject_renew recall check_in waive_return report_lost close".split()
)
assert set(REQUESTER_CHOICES) <= set(REQUESTER_ACTIONS)
assert set(SUPPLIER_CHOICES) <= set(SUPPLIER_ACTIONS)


@dataclass(frozen=True, slots=True)
class Service:
    """What is asked for and how a copy travels."""

    name: str
    service_type: str
    url: str = ""

    def supplies(self, action: str) -> bool:
        """Whether this is the way in which the supplier supplies it."""
        other = {"loan": "supply_document", "copy": "ship"}[self.service_type]
        return action != other


LOAN = Service("loan", "loan")
COPY_BY_FILE = Service("copy by file", "copy", "https://a.example/1")
COPY_BY_POST = Service("copy by post", "copy")


@dataclass(frozen=True, slots=True)
class Flight:
    """A message on its way. ``unknown``: an earlier try may have arrived; ``answer``: what that try was answered.

    A ``ghost`` is the partner's own repetition with a new timestamp: nobody waits for its answer.
    """

    sender: str
    receiver: str
    name: str
    attempt: int
    message: Message
    unknown: bool = False
    delivered: bool = False
    answer: str = ""
    ghost: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One choice, as a trace shows it."""

    kind: str
    who: str
    what: str
    n: int = 0

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.kind, self.who, self.what, self.n or "") if part)


@dataclass(frozen=True, slots=True)
class World:
    """Three libraries and what is between them.

    ``posted``: how many things of each supplier are in the post; ``clock`` counts decisions; ``doubled``: the ghosts
    that the wire made.
    """

    service: Service
    requests: tuple[Request | None, ...]
    flights: tuple[Flight, ...] = ()
    posted: tuple[int, ...] = (0, 0)
    clock: int = 0
    doubled: int = 0

    def at(self, symbol: str) -> Request | None:
        """The request in that library."""
        return self.requests[INDEX[symbol]]

    @property
    def ours(self) -> Request:
        """The requester's request."""
        request = self.requests[0]
        assert request is not None
        return request


INDEX = {OURS: 0, **{symbol: n for n, symbol in enumerate(SUPPLIERS, start=1)}}


class Broken(AssertionError):
    """A property does not hold."""


def begin(service: Service) -> World:
    """The requester has asked the first supplier."""
    request = Request(
        id="1",
        library=OURS,
        role="requester",
        service_type=service.service_type,  # type: ignore[arg-type]
        created_at=START,
        updated_at=START,
        state_since=START,
        citation=Citation(title="茶馆", doi="10.1000/182"),
        named_suppliers=True,
        attempts=tuple(Attempt(n, symbol) for n, symbol in enumerate(SUPPLIERS, start=1)),
    )
    world = World(service, (request, None, None))
    return take(world, OURS, Event("submit", START, STAFF[OURS]))[0]


# --- one event at one library ---


def now_of(world: World) -> datetime:
    return START + timedelta(seconds=world.clock)


def take(world: World, symbol: str, event: Event) -> tuple[World, str]:
    """Decide, keep the result, put its messages on the wire; the second value is the refusal."""
    request = world.at(symbol)
    assert request is not None
    now = now_of(world) + timedelta(seconds=1)
    decision = decide(request, event, FACTS, now)
    if decision.refused:
        return world, decision.refused
    check_fields(request, decision)
    flights = list(world.flights)
    for effect in decision.effects:
        if isinstance(effect, Send):
            partner = decision.request.attempts[effect.attempt - 1].partner
            message = compose(decision.request, effect, LIBRARIES[symbol], PARTNERS[partner], now)
            flights.append(Flight(symbol, partner, effect.name, effect.attempt, message))
    requests = tuple(decision.request if n == INDEX[symbol] else r for n, r in enumerate(world.requests))
    return replace(world, requests=requests, flights=tuple(flights), clock=world.clock + 1), ""


def check_fields(before: Request, decision: Decision) -> None:
    """What holds of slot, place and ``then`` after every decision."""
    after = decision.request
    where = f"{before.role} {before.state} → {after.state}"
    if (after.state in TWINS) != bool(after.saved):
        raise Broken(f"{where}: saved is {after.saved!r}")
    if after.saved in TWINS:
        raise Broken(f"{where}: the slot is nested: {after.saved}")
    if (after.state in PLACED) != bool(after.place) and after.state not in ("cancel_pending", "cancel_requested"):
        raise Broken(f"{where}: place is {after.place!r}")
    if (after.state == "cancel_pending") != bool(after.then):
        raise Broken(f"{where}: then is {after.then!r}")
    if after.state in TERMINAL and not after.outcome:
        raise Broken(f"{where}: no outcome")


# --- what may happen next ---


def act(world: World, symbol: str, action: str, **data: Any) -> tuple[World, str]:
    """Staff of that library do it."""
    request = world.at(symbol)
    assert request is not None
    details: dict[str, Any] = dict(data)
    if action == "add_conditions":
        details["text"] = f"condition {len(request.conditions) + 1}"
    elif action == "close":
        details["outcome"] = "withdrawn"
    elif action == "supply_document" and world.service.url:
        details["url"] = f"{world.service.url}/{world.clock}"
    after, refused = take(world, symbol, Event(action, now_of(world), STAFF[symbol], details))
    if not refused and action in ("ship", "supply_document") and not world.service.url:
        after = _post(after, symbol, 1)
    elif not refused and action == "receive":
        n = data.get("attempt") or request.attempt
        after = _post(after, request.attempts[n - 1].partner, -1)
    return after, refused


def _post(world: World, symbol: str, more: int) -> World:
    return replace(world, posted=tuple(n + more * (s == symbol) for s, n in zip(SUPPLIERS, world.posted, strict=True)))


def fire(world: World, symbol: str, timer: str) -> tuple[World, str]:
    """That wait is over."""
    request = world.at(symbol)
    assert request is not None
    return take(world, symbol, Event(f"timer:{timer}", request.timers[timer].due, SYSTEM[symbol]))


def staff_steps(world: World) -> Iterator[Step]:
    """What the tables allow staff of all three libraries now."""
    ours = world.ours
    now = now_of(world)
    for action in allowed_actions(ours, FACTS, now, "admin", REQUESTER_CHOICES):
        if action in ("receive", "ship_return"):
            for attempt in ours.attempts:
                if attempt.requesting_agency_request_id and (action != "receive" or _is_in_the_post(world, attempt)):
                    yield Step("staff", OURS, action, attempt.n)
        else:
            yield Step("staff", OURS, action)
    for symbol in SUPPLIERS:
        request = world.at(symbol)
        if request is not None:
            for action in allowed_actions(request, FACTS, now, "admin", SUPPLIER_CHOICES):
                if world.service.supplies(action):
                    yield Step("staff", symbol, action)


def _is_in_the_post(world: World, attempt: Attempt) -> bool:
    """Only what left can arrive, and only once; all else is for staff to believe or to mistake."""
    return world.posted[SUPPLIERS.index(attempt.partner)] > 0


def timer_steps(world: World) -> Iterator[Step]:
    """The waits that may be over."""
    for symbol, n in INDEX.items():
        request = world.requests[n]
        if request is not None:
            for kind, timer in request.timers.items():
                if not timer.fired and kind not in ("due_soon", "not_collected", "needed_by"):
                    yield Step("timer", symbol, kind)


def in_order(world: World) -> list[int]:
    """The oldest message on each way."""
    seen: set[tuple[str, str]] = set()
    found = []
    for n, flight in enumerate(world.flights):
        way = (flight.sender, flight.receiver)
        if way not in seen or flight.ghost:
            found.append(n)
        if not flight.ghost:
            seen.add(way)
    return found


def wire_steps(world: World, faults: bool) -> Iterator[Step]:
    """Deliveries; with faults also loss, a lost confirmation, overtaking, doubling, and giving up."""
    ordered = in_order(world)
    for n, flight in enumerate(world.flights):
        if n in ordered:
            yield Step("deliver", flight.receiver, flight.name, n)
        if not faults:
            continue
        if n not in ordered:
            yield Step("overtake", flight.receiver, flight.name, n)
        if flight.ghost:
            continue
        if not flight.delivered:
            yield Step("double", flight.receiver, flight.name, n)
        if flight.name == "Request":  # to any other message a lost try or confirmation makes no difference
            if not flight.delivered:
                yield Step("unconfirmed", flight.receiver, flight.name, n)
            if not flight.unknown:
                yield Step("lose", flight.receiver, flight.name, n)
        if flight.name in ("Request", "Cancel"):
            yield Step("give_up", flight.receiver, flight.name, n)


def apply(world: World, step: Step) -> World:
    """Do the step. Raises Broken where a property fails; an action that is refused in its verb changes nothing."""
    if step.kind == "staff":
        data = {"attempt": step.n} if step.n else {}
        return act(world, step.who, step.what, **data)[0]
    if step.kind == "timer":
        return fire(world, step.who, step.what)[0]
    flight = world.flights[step.n]
    without = world.flights[: step.n] + world.flights[step.n + 1 :]
    if step.kind == "lose":
        changed = replace(flight, unknown=True)
        return replace(world, flights=(*world.flights[: step.n], changed, *world.flights[step.n + 1 :]))
    if step.kind == "double":
        later = flight.message.model_copy(update={"timestamp": now_of(world) + timedelta(milliseconds=1)})
        ghost = replace(flight, message=later, ghost=True)
        return replace(world, flights=(*world.flights, ghost), doubled=world.doubled + 1)
    if step.kind == "give_up":
        gone = replace(world, flights=without)
        data = {"kind": "send", "message": flight.name, "previous": "unknown" if flight.unknown else "none"}
        return _report(gone, "effect:given_up", flight, data)
    if step.kind == "unconfirmed":
        after, answer = _deliver(world, flight)
        n = after.flights.index(flight)
        known = replace(flight, unknown=True, delivered=True, answer=answer)
        return replace(after, flights=(*after.flights[:n], known, *after.flights[n + 1 :]))
    here = replace(world, flights=without)
    if flight.delivered:
        after, answer = here, flight.answer
    else:
        after, answer = _deliver(here, flight)
    if answer and not flight.ghost:
        previous = "unknown" if flight.unknown else "none"
        data = {"kind": "send", "message": flight.name, "previous": previous, "reason": answer}
        return _report(after, "effect:refused", flight, data)
    return after


def _report(world: World, kind: str, flight: Flight, data: dict[str, Any]) -> World:
    event = Event(
        kind, now_of(world), SYSTEM[flight.sender], data, flight.attempt, effect=f"{flight.name}/{world.clock}"
    )
    after, refused = take(world, flight.sender, event)
    if refused:
        raise Broken(f"the result of an effect is refused: {refused}")
    return after


def _deliver(world: World, flight: Flight) -> tuple[World, str]:
    """The message arrives; the second value is the ERROR that it is answered with."""
    message = flight.message
    partner = Actor(kind="partner", id=flight.sender, library=flight.receiver)
    if message.kind == "Request":
        return _demanded(world, flight, partner)
    request = world.at(flight.receiver)
    number = message.requesting_agency_request_id
    attempts = request.attempts if request is not None else ()
    attempt = next((a for a in attempts if a.requesting_agency_request_id == number), None)
    if attempt is None:
        return world, f"unknown id {number}"
    refusals = []
    for kind, data, text in meanings(message, PARTNERS[flight.sender].profile, False):
        event = Event(kind, now_of(world), partner, data, attempt.n, private=text)
        world, refused = take(world, flight.receiver, event)
        refusals.append(refused)
    return world, refusals[0] if all(refusals) else ""


def _demanded(world: World, flight: Flight, partner: Actor) -> tuple[World, str]:
    message, symbol = flight.message, flight.receiver
    number = message.requesting_agency_request_id
    request = world.at(symbol)
    if request is not None:
        if any(a.requesting_agency_request_id == number for a in request.attempts):
            return world, ""
        known = any(a.requesting_agency_request_id == message.previous_id for a in request.attempts)
        assert message.request_type == "Retry"
        assert known
        data = {"requesting_agency_request_id": number}
        return take(world, symbol, Event("Retry", now_of(world), partner, data, request.attempt))
    if message.request_type == "Retry":
        return world, f"unknown id {message.previous_id}"
    now = now_of(world)
    fresh = Request(
        id=f"{symbol}/1",
        library=symbol,
        role="supplier",
        service_type=message.service_type or "loan",
        created_at=now,
        updated_at=now,
        state_since=now,
        partner=flight.sender,
        citation=message.citation or Citation(),
        attempt=1,
        attempts=(Attempt(1, flight.sender, status="open", requesting_agency_request_id=number),),
    )
    requests = tuple(fresh if n == INDEX[symbol] else r for n, r in enumerate(world.requests))
    return take(replace(world, requests=requests), symbol, Event("submit", now, partner, {}, 1))
