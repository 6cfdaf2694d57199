"""``ill stats``: requests, fill rates, response and turnaround, shares and reasons for no; table, JSON or CSV."""

import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.output import write_json

if TYPE_CHECKING:
    from illcore.engine import Engine
    from illcore.events import Actor
    from illcore.model import Role
    from illcore.reports import Report

Basis = Literal["created", "closed"]
Key = Literal["partner", "month", "service_type", "publication_type", "category", "department"]
Format = Literal["table", "json", "csv"]
Side = Literal["requester", "supplier"]

SINCE = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The first day counted; default: no limit.")]
UNTIL = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The last day counted; default: no limit.")]
ROLE = Annotated[str | None, typer.Option(metavar="|".join(get_args(Side)), help="Only borrowing, or only lending.")]
BASIS = Annotated[
    str, typer.Option(metavar="|".join(get_args(Basis)), help="Which requests: created, or closed, in the period.")
]
BY = Annotated[str | None, typer.Option(metavar="|".join(get_args(Key)), help="Also the figures of each of these.")]
FORMAT = Annotated[str, typer.Option("--format", metavar="|".join(get_args(Format)), help="--json is --format json.")]


@command
def run(
    call: Call,
    since: SINCE = None,
    until: UNTIL = None,
    role: ROLE = None,
    basis: BASIS = "created",
    by: BY = None,
    format: FORMAT = "table",
) -> None:
    """Show what the library's work comes to: requests, fill rates, response and turnaround times, reasons for no.

    Counts outcomes as they stand now, of the requests created (or closed) in the period; says of each figure what it
    is made of. Times are calendar days. By category or department of readers, small counts are hidden.
    """
    as_ = _one_of(format, Format, "--format")
    first, last = _day(since, "--since"), _day(until, "--until")
    cohort = cast("Basis", _one_of(basis, Basis, "--basis"))
    key = cast("Key | None", _one_of(by, Key, "--by") if by is not None else None)
    side = _one_of(role, Side, "--role") if role is not None else None
    if first and last and first > last:
        raise WrongUsage(f"--since {first} is after --until {last}; swap them")
    with call.engine() as engine:
        actor = call.actor_in(engine)
        _may_see(actor)
        found = _report(engine, actor.library, first, last, cohort, key, side)
        language = engine.config.language
    if call.json or as_ == "json":
        from illcore.reports import report_json

        write_json(report_json(found))
    elif as_ == "csv":
        from illcore.reports import report_csv

        sys.stdout.write(report_csv(found, language).replace("\r\n", "\n"))
    else:
        from illcore.cli.stats_table import write_report

        write_report(found, language)


def _one_of(given: str, choices: object, option: str) -> str:
    known = get_args(choices)
    if given not in known:
        raise WrongUsage(f"{option} {given}: write {', '.join(known[:-1])} or {known[-1]}")
    return given


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text.strip())
    except ValueError:
        raise WrongUsage(f"{option} {text}: write a day as YYYY-MM-DD, such as 2026-01-31") from None


def _may_see(actor: "Actor") -> None:
    from illcore.errors import NotAllowed
    from illcore.states.roles import RANK

    if actor.kind not in ("staff", "system") or (actor.kind == "staff" and RANK[actor.role or "assistant"] < 3):
        raise NotAllowed("reports are for supervisors; ask one, or act as one: --as staff:ID:supervisor")


def _report(
    engine: "Engine",
    library: str,
    since: date | None,
    until: date | None,
    cohort: Basis,
    by: Key | None,
    side: str | None,
) -> "Report":
    from illcore.reports import Period, report

    policy = engine.libraries[library].policy
    period = Period(cohort, since, until, policy.calendar.time_zone)
    roles = cast("Sequence[Role]", (side,) if side else get_args(Side))
    with engine.database.read() as connection:
        return report(connection, library, period, engine.clock.now(), roles, by, policy.privacy.k)
