"""``ill list``: the requests that match, newest first."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.output import write, write_json, write_table
from illcore.cli.words import Words

if TYPE_CHECKING:
    from illcore.session import Session
    from illcore.store import Filter

_PAGE = 200
_ANY = "any"

ROLE = Annotated[str | None, typer.Option(metavar="requester|supplier", help="Only our requests, or only theirs.")]
STATE = Annotated[list[str] | None, typer.Option(metavar="STATE", help="Only in this state; several: a,b or twice.")]
PARTNER = Annotated[str | None, typer.Option(metavar="SYMBOL", help="Only with this partner, also one asked earlier.")]
ATTENTION = Annotated[
    str | None,
    typer.Option(metavar="[REASON]", help="Only what a person must look at: for any reason, or for this one."),
]
READER = Annotated[str | None, typer.Option(metavar="ID", help="Only this reader's.")]
TEXT = Annotated[str | None, typer.Option(help="Part of the title, or an id.")]
LIMIT = Annotated[int | None, typer.Option(min=1, help="At most so many; default: all.")]


@command
def list_requests(
    call: Call,
    role: ROLE = None,
    state: STATE = None,
    partner: PARTNER = None,
    attention: ATTENTION = None,
    reader: READER = None,
    text: TEXT = None,
    limit: LIMIT = None,
) -> None:
    """List requests, newest first: all that match, unless --limit is given."""
    wanted = _filter(role, state or [], partner, attention, reader, text)
    with call.session() as (engine, session):
        if attention in (None, _ANY):
            rows = session.find(wanted, limit)
        else:
            rows = _with_reason(session, wanted, attention, limit)
        language = engine.config.language
    if call.json:
        write_json(rows)
        return
    words = Words(language)
    if not rows:
        write(words.text("nothing"))
        return
    headings = [words.text(name) for name in ("id", "role", "state", "service_type", "title", "partner", "due", "!")]
    write_table(headings, ([*_cells(words, row)] for row in rows))


def _cells(words: Words, row: dict[str, Any]) -> list[object]:
    return [
        row["id"],
        words.text(row["role"]),
        words.state(row["role"], row["state"]),
        words.text(row["service_type"]),
        row["title"],
        row["partner"],
        row.get("due_date"),
        "!" if row["needs_attention"] else "",
    ]


def _filter(
    role: str | None,
    states: list[str],
    partner: str | None,
    attention: str | None,
    reader: str | None,
    text: str | None,
) -> "Filter":
    from illcore.states.texts import STATE_TEXTS
    from illcore.store import Filter

    if role is not None and role not in STATE_TEXTS:
        raise WrongUsage(f"--role {role}: write requester or supplier")
    names = tuple(name.strip() for part in states for name in part.split(",") if name.strip())
    known = {name for side, texts in STATE_TEXTS.items() if role in (None, side) for name in texts}
    for name in names:
        if name not in known:
            raise WrongUsage(f"--state {name}: there is no such state; there are {', '.join(sorted(known))}")
    return Filter(
        role=role,
        states=names,
        partner=partner or "",
        attention=True if attention is not None else None,
        reader_id=reader or "",
        text=text or "",
    )


def _with_reason(session: "Session", wanted: "Filter", reason: str, limit: int | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = ""
    while limit is None or len(rows) < limit:
        page = session.find(wanted, _PAGE, after)
        for row in page:
            if any(each["reason"] == reason for each in session.get(row["id"])["attention"]):
                rows.append(row)
        if len(page) < _PAGE:
            break
        after = page[-1]["id"]
    return rows[:limit]
