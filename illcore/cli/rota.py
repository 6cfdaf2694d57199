"""``ill rota``: whom a request is asked of, in what order and why."""

from collections.abc import Mapping
from typing import Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.output import write, write_json, write_table
from illcore.cli.show import ID
from illcore.cli.words import Words

app = typer.Typer(
    help="Whom a request is asked of, in what order and why.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_COLUMNS = "n partner status score chance days days_per_fill tries cost balance preference available".split()


@app.callback()
def rota() -> None:
    """Stands here so that ``explain`` is named even while it is the only one."""


@app.command("explain")
@command
def explain(call: Call, id: ID) -> None:
    """Show the rota of a request with the numbers behind it, and why each partner stands where it stands.

    The chance that it fills such a request and the days of a try are learned from what it did so far; suppliers are
    asked in the order of days for each fill, weighed with cost, balance and rank as the policy's routing says.
    """
    with call.session() as (engine, session):
        language = engine.config.language
        found = session.explain(id, language)
    if call.json:
        write_json(found)
    else:
        _write(found, Words(language))


def _write(found: Mapping[str, Any], words: Words) -> None:
    if not found["rota"]:
        write(words.text("no_rota"))
    else:
        write_table(
            [words.text(name) for name in _COLUMNS],
            ([_cell(each, name, words) for name in _COLUMNS] for each in found["rota"]),
        )
        for each in found["rota"]:
            write(f"{each['n']}. {each['partner']}: {each['why']}")
    if found["more"]:
        write(f"{found['more']} {words.text('more_partners')}")
    for each in found["accounts"]:
        error = f": {each['error']}" if each.get("error") else ""
        write(f"{words.text('accounts')} {each['name']}: {each['status']}, {each['hits'] or 0}{error}")


def _cell(entry: Mapping[str, Any], name: str, words: Words) -> object:
    value = entry[name]
    match name, value:
        case "status", _:
            return entry["outcome"] or value
        case _, bool():
            return words.text("yes" if value else "no")
        case "chance", float():
            return f"{value:.0%}"
        case "score", float():
            return f"{value:.3f}"
        case (("days" | "days_per_fill" | "tries"), float() | int()):
            return f"{value:.1f}"
        case _, Mapping():
            return f"{value['amount']} {value['currency']}"
    return value
