"""Copyright policies for illcore, one for each jurisdiction."""

from illcore.connectors import Plugin
from illcore.hookspecs import hookimpl


@hookimpl
def illcore_register() -> Plugin:
    """What the package offers."""
    return Plugin(name="copyright")
