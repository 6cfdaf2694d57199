"""Z39.50 targets and SRU servers for illcore: two connector types that find who holds what is wanted."""

from typing import TYPE_CHECKING

from illcore.connectors import ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl

from .config import SruConfig, Z3950Config

if TYPE_CHECKING:
    from .connector import Z3950Connector
    from .sru.connector import SruConnector

__all__ = ["SruConfig", "Z3950Config", "illcore_register"]


@hookimpl
def illcore_register() -> Plugin:
    """The connector types `z3950` and `sru`; what searches and reads records is loaded when an account is built."""
    return Plugin(
        name="z3950",
        connectors=(ConnectorType("z3950", Z3950Config, _z3950), ConnectorType("sru", SruConfig, _sru)),
    )


def _z3950(config: Z3950Config, host: Host) -> "Z3950Connector":
    from .connector import Z3950Connector

    return Z3950Connector(config)


def _sru(config: SruConfig, host: Host) -> "SruConnector":
    from .sru.connector import SruConnector

    return SruConnector(config)
