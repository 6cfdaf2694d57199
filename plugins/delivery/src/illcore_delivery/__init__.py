"""Documents for illcore: quality check, secure links, cover pages, slips and labels."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from illcore.connectors import AsgiApp, ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl

from .config import DeliveryConfig

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from illcore.connectors import Erasure

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
        erase=partial(_erase, cabinets),
        tell=_tell,
    )


def _connector(cabinets: "Cabinets", config: DeliveryConfig, host: Host) -> "DeliveryConnector":
    from .connector import DeliveryConnector

    return DeliveryConnector(config, host, cabinets)


def _mounts(cabinets: "Cabinets", host: Host) -> Mapping[str, AsgiApp]:
    from .links.app import LinkApp

    return {PATH: LinkApp(host, cabinets)}


def _erase(cabinets: "Cabinets", connection: "Connection", what: "Erasure") -> int:
    from .links.erasing import erase

    return erase(cabinets, connection, what.library, what.requests) if _used(connection) else 0


def _tell(connection: "Connection", library: str, requests: "Sequence[str]") -> "Sequence[Mapping[str, Any]]":
    from .links.erasing import told

    return told(connection, library, requests) if _used(connection) else []


def _used(connection: "Connection") -> bool:
    """Whether the plugin's tables were ever made here."""
    from sqlalchemy import inspect

    from .tables import links

    return inspect(connection).has_table(links.name)
