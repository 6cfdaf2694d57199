"""``ill plugins``: what is installed and configured, and what failed and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from illcore.cli.call import Call, command
from illcore.cli.output import say, write, write_json, write_table

COLUMNS = ("name", "distribution", "version", "status", "reason")


@command
def plugins(call: Call) -> None:
    """Show the installed plugins and the configured accounts: what works, what failed and why."""
    rows: Sequence[Mapping[str, Any]]
    if call.config_file is None and not call.config_path.exists():
        rows = _without_config()
        say(f"there is no {call.config_path}, so no accounts are shown; make one with: ill init")
    else:
        with call.engine() as engine:
            engine.mounts()
            rows = engine.report()
    if call.json:
        write_json(rows)
    elif rows:
        write_rows(rows)
    else:
        write("no plugins are installed; for ISO 18626: pip install illcore-iso18626")


def write_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of name, distribution, version, status and reason as a table."""
    write_table(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))


def _without_config() -> Sequence[Mapping[str, Any]]:
    from illcore.plugins import Plugins, installed

    return Plugins(installed()).report()
