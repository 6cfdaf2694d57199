"""OCLC for illcore: WorldCat holdings and ILL requests."""

from illcore.connectors import Plugin
from illcore.hookspecs import hookimpl


@hookimpl
def illcore_register() -> Plugin:
    """What the package offers."""
    return Plugin(name="oclc_stub")
