"""The demo's play: three requests, and the staff of all sides who do what stands next."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from illcore.cli.demo.region import Member
from illcore.cli.demo.waiting import Patience
from illcore.engine import Engine
from illcore.errors import Conflict, NotAllowed
from illcore.events import Actor
from illcore.request import TERMINAL
from illcore.session import Session
from illcore.store import Filter

SECONDS = 90.0
"""After so long without an end the demo has failed."""

Told = Callable[[Member, dict[str, Any]], None]
"""Takes a library and one of its requests as ``show`` gives it, whenever it was read."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A citation that one library wants. ``suppliers`` hold it and are asked in this order, whether they are found in
    the holdings or, where those cannot be searched, named; ``missing`` do not find it on their shelf."""

    example: str
    requester: str
    suppliers: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def citation(self) -> dict[str, Any]:
        """The example as ``ill submit`` takes it."""
        text = resources.files("illcore.cli").joinpath("examples", f"{self.example}.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found


SCENES = (
    Scene("loan-three-body", "river", ("hill",)),
    Scene("copy-needleman-wunsch", "hill", ("lake",)),
    Scene("loan-science-and-civilisation", "lake", ("hill", "river"), missing=("hill",)),
)


@dataclass(frozen=True, slots=True)
class Result:
    """How one request stands: its own state, and that of each attempt at its supplier, in order."""

    id: str
    service_type: str
    library: str
    state: str
    suppliers: tuple[tuple[str, str], ...]

    @property
    def completed(self) -> bool:
        """Completed on both sides; suppliers asked before the last one could not fill it."""
        states = [state for _, state in self.suppliers]
        wanted = ["unfilled"] * (len(states) - 1) + ["completed"]
        return self.state == "completed" and states == wanted

    def to_json(self) -> dict[str, Any]:
        """``{"id", "service_type", "requester": {…}, "suppliers": [{…}]}``."""
        return {
            "id": self.id,
            "service_type": self.service_type,
            "requester": {"library": self.library, "state": self.state},
            "suppliers": [{"library": library, "state": state} for library, state in self.suppliers],
        }

    def __str__(self) -> str:
        suppliers = ", ".join(f"{library} {state}" for library, state in self.suppliers) or "no supplier"
        return f"{self.service_type} {self.id}: {self.library} {self.state}; {suppliers}"


class Play:
    """Staff of every library, acting on its own database; what one library tells another goes through the servers."""

    def __init__(
        self, members: list[Member], patience: Patience, alive: Callable[[], None], told: Told, *, locates: bool
    ) -> None:
        self._locates = locates
        self._members = {member.name: member for member in members}
        self._patience = patience
        self._alive = alive
        self._told = told
        self._engines: list[Engine] = []
        self._desks: dict[str, Session] = {}
        self._requests: list[tuple[Scene, str]] = []

    def close(self) -> None:
        """Let go of the databases."""
        for engine in self._engines:
            engine.close()

    def run(self) -> None:
        """Submit the requests and play until all have ended. Raises Failed if they do not, Stopped on a signal."""
        for name, member in self._members.items():
            engine = Engine.open(config=member.config)
            self._engines.append(engine)
            self._desks[name] = engine.as_(Actor(kind="staff", id=name, library=member.symbol, role="librarian"))
        for scene in SCENES:
            wish = scene.citation()
            if not self._locates:
                wish["suppliers"] = [self._symbol(name) for name in scene.suppliers]
            id = self._desks[scene.requester].submit(wish)
            self._requests.append((scene, id))
        self._patience.until(self._everybody_acts, SECONDS, self._unfinished)

    def _everybody_acts(self) -> bool:
        """Everybody does what stands next, once; True when nothing is open any more."""
        self._alive()
        ended = True
        for scene, id in self._requests:
            for name, shown in self._sides(scene, id):
                self._told(self._members[name], shown)
                step = _next_step(shown, name in scene.missing)
                if step is not None and step[0] in shown["actions"]:
                    self._act(name, shown["id"], *step)
                ended = ended and shown["state"] in TERMINAL
        return ended and all(result.suppliers for result in self.results())

    def _act(self, name: str, id: str, action: str, details: dict[str, Any]) -> None:
        try:
            shown = self._desks[name].act(id, action, **details)
        except (Conflict, NotAllowed):
            return  # the partner's message was quicker; the next look shows what stands next
        self._told(self._members[name], shown)

    def _sides(self, scene: Scene, id: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The request at its requester, then at each supplier that has it, in the order in which they were asked."""
        shown = self._desks[scene.requester].get(id)
        yield scene.requester, shown
        for attempt in shown["rota"]:
            asked_as = attempt["requesting_agency_request_id"]
            name = self._name_of(attempt["partner"])
            for row in self._desks[name].find(Filter(role="supplier", text=asked_as)) if asked_as else ():
                if row["requesting_agency_request_id"] == asked_as and row["partner"] == self._symbol(scene.requester):
                    yield name, self._desks[name].get(row["id"])

    def results(self) -> list[Result]:
        """How each request stands now."""
        found = []
        for scene, id in self._requests:
            (requester, own), *others = self._sides(scene, id)
            suppliers = tuple((self._symbol(name), shown["state"]) for name, shown in others)
            found.append(Result(id, own["service_type"], self._symbol(requester), own["state"], suppliers))
        return found

    def _unfinished(self) -> str:
        return f"the demo did not come to its end in {SECONDS:.0f} s: {'; '.join(map(str, self.results()))}"

    def _symbol(self, name: str) -> str:
        return self._members[name].symbol

    def _name_of(self, symbol: str) -> str:
        return next(name for name, member in self._members.items() if member.symbol == symbol)


def _next_step(shown: dict[str, Any], missing: bool) -> tuple[str, dict[str, Any]] | None:
    """What the staff do with a request in this state; None where they wait for the other side."""
    loan = shown["service_type"] == "loan"
    match shown["role"], shown["state"]:
        case "supplier", "new":
            return ("cannot_supply", {"reason": "NotOnShelf"}) if missing else ("will_supply", {})
        case "supplier", "will_supply":
            return ("ship", {"barcode": f"B-{shown['id'][-6:]}"}) if loan else ("supply_document", {"url": _url(shown)})
        case "supplier", "return_shipped":
            return "check_in", {}
        case "requester", "shipped":
            return "receive", {}
        case "requester", "received":
            return ("check_out", {}) if loan else ("deliver", {})
        case "requester", "on_loan":
            return "check_in", {}
        case "requester", "returned":
            return "ship_return", {}
    return None


def _url(shown: dict[str, Any]) -> str:
    return f"https://documents.example.org/{shown['id']}.pdf"
