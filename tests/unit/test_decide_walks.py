"""Any order of events at one library: nothing raises, nothing that is given changes, slot and place stay in order."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from illcore.decide import PLACED, TWINS, allowed_actions, decide
from illcore.events import (
    EFFECT_RESULTS,
    REQUESTER_ACTIONS,
    REQUESTER_SAYS,
    SUPPLIER_ACTIONS,
    SUPPLIER_SAYS,
    Actor,
    Event,
)
from illcore.facts import Candidate, Facts
from illcore.model import Citation, Partner
from illcore.policy import Policy
from illcore.request import OUTCOMES, TERMINAL, Attempt, Request

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PARTNERS = {s: Partner(symbol=s, account="wire:main") for s in ("ISIL:A", "ISIL:B")}
STAFF = Actor(kind="staff", id="s", library="ISIL:R", role="admin")
READER = Actor(kind="reader", id="r", library="ISIL:R")
PARTNER = Actor(kind="partner", id="ISIL:A", library="ISIL:R")
SYSTEM = Actor(kind="system", id="engine", library="ISIL:R")
ACTIONS = {
    "requester": tuple(a for a in REQUESTER_ACTIONS if a != "record"),
    "supplier": tuple(a for a in SUPPLIER_ACTIONS if a != "record"),
}
SAYS = {"requester": SUPPLIER_SAYS, "supplier": [s for s in REQUESTER_SAYS if s != "Request"]}
STATUS = {"Conditions": "WillSupply", "RenewYes": "Loaned", "CancelYes": "Cancelled"}

steps = st.tuples(st.integers(0, 9_999), st.integers(0, 9_999), st.booleans())
lives = st.lists(steps, min_size=1, max_size=40)
steady = settings(max_examples=150, deadline=None, derandomize=True)


def begun(role: str, service: str) -> Request:
    asked = role == "supplier"
    attempts = (Attempt(1, "ISIL:A", status="open", requesting_agency_request_id="1"),) if asked else ()
    request = Request(
        id="1",
        library="ISIL:R",
        role=role,  # type: ignore[arg-type]
        service_type=service,  # type: ignore[arg-type]
        created_at=START,
        updated_at=START,
        state_since=START,
        citation=Citation(title="茶馆", doi="10.1000/182"),
        attempts=attempts,
        attempt=len(attempts),
        partner="ISIL:A" if asked else "",
        needed_by=date(2026, 6, 1),
    )
    return decide(request, Event("submit", START, STAFF), facts(0), START).request


def facts(choice: int) -> Facts:
    policy = Policy.model_validate(
        {
            "end_of_rota": ("review", "unfilled")[choice % 2],
            "accept_cancel": ("staff", "auto")[choice // 2 % 2],
            "approval": {"all": choice % 5 == 0, "when": "after_locating"},
        }
    )
    candidates = (Candidate("ISIL:A", 1), Candidate("ISIL:B", 2, skip="closed" if choice % 3 == 0 else ""))
    return Facts(policy=policy, partners=PARTNERS, candidates=candidates, notifies=True, circulates=True)


def event(request: Request, choice: int, detail: int, later: bool, now: datetime) -> Event:
    """One of: an allowed action, any action, a word of the partner, a wait, the result of an effect."""
    role = request.role
    data: dict[str, Any] = {"outcome": OUTCOMES[detail % len(OUTCOMES)], "text": f"condition {detail % 3}"}
    asked = [a.n for a in request.attempts if a.requesting_agency_request_id]
    attempt = asked[detail // 100 % len(asked)] if asked else 0
    kind = choice % 5
    if kind == 0:
        allowed = allowed_actions(request, facts(detail), now, "admin", ACTIONS[role]) or ("note",)
        return Event(allowed[detail % len(allowed)], now, READER if detail % 7 == 0 else STAFF, data, private="why")
    if kind == 1:
        data["attempt"] = attempt or None if detail % 3 == 0 else None
        return Event(ACTIONS[role][detail % len(ACTIONS[role])], now, STAFF, data, private="why")
    if kind == 2 and asked:
        said = SAYS[role][detail % len(SAYS[role])]
        change = now - timedelta(hours=0 if later else 5)
        told = {
            "status": STATUS.get(said, said),
            "message_reason": "StatusChange",
            "last_change": change,
            "sent": change,
        }
        told |= {"due_date": date(2026, 5, 1), "number": detail % 3 or None, "url": "u" if detail % 11 == 0 else ""}
        told |= {"conditions": [{"text": f"condition {detail % 3}"}], "requesting_agency_request_id": str(detail % 4)}
        by_hand = detail % 6 == 0
        return Event(said, now, STAFF if by_hand else PARTNER, told, attempt, by_hand=by_hand, private="text")
    if kind == 3 and request.timers:
        waits = sorted(request.timers)
        wait = waits[detail % len(waits)]
        return Event(f"timer:{wait}", request.timers[wait].due, SYSTEM)
    names = ("Request", "Cancel", "Renew", "Received", "StatusRequest", "ShippedReturn")
    told = {"kind": "send", "message": names[detail % len(names)], "previous": "unknown" if later else "none"}
    return Event(EFFECT_RESULTS[detail % 4], now, SYSTEM, told, attempt, effect="1:1:1")


def in_order(request: Request) -> None:
    assert (request.state in TWINS) == bool(request.saved)
    assert request.saved not in TWINS
    assert (request.state in PLACED) == bool(request.place)
    assert (request.state == "cancel_pending") == bool(request.then)
    assert (request.state in TERMINAL) == bool(request.outcome) == (request.closed_at is not None)
    assert [a.n for a in request.attempts] == list(range(1, len(request.attempts) + 1))
    assert sum(a.status == "open" for a in request.attempts) <= 1
    numbers = [(c.attempt, c.number) for c in request.conditions if not c.answer]
    assert len(numbers) == len(set(numbers))
    if request.state in TERMINAL:
        assert not request.timers
    elif request.role == "requester" and request.state not in ("new", "review", "queued", "locating", "local_supply"):
        current = request.current()
        assert current is not None
        assert current.status == "open"


@steady
@given(st.sampled_from(["requester", "supplier"]), st.sampled_from(["loan", "copy", "copy_or_loan"]), lives)
def test_any_life_of_one_request(role: str, service: str, life: list[tuple[int, int, bool]]) -> None:
    request = begun(role, service)
    now = START
    for choice, detail, later in life:
        now += timedelta(hours=1)
        happened = event(request, choice, detail, later, now)
        before = deepcopy(request)
        decision = decide(request, happened, facts(detail), now)
        assert request == before
        if decision.refused:
            assert decision.request is request
            assert not decision.effects
            continue
        request = decision.request
        assert request.version == before.version + 1
        in_order(request)


@steady
@given(st.sampled_from(["requester", "supplier"]), st.sampled_from(["loan", "copy"]), lives)
def test_what_is_offered_is_never_refused_by_the_state(
    role: str, service: str, life: list[tuple[int, int, bool]]
) -> None:
    """An offered action may still lack a detail; then the refusal says which, not that the state forbids it."""
    request = begun(role, service)
    now = START
    for choice, detail, later in life:
        now += timedelta(hours=1)
        request = decide(request, event(request, choice, detail, later, now), facts(detail), now).request
    offered = allowed_actions(request, facts(0), now, "admin", ACTIONS[role])
    for action in ACTIONS[role]:
        tried = [Event(action, now, STAFF, {"outcome": "withdrawn", "text": "a new one"}, private="why")]
        if action in ("receive", "ship_return"):
            tried += [replace(tried[0], data={"attempt": a.n}) for a in request.attempts]
        refusals = [decide(request, one, facts(0), now).refused for one in tried]
        if action in offered:
            assert any("not allowed in state" not in refused for refused in refusals), (action, request.state, refusals)
        else:
            assert all(refusals), (action, request.state)
