"""The table is whole: every state and event has a row or is refused by name, and no row is there in vain."""

from collections import deque
from dataclasses import replace
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from illcore.decide import PLACED, TWINS, decide
from illcore.events import (
    COPYRIGHT_EVENTS,
    DOCUMENT_EVENTS,
    EFFECT_RESULTS,
    LATE_SAYS,
    RECORDED_BY_REQUESTER,
    RECORDED_BY_SUPPLIER,
    REQUESTER_ACTIONS,
    REQUESTER_SAYS,
    REQUESTER_TIMERS,
    SUPPLIER_ACTIONS,
    SUPPLIER_SAYS,
    SUPPLIER_TIMERS,
    SUPPLY_STEPS,
    Actor,
    Event,
)
from illcore.facts import Facts
from illcore.request import TERMINAL, Attempt, Condition, Item, Request, Timer
from illcore.states import TABLE, guards, verbs
from illcore.states.agree import AGREE
from illcore.states.naming import row_name
from illcore.states.row import BY_OUTCOME, PLACE, RESUME, SAVED, STAY, UNDO, Row
from illcore.states.texts import STATE_TEXTS
from illcore.states.timers import TIMERS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OWN = "ISIL:R"
ROLES = ("requester", "supplier")
STATES = [(role, state) for role in ROLES for state in TABLE[role]]
MARKERS = {STAY, SAVED, PLACE, RESUME, UNDO, BY_OUTCOME}

ACTIONS = {
    "requester": [a for a in REQUESTER_ACTIONS if a != "record"],
    "supplier": [a for a in SUPPLIER_ACTIONS if a != "record"],
}
SAID = {
    "requester": [*SUPPLIER_SAYS, *LATE_SAYS, "Repeated"],
    "supplier": [*[s for s in REQUESTER_SAYS if s != "Request"], "OldCancel", "OldStatusRequest", "OldOther"],
}
OTHER = {
    "requester": [
        *["submit", "located", "place_free", *SUPPLY_STEPS],
        *DOCUMENT_EVENTS,
        *COPYRIGHT_EVENTS,
        *(f"timer:{t}" for t in REQUESTER_TIMERS),
    ],
    "supplier": [
        *["submit", "check", "located"],
        *DOCUMENT_EVENTS,
        *COPYRIGHT_EVENTS,
        *(f"timer:{t}" for t in SUPPLIER_TIMERS),
    ],
}
EVENTS = {role: [*ACTIONS[role], *SAID[role], *OTHER[role], *EFFECT_RESULTS] for role in ROLES}
EVERY = [(role, state, event) for role, state in STATES for event in EVENTS[role]]
STEPS = {"check", "choose"}
BROUGHT: dict[str, dict[str, Any]] = {
    "document": {
        "document": {
            "id": "d1",
            "name": "a.pdf",
            "media_type": "application/pdf",
            "size": 9,
            "sha256": "0" * 64,
            "source": "upload",
        }
    },
    "checked": {"document": "d1", "verdict": "pass", "pages": 3},
    "handed_over": {"to": "reader", "documents": ["d1"], "link": True},
    "cleared": {"verdict": {"decision": "review"}},
    "declared": {"version": "uk-1"},
}
"""What the events of documents and copyright bring with them."""

REQUEST_MD = {
    "requester": (
        "new review queued locating local_supply sent will_supply conditional retry_offered cancel_pending shipped "
        "received on_loan renew_pending overdue recalled returned return_shipped lost "
        "completed unfilled cancelled closed"
    ).split(),
    "supplier": (
        "new review will_supply picking conditional retry_asked cancel_requested shipped received renew_requested "
        "overdue recalled return_shipped lost completed unfilled cancelled closed"
    ).split(),
}


def rows_of(role: str, state: str) -> list[tuple[str, Row]]:
    return [(event, row) for event, own in TABLE[role][state].items() for row in own]


_RESUMES = ("will_supply", "picking")
_ENDS_BY_OUTCOME = ("completed", "closed")
_PLACES = {
    "requester": ("shipped", "received", "on_loan", "returned"),
    "supplier": ("shipped", "received"),
}


def targets(role: str, state: str, row: Row) -> tuple[str, ...]:
    """The states to which a row may lead; none for one that stays or takes back the last action."""
    if row.next in (STAY, UNDO):
        return _after_steps(role, state, row) if row.then else ()
    if row.next == BY_OUTCOME:
        return _ENDS_BY_OUTCOME
    if row.next == RESUME:
        return _RESUMES
    if row.next == PLACE:
        return _PLACES[role]
    if row.next == SAVED:
        return saved_states(role, state)
    return (row.next, *_after_steps(role, row.next, row)) if row.then else (row.next,)


def _after_steps(role: str, state: str, row: Row) -> tuple[str, ...]:
    """Where a step that follows at once may lead on from there."""
    found: list[str] = []
    for following in TABLE[role][state].get(row.then, ()):
        found += targets(role, state, following)
    return tuple(dict.fromkeys(found))


