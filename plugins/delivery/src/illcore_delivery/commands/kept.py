"""The commands `ill documents add | list | get | link | sweep`: the documents that requests keep."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import Failed
from illcore.cli.output import say, write, write_json, write_table

if TYPE_CHECKING:
    from illcore.documents import DocumentRow
    from illcore.session import Session

REQUEST = Annotated[str, typer.Argument(metavar="REQUEST", help="The id of the request.")]
DOCUMENT = Annotated[str, typer.Argument(metavar="DOCUMENT", help="The id that `ill documents list` shows.")]
FILE = Annotated[Path, typer.Argument(help="A PDF, TIFF, JPEG or PNG.")]
NAME = Annotated[str, typer.Option(metavar="NAME", help="Its name for the reader; default: that of the file.")]
REPLACES = Annotated[str, typer.Option(metavar="DOCUMENT", help="The document of the request that it stands for.")]
OUTPUT = Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; default: its own name, in this folder.")]


@command
def add_document(call: Call, request: REQUEST, file: FILE, name: NAME = "", replaces: REPLACES = "") -> None:
    """Keep a file for a request: what came by post or fax, or what a partner shall get. It is checked by the worker."""
    with call.session() as (_, session):
        added = session.add_document(request, file.expanduser(), name, replaces=replaces)
    if call.json:
        write_json(added)
    else:
        write(f"{added['id']}  {added['name']}")


@command
def list_documents(call: Call, request: REQUEST) -> None:
    """The documents of a request, with what the check found."""
    with call.session() as (_, session):
        found = session.get(request)["documents"]
    if call.json:
        write_json(found)
        return
    write_table(
        ["Document", "Name", "Pages", "Verdict", "Findings", "URL"],
        (
            [each["id"], each["name"], each["pages"], each["verdict"], _told(each["findings"]), each["url"]]
            for each in found
        ),
    )


@command
def get_document(call: Call, document: DOCUMENT, output: OUTPUT = None) -> None:
    """Write a kept document to a file, to look at it or to print it."""
    with call.session() as (_, session), opened(session, document) as (row, path):
        target = output.expanduser() if output is not None else Path(row.name)
        if target.is_dir():
            target = target / row.name
        if target.exists():
            raise Failed(f"{target} is there already; name another file with --output")
        part = target.with_name(f".{target.name}.part")
        try:
            shutil.copyfile(path, part)
            part.replace(target)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise Failed(f"{target} cannot be written: {error.strerror or error}") from None
    if call.json:
        write_json({"file": str(target), "name": row.name, "media_type": row.media_type, "size": row.size})
    else:
        write(str(target))


@command
def link_of(call: Call, request: REQUEST) -> None:
    """The reader's link to what was handed over, for a reader whom nothing else can tell. It is stored nowhere."""
    with call.session() as (_, session):
        told = session.link(request)
    if call.json:
        write_json(told)
        return
    write("  ".join(str(value) for value in told.values()))


@command
def sweep_documents(call: Call) -> None:
    """Delete files that no request names and that are older than a day, as a crash may leave them."""
    from illcore.documents import sweep

    with call.engine() as engine, engine.database.read() as connection:
        swept = sweep(connection, engine.context.blobs, engine.clock.now())
    if call.json:
        write_json({"swept": swept})
    else:
        say(f"{swept} files were deleted")


@contextmanager
def opened(session: "Session", document: str) -> Iterator[tuple["DocumentRow", Path]]:
    """A kept document and its file."""
    with session.open_document(document) as found:
        yield found


def put_in_place(call: Call, session: "Session", row: "DocumentRow", file: Path) -> None:
    """Give the request this file for the document it had, and say so."""
    added = session.add_document(row.request_id, file, row.name, source="repair", replaces=row.id)
    if call.json:
        write_json(added)
    else:
        write(f"{added['id']}  {added['name']}")


def _told(findings: Any) -> str:
    return "; ".join(str(each.get("text") or each.get("code")) for each in findings)
