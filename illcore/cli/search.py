"""``ill search``: who holds something, asked of all catalogues at once."""

from typing import Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.output import safe, say, write, write_json, write_table

ISBN = Annotated[str, typer.Option(help="ISBN, with or without hyphens.")]
ISSN = Annotated[str, typer.Option(help="ISSN.")]
TITLE = Annotated[str, typer.Option(help="Words of the title.")]
AUTHOR = Annotated[str, typer.Option(help="Words of the author's name.")]
KEYWORD = Annotated[str, typer.Option(help="Words from anywhere.")]
PQF = Annotated[str, typer.Option(metavar="QUERY", help="A query in PQF, for Z39.50 accounts.")]
CQL = Annotated[str, typer.Option(metavar="QUERY", help="A query in CQL, for SRU accounts.")]
MAXIMUM = Annotated[int, typer.Option(min=1, max=1000, help="At most so many holdings of each account.")]
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

    The exit code is 1 if no account answered.
    """
    fields: dict[str, Any] = {"isbn": isbn, "issn": issn, "title": title, "author": author, "keyword": keyword}
    raw = {name: text for name, text in (("pqf", pqf), ("cql", cql)) if text}
    if not any(text.strip() for text in fields.values()) and not raw:
        raise WrongUsage("say what to search for: --isbn, --issn, --title, --author, --keyword, --pqf or --cql")
    from illcore.model import Query

    with call.session() as (engine, session):
        unknown = sorted(set(account or ()) - set(engine.config.accounts))
        if unknown:
            known = ", ".join(sorted(engine.config.accounts)) or "none"
            raise WrongUsage(f"there is no account {', '.join(unknown)} in {call.config_path}; there are: {known}")
        found = session.search(Query(**fields, raw=raw, maximum=maximum), seconds, account or None)
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
