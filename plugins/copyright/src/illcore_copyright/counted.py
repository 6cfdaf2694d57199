"""The commands `ill copyright ledger | report | declare`: what was counted, what is owed, what readers declared."""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import safe, say, write_json, write_table

YEAR = Annotated[int | None, typer.Option(metavar="YYYY", min=1, max=9999, help="Only what counts in that year.")]
ALL = Annotated[bool, typer.Option("--all", help="Also what was released because no copy came.")]
ID = Annotated[str, typer.Argument(metavar="ID", help="The request.")]
VERSION = Annotated[str, typer.Option(metavar="VERSION", help="The text accepted; default: the one that is asked for.")]
LANGUAGE = Annotated[str, typer.Option(metavar="en|zh", help="The language in which it was accepted.")]

_HEADINGS = {
    "en": ["Year", "Title", "ISSN", "Status", "Limit", "Fee", "Request", "Kept until"],
    "zh": ["年份", "题名", "ISSN", "状态", "上限", "费用", "申请号", "保存至"],
}


@command
def ledger(call: Call, year: YEAR = None, all_: ALL = False) -> None:
    """What counts against the limits of copyright: reserved for what is on its way, final for what came."""
    with call.session() as (engine, session):
        lines = session.ledger(year, released=all_)
        heading = _HEADINGS[engine.config.language]
    if call.json:
        write_json(lines)
        return
    write_table(
        heading,
        (
            [
                line["year"] or "",
                line["title"] or line["key"],
                line["issn"],
                line["status"],
                line["limit"],
                _money(line["fee"]),
                line["request"],
                line["retention_until"],
            ]
            for line in lines
        ),
    )


@command
def report(call: Call, year: YEAR = None) -> None:
    """Copies and royalties by title and year, as CSV for whoever pays them and for auditors; with --json as JSON.

    Only what came is counted; what is still on its way is not owed yet.
    """
    with call.session() as (_, session):
        rows = by_title(line for line in session.ledger(year) if line["status"] == "final")
    if call.json:
        write_json(rows)
        return
    out = csv.writer(sys.stdout)
    out.writerow(["year", "title", "issn", "copies", "fees"])
    for row in rows:
        fees = "; ".join(f"{currency} {amount}" for currency, amount in row["fees"].items())
        out.writerow([row["year"] or "", _cell(row["title"]), _cell(row["issn"]), row["copies"], fees])


@command
def declare(call: Call, id: ID, version: VERSION = "", language: LANGUAGE = "") -> None:
    """Accept the declaration that a request waits for, as its reader (--as reader:ID) or, if signed on paper, as staff.

    The request then goes on by itself. Who accepted which text, and when, is kept.
    """
    with call.session() as (engine, session):
        spoken = language or engine.config.language
        if spoken not in ("en", "zh"):
            raise WrongUsage(f"--language {language}: write en or zh")
        request = session.declare(id, version or _asked_for(session.get(id)), spoken)
        engine.run_due()
        request = session.get(id)
    if call.json:
        write_json(request)
    else:
        say(f"accepted; request {id} is now in state {request['state']}")


def _asked_for(shown: Mapping[str, Any]) -> str:
    asked = [each["version"] for each in _obligations(shown) if each["code"] == "declaration"]
    if len(asked) == 1:
        return str(asked[0])
    if not asked:
        raise Failed(f"request {shown['id']} asks for no declaration")
    raise WrongUsage(f"say with --version which declaration is accepted (asked for: {', '.join(asked)})")


def _obligations(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list((shown["copyright"] or {}).get("obligations") or ())


def by_title(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``{"year", "title", "issn", "copies", "fees": {currency: amount}}`` for each title and year, in that order."""
    copies: dict[tuple[int, str, str], int] = defaultdict(int)
    fees: dict[tuple[int, str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        place = (line["year"] or 0, line["title"] or line["key"], line["issn"])
        copies[place] += 1
        if line["fee"]:
            fees[place][line["fee"]["currency"]] += Decimal(line["fee"]["amount"])
    return [
        {
            "year": year or None,
            "title": title,
            "issn": issn,
            "copies": copies[year, title, issn],
            "fees": {currency: str(amount) for currency, amount in sorted(fees[year, title, issn].items())},
        }
        for year, title, issn in sorted(copies)
    ]


def _money(fee: Mapping[str, str] | None) -> str:
    return f"{fee['currency']} {fee['amount']}" if fee else ""


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    plain = safe(text)
    return f"'{plain}" if plain[:1] in ("=", "+", "-", "@", "\t") else plain
