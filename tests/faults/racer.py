"""Processes that commit verdicts on copies of one title at the same moment: racer.py URL RACERS ID…."""

import os
import sys

from illcore.engine import Engine
from illcore.events import Actor, Event
from illcore.hooktypes import Claim, Verdict
from illcore.message import Message, Receipt
from illcore.store import Input
from illcore.testing.fakes import FakePlugin, given
from illcore.testing.network import Network


class Wire(Network):
    """A wire to a library that takes in anything."""

    def carry(self, key: str, symbol: str, message: Message) -> Receipt:
        return Receipt()


ALLOWED = Verdict(decision="allow", claims=(Claim(key="us:contu:1000-0001", year=2026, limit=5),))


def race(url: str, ids: list[str], starter: int) -> None:
    """The verdicts on these requests are committed, each as the worker would."""
    config = {"library": "ISIL:A", "accounts": {"wire:main": {}, "fake:main": {"label": "main"}}}
    plugins = [given(Wire().plugin()), given(FakePlugin(hooks=("copyright",)))]
    engine = Engine.open(url, config, plugins=plugins)
    system = Actor(kind="system", id="clear", library="ISIL:A")
    os.read(starter, 1)  # ends when the parent lets go of the other end
    for id in ids:
        with engine.database.write() as connection:
            now = engine.clock.now()
            event = Event("cleared", now, system, {"verdict": ALLOWED.model_dump(mode="json")})
            engine.context.apply(connection, [Input("ISIL:A", event, id)], now)
    engine.close()


def main(url: str, racers: int, ids: list[str]) -> int:
    starter, trigger = os.pipe()
    children = []
    for number in range(racers):
        child = os.fork()
        if not child:
            os.close(trigger)
            race(url, ids[number::racers], starter)
            os._exit(0)
        children.append(child)
    os.close(trigger)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
