"""``ill migrate``: the database at the newest schema, the core's tables and those of plugins."""

from typing import TYPE_CHECKING

from illcore.cli.call import Call, command
from illcore.cli.output import say, write, write_json

if TYPE_CHECKING:
    from illcore.config import Config


@command
def migrate(call: Call) -> None:
    """Bring the database to the newest schema; makes it if it is not there. Safe to run again."""
    from illcore.store.schema import current

    config = call.config()
    before = current(config.database)
    branches = bring_up(config)
    after = current(config.database)
    if call.json:
        write_json({"before": before, "after": after, "plugins": sorted(branches)})
    else:
        write(f"the database is at {after}" + (f" (was {before})" if before != after else " already"))


def bring_up(config: "Config") -> dict[str, str]:
    """Migrate the core's and the working plugins' tables; gives the plugins' branches by name.

    Raises ConfigError, SchemaTooOld. A plugin that does not load is named on stderr and left out.
    """
    from illcore.plugins import Plugins, installed
    from illcore.store.schema import migrate as migrate_schema

    found = Plugins(installed(), config.disabled_plugins)
    for row in found.report():
        if row["status"] == "failed":
            say(f"the plugin {row['name']} is left out: {row['reason']}")
    branches = {name: plugin.migrations for name, plugin in found.plugins.items() if plugin.migrations}
    migrate_schema(config.database, branches)
    return branches
