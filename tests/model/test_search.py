"""Everything that can happen between three libraries within a few steps: the two sides always come to agree."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.model.calm import check_quiet, deliver_all, finish, quiet
from tests.model.keys import key
from tests.model.world import (
    COPY_BY_FILE,
    COPY_BY_POST,
    LOAN,
    Broken,
    Service,
    Step,
    World,
    apply,
    begin,
    staff_steps,
    timer_steps,
    wire_steps,
)

SERVICES = pytest.mark.parametrize("service", [LOAN, COPY_BY_FILE, COPY_BY_POST], ids=lambda s: s.name)
DEEPER = int(os.environ.get("ILL_MODEL_DEEPER", "0"))
"""How many steps deeper to search than in an ordinary run; every one takes about five times as long."""

Trace = tuple[Step, "Trace"] | None


@dataclass
class Search:
    """Two loops. In the calm, one step is taken at a time and all is delivered; each calm world is then stormed:
    ``moves`` steps of staff and timers with ``faults`` of the wire, in every order. A world is checked once.
    """

    service: Service
    calm: dict[object, tuple[World, Trace]] = field(default_factory=dict)
    stormy: dict[object, list[tuple[int, int]]] = field(default_factory=dict)
    checked: set[object] = field(default_factory=set)

    def calm_worlds(self, depth: int) -> Iterator[tuple[World, Trace]]:
        start = deliver_all(begin(self.service))
        queue: deque[tuple[World, Trace, int]] = deque([(start, None, 0)])
        seen = {key(start)}
        while queue:
            world, trace, deep = queue.popleft()
            yield world, trace
            if deep == depth:
                continue
            for step in choices(world):
                after = done(world, step, trace)
                after = after if after is world else deliver_all(after)
                found = key(after)
                if found not in seen:
                    seen.add(found)
                    self.check(after, (step, trace))
                    queue.append((after, (step, trace), deep + 1))

    def storm(self, world: World, trace: Trace, moves: int, faults: int) -> None:
        queue: deque[tuple[World, Trace, int, int]] = deque([(world, trace, moves, faults)])
        while queue:
            world, trace, moves, faults = queue.popleft()
            ahead = [(step, moves, faults - (step.kind != "deliver")) for step in wire_steps(world, faults > 0)]
            if moves:
                ahead += [(step, moves - 1, faults) for step in choices(world)]
            for step, moves_left, faults_left in ahead:
                after = done(world, step, trace)
                if after is world or not self._is_new(after, moves_left, faults_left):
                    continue
                if not (step.kind == "deliver" and step.n == 0):  # that leads to the same quiet as before
                    self.check(after, (step, trace))
                queue.append((after, (step, trace), moves_left, faults_left))

    def _is_new(self, world: World, moves: int, faults: int) -> bool:
        budgets = self.stormy.setdefault(key(world), [])
        if any(m >= moves and f >= faults for m, f in budgets):
            return False
        budgets.append((moves, faults))
        return True

    def check(self, world: World, trace: Trace) -> None:
        try:
            calm = quiet(world)
            found = key(calm)
            if found not in self.checked:
                self.checked.add(found)
                check_quiet(calm)
        except Exception as error:
            raise Broken(f"{error}\n  after: {told(trace)}") from error


def choices(world: World) -> Iterator[Step]:
    yield from staff_steps(world)
    yield from timer_steps(world)


def done(world: World, step: Step, trace: Trace) -> World:
    try:
        return apply(world, step)
    except Exception as error:
        raise Broken(f"{error}\n  after: {told((step, trace))}") from error


def told(trace: Trace) -> str:
    steps = []
    while trace is not None:
        steps.append(str(trace[0]))
        trace = trace[1]
    return " | ".join(reversed(steps))


@SERVICES
def test_after_every_storm_of_the_first_steps_the_sides_agree(service: Service) -> None:
    search = Search(service)
    for world, trace in search.calm_worlds(1 + DEEPER):
        search.storm(world, trace, moves=2, faults=1)
    assert len(search.stormy) > 2_000


@SERVICES
def test_after_a_storm_at_any_later_point_the_sides_agree(service: Service) -> None:
    search = Search(service)
    for world, trace in search.calm_worlds((4 if service is LOAN else 3) + DEEPER):
        search.storm(world, trace, moves=1, faults=1)
    assert len(search.stormy) > 5_000


@SERVICES
def test_two_faults_of_the_wire_at_once_do_no_harm(service: Service) -> None:
    search = Search(service)
    for world, trace in search.calm_worlds(2 + DEEPER):
        search.storm(world, trace, moves=1, faults=2)
    assert len(search.stormy) > 4_000


@SERVICES
def test_every_calm_pair_can_still_be_brought_to_its_end(service: Service) -> None:
    """Nobody has to give up by closing: staff who do the next sensible thing bring both sides to an end."""
    search = Search(service)
    ends = {finish(world) for world, _ in search.calm_worlds(4 + DEEPER)}
    assert ends
