"""``ill partners``: the libraries that this one lends to and borrows from."""

from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.jsonfile import object_or_error, parse_json, read_items
from illcore.cli.output import plain, progress, say, write, write_json, write_table
from illcore.cli.words import Words
from illcore.errors import IllcoreError

if TYPE_CHECKING:
    from illcore.engine import Engine
    from illcore.model import Partner

app = typer.Typer(
    help="The libraries that you lend to and borrow from.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

SYMBOL = Annotated[str, typer.Argument(metavar="SYMBOL", help="The partner, such as ISIL:SUP1.")]
FILE = Annotated[str, typer.Argument(metavar="FILE.json", help="One partner or a list of them; - is standard input.")]
STATUS = Annotated[str | None, typer.Option(metavar="STATUS", help="prospect, active, suspended or ended.")]
SERVICE = Annotated[list[str] | None, typer.Option(metavar="loan|copy", help="What it offers; may be repeated.")]


@app.command("list")
@command
def list_partners(call: Call, status: STATUS = None) -> None:
    """List the partners, by symbol."""
    from illcore import partners

    if status is not None and status not in get_args(partners.Status):
        raise WrongUsage(f"--status {status}: write one of {', '.join(get_args(partners.Status))}")
    with call.engine() as engine:
        library = call.library_in(engine)
        with engine.database.read() as connection:
            found = partners.listed(connection, library, status)  # type: ignore[arg-type]
        language = engine.config.language
    if call.json:
        write_json([as_json(each) for each in found])
        return
    words = Words(language)
    if not found:
        write(words.text("nobody"))
        return
    write_table(
        [words.text(name) for name in ("symbol", "name", "kind", "services", "account", "status")],
        (
            [each.symbol, each.name.best(language), each.kind, " ".join(each.services), each.account, each.status]
            for each in found
        ),
    )


@app.command("show")
@command
def show_partner(call: Call, symbol: SYMBOL) -> None:
    """Show one partner, found by any of its symbols."""
    from illcore import partners

    with call.engine() as engine:
        library = call.library_in(engine)
        with engine.database.read() as connection:
            found = as_json(partners.get(connection, library, symbol))
    if call.json:
        write_json(found)
        return
    for name, value in found.items():
        if value not in ("", [], {}, None):
            write(f"{name}: {_flat(value)}")


@app.command("add")
@command
def add_partner(
    call: Call,
    symbol: SYMBOL,
    name_en: Annotated[str, typer.Option(help="The name in English.")] = "",
    name_zh: Annotated[str, typer.Option(help="The name in Chinese.")] = "",
    kind: Annotated[str, typer.Option(metavar="library|broker", help="What it is.")] = "library",
    service: SERVICE = None,
    account: Annotated[str, typer.Option(metavar="NAME", help="The account that reaches it.")] = "",
    url: Annotated[str, typer.Option(help='Its address, for accounts that take {"url": …}.')] = "",
    address: Annotated[str, typer.Option(metavar="JSON", help="Its address as the account's connector wants it.")] = "",
    status: Annotated[str, typer.Option(help="prospect, active, suspended or ended.")] = "active",
    rank: Annotated[int, typer.Option(help="Lower is asked first.")] = 100,
) -> None:
    """Add one partner; for more fields or many partners use import."""
    from illcore import partners

    if url and address:
        raise WrongUsage("give the address once, as --url or as --address")
    given: dict[str, Any] = {"symbol": symbol, "name": {"en": name_en, "zh": name_zh}, "kind": kind, "rank": rank}
    given |= {"account": account, "status": status} | ({"services": service} if service else {})
    if url:
        given["address"] = {"url": url}
    elif address:
        given["address"] = parse_json(address, "--address")
    with call.engine() as engine:
        library = _library_for_writing(call, engine)
        with engine.database.write() as connection:
            found = as_json(partners.add(connection, library, given, engine.clock.now()))
        _warn_of_account(engine, found)
    if call.json:
        write_json(found)
    else:
        write(f"added {found['symbol']} ({found['status']})")


@app.command("suspend")
@command
def suspend_partner(call: Call, symbol: SYMBOL) -> None:
    """Ask this partner no more until it is activated again; what is under way goes on."""
    _set_status(call, symbol, "suspended")


@app.command("activate")
@command
def activate_partner(call: Call, symbol: SYMBOL) -> None:
    """Let this partner be asked, again or for the first time."""
    _set_status(call, symbol, "active")


@app.command("end")
@command
def end_partner(call: Call, symbol: SYMBOL) -> None:
    """End the partnership. The record stays: requests of the past refer to it."""
    _set_status(call, symbol, "ended")


@app.command("import")
@command
def import_partners(call: Call, file: FILE) -> int:
    """Add the partners of a JSON file, and update those that are known already.

    Prints one symbol per line; with --json a list of {"index", "symbol"} and {"index", "error"}. What is wrong with
    one keeps no other from being taken; the exit code is 1 if any failed.
    """
    items = read_items(file)
    results: list[dict[str, Any]] = []
    with call.engine() as engine, progress("partners", len(items), quiet=call.json) as step:
        library = _library_for_writing(call, engine)
        for index, item in enumerate(items):
            result = {"index": index, **_put(engine, library, item)}
            results.append(result)
            if "error" in result:
                say(f"item {index}: {result['error']}")
            elif not call.json:
                write(str(result["symbol"]))
            step()
    if call.json:
        write_json(results)
    return 1 if any("error" in result for result in results) else 0


def as_json(partner: "Partner") -> dict[str, Any]:
    """The partner as it can be imported again."""
    return dict(partner.model_dump(mode="json"))


def _put(engine: "Engine", library: str, item: Any) -> dict[str, str]:
    from illcore import partners

    wrong = object_or_error(item)
    if wrong:
        return {"error": wrong}
    try:
        with engine.database.write() as connection:
            found = partners.put(connection, library, item, engine.clock.now())
    except IllcoreError as error:
        return {"error": str(error)}
    _warn_of_account(engine, {"symbol": found.symbol, "account": found.account})
    return {"symbol": found.symbol}


def _set_status(call: Call, symbol: str, status: Any) -> None:
    from illcore import partners

    with call.engine() as engine:
        library = _library_for_writing(call, engine)
        with engine.database.write() as connection:
            found = partners.set_status(connection, library, symbol, status, engine.clock.now())
    if call.json:
        write_json(as_json(found))
    else:
        write(f"{found.symbol} is {found.status} now")


def _library_for_writing(call: Call, engine: "Engine") -> str:
    from illcore.errors import NotAllowed

    actor = call.actor_in(engine)
    if actor.kind != "staff" or actor.role not in ("supervisor", "admin"):
        raise NotAllowed("only a supervisor or an admin changes partners")
    return actor.library


def _warn_of_account(engine: "Engine", found: dict[str, Any]) -> None:
    if found["account"] and found["account"] not in engine.config.accounts:
        say(f"{found['symbol']}: there is no account {found['account']} in the configuration; nothing reaches it yet")


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={_flat(each)}" for key, each in value.items() if each not in ("", [], {}, None))
    return ", ".join(_flat(each) for each in value) if isinstance(value, list) else str(plain(value))
