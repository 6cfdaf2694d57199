"""``ill stats``: requests, fill rates, response and turnaround, shares and reasons for no; table, JSON or CSV."""

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.output import console, safe, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from illcore.engine import Engine
    from illcore.events import Actor
    from illcore.model import Role
    from illcore.reports import Figures, Rate, Report, Share, Span

Basis = Literal["created", "closed"]
Key = Literal["partner", "month", "service_type", "publication_type"]
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
    is made of. Times are calendar days.
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

    zone = engine.libraries[library].policy.calendar.time_zone
    period = Period(cohort, since, until, zone)
    roles = cast("Sequence[Role]", (side,) if side else get_args(Side))
    with engine.database.read() as connection:
        return report(connection, library, period, engine.clock.now(), roles, by)


# --- the table -----------------------------------------------------------------------------------------------------


def write_report(report: "Report", language: str) -> None:
    """The report on stdout for a person, in one language."""
    from illcore.reports import bases, words

    out = console()
    period = report.period
    until = period.until or report.at.astimezone(period.zone()).date()
    out.print(f"{report.library}  {period.since or '…'} – {until}  ({period.time_zone})", style="bold")
    for figures in report.roles:
        out.print()
        out.print(words.ROLES[figures.role].best(language), style="bold")
        _write_role(out, figures, language)
        _write_groups(out, report, [group for group in report.groups if group.role == figures.role], language)
    out.print()
    for name, text in bases(report).items():
        label = {**words.RATES, **words.LISTS, **words.SPANS}[name]
        out.print(f"{label.best(language)}: {text.best(language)}", style="dim")


def _write_role(out: "Console", figures: "Figures", language: str) -> None:
    from illcore.reports import words
    from illcore.reports.classes import ATTEMPT_CLASSES, REQUEST_CLASSES

    zh = language == "zh"
    names = tuple(dict.fromkeys((*REQUEST_CLASSES[:1], *ATTEMPT_CLASSES[:1], *REQUEST_CLASSES, *ATTEMPT_CLASSES)))
    counts = [
        ("申请" if zh else "Requests", figures.requests, REQUEST_CLASSES),
        ("单次申请" if zh else "Attempts", figures.attempts, ATTEMPT_CLASSES),
    ]
    _table(
        out,
        ["", *(words.CLASSES[name].best(language) for name in ("total", *names))],
        [
            [label, str(sum(own.values())), *(str(own[name]) if name in classes else "" for name in names)]
            for label, own, classes in counts
        ],
    )
    rates = figures.rates().items()
    _table(out, ["", "", ""], [[words.RATES[name].best(language), *_rate(rate)] for name, rate in rates])
    heads = ["自然日" if zh else "Calendar days", "n", *(("平均", "中位", "P90") if zh else ("mean", "median", "p90"))]
    _table(out, heads, [[words.SPANS[name].best(language), *_span(span)] for name, span in figures.times.items()])
    for name, shares in (
        ("service_types", figures.service_types),
        ("publication_types", figures.publication_types),
        ("reasons", figures.reasons),
    ):
        _write_shares(out, words.LISTS[name].best(language), shares, language)


def _write_shares(out: "Console", title: str, shares: "Iterable[Share]", language: str) -> None:
    from illcore.reports import words

    filled = words.RATES["fill_rate"].best(language)
    rows = [
        [words.key_text(share.key, language), str(share.count), _percent(share.share), *_rate(share.fill_rate)]
        for share in shares
    ]
    if rows:
        _table(out, [title, "n", "%", filled, ""], rows)


def _write_groups(out: "Console", report: "Report", groups: "Sequence[Figures]", language: str) -> None:
    from illcore.reports import name_of, words

    times = (
        ("sent_answered", "submitted_received")
        if groups and groups[0].role == "requester"
        else (
            "submitted_answered",
            "submitted_shipped",
        )
    )
    median = "中位日" if language == "zh" else "median days"
    heads = [
        words.LISTS[report.by or ""].best(language),
        *(words.CLASSES[name].best(language) for name in ("total", "filled", "open")),
        *(words.RATES[name].best(language) for name in ("fill_rate", "attempt_fill_rate")),
        *(f"{words.SPANS[name].best(language)}, {median}" for name in times),
    ]
    rows = []
    for figures in groups:
        name, rates = name_of(report, figures.key, language), figures.rates()
        rows.append(
            [
                f"{figures.key} {name}" if report.by == "partner" and name != figures.key else name,
                str(sum(figures.requests.values())),
                *(str(figures.requests[kind]) for kind in ("filled", "open")),
                *(_percent(rates[rate].value) for rate in ("fill_rate", "attempt_fill_rate")),
                *(_days(figures.times[span].median if span in figures.times else None) for span in times),
            ]
        )
    _table(out, heads, rows)


def _table(out: "Console", headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    if not rows:
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, show_header=any(headings))
    for at, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", justify="right" if at else "left")
    for row in rows:
        table.add_row(*(safe(cell) for cell in row))
    out.print(table)


def _rate(rate: "Rate | None") -> tuple[str, str]:
    return ("", "") if rate is None else (_percent(rate.value), f"{rate.numerator} / {rate.denominator}")


def _span(span: "Span") -> tuple[str, ...]:
    return (str(span.n), _days(span.mean), _days(span.median), _days(span.p90))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
