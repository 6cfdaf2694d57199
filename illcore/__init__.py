"""illcore: a plugin-based engine for interlibrary loan and document delivery. Names are loaded when first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from illcore.clock import Clock as Clock
    from illcore.clock import SystemClock as SystemClock
    from illcore.config import Config as Config
    from illcore.connectors import ConnectorType as ConnectorType
    from illcore.connectors import Deadline as Deadline
    from illcore.connectors import Host as Host
    from illcore.connectors import Plugin as Plugin
    from illcore.engine import Engine as Engine
    from illcore.errors import BadMessage as BadMessage
    from illcore.errors import ConfigError as ConfigError
    from illcore.errors import Conflict as Conflict
    from illcore.errors import IllcoreError as IllcoreError
    from illcore.errors import Invalid as Invalid
    from illcore.errors import Misconfigured as Misconfigured
    from illcore.errors import NotAllowed as NotAllowed
    from illcore.errors import NotFound as NotFound
    from illcore.errors import Refused as Refused
    from illcore.errors import SchemaTooOld as SchemaTooOld
    from illcore.errors import TryLater as TryLater
    from illcore.errors import Unknown as Unknown
    from illcore.events import Actor as Actor
    from illcore.hookspecs import hookimpl as hookimpl
    from illcore.message import Message as Message
    from illcore.message import Receipt as Receipt
    from illcore.message import Received as Received
    from illcore.message import Result as Result
    from illcore.model import Citation as Citation
    from illcore.model import Holding as Holding
    from illcore.model import NewRequest as NewRequest
    from illcore.model import Partner as Partner
    from illcore.model import Query as Query
    from illcore.model import Reader as Reader

_HOME = {
    "clock": ("Clock", "SystemClock"),
    "config": ("Config",),
    "connectors": ("ConnectorType", "Deadline", "Host", "Plugin"),
    "engine": ("Engine",),
    "errors": (
        "BadMessage",
        "ConfigError",
        "Conflict",
        "IllcoreError",
        "Invalid",
        "Misconfigured",
        "NotAllowed",
        "NotFound",
        "Refused",
        "SchemaTooOld",
        "TryLater",
        "Unknown",
    ),
    "events": ("Actor",),
    "hookspecs": ("hookimpl",),
    "message": ("Message", "Receipt", "Received", "Result"),
    "model": ("Citation", "Holding", "NewRequest", "Partner", "Query", "Reader"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted([*_MODULE_OF, "__version__"])


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("illcore")
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'illcore' has no attribute {name!r}")
    return getattr(import_module(f"illcore.{module}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
