"""The connector against illcore's own conformance kit, with a real mail server that keeps what it gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from illcore.connectors import ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl
from illcore.model import Partner
from illcore.testing.conformance import SECRET, ConnectorConformance, Peer, Subject
from illcore_email.config import EmailConfig
from illcore_email.connector import EmailConnector
from illcore_email.tables import metadata
from illcore_email.testing.servers import Sink, smtp_server


class _WithTables:
    """The plugin on a database that has its tables, as `ill migrate` leaves it."""

    name = "email"

    @hookimpl
    def illcore_register(self) -> Plugin:
        return Plugin("email", connectors=(ConnectorType("email", EmailConfig, self._make),))

    def _make(self, config: EmailConfig, host: Host) -> EmailConnector:
        with host.transaction("ISIL:KIT-REQ") as connection:
            metadata.create_all(connection)
        return EmailConnector(config, host)


class TestConformance(ConnectorConformance):
    """Polls too: the partner system stands for both servers."""

    plugin: ClassVar[object] = _WithTables()
    connector: ClassVar[type] = EmailConnector
    polls: ClassVar[bool] = True

    def make(self, host: str, port: int) -> Subject:
        config: dict[str, Any] = {
            "address": "ill@kit.example.org",
            "smtp_host": host,
            "smtp_port": port,
            "imap_host": host,
            "imap_port": port,
            "password": SECRET,
            "token_key": SECRET,
            "library": "ISIL:KIT-REQ",
        }
        return Subject(config=config, partner=Partner(symbol="ISIL:KIT-SUP", address={"email": "ill@sup.example.org"}))

    @contextmanager
    def peer(self) -> Iterator[Peer]:
        sink = Sink()
        with smtp_server(sink) as port:
            yield Peer("127.0.0.1", port, lambda: [raw for _, raw in sink.mails])
