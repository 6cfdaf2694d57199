"""``ill new-plugin``: a package with a connector that works, and the conformance tests that say so."""

import keyword
import re
import shutil
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from illcore.cli.call import Call, command
from illcore.cli.commands import COMMANDS
from illcore.cli.faults import Failed, WrongUsage
from illcore.cli.output import say, write, write_json
from illcore.cli.skeleton import FILES

NAME = Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and _, such as my_catalogue.")]
FOLDER = Annotated[str, typer.Option(metavar="FOLDER", help="Where to make the folder illcore-NAME.")]

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 32


@command
def new_plugin(call: Call, name: NAME, folder: FOLDER = ".") -> None:
    """Begin a plugin: a package with one connector and its conformance tests, which pass as they are."""
    check_name(name)
    target = Path(folder) / f"illcore-{name.replace('_', '-')}"
    if not Path(folder).is_dir():
        raise Failed(f"the folder {folder} does not exist; create it first")
    written = write_package(name, target)
    if call.json:
        write_json({"folder": str(target), "files": written})
        return
    for path in written:
        write(f"{target / path}")
    say(f"next: pip install -e {target} && pytest {target}")


def check_name(name: str) -> None:
    """Raises WrongUsage if no plugin can have this name, Failed if one has it."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise WrongUsage(
            f"{name!r} cannot name a plugin: use lower-case letters, digits and single underscores, "
            f"a letter first, at most {_LONGEST} characters, such as my_catalogue"
        )
    if keyword.iskeyword(name) or name in (
        "illcore",
        "core",
        "testing",
        *(each.replace("-", "_") for each in COMMANDS),
    ):
        raise WrongUsage(f"{name} is a name of the core or of Python; choose another")
    if any(point.name == name for point in metadata.entry_points(group="illcore.plugins")) or find_spec(
        f"illcore_{name}"
    ):
        raise Failed(f"a plugin named {name} is installed already; choose another name")


def write_package(name: str, target: Path) -> list[str]:
    """Write all files into the new folder ``target``; gives their paths in it. Raises Failed if it exists."""
    words = {"NAME": name, "DIST": f"illcore-{name.replace('_', '-')}", "CLASS": _class_name(name)}
    try:
        target.mkdir()
    except FileExistsError:
        raise Failed(f"{target} is there already; remove it or choose another --folder") from None
    try:
        written = []
        for path, text in FILES.items():
            place = _filled(path, words)
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            (target / place).write_text(_filled(text, words), encoding="utf-8")
            written.append(place)
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return written


def _filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
