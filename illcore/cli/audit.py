"""``ill audit``: seals the logs with a checkpoint, checks them all, and shows who looked at readers' data."""

from typing import Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.output import progress, write, write_json, write_table
from illcore.cli.privacy import plain_cell
from illcore.cli.words import Words

app = typer.Typer(
    help="Seal the logs, check them, see who looked at readers' data.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

KNOWN = Annotated[
    list[str] | None,
    typer.Option("--known", metavar="HASH", help="A checkpoint's hash that you noted elsewhere; may be repeated."),
]
READER = Annotated[str | None, typer.Option(metavar="ID", help="Only what concerns this reader, by the own id.")]
LIMIT = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, newest first.")]


@app.command("checkpoint")
@command
def checkpoint(call: Call) -> None:
    """Seal the logs of all requests that moved since the last checkpoint, and print the hash that stands for all.

    The worker does it once a day. Note the hash where nobody who can write to the database can reach it: what is cut
    off with all its traces is found by that alone.
    """
    from illcore import audit
    from illcore.audit.verifying import size

    with call.engine() as engine:
        library = _library(call, engine)
        with engine.database.read() as connection:
            total = size(connection, library)
        with progress("requests", total, quiet=call.json) as step:
            made = audit.checkpoint(engine.database, library, engine.clock.now(), step)
    if call.json:
        write_json(made.to_json())
    else:
        write(f"checkpoint {made.number} of {library}: {made.hash}")


@app.command("verify")
@command
def verify(call: Call, known: KNOWN = None) -> int:
    """Check every log, every checkpoint and the journal, row by row; say exactly which row is wrong.

    Finds what was changed, removed, added or reordered, also after anonymisation. The exit code is 1 if anything is
    wrong.
    """
    from illcore import audit
    from illcore.audit.verifying import size

    with call.engine() as engine:
        library = _library(call, engine)
        with engine.database.read() as connection:
            total = size(connection, library)
        with progress("requests", total, quiet=call.json) as step:
            found = audit.verify(engine.database, library, [hash.strip() for hash in known or ()], step)
        chinese = engine.config.language == "zh"
        words = Words(engine.config.language)
    if call.json:
        write_json(found.to_json())
        return 1 if found.flaws else 0
    for flaw in found.flaws:
        write(flaw.zh if chinese else flaw.text)
    counts = [f"{getattr(found, name)} {words.text(f'audit_{name}')}" for name in _COUNTED]
    write(f"{library}: {', '.join(counts)}")
    if found.sealed is not None:
        write(f"{words.text('sealed')}: {plain_cell(found.sealed.at)} ({found.sealed.number}: {found.sealed.hash})")
    write(words.text("audit_ok") if not found.flaws else f"{len(found.flaws)} {words.text('audit_flaws')}")
    return 1 if found.flaws else 0


_COUNTED = ("requests", "events", "texts", "erased", "checkpoints", "lines")


@app.command("readers")
@command
def readers(call: Call, reader: READER = None, limit: LIMIT = 100) -> None:
    """Show who looked at, exported or erased readers' data, newest first."""
    from illcore import audit
    from illcore import readers as records
    from illcore.errors import NotFound

    with call.engine() as engine:
        library = _library(call, engine)
        with engine.database.read() as connection:
            key = records.key_of(connection, library, reader) if reader is not None else None
            if reader is not None and key is None:
                raise NotFound(f"there is no reader {reader} in {library}; who was erased is known by nobody")
            found = [_entry(connection, library, each) for each in audit.entries(connection, library, key, limit)]
        words = Words(engine.config.language)
    if call.json:
        write_json(found)
    elif not found:
        write(words.text("no_lines"))
    else:
        write_table(
            [words.text(name) for name in ("n", "at", "by", "action", "reader", "data")],
            (
                [
                    each["number"],
                    plain_cell(each["at"]),
                    f"{each['actor']['kind']} {each['actor']['id'] or ''}",
                    each["action"],
                    each["reader"] or "",
                    " ".join(f"{name}={value}" for name, value in each["data"].items()),
                ]
                for each in found
            ),
        )


def _entry(connection: Any, library: str, entry: Any) -> dict[str, Any]:
    """A line with the readers' own ids, where they still lead somewhere."""
    from illcore import readers as records

    shown: dict[str, Any] = entry.to_json()
    known = records.by_key(connection, library, entry.reader) if entry.reader else None
    shown["reader"] = known.id if known else None
    shown["key"] = entry.reader or None
    if entry.actor_kind == "reader":
        shown["actor"]["id"] = known.id if known else None
    return shown


def _library(call: Call, engine: Any) -> str:
    from illcore.privacy.holds import may_govern

    actor = call.actor_in(engine)
    may_govern(actor, "the audit trail is for supervisors and admins")
    return actor.library
