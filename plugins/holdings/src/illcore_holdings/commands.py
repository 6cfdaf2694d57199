"""The commands `ill holdings load | list | search | drop`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from illcore.cli.call import Call, command, parse_actor
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import say, write, write_json, write_table

from .texts import said

if TYPE_CHECKING:
    from illcore.engine import Engine

    from .formats import FileOptions
    from .loading import Loaded
    from .sets import HoldingSet, Terms

FILE = Annotated[Path, typer.Argument(help="A MARC dump, a KBART list or a CSV file, also packed with gzip.")]
SOURCE = Annotated[str, typer.Option(metavar="NAME", help="Its name; loading it again replaces it.")]
FORMAT = Annotated[str, typer.Option(help="auto, marc, marcxml, kbart or csv.")]
MARC = Annotated[str, typer.Option(help="The dialect of MARC: auto, marc21, unimarc or cnmarc.")]
CHARSET = Annotated[str, typer.Option(help="Of what is not UTF-8: gb18030, gbk, big5, marc-8, latin-1 …")]
ITEMS = Annotated[
    str,
    typer.Option(
        metavar="FIELD",
        help="The MARC field of copies: 852, 905, 952 or 995, or your own: '949 location=l call_number=ab barcode=i'.",
    ),
]
UNION = Annotated[bool, typer.Option("--union", help="The copies name the library that holds them by its symbol.")]
LICENCE = Annotated[str, typer.Option(help="KBART: what the licences permit: ill, print, none or unknown.")]
LICENCE_COLUMN = Annotated[str, typer.Option(metavar="COLUMN", help="KBART: the column that says so for each title.")]
MAP = Annotated[
    list[str] | None, typer.Option("--map", metavar="NAME=COLUMN", help="CSV: which column is what; may be repeated.")
]
DELIMITER = Annotated[str, typer.Option(help="CSV: what parts the columns; default: found in the heading.")]
LOANS = Annotated[str, typer.Option(metavar="yes|no|unknown", help="Whether they are lent, where a record is silent.")]
COPIES = Annotated[str, typer.Option(metavar="yes|no|unknown", help="Whether copies are made, where it is silent.")]
BAD = Annotated[Path | None, typer.Option(metavar="FILE", help="Where bad records are kept; default: FILE.bad")]
ANEW = Annotated[bool, typer.Option("--anew", help="Begin anew, whatever an interrupted load has done.")]
MAXIMUM = Annotated[int, typer.Option("--max", min=1, max=1000, help="At most so many.")]
NAME = Annotated[str, typer.Argument(metavar="NAME", help="The source, as `ill holdings list` names it.")]
_ANSWERS: dict[str, bool | None] = {"yes": True, "no": False, "unknown": None}
_TAB = {"tab": "\t", "\\t": "\t"}

app = typer.Typer(no_args_is_help=True, help="Holdings of your library and its partners, loaded from files. 馆藏数据")


@app.command("load")
@command
def load(
    call: Call,
    file: FILE,
    source: SOURCE = "",
    format: FORMAT = "auto",
    marc: MARC = "auto",
    charset: CHARSET = "utf-8",
    items: ITEMS = "",
    union: UNION = False,
    licence: LICENCE = "unknown",
    licence_column: LICENCE_COLUMN = "",
    map_: MAP = None,
    delimiter: DELIMITER = "",
    loans: LOANS = "unknown",
    copies: COPIES = "unknown",
    bad: BAD = None,
    anew: ANEW = False,
) -> int:
    """Load a file as holdings of --library (default: your own). Loading the same source again replaces it.

    Searches find the new records when all are loaded. If it is interrupted, the same command goes on where it stopped.
    Bad records stop nothing: they are counted and kept in FILE.bad.
    """
    from illcore.clock import system_ids

    from .formats import USUAL_SOURCE, reader_for
    from .loading import Order
    from .loading import load as run
    from .opened import SourceFile
    from .sets import Terms
    from .watching import watched

    _staff_only(call)
    options = _options(format, marc, charset, items, licence, licence_column, map_ or [], delimiter)
    terms = Terms(_answer("--loans", loans), _answer("--copies", copies), union)
    with call.engine() as engine:
        language = engine.config.language
        library = _library(call, engine)
        found = SourceFile.at(file.expanduser().resolve())
        reader = reader_for(found, options)
        order = Order(
            library,
            source.strip() or USUAL_SOURCE[reader.kind],
            found,
            repr(options),
            terms,
            bad.expanduser().resolve() if bad else None,
            anew,
        )
        try:
            with watched(found.size, language, quiet=call.json) as watch:
                done = run(engine.database, reader, order, engine.clock, system_ids(engine.clock.now()), watch)
        except KeyboardInterrupt:
            say(said("stopped", language))
            raise
        searched = any(name.partition(":")[0] == "holdings" for name in engine.config.accounts)
    if call.json:
        write_json(_summary(done))
    else:
        _tell(done, language)
    if not searched:
        say(said("no_account", language, file=call.config_path))
    return 0


@app.command("list")
@command
def list_sources(call: Call) -> None:
    """What is loaded: sources with their libraries, numbers of records and dates; with --library only its own."""
    from .sets import live_sets, require_tables

    with call.engine() as engine:
        with engine.database.read() as connection:
            require_tables(connection)
            found = [one for one in live_sets(connection) if call.library in (None, one.library)]
        language = engine.config.language
    if call.json:
        write_json([_row(one) for one in found])
    elif not found:
        say(said("none_loaded", language))
    else:
        names = ("library", "source", "kind", "records", "bad", "loaded_at", "state")
        rows = ([_cell(one, name, language) for name in names] for one in found)
        write_table([said(name, language) for name in names], rows)


@app.command("drop")
@command
def drop_source(call: Call, name: NAME) -> None:
    """Remove a source of --library (default: your own) with all its records."""
    from .sets import drop, live_sets, remove_dropped, require_tables
    from .watching import watched

    _staff_only(call)
    with call.engine() as engine:
        library, language = _library(call, engine), engine.config.language
        with engine.database.write() as connection:
            require_tables(connection)
            if not drop(connection, library, name):
                known = ", ".join(one.source for one in live_sets(connection) if one.library == library)
                raise Failed(f"{library} has no source {name}; it has {known or 'none'}")
        with watched(0, language, quiet=call.json) as watch:
            count = remove_dropped(engine.database, engine.clock, watch.removing)
    if call.json:
        write_json({"library": library, "source": name, "removed": count})
    else:
        write(said("dropped", language, library=library, source=name, count=count))


@app.command("search")
@command
def search_holdings(
    call: Call,
    isbn: Annotated[str, typer.Option(help="ISBN, with or without hyphens.")] = "",
    issn: Annotated[str, typer.Option(help="ISSN.")] = "",
    title: Annotated[str, typer.Option(help="Words of the title.")] = "",
    author: Annotated[str, typer.Option(help="Words of the author's name.")] = "",
    year: Annotated[str, typer.Option(help="Of a journal: the year that is wanted.")] = "",
    volume: Annotated[str, typer.Option(help="Of a journal: the volume that is wanted.")] = "",
    issue: Annotated[str, typer.Option(help="Of a journal: the issue that is wanted.")] = "",
    maximum: MAXIMUM = 20,
) -> int:
    """Search the loaded holdings; with --library only those of one library. The exit code is 1 if nothing is found."""
    from illcore.model import Citation, Query

    from .asked import Asked
    from .search import Scope, search
    from .sets import require_tables

    asked = Asked.of(
        Query(
            isbn=isbn,
            issn=issn,
            title=title,
            author=author,
            citation=Citation(year=year, volume=volume, issue=issue),
            maximum=maximum,
        )
    )
    if not asked:
        wrong = f"{isbn or issn} is no {'ISBN' if isbn else 'ISSN'}; " if isbn or issn else ""
        raise WrongUsage(f"{wrong}say what to search for: --isbn, --issn, --title or --author")
    with call.engine() as engine:
        language = engine.config.language
        scope = Scope(libraries=[call.library] if call.library else (), language=language)
        with engine.database.read() as connection:
            require_tables(connection)
            found = search(connection, asked, scope, engine.clock.now(), maximum)
    if call.json:
        write_json({"holdings": [one.model_dump(mode="json") for one in found]})
    elif not found:
        say(said("nothing_found", language))
    else:
        names = ("library", "title", "author", "year", "location", "call_number", "available", "why")
        rows = ([_shown(getattr(one, name), language) for name in names] for one in found)
        write_table([said(name, language).removeprefix("the ").capitalize() for name in names], rows)
    return 0 if found else 1


def _staff_only(call: Call) -> None:
    if parse_actor(call.actor, "ISIL:NONE").kind != "staff":
        raise Failed("holdings are loaded and dropped by staff")


def _library(call: Call, engine: "Engine") -> str:
    """Whose holdings they are: a partner's, too, which this engine need not serve."""
    from pydantic import TypeAdapter, ValidationError

    from illcore.model import Symbol

    if call.library is None:
        return call.library_in(engine)
    try:
        return str(TypeAdapter(Symbol).validate_python(call.library))
    except ValidationError:
        raise WrongUsage(f"--library {call.library}: write TYPE:VALUE, such as ISIL:CN-110001") from None


