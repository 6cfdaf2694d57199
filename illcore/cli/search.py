"""``ill search``: who holds something, asked of all catalogues at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.output import safe, say, waiting_line, write, write_json, write_table
from illcore.cli.rawsearch import answers_raw, raw_account, raw_search
from illcore.cli.words import Words

ISBN = Annotated[str, typer.Option(help="ISBN, with or without hyphens.")]
ISSN = Annotated[str, typer.Option(help="ISSN.")]
TITLE = Annotated[str, typer.Option(help="Words of the title.")]
AUTHOR = Annotated[str, typer.Option(help="Words of the author's name.")]
KEYWORD = Annotated[str, typer.Option(help="Words from anywhere.")]
PQF = Annotated[str, typer.Option(metavar="QUERY", help="A query in PQF, for Z39.50 accounts.")]
CQL = Annotated[str, typer.Option(metavar="QUERY", help="A query in CQL, for SRU accounts.")]
MAXIMUM = Annotated[
    int, typer.Option("--max", "--maximum", min=1, max=1000, help="At most so many holdings of each account.")
]
SECONDS = Annotated[float | None, typer.Option(min=0.1, max=600, help="How long to wait; default: the file's.")]
ACCOUNT = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Ask only this account; may be repeated.")]


@command
def search(
    call: Call,
    isbn: ISBN = "",
    issn: ISSN = "",
    title: TITLE = "",
    author: AUTHOR = "",
    keyword: KEYWORD = "",
    pqf: PQF = "",
    cql: CQL = "",
    maximum: MAXIMUM = 10,
    seconds: SECONDS = None,
    account: ACCOUNT = None,
) -> int:
    """Find who holds something. What arrives in time is shown; accounts that failed or were late are named.

    With --pqf or --cql one account's target answers in full: hits, diagnostics and records. With --json and one
    --account it does so too, beside the holdings. The exit code is 1 if no account answered, or the target refused.
    """
    fields: dict[str, Any] = {"isbn": isbn, "issn": issn, "title": title, "author": author, "keyword": keyword}
    raw = {name: text for name, text in (("pqf", pqf), ("cql", cql)) if text}
    if not any(text.strip() for text in fields.values()) and not raw:
        raise WrongUsage("say what to search for: --isbn, --issn, --title, --author, --keyword, --pqf or --cql")
    from illcore.model import Query

    if len(raw) > 1 or (raw and any(text.strip() for text in fields.values())):
        raise WrongUsage("--pqf and --cql say all that is searched: give one of them, and no --isbn, --title and so on")
    query = Query(**fields, raw=raw, maximum=maximum)
    named = sorted(set(account or ()))
    config = call.config()
    _must_exist(call, named, config.accounts)
    if raw:
        return raw_search(call, config, raw_account(config, named), query, seconds)
    if call.json and len(named) == 1 and answers_raw(named[0]):
        return raw_search(call, config, named[0], query, seconds)
    with call.session() as (engine, session):
        with waiting_line(Words(config.language).text("waiting_for"), quiet=call.json) as waiting:
            found = session.search(query, seconds, named or None, waiting=waiting)
        if not named:
            found["accounts"] += _not_working(engine.report(), found["accounts"])
            found["accounts"].sort(key=lambda each: each["name"])
    if call.json:
        write_json(found)
    else:
        _write(found)
    answered = [each for each in found["accounts"] if each["status"] == "ok"]
    for each in found["accounts"]:
        if each["status"] != "ok":
            say(f"{each['name']}: {each['status']}: {each['error'] or 'no answer in time'}")
    if not found["accounts"]:
        say("no account can search; `ill plugins` shows what is configured")
    return 0 if answered else 1


def _not_working(rows: Sequence[Mapping[str, Any]], answered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Accounts that were not asked because their configuration is wrong, if accounts of their type can search."""
    searching = {each["name"].partition(":")[0] for each in answered}
    return [
        {"name": row["name"], "status": "misconfigured", "hits": 0, "error": row["reason"]}
        for row in rows
        if row["status"] == "failed"
        and ":" in row["name"]
        and (row["name"].partition(":")[0] in searching or answers_raw(row["name"]))
    ]


def _must_exist(call: Call, named: Sequence[str], accounts: Collection[str]) -> None:
    unknown = [name for name in named if name not in accounts]
    if unknown:
        known = ", ".join(sorted(accounts)) or "none"
        raise WrongUsage(f"there is no account {', '.join(unknown)} in {call.config_path}; there are: {known}")


def _write(found: dict[str, Any]) -> None:
    if found["holdings"]:
        rows = ([_cell(each, name) for name in _COLUMNS] for each in found["holdings"])
        write_table([name.replace("_", " ") for name in _COLUMNS], rows)
    for each in found["accounts"]:
        write(f"{each['name']}: {each['status']}, {each['hits'] or 0} found")


_COLUMNS = ("account", "library", "title", "author", "year", "call_number", "available")


def _cell(holding: dict[str, Any], name: str) -> str:
    value = holding.get(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe("" if value is None else value)
