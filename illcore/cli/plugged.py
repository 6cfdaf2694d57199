"""Commands by name to commands that run: the core's own from the table, plugins' from their entry points."""

from importlib import import_module, metadata
from typing import Any

import typer
from typer.main import get_command

from illcore.cli.commands import COMMANDS
from illcore.cli.faults import Failed

GROUP = "illcore.commands"


class Loaded:
    """Whose command runs, for the sentence about a fault."""

    origin: str = "illcore"


loaded = Loaded()


def load_core(name: str) -> Any:
    """The command of the core with this name, imported now."""
    entry = COMMANDS[name]
    module, _, attribute = entry.target.partition(":")
    return as_command(name, getattr(import_module(module), attribute), entry.help)


def as_command(name: str, found: Any, help: str | None = None) -> Any:
    """A command from a typer app, a function or a finished command. TypeError if it is none of these."""
    if isinstance(found, typer.Typer):
        command = get_command(_quiet(found))
        command.name = name
        return command
    if hasattr(found, "make_context"):
        return found
    if callable(found):
        app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        app.command(name, help=found.__doc__ or help)(found)
        return get_command(app)
    raise TypeError(f"{type(found).__name__} is no typer app")


def _quiet(app: typer.Typer) -> typer.Typer:
    app._add_completion = False
    return app


class PluggedCommands:
    """The commands that installed plugins name in the entry point group ``illcore.commands``."""

    def __init__(self) -> None:
        self._points: dict[str, list[metadata.EntryPoint]] = {}
        for point in sorted(metadata.entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
            self._points.setdefault(point.name, []).append(point)

    def names(self) -> list[str]:
        """Their names; one that a command of the core has already is the core's."""
        return [name for name in self._points if name not in COMMANDS]

    def origin(self, name: str) -> str:
        """The packages that offer it, with their versions; empty if there is no such command."""
        return " and ".join(_package(point) for point in self._points.get(name, ()))

    def faults(self) -> list[tuple[str, str, str, str]]:
        """What cannot be reached by its name: (command, distribution, version, reason)."""
        found = []
        for name, points in self._points.items():
            if name in COMMANDS:
                reason = f"`ill {name}` is the core's own command; the plugin must name its command differently"
            elif len(points) > 1:
                reason = f"{self.origin(name)} both name a command {name}; uninstall one"
            else:
                continue
            for point in points:
                distribution, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
                found.append((name, distribution, version, reason))
        return found

    def load(self, name: str) -> Any:
        """The command, imported now. Raises Failed naming package and reason."""
        points = self._points[name]
        origin = self.origin(name)
        if len(points) > 1:
            raise Failed(f"{origin} both name a command {name}; uninstall one of them")
        loaded.origin = origin
        try:
            return as_command(name, points[0].load())
        except Exception as error:
            raise Failed(f"the command {name} of {origin} cannot be loaded: {type(error).__name__}: {error}") from error


def _package(point: metadata.EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value
