"""Partners that are reached by e-mail: a connector type that sends and receives, its tables, and `ill mail`."""

from typing import TYPE_CHECKING

from illcore.connectors import ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl

from .config import EmailConfig

if TYPE_CHECKING:
    from .connector import EmailConnector

__all__ = ["EmailConfig", "illcore_register"]


@hookimpl
def illcore_register() -> Plugin:
    """The connector type `email` and its tables; what speaks SMTP and IMAP is loaded when an account is built."""
    return Plugin(
        name="email",
        connectors=(ConnectorType("email", EmailConfig, _connector),),
        migrations="illcore_email:migrations",
    )


def _connector(config: EmailConfig, host: Host) -> "EmailConnector":
    from .connector import EmailConnector

    return EmailConnector(config, host)
