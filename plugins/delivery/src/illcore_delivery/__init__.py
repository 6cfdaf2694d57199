"""Documents for illcore: quality check, secure links, cover pages, slips and labels."""

from illcore.connectors import Plugin
from illcore.hookspecs import hookimpl


@hookimpl
def illcore_register() -> Plugin:
    """What the package offers."""
    return Plugin(name="delivery")
