"""`ill mail`: what came, what waits for staff, and a way in for hosts that pipe mail."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from illcore.cli.call import Call, command, parse_actor
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import say, write, write_json, write_table

if TYPE_CHECKING:
    from sqlalchemy import Row

    from illcore.engine import Engine

app = typer.Typer(no_args_is_help=True, help="Mails from partners: see them, match them, take them in. 馆际互借邮件")

ACCOUNT = Annotated[
    str | None, typer.Option(metavar="NAME", help="The account, such as email:main, where there are several.")
]
_KINDS = ("loop", "bounce", "auto_reply", "reply", "request", "unmatched")
_LARGEST = 500_000_000


@app.command("list")
@command
def list_mails(
    call: Call,
    kind: Annotated[str, typer.Option("--class", metavar="CLASS", help=f"Only these: {' '.join(_KINDS)}.")] = "",
    all_: Annotated[bool, typer.Option("--all", help="Every mail, not only what waits for staff.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 100,
) -> None:
    """List the mails that wait for staff, newest first; or with --all or --class others too."""
    from .shown import row_of
    from .store import listed_mails

    if kind and kind not in _KINDS:
        raise WrongUsage(f"--class {kind}: write one of {', '.join(_KINDS)}")
    with call.engine() as engine:
        library = _staff_library(call, engine)
        with _tables(), engine.database.read() as connection:
            found = listed_mails(connection, library, kind, waiting=not (kind or all_), limit=limit)
            rows = [row_of(connection, row) for row in found]
    if call.json:
        write_json(rows)
        return
    write_table(
        ("Id", "Class", "From", "Subject", "Request", "Why", "Suggested"),
        [
            (r["id"], r["class"], r["sender"], r["subject"], r["request"], r["reason"], _words(r["suggested"]))
            for r in rows
        ],
    )


@app.command("show")
@command
def show_mail(
    call: Call, id: int, raw: Annotated[bool, typer.Option("--raw", help="The mail as it came.")] = False
) -> None:
    """Show one mail: what it is taken for and why, and its text."""
    from .incoming.mime import parse
    from .shown import outcome_of, row_of

    with call.engine() as engine:
        library = _staff_library(call, engine)
        with _tables(), engine.database.read() as connection:
            found = _found(connection, library, id)
            shown = {**row_of(connection, found), **outcome_of(connection, found)}
    mail = parse(bytes(found.raw), _LARGEST)
    if call.json:
        write_json({**shown, "message_id": found.message_id, "text": mail.text})
        return
    if raw:
        write(bytes(found.raw).decode("utf-8", "replace"))
        return
    for name in ("class", "status", "reason", "request", "event", "state", "sender", "subject"):
        if shown[name]:
            write(f"{name}: {shown[name]}")
    if shown["suggested"] and shown["request"]:
        write(f"suggested: ill act {shown['request']} record {_words(shown['suggested'])}")
    for each in shown["attachments"]:
        write(f"attached: {each['name'] or each['media_type']} ({each['size']} bytes)")
    write(f"\n{mail.text.strip()}")


@app.command("match")
@command
def match_mail(call: Call, id: int, request: str) -> None:
    """Give an unmatched mail to a request: its text becomes a message there; what it says is for staff to record."""
    from illcore.ingest import commit
    from illcore.message import Received

    from .incoming.matching import matched_message
    from .shown import row_of
    from .store import set_status

    with call.session() as (engine, session):
        _staff_only(session.actor.kind)
        library = session.actor.library
        shown = session.get(request)
        with _tables(), engine.database.read() as connection:
            found = _found(connection, library, id)
        if found.kind != "unmatched" or found.status != "understood":
            raise Failed(f"mail {id} does not wait for staff: it is {found.kind}, {found.status}")
        thread, message, suggestion, documents = matched_message(found, shown, library)
        with engine.database.write() as connection:
            more = {"library": library, "role": thread.role, "partner": thread.partner, "number": thread.number}
            if not set_status(connection, id, "matched", ref=thread.ref, suggestion=suggestion, **more):
                raise Failed(f"somebody else dealt with mail {id} meanwhile")
        results = commit(
            engine.context, _account(engine, None), Received(messages=(message,), documents={0: documents})
        )
        if results[0].error:
            raise Failed(f"the request took no message: {results[0].value}")
        with engine.database.read() as connection:
            row = row_of(connection, _found(connection, library, id))
    if call.json:
        write_json(row)
        return
    write(f"mail {id} now belongs to request {request}")
    if row["suggested"]:
        say(f"it seems to say: ill act {request} record {_words(row['suggested'])}")


@app.command("discard")
@command
def discard_mail(call: Call, id: int) -> None:
    """Put an unmatched mail aside; it stays in the database."""
    from .store import set_status

    with call.session() as (engine, session):
        _staff_only(session.actor.kind)
        with _tables(), engine.database.write() as connection:
            found = _found(connection, session.actor.library, id)
            if not set_status(connection, id, "discarded"):
                raise Failed(f"mail {id} does not wait for staff: it is {found.kind}, {found.status}")
    if call.json:
        write_json({"id": str(id), "status": "discarded"})
    else:
        write(f"mail {id} is put aside")


@app.command("ingest")
@command
def ingest_mail(call: Call, file: str, account: ACCOUNT = None) -> None:
    """Take in one raw mail from FILE, or from standard input where FILE is -. Needs no connection."""
    from .incoming.mime import parse
    from .shown import outcome_of
    from .store import keep_box, known_mails

    data = _read(file)
    _staff_only(parse_actor(call.actor, "ISIL:NONE").kind)
    with call.engine() as engine:
        name = _account(engine, account)
        keys = engine.config.accounts[name]
        mailbox = str(keys.get("address", "")).strip().lower()
        limit = int(keys.get("max_mail", 25_000_000))
        if not keys.get("library"):
            library = call.library_in(engine)
            with _tables(), engine.database.write() as connection:
                keep_box(connection, mailbox, library=library)
        engine.ingest(data, name)
        with engine.database.read() as connection:
            digest = parse(data, limit).digest
            row = known_mails(connection, mailbox, [digest])[digest]
            outcome = outcome_of(connection, row)
    if call.json:
        write_json(outcome)
        return
    write(" ".join(f"{key}={value}" for key, value in outcome.items() if value))
    if row.reason:
        say(row.reason)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(_LARGEST)
    path = Path(file)
    if path.is_dir():
        raise Failed(f"{file} is a folder; name a file that holds one mail")
    with path.open("rb") as stream:
        return stream.read(_LARGEST)


def _account(engine: "Engine", named: str | None) -> str:
    known = engine.accounts_of("email")
    if named is None and len(known) == 1:
        return known[0]
    if named is None:
        if known:
            raise WrongUsage(f"name the account with --account: one of {', '.join(known)}")
        broken = [row for row in engine.report() if row["name"].startswith("email:")]
        why = f"; {broken[0]['name']}: {broken[0]['reason']}" if broken else ""
        raise Failed(
            f'there is no working account of type email; add [accounts."email:main"] to the configuration{why}'
        )
    if named not in known:
        raise Failed(f"there is no working e-mail account {named}; there are {', '.join(known) or 'none'}")
    return named


def _found(connection: Any, library: str, id: int) -> "Row[Any]":
    from .store import mail_by_id

    found = mail_by_id(connection, library, id)
    if found is None:
        raise Failed(f"there is no mail {id}; see them with: ill mail list --all")
    return found


def _staff_library(call: Call, engine: "Engine") -> str:
    actor = call.actor_in(engine)
    _staff_only(actor.kind)
    return actor.library


def _staff_only(kind: str) -> None:
    if kind != "staff":
        raise Failed("this is for staff")


def _words(suggested: dict[str, Any] | None) -> str:
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in (suggested or {}).items())


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _tables() -> Any:
    from .mailroom import plain_errors

    return plain_errors()
