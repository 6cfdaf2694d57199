"""``ill act``: one action on one request."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.jsonfile import parse_json
from illcore.cli.output import write_json
from illcore.cli.show import ID, write_request

_WORDS = ("note", "text", "reason")
_RESERVED = ("action", "connection", "id", "idempotency_key", "self")

ACTION = Annotated[str, typer.Argument(metavar="ACTION", help="One of those that `ill show` lists.")]
DETAILS = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY=VALUE]...", help="Such as due_date=2026-03-01 cost='5 CNY' items=1,2 citation.year=1999"
    ),
]
NOTE = Annotated[str | None, typer.Option(metavar="TEXT", help="A note for the record.")]


@command
def act(call: Call, id: ID, action: ACTION, details: DETAILS = None, note: NOTE = None) -> None:
    """Do something with a request, such as: ill act ID ship due_date=2026-03-01 items=B123

    A value in {…} or […] is JSON; KEY.PART=VALUE sets a part of a detail. Prints the request as it is then.
    """
    given = parse_details(details or [])
    if note is not None:
        if "note" in given:
            raise WrongUsage("the note is given twice, as --note and as note=…")
        given["note"] = note
    with call.session() as (engine, session):
        request = session.act(id, action, **given)
        language = engine.config.language
    if call.json:
        write_json(request)
    else:
        write_request(request, language)


def parse_details(pairs: Sequence[str]) -> dict[str, Any]:
    """``KEY=VALUE`` texts as details: ``{…}`` and ``[…]`` are JSON, all else stays text. Raises WrongUsage."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, separator, text = pair.partition("=")
        names = key.strip().split(".")
        if not separator or not all(name.isidentifier() for name in names):
            raise WrongUsage(f"{pair!r} is no detail; write KEY=VALUE, such as due_date=2026-03-01")
        if names[0] in _RESERVED:
            raise WrongUsage(f"{names[0]} is no detail of an action")
        place = found
        for name in names[:-1]:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise WrongUsage(f"{name} is given both as a whole and in parts")
        if names[-1] in place:
            raise WrongUsage(f"{key} is given twice; write several values with commas")
        place[names[-1]] = _value(key, text)
    return found


def _value(key: str, text: str) -> Any:
    if key in _WORDS or text[:1] not in ("{", "["):
        return text
    try:
        return parse_json(text, f"the value of {key}")
    except Failed as error:
        raise WrongUsage(str(error)) from None