def _options(
    format: str, marc: str, charset: str, items: str, licence: str, licence_column: str, map_: list[str], delimiter: str
) -> "FileOptions":
    from .charset import Charset
    from .formats import FORMATS, FileOptions
    from .lists.licence import licence as understood
    from .marc.items import USUAL, item_field

    if format not in FORMATS:
        raise WrongUsage(f"--format {format}: write one of {', '.join(FORMATS)}")
    dialects = {"auto": "auto", "marc21": "marc21", "unimarc": "unimarc", "cnmarc": "unimarc"}
    if marc not in dialects:
        raise WrongUsage(f"--marc {marc}: write one of {', '.join(dialects)}")
    permitted = understood(licence)
    if permitted is None:
        raise WrongUsage(f"--licence {licence}: write ill, print, none or unknown")
    separator = _TAB.get(delimiter, delimiter)
    if len(separator) > 1:
        raise WrongUsage(f"--delimiter {delimiter}: write one character, or tab")
    try:
        return FileOptions(
            format,
            Charset.named(charset),
            dialects[marc],  # type: ignore[arg-type]
            (item_field(items),) if items else USUAL,
            permitted,
            licence_column,
            _mapping(map_),
            separator or None,
        )
    except ValueError as error:
        raise WrongUsage(str(error)) from None


