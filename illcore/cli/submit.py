"""``ill submit``: requests from a JSON file; each item is a commit of its own."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.jsonfile import object_or_error, read_items
from illcore.cli.output import progress, say, write, write_json
from illcore.errors import IllcoreError

if TYPE_CHECKING:
    from illcore.session import Session

FILE = Annotated[str, typer.Argument(metavar="FILE.json", help="One request or a list of them; - is standard input.")]


@command
def submit(call: Call, file: FILE) -> int:
    """Enter requests from a JSON file, one object or a list.

    Prints one id per line; with --json a list of {"index", "id"} and {"index", "error"}. What is wrong with one item
    keeps no other from being entered; the exit code is 1 if any failed.
    """
    items = read_items(file)
    results: list[dict[str, Any]] = []
    try:
        with call.session() as (_, session), progress("requests", len(items), quiet=call.json) as step:
            for index, item in enumerate(items):
                result = {"index": index, **_entered(session, item)}
                results.append(result)
                if not call.json and "id" in result:
                    write(str(result["id"]))
                if "error" in result:
                    say(f"item {index}: {result['error']}")
                step()
    finally:
        if call.json and results:
            write_json(results)
    if call.json and not results:
        write_json([])
    return 1 if any("error" in result for result in results) else 0


def _entered(session: "Session", item: Any) -> dict[str, str]:
    wrong = object_or_error(item)
    if wrong:
        return {"error": wrong}
    try:
        return {"id": session.submit(item)}
    except IllcoreError as error:
        return {"error": str(error)}
