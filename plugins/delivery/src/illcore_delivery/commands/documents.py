"""The commands `ill documents check | repair | thumbnails`; for what a request keeps see `kept`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import write, write_json, write_table

from .kept import add_document, get_document, link_of, list_documents, opened, put_in_place, sweep_documents

if TYPE_CHECKING:
    from illcore.model import Citation

    from ..quality import Operations, Report

FILE = Annotated[Path, typer.Argument(help="A PDF, TIFF, JPEG or PNG.")]
REQUEST = Annotated[
    str | None, typer.Option(metavar="ID", help="Compare with what this request asks for: title, pages.")
]
ROTATE = Annotated[
    float,
    typer.Option(metavar="DEGREES", help="Clockwise; any number: 90 turns a page, -2.5 straightens a crooked one."),
]
CROP = Annotated[
    str, typer.Option(metavar="L,T,R,B", help="Millimetres to take off the left, top, right and bottom of the page.")
]
PAGES = Annotated[str, typer.Option(metavar="1,3-5", help="Only these pages, counted from 1; default: all.")]
OUTPUT = Annotated[
    Path | None, typer.Option(metavar="OUT", help="The new file; default: NAME-repaired.pdf beside the old one.")
]
IN_PLACE = Annotated[
    str | None, typer.Option("--request", metavar="ID", help="FILE is a document of this request; put it in place.")
]
REBUILD = Annotated[
    bool, typer.Option("--rebuild", help="Write it anew, sound and without active content; always done.")
]

app = typer.Typer(no_args_is_help=True, help="Documents of requests: keep, check, repair, look at them. 文献文件")
app.command("add")(add_document)
app.command("list")(list_documents)
app.command("get")(get_document)
app.command("link")(link_of)
app.command("sweep")(sweep_documents)


@app.command("check")
@command
def check_document(call: Call, file: FILE, request: REQUEST = None) -> None:
    """Is a file whole, legible, harmless, and what was asked for? Prints the verdict: pass, review or fail.

    The exit code is 0 whatever the verdict, 1 if the file cannot be read. No ill.toml is needed without --request.
    """
    from ..quality import check

    expected = _citation(call, request) if request else None
    report = check(_existing(file), expected, language=_language(call))
    if call.json:
        write_json(report.detail())
    else:
        _tell(report)


@app.command("repair")
@command
def repair_document(
    call: Call,
    file: FILE,
    rebuild: REBUILD = False,
    rotate: ROTATE = 0.0,
    drop_blank: Annotated[bool, typer.Option("--drop-blank", help="Leave out pages that are blank.")] = False,
    crop: CROP = "",
    pages: PAGES = "",
    output: OUTPUT = None,
    request: IN_PLACE = None,
) -> None:
    """Write a document anew as a PDF, clean and sound; the original stays as it came.

    With --request, FILE is the id of a document that the request keeps: the repaired one takes its place, and is
    checked again when a worker runs.
    """
    from ..quality import Operations

    if not (rebuild or rotate or drop_blank or crop):
        raise WrongUsage("say what to do: --rebuild, --rotate, --drop-blank or --crop")
    language = _language(call)
    if not -360 <= rotate <= 360:
        raise WrongUsage(f"--rotate {rotate:g}: write degrees from -360 to 360")
    operations = Operations(rotate=rotate, drop_blank=drop_blank, crop=_crop(crop), pages=_pages(pages))
    if request is not None:
        if output is not None:
            raise WrongUsage("with --request the repaired document takes the place of the old one; leave out --output")
        _repair_in_place(call, request, str(file), operations, language)
        return
    written = _repaired(_existing(file), operations, output, language)
    if call.json:
        write_json({"file": str(written)})
    else:
        write(str(written))


def _repair_in_place(call: Call, request: str, document: str, operations: "Operations", language: str) -> None:
    with call.session() as (_, session), opened(session, document) as (row, path), TemporaryDirectory() as folder:
        if row.request_id != request:
            raise Failed(f"document {document} belongs to request {row.request_id}, not to {request}")
        written = _repaired(path, operations, Path(folder) / "repaired.pdf", language)
        put_in_place(call, session, row, written)


def _repaired(file: Path, operations: "Operations", output: Path | None, language: str) -> Path:
    from ..quality import CannotRepair, repair

    try:
        return repair(file, operations, output)
    except CannotRepair as error:
        raise Failed(error.text.best(language)) from None


@app.command("thumbnails")
@command
def thumbnails_of(
    call: Call,
    file: FILE,
    folder: Annotated[Path, typer.Option(metavar="DIR", help="Where they go; made if it is not there.")],
    maximum: Annotated[int, typer.Option("--max", min=1, max=1000, help="At most so many pages.")] = 60,
    pixels: Annotated[int, typer.Option(min=32, max=1000, help="The longer side.")] = 220,
) -> int:
    """Small pictures of the pages, `page-0001.jpg` and so on. The exit code is 1 if there are none to be had."""
    from ..quality import Limits, check

    report = check(_existing(file), limits=Limits(thumbnails=maximum, thumbnail_pixels=pixels))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for one in report.thumbnails:
        path = folder / f"page-{one.page:04d}.jpg"
        path.write_bytes(one.data)
        written.append(str(path))
    if call.json:
        write_json({"pages": report.pages, "files": written})
    else:
        for name in written:
            write(name)
    if not written:
        told = next((each.text.best(_language(call)) for each in report.findings), "")
        raise Failed(f"{file}: {told}")
    return 0


def _existing(file: Path) -> Path:
    path = file.expanduser()
    if not path.exists():
        raise Failed(f"{file} is not there")
    if not path.is_file():
        raise Failed(f"{file} is no file")
    return path


def _language(call: Call) -> str:
    """As configured; English where nothing is."""
    return call.config().language if call.config_path.exists() else "en"


def _citation(call: Call, request: str) -> "Citation":
    from illcore.model import Citation

    with call.session() as (_, session):
        return Citation.model_validate(session.get(request)["citation"])


def _tell(report: "Report") -> None:
    from ..quality.texts import said

    language = report.language
    kind = report.kind.upper() or "?"
    write(said(report.verdict, language, pages=report.pages, kind=kind))
    if report.findings:
        headings = [said(name, language) for name in ("page", "finding", "code")]
        rows = [["" if one.page is None else one.page, one.text.best(language), one.code] for one in report.findings]
        write_table(headings, rows)
    if report.cleanable:
        write(said("cleanable", language))


def _crop(text: str) -> tuple[float, float, float, float]:
    if not text:
        return (0.0, 0.0, 0.0, 0.0)
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        raise WrongUsage(f"--crop {text}: write four numbers of millimetres: left,top,right,bottom") from None
    if not all(0 <= side <= 1000 for side in (left, top, right, bottom)):
        raise WrongUsage(f"--crop {text}: write millimetres from 0 to 1000")
    return (left, top, right, bottom)


def _pages(text: str) -> tuple[int, ...]:
    found: list[int] = []
    try:
        for part in text.split(",") if text else ():
            first, dash, last = part.partition("-")
            low, high = int(first), int(last if dash else first)
            if not 1 <= low <= high <= 10_000:
                raise ValueError
            found += range(low, high + 1)
    except ValueError:
        raise WrongUsage(f"--pages {text}: write numbers and ranges such as 1,3-5") from None
    return tuple(sorted(set(found)))
