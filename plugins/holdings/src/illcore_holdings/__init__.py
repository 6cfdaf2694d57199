"""Holdings of the library and its partners for illcore, loaded from files: a connector type and `ill holdings`."""

from typing import TYPE_CHECKING

from illcore.connectors import ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl

from .config import HoldingsConfig

if TYPE_CHECKING:
    from .connector import HoldingsConnector

__all__ = ["HoldingsConfig", "illcore_register"]


@hookimpl
def illcore_register() -> Plugin:
    """The connector type `holdings` and its tables; what searches is loaded when an account is built."""
    return Plugin(
        name="holdings",
        connectors=(ConnectorType("holdings", HoldingsConfig, _connector),),
        migrations="illcore_holdings:migrations",
    )


def _connector(config: HoldingsConfig, host: Host) -> "HoldingsConnector":
    from .connector import HoldingsConnector

    return HoldingsConnector(config, host)