def saved_states(role: str, pending: str) -> tuple[str, ...]:
    """The states that a pending state may have saved: those from which it is entered, and those put in their place."""
    found = [
        state
        for state, rows in TABLE[role].items()
        for own in rows.values()
        for row in own
        if row.next == pending != state
    ]
    for _, row in rows_of(role, pending):
        found += [v.__name__.removeprefix("saved := ") for v in row.verbs if v.__name__.startswith("saved := ")]
    if pending == "cancel_requested":
        found += _RESUMES
    return tuple(dict.fromkeys(found))


ALL_ROWS = [(role, state, event, row) for role, state in STATES for event, row in rows_of(role, state)]


def request_in(role: str, state: str, service: str = "loan", **changes: Any) -> Request:
    """A request as it may stand in that state: asked, and with slot, place and ``then`` where the state has them."""
    sent = state not in ("new", "review", "queued", "locating", "local_supply")
    shipped = (
        sent
        and state
        not in (
            "sent will_supply conditional retry_offered cancel_pending picking retry_asked cancel_requested "
            "unfilled cancelled"
        ).split()
    )
    asked = role == "supplier" or sent
    attempt = Attempt(
        1,
        "ISIL:S",
        status=("ended" if state in TERMINAL else "open") if asked else "waiting",
        requesting_agency_request_id="1" if asked else "",
        shipped=shipped,
    )
    request = Request(
        id="1",
        library=OWN,
        role=role,  # type: ignore[arg-type]
        service_type=service,  # type: ignore[arg-type]
        created_at=NOW,
        updated_at=NOW,
        state_since=NOW,
        state=state,
        version=7,
        attempts=(attempt,),
        attempt=1 if asked else 0,
        partner="ISIL:S" if asked else "",
        named_suppliers=True,
        supplied_as=service if shipped else "",
        shipped_at=NOW if shipped else None,
        items=(Item(1, sent_at=NOW),) if shipped and service == "loan" else (),
        due_date=date(2026, 4, 1) if shipped else None,
        reasons=("approval",) if state == "review" else (),
        resume="new" if state == "review" else "",
        outcome="filled" if state in TERMINAL else "",
        conditions=(Condition(1, text="in the library only", attempt=1),) if "conditional" in state else (),
    )
    if state in TWINS:
        request.saved = saved_states(role, state)[0]  # type: ignore[arg-type]
    if state in PLACED:
        request.place = "received"
    if state == "cancel_pending":
        request.then = "stop"
    return replace(request, **changes)


def event_of(role: str, name: str, **data: Any) -> Event:
    """The event with what it needs to be told apart from nonsense."""
    details: dict[str, Any] = {"outcome": "withdrawn", "text": "as agreed", "reason": ""} | data
    actor = Actor(kind="staff", id="s", library=OWN, role="admin")
    at = NOW
    if name in SAID[role]:
        actor = Actor(kind="partner", id="ISIL:S", library=OWN)
        details["status"] = {"Conditions": "WillSupply", "RenewYes": "Loaned", "CancelYes": "Cancelled"}.get(name, name)
    elif name not in ACTIONS[role]:
        actor = Actor(kind="system", id="engine", library=OWN)
        details |= BROUGHT.get(name, {})
    return Event(name, at, actor, details, attempt=1, effect="1:3:1", private="because")


def test_the_states_are_those_of_the_contract() -> None:
    assert {role: list(TABLE[role]) for role in ROLES} == REQUEST_MD


def test_every_row_answers_an_event_that_can_happen_and_leads_to_a_state() -> None:
    for role, state, event, row in ALL_ROWS:
        where = f"{role} {state} {event}"
        assert event in EVENTS[role], where
        assert row.next in TABLE[role] or row.next in MARKERS, where
        assert not row.then or row.then in STEPS, where


@pytest.mark.parametrize(("role", "state", "name"), EVERY)
def test_every_event_has_a_row_or_is_refused_by_name_and_changes_nothing(role: str, state: str, name: str) -> None:
    for service in ("loan", "copy"):
        request = request_in(role, state, service)
        kind = name.removeprefix("timer:")
        if name.startswith("timer:"):
            request.timers = {kind: Timer(NOW)}
        before = replace(request)
        event = event_of(role, name)
        known = TABLE[role][state].get(row_name(request, event))
        decision = decide(request, event, Facts(), NOW)
        assert request == before
        if decision.refused:
            assert decision.request is request
            assert decision.effects == ()
            if not known:
                assert name in decision.refused
                assert name == "undo" or state in decision.refused
        else:
            assert known
            assert decision.request.version == request.version + 1
            assert decision.request.state in TABLE[role]


@pytest.mark.parametrize("role", ROLES)
def test_every_state_is_reachable_from_the_start(role: str) -> None:
    reached = {"new"}
    queue = deque(reached)
    while queue:
        state = queue.popleft()
        for _, row in rows_of(role, state):
            for target in targets(role, state, row):  # type: ignore[arg-type]
                if target not in reached:
                    reached.add(target)
                    queue.append(target)
    assert reached == set(TABLE[role])


