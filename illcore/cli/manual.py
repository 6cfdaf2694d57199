"""The reference page of the command line: ``python -m illcore.cli.manual > docs/cli.md``."""

import sys
from collections.abc import Iterator
from typing import Any

from illcore.cli.commands import COMMANDS
from illcore.cli.plugged import load_core

_HEAD = """\
# The command line

<!-- Made from the commands themselves by `python -m illcore.cli.manual > docs/cli.md`; do not edit. -->

`ill COMMAND --help` shows the same. A plugin that brings a command of its own is listed by `ill --help`.

Every command takes these options:

| option | |
|---|---|
{common}
| exit code | |
|---|---|
| 0 | done |
| 1 | refused or failed; one sentence on standard error says why |
| 2 | wrong usage: the command line itself cannot be understood |

Ids are texts; times are RFC 3339 in UTC with `Z`, dates `YYYY-MM-DD`, money `{{"amount": "12.50", "currency": "CNY"}}`.
With `--json` standard output holds JSON or nothing; everything else is on standard error. A fault of illcore itself is
named as one, in one sentence; `ILL_DEBUG=1` adds where it happened.
"""
_COMMON = ("json", "library", "as_", "config")


def render() -> str:
    """``docs/cli.md``: a section for every command of the core, in groups."""
    parts = []
    panel = ""
    common: dict[str, str] = {}
    for name, entry in COMMANDS.items():
        if entry.panel != panel:
            panel = entry.panel
            parts.append(f"## {panel}\n")
        for path, command in _commands(f"ill {name}", load_core(name)):
            common = common or {each.name: _row(each) for each in command.params if each.name in _COMMON}
            parts.append(_section(path, command))
    return "\n".join([_HEAD.format(common="".join(common.values())), *parts])


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, each in inner.items():
        yield from _commands(f"{path} {name}", each)


def _section(path: str, command: Any) -> str:
    own = [each for each in command.params if each.name not in _COMMON and each.name != "help"]
    usage = " ".join([path, *(_place(each) for each in own if each.param_type_name == "argument")])
    text = f"### `{usage}`\n\n{_paragraphs(command.help or '')}\n"
    rows = "".join(_row(each) for each in own)
    return text + (f"\n| | |\n|---|---|\n{rows}" if rows else "")


def _place(argument: Any) -> str:
    shown = _metavar(argument)
    return shown if argument.required or shown.startswith("[") else f"[{shown}]"


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        shown = _metavar(parameter)
    else:
        shown = max(parameter.opts, key=len)
        if not getattr(parameter, "is_flag", False):
            shown += f" {_metavar(parameter)}"
    default = parameter.default
    suffix = f" Default: `{default}`." if default not in (None, "", False, ()) and not callable(default) else ""
    return f"| `{_cell(shown)}` | {_cell(parameter.help or '')}{suffix} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("usage: python -m illcore.cli.manual > docs/cli.md")
    sys.stdout.write(render())
