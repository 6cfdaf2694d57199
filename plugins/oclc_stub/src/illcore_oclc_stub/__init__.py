"""OCLC for illcore: WorldCat holdings and ILL requests, and a stub of the remote service to test against."""

from typing import TYPE_CHECKING

from illcore.connectors import ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl

from .config import OclcConfig

if TYPE_CHECKING:
    from .connector import OclcIll, OclcSearch

__all__ = ["OclcConfig", "illcore_register"]


@hookimpl
def illcore_register() -> Plugin:
    """The connector type `oclc` and its tables; what speaks HTTP is loaded when an account is built."""
    return Plugin(
        name="oclc_stub",
        connectors=(ConnectorType("oclc", OclcConfig, _connector),),
        migrations="illcore_oclc_stub:migrations",
    )


def _connector(config: OclcConfig, host: Host) -> "OclcSearch | OclcIll":
    from .connector import OclcConnector, OclcIll, OclcSearch

    if "ill" not in config.services:
        return OclcSearch(config, host)
    return OclcConnector(config, host) if "search" in config.services else OclcIll(config, host)
