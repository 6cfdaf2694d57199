"""``ill readers``: readers' data, for those who may see it; every look, export and deletion is noted in the journal."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import Failed
from illcore.cli.output import plain, write, write_json, write_table
from illcore.cli.words import Words

app = typer.Typer(
    help="Readers' data: see, export, delete; every look is noted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ID = Annotated[str, typer.Argument(metavar="ID", help="The reader's own id, as the library knows it.")]
LIMIT = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")]
AFTER = Annotated[str, typer.Option(metavar="ID", help="Begin after this reader.")]
OUTPUT = Annotated[str, typer.Option("--output", metavar="FILE", help="The new file to write; - is standard output.")]
_COLUMNS = ("id", "name", "email", "category", "department", "requests", "open_requests")


@app.command("list")
@command
def list_readers(call: Call, limit: LIMIT = 100, after: AFTER = "") -> None:
    """List the readers that are known, by id. Who asked for nothing lately is not known any more."""
    from illcore import privacy

    with call.engine() as engine:
        actor = call.actor_in(engine)
        with engine.database.write() as connection:
            found = privacy.look_through(connection, actor, engine.clock.now(), limit, after)
        words = Words(engine.config.language)
    if call.json:
        write_json(found)
    elif not found:
        write(words.text("no_readers"))
    else:
        write_table([words.text(name) for name in _COLUMNS], ([str(each[name]) for name in _COLUMNS] for each in found))


@app.command("show")
@command
def show_reader(call: Call, id: ID) -> None:
    """Show one reader: name, address, category, how many requests, and holds."""
    from illcore import privacy

    with call.engine() as engine:
        actor = call.actor_in(engine)
        with engine.database.write() as connection:
            found = privacy.look(connection, actor, id, engine.clock.now())
        words = Words(engine.config.language)
    if call.json:
        write_json(found)
        return
    for name, value in found.items():
        if value != "":
            write(f"{words.text(name)}: {plain(value)}")


@app.command("export")
@command
def export_reader(call: Call, id: ID, output: OUTPUT) -> None:
    """Write all that is held of a reader into one JSON file, to be handed to that reader.

    Holds the requests with their messages and notes, documents as far as they are known, what plugins hold, and who
    looked at the data. The file is new and readable by you alone.
    """
    from illcore import privacy

    with call.engine() as engine:
        actor = call.actor_in(engine)
        file = None if output == "-" else _new_file(output)
        try:
            with engine.database.write() as connection:
                found = privacy.export(connection, actor, id, engine.context.tellers, engine.clock.now())
            if file is not None:
                with os.fdopen(file, "w", encoding="utf-8") as stream:
                    file = None
                    json.dump(found, stream, ensure_ascii=False, indent=2, default=plain)
                    stream.write("\n")
        except BaseException:
            if output != "-":
                _drop(file, output)
            raise
    if output == "-":
        write_json(found)
    elif call.json:
        write_json({"reader": id, "file": output, "requests": len(found["requests"])})
    else:
        write(f"wrote {len(found['requests'])} requests of reader {id} to {output}")


@app.command("delete")
@command
def delete_reader(call: Call, id: ID) -> None:
    """Forget a reader for good: anonymise the requests that have ended, then drop the record.

    Refused while a request is open, a hold stands or a copyright declaration must be kept. It cannot be taken back.
    """
    from illcore import privacy
    from illcore.documents import delete_bytes

    with call.engine() as engine:
        actor = call.actor_in(engine)
        with engine.database.write() as connection:
            erased = privacy.delete(connection, actor, id, engine.context.erasers, engine.clock.now())
        delete_bytes(engine.context.blobs, erased.documents)
        engine.database.forget()
    found: dict[str, Any] = {"erased": dict(sorted(erased.counts.items())), "failed": erased.failed}
    if call.json:
        write_json(found)
    else:
        write(f"reader {id} is forgotten; {erased.counts['requests']} requests were anonymised")
    if erased.failed:
        parts = ", ".join(f"{part} ({why})" for part, why in erased.failed.items())
        raise Failed(f"the reader is gone, but {parts} could not erase what it holds; ill privacy run asks it again")


def _new_file(name: str) -> int:
    try:
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Failed(f"{name} is there already; name a new file") from None
    except OSError as error:
        raise Failed(f"{name} cannot be written: {error.strerror}") from None


def _drop(file: int | None, name: str) -> None:
    """Leaves no half of a file behind."""
    if file is not None:
        os.close(file)
    Path(name).unlink(missing_ok=True)
