"""The connector against illcore's own conformance kit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from werkzeug import Request as HttpRequest
from werkzeug import Response
from werkzeug.serving import make_server

import illcore_iso18626
from illcore.message import Result
from illcore.model import Partner
from illcore.testing.conformance import SECRET, ConnectorConformance, Peer, Subject, sample_message
from illcore_iso18626.connector import Iso18626Connector
from illcore_iso18626.mapping import confirmation, from_wire, to_wire
from illcore_iso18626.reader import read_message
from illcore_iso18626.writer import write_message


class TestConformance(ConnectorConformance):
    """A peer that knows no id when asked for its status, so that a Request in doubt goes out again."""

    plugin: ClassVar[object] = illcore_iso18626
    connector: ClassVar[type] = Iso18626Connector

    def make(self, host: str, port: int) -> Subject:
        address = {"url": f"http://{host}:{port}/iso18626", "account_id": "kit", "security_code": {"env": "KIT"}}
        return Subject(config={}, partner=Partner(symbol="ISIL:KIT-SUP", address=address))

    @contextmanager
    def peer(self) -> Iterator[Peer]:
        payloads: list[bytes] = []

        @HttpRequest.application
        def answer(request: HttpRequest) -> Response:
            body = request.get_data()
            message = from_wire(read_message(body))
            asks = message.action == "StatusRequest"
            if not asks:
                payloads.append(body)
            result = Result(
                message=message,
                outcome="refused" if asks else "applied",
                error="UnrecognisedDataValue" if asks else "",
                value="requestingAgencyRequestId: not known" if asks else "",
                answered_at=message.timestamp,
            )
            return Response(confirmation(result), content_type="application/xml")

        server = make_server("127.0.0.1", 0, answer, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Peer("127.0.0.1", server.server_port, lambda: list(payloads))
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def payload(self) -> bytes:
        return write_message(to_wire(sample_message(), {}, "kit", SECRET))
