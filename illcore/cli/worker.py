"""``ill worker``: works off what is due, once or until it is stopped."""

import threading
from dataclasses import asdict
from typing import Annotated

import typer

from illcore.cli.call import Call, command
from illcore.cli.output import say, write, write_json
from illcore.cli.stopping import stop_on_signals

ONCE = Annotated[bool, typer.Option("--once", help="Work off everything that is due, then end.")]


@command
def worker(call: Call, once: ONCE = False) -> None:
    """Send what waits, ask what is to be asked, let timers run out. Several workers at once are safe.

    Without --once it goes on until SIGTERM or Ctrl-C.
    """
    with call.engine() as engine:
        if once:
            report = asdict(engine.run_due())
            if call.json:
                write_json(report)
            else:
                write(", ".join(f"{count} {name}" for name, count in report.items()))
            return
        stop = threading.Event()
        stop_on_signals(stop)
        say("working; stop with Ctrl-C")
        engine.run_forever(stop)
    if call.json:
        write_json({"stopped": True})
