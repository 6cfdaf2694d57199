"""`ill scan CODE`: the code on a slip, strap or label finds its request, and does what is asked."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from illcore.cli.act import parse_details
from illcore.cli.call import Call, command
from illcore.cli.faults import Failed
from illcore.cli.output import write_json
from illcore.cli.show import write_request

if TYPE_CHECKING:
    from illcore.engine import Engine
    from illcore.session import Session

    from ..paper.codes import Code

CODE = Annotated[str, typer.Argument(metavar="CODE", help="What the scanner read, or what stands below the bars.")]
ACTION = Annotated[str, typer.Option("--action", metavar="ACTION", help="What to do, such as ship, receive, check_in.")]
DETAILS = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Details of the action, as for `ill act`.")
]
NOTE = Annotated[str | None, typer.Option(metavar="TEXT", help="A note for the record.")]

ON_ITEMS = ("ship", "receive", "check_out", "check_in", "ship_return", "report_lost")
"""Actions that are about the one item that was scanned; the request moves when its last item is done."""


@command
def scan(call: Call, code: CODE, details: DETAILS = None, action: ACTION = "", note: NOTE = None) -> None:
    """Find a request by the code on its slip, strap or label; with --action also do something with the scanned item.

    Such as: ill scan CODE --action ship due_date=2027-03-01
    """
    from ..paper.codes import parse_code

    found = parse_code(code)
    given = parse_details(details or [])
    if (given or note is not None) and not action:
        raise Failed("details and notes belong to an action; name it with --action")
    if note is not None:
        given["note"] = note
    with call.session() as (engine, session):
        request = _request(engine, session, found)
        if action:
            if found.item and action in ON_ITEMS and "items" not in given:
                given["items"] = str(found.item)
            request = session.act(found.request_id, action, **given)
        language = engine.config.language
    item = next((each for each in request["items"] if each["n"] == found.item), None)
    if call.json:
        write_json({**request, "scanned": {"item": found.item or None, "known": item is not None}})
    else:
        write_request(request, language)


def _request(engine: "Engine", session: "Session", found: "Code") -> dict[str, Any]:
    """The request of a code. Failed if it is another library's, unknown, or has no such item."""
    from illcore.errors import NotFound
    from illcore.store import library_of

    library = session.actor.library
    if not found.of(library):
        owners = [symbol for symbol in engine.libraries if found.of(symbol)]
        whose = f"it is of {owners[0]}" if owners else "another library printed it"
        raise Failed(f"this is no code of {library}: {whose}")
    try:
        request = session.get(found.request_id)
    except NotFound:
        with engine.database.read() as connection:
            owner = library_of(connection, found.request_id)
        if owner is not None:
            raise Failed(f"request {found.request_id} is of another library, not of {library}") from None
        raise Failed(f"{library} has no request {found.request_id}; was the slip printed by another system?") from None
    if found.item > max(1, len(request["items"])):
        raise Failed(f"request {found.request_id} has no item {found.item}; it has {len(request['items'])}")
    return request
