"""``ill diagram``: the states of a request, drawn from the table that the engine runs on."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.output import write_json

if TYPE_CHECKING:
    from illcore.model import Role

ROLE = Annotated[str | None, typer.Option(metavar="requester|supplier", help="Only this side; default: both.")]
LANGUAGE = Annotated[str, typer.Option(metavar="en|zh", help="The language of the states' names.")]


@command
def diagram(call: Call, role: ROLE = None, language: LANGUAGE = "en") -> None:
    """Draw the states of a request as Mermaid text, which GitHub, GitLab and mermaid.live show as a picture."""
    if role not in (None, "requester", "supplier"):
        raise WrongUsage(f"--role {role}: write requester or supplier")
    if language not in ("en", "zh"):
        raise WrongUsage(f"--language {language}: write en or zh")
    from illcore.diagram import mermaid

    sides: tuple[Role, ...] = ("requester", "supplier")
    drawn = {side: mermaid(side, language) for side in sides if role in (None, side)}
    if call.json:
        write_json(drawn)
    else:
        sys.stdout.write("\n".join(drawn.values()))
