"""ISO 18626 partners for illcore: the messages, a connector that sends and receives them, the endpoint `/iso18626`."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from illcore.connectors import AsgiApp, ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl

from .config import Iso18626Config, Limits

if TYPE_CHECKING:
    from .connector import Iso18626Connector

__all__ = ["Iso18626Config", "illcore_register"]

PATH = "/iso18626"


@hookimpl
def illcore_register() -> Plugin:
    """The connector type `iso18626` and the endpoint; neither httpx nor the XML code is loaded before it is needed."""
    limits = Limits()
    return Plugin(
        name="iso18626",
        connectors=(ConnectorType("iso18626", Iso18626Config, partial(_connector, limits), polls=False),),
        asgi=partial(_mounts, limits),
    )


def _connector(limits: Limits, config: Iso18626Config, host: Host) -> "Iso18626Connector":
    from .connector import Iso18626Connector

    limits.allow(config.max_body)
    return Iso18626Connector(config, host)


def _mounts(limits: Limits, host: Host) -> Mapping[str, AsgiApp]:
    from .endpoint import Endpoint

    return {PATH: Endpoint(host, limits)}
