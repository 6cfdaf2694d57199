"""Copyright policies for illcore, one for each jurisdiction: connector types and `ill copyright`."""

from illcore.connectors import Plugin
from illcore.hookspecs import hookimpl

from .connector import connector_types


@hookimpl
def illcore_register() -> Plugin:
    """The connector types `copyright_us`, `copyright_uk`, `copyright_de` …"""
    return Plugin(name="copyright", connectors=connector_types())
