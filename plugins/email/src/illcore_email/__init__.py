"""Partners that are reached by e-mail: a connector type that sends and receives, its tables, and `ill mail`."""

from typing import TYPE_CHECKING, Any

from illcore.connectors import ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl

from .config import EmailConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from illcore.connectors import Erasure

    from .connector import EmailConnector

__all__ = ["EmailConfig", "illcore_register"]


@hookimpl
def illcore_register() -> Plugin:
    """The connector type `email` and its tables; what speaks SMTP and IMAP is loaded when an account is built."""
    return Plugin(
        name="email",
        connectors=(ConnectorType("email", EmailConfig, _connector),),
        migrations="illcore_email:migrations",
        erase=_erase,
        tell=_tell,
    )


def _connector(config: EmailConfig, host: Host) -> "EmailConnector":
    from .connector import EmailConnector

    return EmailConnector(config, host)


def _erase(connection: "Connection", what: "Erasure") -> int:
    from .erasing import erase

    return erase(connection, what)


def _tell(connection: "Connection", library: str, requests: "Sequence[str]") -> "Sequence[Mapping[str, Any]]":
    from .erasing import tell

    return tell(connection, library, requests)
