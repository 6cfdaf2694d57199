"""Documents for illcore: quality check, secure links, cover pages, slips and labels."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from illcore.connectors import AsgiApp, ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl

from .config import DeliveryConfig

if TYPE_CHECKING:
    from .cabinet import Cabinets
    from .connector import DeliveryConnector

__all__ = ["DeliveryConfig", "illcore_register"]

PATH = "/d"


@hookimpl
def illcore_register() -> Plugin:
    """The connector type `delivery`, its tables and the links; what makes PDFs is loaded when an account is built."""
    from .cabinet import Cabinets

    cabinets = Cabinets()
    return Plugin(
        name="delivery",
        connectors=(ConnectorType("delivery", DeliveryConfig, partial(_connector, cabinets)),),
        migrations="illcore_delivery:migrations",
        asgi=partial(_mounts, cabinets),
    )


def _connector(cabinets: "Cabinets", config: DeliveryConfig, host: Host) -> "DeliveryConnector":
    from .connector import DeliveryConnector

    return DeliveryConnector(config, host, cabinets)


def _mounts(cabinets: "Cabinets", host: Host) -> Mapping[str, AsgiApp]:
    from .links.app import LinkApp

    return {PATH: LinkApp(host, cabinets)}
