"""`ill slips pull | straps | labels | returns | copies`: paper for the desk, all of it in one PDF."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import progress, say, write, write_json

from .account import folder, settings, write_file

if TYPE_CHECKING:
    from illcore.engine import Engine
    from illcore.model import Partner
    from illcore.session import Session

    from ..paper.slip import Slip

app = typer.Typer(
    no_args_is_help=True, help="Pull slips, straps, labels and paper copies as PDF. 索书单、书腰、地址标签"
)

IDS = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Requests; default: all that are due.")]
STATE = Annotated[list[str] | None, typer.Option(metavar="STATE", help="Those in this state instead; several: a,b.")]
PAPER = Annotated[str, typer.Option(metavar="a4|4x6", help="Sheets of A4, or labels of 4 × 6 inches.")]
OUTPUT = Annotated[Path, typer.Option("--output", "-o", metavar="FILE.pdf", help="Where to write the PDF.")]
MARK = Annotated[bool, typer.Option("--mark", help="Also record that they are printed (action print_slip).")]
PRINTED = Annotated[bool, typer.Option("--mark", help="Also record that they are printed; the files are deleted.")]
_NOTHING = {"en": "nothing is due; no file was written", "zh": "没有待打印的内容，未生成文件"}


@app.command("pull")
@command
def pull_slips(
    call: Call, output: OUTPUT, ids: IDS = None, state: STATE = None, paper: PAPER = "a4", mark: MARK = False
) -> int:
    """Pull slips, in the order of the shelves: for what partners ask of us and nobody has printed yet."""
    return _print(call, "pull", ids or [], state or [], paper, output, mark=mark)


@app.command("straps")
@command
def straps(call: Call, output: OUTPUT, ids: IDS = None, state: STATE = None, paper: PAPER = "a4") -> int:
    """Book straps: for loans that are about to leave, and for those that arrived for readers."""
    return _print(call, "straps", ids or [], state or [], paper, output)


@app.command("labels")
@command
def labels(call: Call, output: OUTPUT, ids: IDS = None, state: STATE = None, paper: PAPER = "a4") -> int:
    """Address labels: for what is about to leave to partners."""
    return _print(call, "labels", ids or [], state or [], paper, output)


@app.command("returns")
@command
def returns(call: Call, output: OUTPUT, ids: IDS = None, state: STATE = None, paper: PAPER = "a4") -> int:
    """Return labels: to enclose with loans that leave, and for loans that go back to their owners."""
    return _print(call, "returns", ids or [], state or [], paper, output)


@app.command("copies")
@command
def copies(call: Call, output: OUTPUT, ids: IDS = None, mark: PRINTED = False) -> int:
    """Copies that copyright allows on paper only, each with its cover page, in one PDF."""
    from .. import printing
    from ..cabinet import Cabinet
    from ..faults import plain_errors

    with call.session() as (engine, session), plain_errors():
        _staff_only(session)
        library = session.actor.library
        with engine.database.read() as connection:
            found = printing.waiting(connection, library, ids or [])
            place = folder(engine, connection)
        language, pages = engine.config.language, 0
        missing = sorted({*(ids or [])} - {row.request_id for row in found})
        if missing:
            raise Failed(f"no copy of {', '.join(missing)} waits to be printed")
        if found:
            if place is None:
                raise Failed('set folder in the configuration of the account "delivery:…"')
            cabinet = Cabinet(place)
            pages = _merged([(row.request_id, cabinet.path(row.file)) for row in found], output)
            if mark:
                with engine.database.write() as connection:
                    printing.printed(connection, [row.id for row in found], engine.clock.now())
                for row in found:
                    cabinet.drop(row.file)
    if call.json:
        listed = [{"id": row.id, "request": row.request_id, "name": row.name, "pages": row.pages} for row in found]
        write_json({"file": str(output) if found else None, "copies": listed, "marked": mark and bool(found)})
    elif not found:
        say(_NOTHING[language])
    else:
        write(f"{output}: {len(found)} copies, {pages} pages")
    return 0


def _print(
    call: Call, kind: str, ids: Sequence[str], states: Sequence[str], paper: str, output: Path, *, mark: bool = False
) -> int:
    from ..paper.due import due
    from ..paper.fonts import font
    from ..paper.sheets import SHEETS, in_order, sheets
    from ..paper.slip import slips_of

    if paper not in SHEETS:
        raise WrongUsage(f"--paper {paper}: write one of {', '.join(SHEETS)}")
    wanted = _states(states)
    if ids and wanted:
        raise WrongUsage("name requests, or states with --state, not both")
    with call.session() as (engine, session):
        _staff_only(session)
        language = engine.config.language
        library = engine.context.library(session.actor.library)
        partner = _partners(engine, library.symbol)
        requests = [session.get(id) for id in dict.fromkeys(ids)] if ids else list(due(session, kind, wanted))
        slips: list[Slip] = []
        for shown in requests:
            slips += slips_of(shown, library, partner(shown["partner"]))
        slips = in_order(slips)
        markable = [shown["id"] for shown in requests if mark and "print_slip" in shown["actions"]]
        failed: dict[str, str] = {}
        if slips:
            write_file(output, sheets(kind, slips, font(str(settings(engine).get("font") or "")), paper))
            failed = _marked(session, markable, quiet=call.json)
    if kind in ("labels", "returns"):
        _warn_of_addresses(slips, kind)
    if call.json:
        rows = [{"request": slip.request_id, "item": slip.item, "code": slip.code} for slip in slips]
        marked = [id for id in markable if id not in failed]
        write_json({"file": str(output) if slips else None, "slips": rows, "marked": marked})
    elif slips:
        write(f"{output}: {len(slips)} from {len(requests)} requests")
    else:
        say(_NOTHING[language])
    if mark and len(markable) < len(requests):
        say(f"{len(requests) - len(markable)} of them stay due until they are answered (will_supply)")
    for id, reason in failed.items():
        say(f"{id} is printed but not marked: {reason}")
    return 1 if failed else 0


def _marked(session: "Session", ids: Sequence[str], quiet: bool) -> dict[str, str]:
    """Record that the slips of these requests are printed; gives why for those that cannot be."""
    from illcore.errors import IllcoreError

    failed = {}
    with progress("print_slip", len(ids), quiet) as step:
        for id in ids:
            try:
                session.act(id, "print_slip")
            except IllcoreError as error:
                failed[id] = str(error)
            step()
    return failed


def _merged(copies: Sequence[tuple[str, Path]], output: Path) -> int:
    """All copies behind one another, each begun on the front of a leaf, so that they can be printed on both sides."""
    from io import BytesIO

    from pikepdf import Pdf

    out = BytesIO()
    with Pdf.new() as whole:
        parts = []
        for request_id, path in copies:
            try:
                parts.append(Pdf.open(path))
            except FileNotFoundError:
                raise Failed(f"the file of the copy for {request_id} is not there any more") from None
            if len(whole.pages) % 2:
                whole.add_blank_page(page_size=(595, 842))
            whole.pages.extend(parts[-1].pages)
        whole.save(out)
        for part in parts:
            part.close()
        pages = len(whole.pages)
    write_file(output, out.getvalue())
    return pages


def _partners(engine: "Engine", library: str) -> "Callable[[str | None], Partner | None]":
    """Finds a partner by symbol, each once."""
    from illcore import partners

    known: dict[str, Partner | None] = {}

    def find(symbol: str | None) -> "Partner | None":
        if symbol and symbol not in known:
            with engine.database.read() as connection:
                known[symbol] = partners.find(connection, library, symbol)
        return known[symbol] if symbol else None

    return find


def _warn_of_addresses(slips: "Sequence[Slip]", kind: str) -> None:
    without = set()
    for slip in slips:
        to = slip.ours if kind == "returns" and slip.role == "supplier" else slip.theirs
        if not to.address:
            without.add(to.symbol)
    for symbol in sorted(without):
        say(f"{symbol} has no postal address; the README of illcore-delivery says where it is written")


def _states(given: Sequence[str]) -> list[str]:
    from illcore.states.texts import STATE_TEXTS

    names = [name.strip() for part in given for name in part.split(",") if name.strip()]
    known = {name for texts in STATE_TEXTS.values() for name in texts}
    for name in names:
        if name not in known:
            raise WrongUsage(f"--state {name}: there is no such state; there are {', '.join(sorted(known))}")
    return names


def _staff_only(session: "Session") -> None:
    if session.actor.kind != "staff":
        raise Failed("paper is printed by staff")
