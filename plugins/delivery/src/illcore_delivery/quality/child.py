"""Inside the confined process: limit yourself, then do the one job of the order and tell what comes of it."""

from __future__ import annotations

import os
import signal
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from illcore.clock import SystemClock

from .budget import MB, Budget
from .sniff import HEAD, sniff
from .telling import Teller

if TYPE_CHECKING:
    from illcore.model import Citation

    from .limits import Limits


def run(order: dict[str, Any]) -> None:
    """Do it and end. Says `heavy` or `crashed` as its last word where Python still can."""
    limits = cast("Limits", SimpleNamespace(**order["limits"]))
    teller = Teller(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # what a library prints must not be taken for a finding
    warnings.simplefilter("ignore")
    arguments = order["arguments"]
    work = JOBS[order["job"]]
    _confine(limits, writes=int(arguments.get("writes", 0)))
    try:
        work(arguments, limits, teller)
    except MemoryError:
        teller.heavy()
    except Exception as error:
        teller.crashed(f"{type(error).__name__}{_where(error)}")
    os._exit(0)  # nothing of the libraries' clearing up can matter now, and some of it takes long


def _confine(limits: Limits, writes: int) -> None:
    try:
        import resource
    except ImportError:  # not a POSIX system: the caller's limit on time is left
        return
    memory = limits.memory_mb * MB
    wanted = (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, writes, writes),
        (resource.RLIMIT_NOFILE, 64, 64),
    )
    for limit, soft, most in wanted:
        _, hard = resource.getrlimit(limit)
        if hard != resource.RLIM_INFINITY:
            soft, most = min(soft, hard), min(most, hard)
        resource.setrlimit(limit, (soft, most))
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + 5)  # if nobody is left to kill it


def _check(arguments: dict[str, Any], limits: Limits, teller: Teller) -> None:
    path = Path(arguments["path"])
    wanted = arguments["expected"]
    expected = cast("Citation", SimpleNamespace(**wanted)) if wanted else None
    budget = Budget(limits, SystemClock())
    with path.open("rb") as file:
        found = sniff(file.read(HEAD))
    if found.kind is None:
        teller.found("not_a_document", kind=found.seems)
    elif found.kind == "pdf":
        from .pdf import check_pdf

        teller.kind("pdf")
        check_pdf(path, found, expected, limits, budget, teller)
    else:
        from .bitmaps import check_bitmap

        teller.kind(found.kind)
        check_bitmap(path, found.kind, expected, limits, budget, teller)
    teller.done()


def _repair(arguments: dict[str, Any], limits: Limits, teller: Teller) -> None:
    from .mending import mend

    mend(arguments, limits, teller)


def _where(error: BaseException) -> str:
    """The place in this package, without what the message of the error may tell of the document."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "illcore_delivery" in file.parts:
            place = f" at {file.stem}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


JOBS = {"check": _check, "repair": _repair}
