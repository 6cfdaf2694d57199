"""Both connector types pass the kit of the core."""

from __future__ import annotations

from contextlib import contextmanager

from pytest_httpserver import HTTPServer

import illcore_z3950
from illcore.model import Query
from illcore.testing.conformance import SECRET, ConnectorConformance, Peer, Subject
from illcore_z3950.connector import Z3950Connector
from illcore_z3950.sru.connector import SruConnector
from illcore_z3950.testing import ScriptedTarget, catalogue
from illcore_z3950.testing.answers import record
from illcore_z3950.testing.samples import DREAM_CNMARC, iso2709

QUERY = Query(title="红楼梦")
DREAM = iso2709(DREAM_CNMARC, str.encode)


class TestZ3950(ConnectorConformance):
    plugin = illcore_z3950
    connector = Z3950Connector
    type_name = "z3950"

    def make(self, host, port):
        keys = {"host": host, "port": port, "database": "main", "user": "ill", "password": SECRET}
        return Subject(keys, query=QUERY)

    @contextmanager
    def peer(self):
        with ScriptedTarget(catalogue([record(DREAM)])) as target:
            yield Peer(target.host, target.port)


class TestSru(ConnectorConformance):
    plugin = illcore_z3950
    connector = SruConnector
    type_name = "sru"

    def make(self, host, port):
        keys = {"url": f"http://{host}:{port}/main", "user": "ill", "password": SECRET}
        return Subject(keys, query=QUERY)

    @contextmanager
    def peer(self):
        with HTTPServer(host="127.0.0.1") as server:
            xml = "<dc><title xmlns='http://purl.org/dc/elements/1.1/'>红楼梦</title></dc>"
            server.expect_request("/main").respond_with_data(
                f"<searchRetrieveResponse xmlns='http://www.loc.gov/zing/srw/'><numberOfRecords>1</numberOfRecords>"
                f"<records><record><recordData>{xml}</recordData></record></records></searchRetrieveResponse>",
                content_type="application/xml",
            )
            yield Peer("127.0.0.1", server.port)
