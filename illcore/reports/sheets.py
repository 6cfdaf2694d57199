"""A report as data for other programs: one JSON object, or flat rows for a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from illcore.model import BilingualText
from illcore.reports import words
from illcore.reports.cells import TOTAL
from illcore.reports.classes import ATTEMPT_CLASSES, REQUEST_CLASSES
from illcore.reports.figures import Figures, Report, Share

COLUMNS = ("role", "group", "key", "name", "figure", "detail", "value", "unit", "numerator", "denominator", "basis")
_FORMULA = ("=", "+", "-", "@")
_DAYS = ("mean", "median", "p90")


def report_json(report: Report) -> dict[str, Any]:
    """The whole report. ``definitions`` says in English and Chinese what each figure is made of; times are in days."""
    period = report.period
    return {
        "library": report.library,
        "basis": period.cohort,
        "since": period.since,
        "until": period.until,
        "time_zone": period.time_zone,
        "generated_at": report.at,
        "by": report.by,
        "unit_of_times": "calendar days",
        **({} if report.k is None else {"suppression": {"k": report.k, "cells": report.hidden}}),
        "roles": {figures.role: figures.to_json() for figures in report.roles},
        "groups": [
            {"role": figures.role, "key": figures.key, "name": name_of(report, figures.key, "en"), **figures.to_json()}
            for figures in report.groups
        ],
        "definitions": {name: {"en": text.en, "zh": text.zh} for name, text in bases(report).items()},
    }


def bases(report: Report) -> Mapping[str, BilingualText]:
    """What the figures of this report are made of, the cohort first."""
    cohort = words.BASIS[f"cohort_{report.period.cohort}"]
    left_out = {"cohort_created", "cohort_closed", "hidden"} | ({"partner"} if report.by != "partner" else set())
    found = {"basis": cohort} | {name: text for name, text in words.BASIS.items() if name not in left_out}
    if report.k is not None:
        text, fields = words.BASIS["hidden"], {"k": report.k, "cells": report.hidden}
        found["hidden"] = BilingualText(en=text.en.format(**fields), zh=text.zh.format(**fields))
    return found


def name_of(report: Report, key: str, language: str) -> str:
    """What a group is called: a partner by its name in that language, a type by its word, a month as it is."""
    if report.by == "partner" and key in report.names:
        en, zh = report.names[key]
        return BilingualText(en=en, zh=zh).best(language) or key
    return words.key_text(key, language)


def report_csv(report: Report, language: str) -> str:
    """One figure per line under ``COLUMNS``, each with its basis; lines end in CRLF (RFC 4180).

    A text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    out = io.StringIO(newline="")
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    whole = [(figures, (figures.role, "", "", "")) for figures in report.roles]
    groups = [(each, (each.role, report.by, each.key, name_of(report, each.key, language))) for each in report.groups]
    for figures, head in (*whole, *groups):
        for row in _rows(report, figures, language):
            sheet.writerow([_cell(value) for value in (*head, *row)])
    return out.getvalue()


def _rows_of_readers(figures: Figures, basis: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    for kind in (TOTAL, *REQUEST_CLASSES):
        count = figures.count(kind)
        yield "requests", kind, count, "hidden" if count is None else "count", "", "", basis["hidden"]
    for name, rate in figures.rates().items():
        if rate.denominator:
            yield name, "", rate.to_json()["value"], "ratio", rate.numerator, rate.denominator, basis[name]
    for name, span in figures.times.items():
        if span.n:
            days = span.to_json()
            for detail in _DAYS:
                yield name, detail, days[detail], "days", "", "", basis.get(name, basis["times"])


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6f}"
    if isinstance(value, str) and (value.lstrip().startswith(_FORMULA) or value.startswith(("\t", "\r", "\n"))):
        return f"'{value}"
    return "" if value is None else value


def _rows(report: Report, figures: Figures, language: str) -> Iterator[tuple[Any, ...]]:
    basis = {name: text.best(language) for name, text in bases(report).items()}
    if figures.hidden is not None:
        yield from _rows_of_readers(figures, basis)
        return
    counted = (("requests", figures.requests, REQUEST_CLASSES), ("attempts", figures.attempts, ATTEMPT_CLASSES))
    for name, counts, classes in counted:
        for kind, count in (("total", sum(counts.values())), *((kind, counts[kind]) for kind in classes)):
            yield name, kind, count, "count", "", "", basis["basis"]
    for name, rate in figures.rates().items():
        value = rate.to_json()["value"]
        yield name, "", value, "ratio", rate.numerator, rate.denominator, basis[name]
    for name, span in figures.times.items():
        days = span.to_json()
        for detail in _DAYS:
            yield name, detail, days[detail], "days", "", span.n, basis.get(name, basis["times"])
    lists: tuple[tuple[str, tuple[Share, ...]], ...] = (
        ("service_types", figures.service_types),
        ("publication_types", figures.publication_types),
        ("reasons", figures.reasons),
    )
    for name, shares in lists:
        for share in shares:
            yield name, share.key, share.to_json()["share"], "ratio", share.count, share.of, basis[name]
            rate_of = share.fill_rate
            if rate_of is not None:
                value = rate_of.to_json()["value"]
                yield (
                    f"{name}_fill_rate",
                    share.key,
                    value,
                    "ratio",
                    rate_of.numerator,
                    rate_of.denominator,
                    basis["fill_rate"],
                )
