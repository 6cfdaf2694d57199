"""The connector against illcore's own conformance kit, with the served stub as the partner system."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from illcore.connectors import ConnectorType, Host, Plugin
from illcore.hookspecs import hookimpl
from illcore.model import Partner, Query
from illcore.testing.conformance import SECRET, ConnectorConformance, Peer, Subject
from illcore_oclc_stub.config import OclcConfig
from illcore_oclc_stub.connector import OclcConnector
from illcore_oclc_stub.stub.app import SEARCH, Stub
from illcore_oclc_stub.stub.faults import Fault
from illcore_oclc_stub.stub.members import Member
from illcore_oclc_stub.tables import metadata
from illcore_oclc_stub.testing import served

US = Member(registry_id=1, symbol="KIT", name="Kit", wskey=f"{SECRET}-key", secret=SECRET)
THEM = Member(registry_id=2, symbol="SUP", name="Supplier")


class _WithTables:
    """The plugin on a database that has its tables, as `ill migrate` leaves it."""

    name = "oclc_stub"

    @hookimpl
    def illcore_register(self) -> Plugin:
        return Plugin("oclc_stub", connectors=(ConnectorType("oclc", OclcConfig, self._make),))

    def _make(self, config: OclcConfig, host: Host) -> OclcConnector:
        with host.transaction("ISIL:KIT-REQ") as connection:
            metadata.create_all(connection)
        return OclcConnector(config, host)


class TestConformance(ConnectorConformance):
    """Polls too. The peer forgets what it took, so that the same key must make the same request again."""

    plugin: ClassVar[object] = _WithTables()
    connector: ClassVar[type] = OclcConnector
    polls: ClassVar[bool] = True

    def make(self, host: str, port: int) -> Subject:
        url = f"http://{host}:{port}"
        config: dict[str, Any] = {
            "library": "ISIL:KIT-REQ",
            "symbol": "KIT",
            "registry_id": 1,
            "wskey": f"{SECRET}-key",
            "secret": SECRET,
            "token_url": f"{url}/token",
            "search_url": f"{url}{SEARCH}",
            "ill_url": f"{url}/ill",
            "per_second": 1000,
        }
        partner = Partner(symbol="ISIL:KIT-SUP", address={"registry_id": 2})
        return Subject(config=config, partner=partner, query=Query(title="红楼梦"))

    def without_credentials(self) -> Mapping[str, Any]:
        return {**self.make("127.0.0.1", 9).config, "wskey": "", "secret": ""}

    @contextmanager
    def peer(self) -> Iterator[Peer]:
        stub = Stub()
        stub.use((US, THEM))
        stub.faults.switch(Fault(name="forget", times=None))
        with served(stub) as made:
            yield Peer("127.0.0.1", int(made.url.rpartition(":")[2]), made.bodies)
