"""The table of ``ill stats``: a report as a person reads it, in one language."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from illcore.cli.output import console, safe
from illcore.reports import bases, name_of, words
from illcore.reports.classes import ATTEMPT_CLASSES, REQUEST_CLASSES

if TYPE_CHECKING:
    from rich.console import Console

    from illcore.reports import Figures, Rate, Report, Share, Span


def write_report(report: "Report", language: str) -> None:
    """The report on stdout for a person, in one language."""
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
    zh = language == "zh"
    names = tuple(dict.fromkeys((REQUEST_CLASSES[0], *ATTEMPT_CLASSES, *REQUEST_CLASSES)))
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
    filled = words.RATES["fill_rate"].best(language)
    rows = [
        [words.key_text(share.key, language), str(share.count), _percent(share.share), *_rate(share.fill_rate)]
        for share in shares
    ]
    if rows:
        _table(out, [title, "n", "%", filled, ""], rows)


def _write_groups(out: "Console", report: "Report", groups: "Sequence[Figures]", language: str) -> None:
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
                *(_count(figures.count(kind)) for kind in ("total", "filled", "open")),
                *(
                    _percent(rates[rate].value if rate in rates else None)
                    for rate in ("fill_rate", "attempt_fill_rate")
                ),
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


def _count(value: int | None) -> str:
    return "*" if value is None else str(value)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
