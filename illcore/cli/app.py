"""The command ``ill``: finds the command that was named, imports it alone, and turns every end into an exit code."""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from illcore.cli.commands import COMMANDS
from illcore.cli.faults import INTERRUPTED, REFUSED, USAGE, tell
from illcore.cli.output import say
from illcore.cli.plugged import PluggedCommands, load_core, loaded

_HELP = """Interlibrary loan and document delivery. 馆际互借与文献传递

Begin with: ill init --library ISIL:… --name-en … --name-zh …"""


class Commands(TyperGroup):
    """All commands by name. The help shows what the table says of them; only the one that is called is imported."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS, *PluggedCommands().names()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = COMMANDS.get(cmd_name)
        if entry:
            return TyperCommand(name=cmd_name, help=entry.help, rich_help_panel=entry.panel)
        origin = PluggedCommands().origin(cmd_name)
        return TyperCommand(name=cmd_name, help=f"From {origin}.", rich_help_panel="Plugins") if origin else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            entry = self.get_command(ctx, name)
            panels.setdefault(entry.rich_help_panel, []).append((name, entry.help))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name = args[0]
        if name in COMMANDS:
            loaded.origin = "illcore"
            return name, load_core(name), args[1:]
        plugged = PluggedCommands()
        if plugged.origin(name):
            return name, plugged.load(name), args[1:]
        near = get_close_matches(name, self.list_commands(ctx), 2)
        meant = f"did you mean {' or '.join(near)}?" if near else "see them all with: ill --help"
        return ctx.fail(f"there is no command {name}; {meant}")  # type: ignore[no-any-return]


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"illcore {version('illcore')}")
        raise typer.Exit


def ill(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """The callback of the whole, for the options before a command."""


def build() -> Any:
    """The root command."""
    app = typer.Typer(cls=Commands, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback(help=_HELP)(ill)
    return get_command(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; no exception leaves this but SystemExit."""
    loaded.origin = "illcore"
    try:
        code = build().main(args=_with_optional_value(arguments), prog_name="ill", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except BrokenPipeError:
        return REFUSED
    except (KeyboardInterrupt, typer.Abort):
        say("stopped")
        return INTERRUPTED
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            return _wrong_usage(error)
        return tell(error, loaded.origin)


def _wrong_usage(error: Any) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message(), file=sys.stderr)
        return USAGE
    message = " ".join(error.format_message().split()).rstrip(".")
    say(f"{message}. Try: {getattr(context, 'command_path', 'ill')} --help")
    return int(error.exit_code)


def _with_optional_value(arguments: Sequence[str]) -> list[str]:
    """``ill list --attention`` may stand without a reason, which typer's options cannot."""
    found = list(arguments)
    if found[:1] == ["list"] and "--attention" in found:
        place = found.index("--attention")
        if place + 1 == len(found) or found[place + 1].startswith("-"):
            found[place] = "--attention=any"
    return found