def _mapping(given: list[str]) -> dict[str, str]:
    from .lists.special import NAMES

    found = {}
    for one in (part for text in given for part in text.split(",")):
        name, _, column = one.partition("=")
        if name.strip() not in NAMES or not column.strip():
            raise WrongUsage(f"--map {one}: write NAME=COLUMN, where NAME is one of {', '.join(NAMES)}")
        found[name.strip()] = column.strip()
    return found


def _answer(option: str, text: str) -> bool | None:
    if text not in _ANSWERS:
        raise WrongUsage(f"{option} {text}: write yes, no or unknown")
    return _ANSWERS[text]


def _summary(done: "Loaded") -> dict[str, Any]:
    now = done.progress
    return {
        "library": done.set.library,
        "source": done.set.source,
        "format": done.set.kind,
        "file": done.set.file,
        "read": now.read,
        "loaded": now.loaded,
        "bad": now.bad,
        "left_out": now.left_out,
        "wrong_numbers": now.wrong_numbers,
        "bad_file": str(done.bad_file) if done.bad_file else None,
        "bad_reasons": str(done.reasons) if done.reasons else None,
        "replaced": done.replaced,
        "resumed_behind": done.resumed,
        "seconds": round(done.seconds, 3),
    }


def _tell(done: "Loaded", language: str) -> None:
    now = done.progress
    rate = round((now.read - done.resumed) / done.seconds) if done.seconds else 0
    values = {"library": done.set.library, "source": done.set.source, "loaded": now.loaded, "bad": now.bad}
    write(said("done", language, left_out=now.left_out, rate=rate, seconds=round(done.seconds, 1), **values))
    if done.resumed:
        write(said("resumed", language, count=done.resumed))
    if done.replaced:
        write(said("replaced", language))
    if done.bad_file:
        say(said("bad_kept", language, file=done.bad_file, reasons=done.reasons))
    if now.wrong_numbers:
        say(said("wrong_numbers", language, count=now.wrong_numbers))


def _row(one: "HoldingSet") -> dict[str, Any]:
    return {
        "library": one.library,
        "source": one.source,
        "format": one.kind,
        "file": one.file,
        "records": one.records,
        "bad": one.progress.bad,
        "status": one.status,
        "started_at": one.started_at,
        "loaded_at": one.finished_at,
    } | _terms(one.terms)


def _terms(terms: "Terms") -> dict[str, Any]:
    return {"loanable": terms.loanable, "copyable": terms.copyable, "union": terms.union}


def _cell(one: "HoldingSet", name: str, language: str) -> str:
    if name == "bad":
        return str(one.progress.bad)
    if name == "loaded_at":
        return one.finished_at.strftime("%Y-%m-%d %H:%M") if one.finished_at else ""
    if name == "state":
        return said(one.status, language, percent=f"{one.progress.read:,}")
    return str(getattr(one, name))


def _shown(value: object, language: str) -> str:
    if isinstance(value, bool):
        return said("yes" if value else "no", language)
    return "" if value is None else str(value)
