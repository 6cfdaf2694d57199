"""Long random lives of a request between three libraries: whatever happened, at the end the sides agree."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.calm import check_quiet, deliver_all, finish, quiet
from tests.model.world import (
    COPY_BY_FILE,
    COPY_BY_POST,
    LOAN,
    Service,
    Step,
    World,
    apply,
    begin,
    staff_steps,
    timer_steps,
    wire_steps,
)

services = st.sampled_from([LOAN, COPY_BY_FILE, COPY_BY_POST])


def _ahead(world: World, faults: bool, giving_up: bool) -> list[Step]:
    unwanted = set() if giving_up else {"give_up"}
    if world.doubled >= 2:
        unwanted.add("double")
    wire = [s for s in wire_steps(world, faults) if s.kind not in unwanted]
    staff = [s for s in (*staff_steps(world), *timer_steps(world)) if s.what != "close"]
    return [*wire, *wire, *staff]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(services, st.lists(st.integers(0, 9_999), min_size=1, max_size=60))
def test_after_any_life_the_sides_agree(service: Service, choices: list[int]) -> None:
    world = begin(service)
    for choice in choices:
        ahead = _ahead(world, faults=True, giving_up=False)
        if not ahead:
            break
        world = apply(world, ahead[choice % len(ahead)])
    check_quiet(quiet(world))


@pytest.mark.parametrize("service", [LOAN, COPY_BY_FILE, COPY_BY_POST], ids=lambda s: s.name)
@pytest.mark.parametrize("seed", range(8))
def test_long_lives_end(service: Service, seed: int) -> None:
    """Forty lives for each seed, on a wire that also gives messages up; then all sides are brought to their end."""
    chance = random.Random(f"{service.name} {seed}")
    for _ in range(40):
        world = begin(service)
        trace = []
        for _ in range(chance.randrange(10, 80)):
            ahead = _ahead(world, faults=chance.random() < 0.4, giving_up=True)
            if not ahead:
                break
            step = chance.choice(ahead)
            trace.append(str(step))
            world = apply(world, step)
        try:
            check_quiet(quiet(world))
            finish(deliver_all(world))
        except AssertionError as error:
            raise AssertionError(f"{error}\n  after: {' | '.join(trace)}") from error