@pytest.mark.parametrize(("role", "state"), STATES)
def test_every_open_state_can_be_left_and_closed(role: str, state: str) -> None:
    if state in TERMINAL:
        assert "close" not in TABLE[role][state]
        return
    assert {row.next for row in TABLE[role][state]["close"]} == {BY_OUTCOME}
    ways_on = {t for event, row in rows_of(role, state) if event != "close" for t in targets(role, state, row)}  # type: ignore[arg-type]
    assert ways_on - {state}


def test_no_row_stands_behind_one_that_always_holds() -> None:
    for role, state in STATES:
        for event, own in TABLE[role][state].items():
            for at, row in enumerate(own[:-1]):
                shadowed = row.guard is None and row.services in ("any", own[at + 1].services)
                assert not shadowed, f"{role} {state} {event}: row {at + 2} is never reached"
            assert len(set(own)) == len(own), f"{role} {state} {event}: a row stands twice"


def test_slot_and_place_are_set_wherever_a_row_uses_them() -> None:
    for role, state, event, row in ALL_ROWS:
        if row.next == SAVED:
            assert state in TWINS, f"{role} {state} {event}"
        if row.next == PLACE:
            assert state in PLACED, f"{role} {state} {event}"
        names = [verb.__name__ for verb in row.verbs]
        if row.next in TWINS and row.next != state:
            assert "save_state" in names, f"{role} {state} {event}: nothing is saved"
        if row.next in PLACED and row.next != state and state not in PLACED:
            sets_place = any(n == "place_of_state" or n.startswith("place := ") for n in names)
            assert sets_place, f"{role} {state} {event}: the place is not set"
        saves = [n.removeprefix("saved := ") for n in names if n.startswith("saved := ")]
        assert not set(saves) & TWINS
        assert not saves or state in TWINS, f"{role} {state} {event}: a slot outside a pending state"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("pending", sorted(TWINS))
def test_no_pending_state_saves_another(role: str, pending: str) -> None:
    if pending in TABLE[role]:
        saved = saved_states(role, pending)  # type: ignore[arg-type]
        assert saved
        assert not set(saved) & TWINS


def test_only_rows_without_an_effect_outside_the_house_can_be_undone() -> None:
    for role, state, event, row in ALL_ROWS:
        if row.undoable:
            assert event in ACTIONS[role]
            assert not any(verb.__name__.startswith("send") for verb in row.verbs), f"{role} {state} {event}"


@pytest.mark.parametrize("module", [guards, verbs], ids=["guards", "verbs"])
def test_every_guard_and_verb_says_what_it_is(module: ModuleType) -> None:
    for name in module.__all__:
        if callable(getattr(module, name)):
            assert getattr(module, name).__doc__, name
    for *_, row in ALL_ROWS:
        for part in (*row.verbs, *((row.guard,) if row.guard else ())):
            assert part.__doc__
            assert part.__name__ not in ("verb", "<lambda>")


def test_every_state_has_a_text_in_both_languages() -> None:
    for role in ROLES:
        assert list(STATE_TEXTS[role]) == list(TABLE[role])
        assert all(text.en and text.zh for text in STATE_TEXTS[role].values())


def test_every_wait_has_a_row_where_it_is_armed_and_is_armed_where_it_has_one() -> None:
    for role in ROLES:
        for state, kinds in TIMERS[role].items():
            for kind in kinds:
                assert f"timer:{kind}" in TABLE[role][state], f"{role} {state} {kind}"
        armed = {kind for kinds in TIMERS[role].values() for kind in kinds} | {"needed_by"}
        assert armed == set(REQUESTER_TIMERS if role == "requester" else SUPPLIER_TIMERS)


def test_the_action_lists_are_those_of_the_contract_and_each_is_allowed_somewhere() -> None:
    assert " ".join(REQUESTER_ACTIONS) == (
        "edit set_suppliers approve override send next_supplier ask_status cancel accept_conditions reject_conditions "
        "accept_retry reject_retry receive reject_delivery deliver check_out check_in renew ship_return report_lost "
        "supply_locally record retry_effect done_by_hand close message note assign escalate hand_back undo"
    )
    assert " ".join(SUPPLIER_ACTIONS) == (
        "will_supply cannot_supply add_conditions ask_retry print_slip ship supply_document accept_cancel "
        "reject_cancel accept_renew reject_renew recall check_in waive_return report_lost record retry_effect "
        "done_by_hand close message note assign escalate hand_back undo"
    )
    for role in ROLES:
        for action in ACTIONS[role]:
            assert any(action in TABLE[role][state] for state in TABLE[role]), f"{role} {action}"


def test_what_staff_record_is_a_word_of_the_partner() -> None:
    assert set(RECORDED_BY_REQUESTER.values()) <= set(SUPPLIER_SAYS)
    assert set(RECORDED_BY_SUPPLIER.values()) <= set(REQUESTER_SAYS)


def test_agree_speaks_of_known_states_only() -> None:
    for pairs in AGREE.values():
        for ours, theirs in pairs.items():
            assert ours in TABLE["requester"]
            assert ours not in TERMINAL
            assert set(theirs) <= set(TABLE["supplier"])
