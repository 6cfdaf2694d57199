"""A fresh process for an untrusted file: limits on memory, CPU and time that hold whatever the file does.

It is started anew, never forked from this process and its threads, with an empty environment and no open file but its
order on standard input. It limits itself before it touches the file (`setrlimit`, which cannot be undone); this
process kills it when the time is up and reads what it said until then. Of this package it loads its own modules alone,
without `__init__` and all that a worker needs: half of its start would go there.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Timer
from typing import Any, NamedTuple

from .budget import MB
from .limits import Limits

_log = logging.getLogger("illcore_delivery")

_PACKAGES = {"illcore_delivery": str(Path(__file__).parents[1]), "illcore_delivery.quality": str(Path(__file__).parent)}
_BOOT = """
import json, sys, types
order = json.load(sys.stdin)
sys.path[:] = order["path"]
for name, place in order["packages"].items():
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [place]
from illcore_delivery.quality.child import run
run(order)
"""
_MOST = 64 * MB
_HEAVY = (-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGABRT)
"""SIGABRT is how the PDF library ends when it is given no more memory."""


class Said(NamedTuple):
    """What the process said, line by line, and how it ended: `done`, `heavy` (a limit was reached), `crashed`.

    `why` of a crash is the signal or the kind of error.
    """

    lines: tuple[dict[str, Any], ...]
    ended: str
    why: str = ""


def run(job: str, arguments: Mapping[str, Any], limits: Limits) -> Said:
    """Let a fresh process do a job of `child.JOBS`; whatever becomes of it, this returns.

    Raises OSError if no process can be started.
    """
    order = {
        "job": job,
        "arguments": arguments,
        "limits": limits.model_dump(mode="json"),
        "path": sys.path,
        "packages": _PACKAGES,
    }
    late = Event()
    with tempfile.TemporaryFile() as stdin:
        stdin.write(json.dumps(order).encode())
        stdin.seek(0)
        process = subprocess.Popen(
            [limits.python or sys.executable, "-I", "-c", _BOOT],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            cwd=tempfile.gettempdir(),
        )

    def stop() -> None:
        late.set()
        process.kill()

    timer = Timer(limits.wall_seconds, stop)
    timer.daemon = True
    timer.start()
    with process:
        try:
            assert process.stdout is not None
            output = process.stdout.read(_MOST + 1)
        finally:
            timer.cancel()
            process.kill()
        status = process.wait()
    return _understood(output, status, late.is_set())


def _understood(output: bytes, status: int, late: bool) -> Said:
    lines = []
    for line in output.split(b"\n"):
        try:
            one = json.loads(line) if line else None
        except ValueError:
            one = None
        if isinstance(one, dict):
            lines.append(one)
    last = lines[-1] if lines else {}
    if last.get("done") is True and len(output) <= _MOST:
        return Said(tuple(lines), "done")
    if late or "heavy" in last or status in _HEAVY:
        return Said(tuple(lines), "heavy")
    why = str(last.get("crashed") or (_signal(-status) if status < 0 else f"exit {status}"))
    _log.warning("the process that reads a document broke down: %s", why)
    return Said(tuple(lines), "crashed", why)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
