"""``ill privacy``: anonymises what has ended, shows beforehand what would go, and holds what must stay."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from illcore.cli.call import Call, command
from illcore.cli.faults import WrongUsage
from illcore.cli.output import plain, progress, say, write, write_json, write_table
from illcore.cli.words import Words

if TYPE_CHECKING:
    from illcore.privacy import Report

app = typer.Typer(
    help="Anonymise what has ended, and hold what must stay.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

DRY = Annotated[bool, typer.Option("--dry-run", help="Only show what would go; change nothing.")]
REQUEST = Annotated[str | None, typer.Argument(metavar="[REQUEST]", help="The request's id.")]
READER = Annotated[str | None, typer.Option(metavar="ID", help="A reader, by the own id, instead of a request.")]
REASON = Annotated[str, typer.Option(metavar="TEXT", help="Why it must stay; name no third person.")]


@app.command("run")
@command
def run(call: Call, dry_run: DRY = False) -> int:
    """Anonymise the requests that ended longer ago than the policy's days, and what belongs to no request any more.

    Does it in small commits: it may run beside workers, be stopped, and run again. The worker does the same once a day
    by itself. The exit code is 1 if a plugin could not erase what it holds.
    """
    from illcore import privacy

    with call.engine() as engine:
        actor = call.actor_in(engine)
        _may_govern(actor)
        library, now = engine.libraries[actor.library], engine.clock.now()
        with engine.database.read() as connection:
            report = privacy.preview(connection, library, now, engine.context.tellers if dry_run else None)
        if not dry_run:
            erasers, blobs = engine.context.erasers, engine.context.blobs
            with progress("requests", report.erased["requests"], quiet=call.json) as step:
                report = privacy.run(engine.database, blobs, library, erasers, actor, now, step)
        language = engine.config.language
    if call.json:
        write_json(report.to_json())
    else:
        _write(report, Words(language))
    for part, why in report.failed.items():
        say(f"{part} could not erase what it holds ({why}); it is asked again by the next run")
    return 1 if report.failed else 0


@app.command("hold")
@command
def hold(call: Call, request: REQUEST = None, reader: READER = None, reason: REASON = "") -> None:
    """Let nothing of a request, or of a reader and all requests of that reader, be erased until it is released."""
    from illcore import privacy

    kind, subject = _subject(request, reader)
    with call.engine() as engine:
        actor = call.actor_in(engine)
        with engine.database.write() as connection:
            privacy.hold(connection, actor, kind, subject, reason, engine.clock.now())
    _done(call, kind, subject, "held")


@app.command("release")
@command
def release(call: Call, request: REQUEST = None, reader: READER = None) -> None:
    """End a hold; what is overdue goes with the next run."""
    from illcore import privacy

    kind, subject = _subject(request, reader)
    with call.engine() as engine:
        actor = call.actor_in(engine)
        with engine.database.write() as connection:
            privacy.release(connection, actor, kind, subject, engine.clock.now())
    _done(call, kind, subject, "released")


@app.command("holds")
@command
def list_holds(call: Call) -> None:
    """List the holds that stand, the oldest first."""
    from illcore import privacy

    with call.engine() as engine:
        actor = call.actor_in(engine)
        _may_govern(actor)
        with engine.database.read() as connection:
            found = [each.to_json() for each in privacy.holds(connection, actor.library)]
        words = Words(engine.config.language)
    if call.json:
        write_json(found)
    elif not found:
        write(words.text("no_holds"))
    else:
        names = ("kind", "subject", "reason", "by", "at")
        write_table(
            [words.text(name) for name in names], ([plain_cell(each[name]) for name in names] for each in found)
        )


def plain_cell(value: Any) -> str:
    """A cell as text; an instant to the second."""
    shown = value if isinstance(value, str) else str(plain(value))
    return f"{shown[:19]}Z" if not isinstance(value, str) and shown.endswith("Z") else shown


def _write(report: "Report", words: Words) -> None:
    write(words.text("would_go" if report.dry_run else "gone"))
    for kind, count in sorted(report.erased.items()):
        write(f"  {words.text(f'erased_{kind}').removeprefix('erased_')}: {count}")
    kept = [(words.text(f"kept_{kind}"), count) for kind, count in sorted(report.kept.items()) if count]
    if kept:
        write(words.text("kept"))
    for name, count in kept:
        write(f"  {name}: {count}")


def _subject(request: str | None, reader: str | None) -> tuple[Any, str]:
    if bool(request) == bool(reader):
        raise WrongUsage("name one request, or one reader with --reader")
    return ("request", request) if request else ("reader", reader or "")


def _may_govern(actor: Any) -> None:
    from illcore.privacy.holds import may_govern

    may_govern(actor, "privacy is for supervisors and admins")


def _done(call: Call, kind: str, subject: str, what: str) -> None:
    if call.json:
        write_json({"kind": kind, "subject": subject, "status": what})
    else:
        write(f"{kind} {subject} is {what} now")
