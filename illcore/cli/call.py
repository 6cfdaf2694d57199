"""What every command takes: ``--json --library --as --config``; and how it gets from there to an engine."""

import functools
import getpass
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from illcore.cli.faults import Failed, WrongUsage

if TYPE_CHECKING:
    from illcore.config import Config
    from illcore.engine import Engine
    from illcore.events import Actor
    from illcore.session import Session

P = ParamSpec("P")
_COMMON = "Every command"
_STAFF = ("assistant", "librarian", "supervisor", "admin")
_KINDS = ("staff", "reader", "partner", "system")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON on standard output.", rich_help_panel=_COMMON)]
LIBRARY = Annotated[
    str | None,
    typer.Option(
        metavar="SYMBOL", help="The library, such as ISIL:CN-110001; default: the file's.", rich_help_panel=_COMMON
    ),
]
AS = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="KIND:ID:ROLE",
        help="Who does it, such as staff:anna:librarian or reader:R1; default: you, as staff and admin.",
        rich_help_panel=_COMMON,
    ),
]
CONFIG = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="The configuration; default: ILL_CONFIG, else ill.toml in the current folder.",
        rich_help_panel=_COMMON,
    ),
]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command. ``json`` asks for JSON on stdout; the others are as they were given."""

    json: bool = False
    library: str | None = None
    actor: str | None = None
    config_file: str | None = None

    @property
    def config_path(self) -> Path:
        """The configuration file that holds for this call, whether it is there or not."""
        from illcore.config import find_config

        return find_config(self.config_file)

    def config(self) -> "Config":
        """The checked configuration. Raises ConfigError."""
        from illcore.config import read_config

        return read_config(self.config_path)

    @contextmanager
    def engine(self) -> Iterator["Engine"]:
        """The engine of the configuration, closed at the end. Raises ConfigError, SchemaTooOld."""
        from illcore.cli.logs import report_on_stderr
        from illcore.engine import Engine

        report_on_stderr()
        engine = Engine.open(config=self.config_path)
        try:
            yield engine
        finally:
            engine.close()

    def library_in(self, engine: "Engine") -> str:
        """The symbol of the library that this call is about.

        Raises Failed if the engine does not serve it, WrongUsage if it serves several and none is named.
        """
        known = sorted(engine.libraries)
        named = self.library.strip() if self.library else engine.config.library
        if named is None and len(known) == 1:
            named = known[0]
        if named is None:
            names = ", ".join(known)
            raise WrongUsage(
                f"name the library with --library: one of {names}"
                if known
                else f'{self.config_path} names no library; write library = "ISIL:…" into it'
            )
        if named not in engine.libraries:
            raise Failed(f"there is no library {named} here; {self.config_path} has {', '.join(known) or 'none'}")
        return named

    def actor_in(self, engine: "Engine") -> "Actor":
        """Who acts, for which library."""
        return parse_actor(self.actor, self.library_in(engine))

    @contextmanager
    def session(self) -> Iterator[tuple["Engine", "Session"]]:
        """The engine and its verbs for the one who acts."""
        parse_actor(self.actor, "ISIL:NONE")
        with self.engine() as engine:
            yield engine, engine.as_(self.actor_in(engine))


def command(function: Callable[Concatenate[Call, P], int | None]) -> Callable[..., int | None]:
    """A typer command from a function whose first argument is a Call; what it returns is the exit code, None is 0."""
    own = list(inspect.signature(function).parameters.values())[1:]

    @functools.wraps(function)
    def run(
        *given: Any, json: bool, library: str | None, as_: str | None, config: str | None, **options: Any
    ) -> int | None:
        return function(Call(json, library, as_, config), *given, **options)

    common = {"json": (JSON, False), "library": (LIBRARY, None), "as_": (AS, None), "config": (CONFIG, None)}
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own] + [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in common.items()
    ]
    run.__dict__["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def parse_actor(text: str | None, library: str) -> "Actor":
    """``KIND:ID:ROLE``; the role is for staff only, the id may hold colons. Raises WrongUsage."""
    from illcore.events import Actor

    if text is None:
        return Actor(kind="staff", id=_login(), library=library, role="admin")
    kind, _, rest = text.partition(":")
    if kind not in _KINDS:
        raise WrongUsage(f"--as {text}: write KIND:ID:ROLE, where KIND is one of {', '.join(_KINDS)}")
    if kind == "staff":
        identity, _, role = rest.rpartition(":")
        if role not in _STAFF or not identity:
            raise WrongUsage(f"--as {text}: write staff:ID:ROLE, where ROLE is one of {', '.join(_STAFF)}")
        return Actor(kind="staff", id=identity, library=library, role=role)  # type: ignore[arg-type]
    identity = rest.removesuffix(":")
    if not identity:
        raise WrongUsage(f"--as {text}: write {kind}:ID, such as {kind}:R1")
    return Actor(kind=kind, id=identity, library=library)  # type: ignore[arg-type]


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "staff"
