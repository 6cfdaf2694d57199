"""An SRU client: one server, its versions, schemas, diagnostics; every request within its time and size."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import httpx

from ..errors import ConnectFailed, ConnectionLost, InitRefused, NotZ3950, ProtocolBroken, TlsFailed
from ..stages import Deadline, Stage
from ..xmltree import Node
from .response import (
    PREFIX,
    Explanation,
    SruAnswer,
    SruRecord,
    SruScan,
    diagnostics_in,
    envelope,
    explanation,
    scan_answer,
    search_answer,
)
from .transport import StagedTransport

Version = Literal["1.1", "1.2", "2.0"]
_ALL_VERSIONS: tuple[Version, ...] = ("1.2", "1.1", "2.0")
_UNSUPPORTED_VERSION = f"{PREFIX}5"
_UNSUPPORTED_SCHEMAS = frozenset({f"{PREFIX}66", f"{PREFIX}67", f"{PREFIX}63"})
_OTHER_INDEX = frozenset(f"{PREFIX}{code}" for code in (12, 13, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25, 26, 38, 40, 41))


@dataclass(frozen=True, slots=True)
class Server:
    """Where requests go and how. Times in seconds; `max_bytes` bounds one answer, unpacked."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    version: Version = "1.2"
    connect: float = 5.0
    answer: float = 15.0
    max_bytes: int = 16 << 20
    connections: int = 2

    @property
    def peer(self) -> str:
        """How errors name the server: without its query, user and password."""
        return str(httpx.URL(self.url).copy_with(query=None, username=None, password=None))


class SruClient:
    """Safe for threads."""

    def __init__(self, server: Server, context: ssl.SSLContext) -> None:
        self.server = server
        self._version = server.version
        self._transport = StagedTransport(context, server.connections)
        auth = httpx.BasicAuth(server.user, server.password) if server.user or server.password else None
        self._http = httpx.Client(
            transport=self._transport, auth=auth, trust_env=False, headers={"User-Agent": "illcore-z3950"}
        )

    def search(self, queries: Sequence[str], schemas: Sequence[str], most: int, deadline: Deadline) -> SruAnswer:
        """Up to `most` records. While the server refuses an index the next query is tried, and while it refuses a
        schema the next schema; fewer records than asked for are asked for again until none come.

        A refusal is an answer with diagnostics and no records. Raises ConnectFailed, TlsFailed, TimedOut, InitRefused
        (HTTP 401, 403), NotZ3950 (what answers is not SRU), ConnectionLost, ProtocolBroken.
        """
        if not queries:
            raise ValueError("there is no query to try")
        answer = SruAnswer(0)
        for query in queries:
            answer = self._in_any_schema(query, schemas, most, deadline)
            if answer.records or not any(said.code in _OTHER_INDEX for said in answer.diagnostics):
                break
        return answer

    def explain(self, deadline: Deadline) -> Explanation:
        """What the server says of itself. Raises as `search`."""
        return explanation(self._asked({"operation": "explain"}, deadline), self.server.peer)

    def scan(self, clause: str, deadline: Deadline, *, count: int = 20, position: int = 1) -> SruScan:
        """Terms of an index around `clause`, such as `dc.title = "river"`. Raises as `search`."""
        asked = {
            "operation": "scan",
            "scanClause": clause,
            "maximumTerms": str(count),
            "responsePosition": str(position),
        }
        return scan_answer(self._asked(asked, deadline))

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _in_any_schema(self, query: str, schemas: Sequence[str], most: int, deadline: Deadline) -> SruAnswer:
        first: SruAnswer | None = None
        for schema in dict.fromkeys([*schemas, ""]):
            answer = self._all_pages(query, schema, most, deadline)
            said = [*answer.diagnostics, *(d for record in answer.records for d in record.diagnostics)]
            if any(r.data is not None for r in answer.records) or not any(d.code in _UNSUPPORTED_SCHEMAS for d in said):
                return answer
            first = first or answer
        return first or SruAnswer(0)

    def _all_pages(self, query: str, schema: str, most: int, deadline: Deadline) -> SruAnswer:
        records: list[SruRecord] = []
        while True:
            page = self._page(query, schema, len(records) + 1, most - len(records), deadline)
            records += page.records[: most - len(records)]
            wanted = min(most, page.hits)
            if len(records) >= wanted or not page.records or page.diagnostics:
                return replace(page, records=tuple(records))

    def _page(self, query: str, schema: str, start: int, count: int, deadline: Deadline) -> SruAnswer:
        asked = {"operation": "searchRetrieve", "query": query, "startRecord": str(start), "maximumRecords": str(count)}
        if schema:
            asked["recordSchema"] = schema
        return search_answer(self._asked(asked, deadline), self.server.peer)

    def _asked(self, parameters: Mapping[str, str], deadline: Deadline) -> Node:
        root = self._in_version(self._version, parameters, deadline)
        for version in _ALL_VERSIONS if _wants_other_version(root) else ():
            if version != self._version:
                other = self._in_version(version, parameters, deadline)
                if not _wants_other_version(other):
                    self._version = version
                    return other
        return root

    def _in_version(self, version: Version, parameters: Mapping[str, str], deadline: Deadline) -> Node:
        given = dict(parameters)
        if version == "2.0":
            # SRU 2.0 knows a request by its parameters, and a server of several versions takes `version` for 1.x.
            if given.get("operation") != "explain":
                given.pop("operation")
        else:
            given |= {"version": version}
            if "query" in given:
                given["recordPacking"] = "xml"
        return envelope(self._get(given, deadline), self.server.peer)

    def _get(self, parameters: Mapping[str, str], deadline: Deadline) -> bytes:
        server = self.server
        connect = Stage("connect", server.connect, deadline, server.peer)
        answer = Stage("search", server.connect + server.answer, deadline, server.peer)
        url = httpx.URL(server.url)
        url = url.copy_with(params=url.params.merge(dict(parameters)))
        try:
            with self._transport.within(connect, answer), self._http.stream("GET", url) as response:
                self._check(response)
                return self._body(response, answer)
        except httpx.ConnectError as error:
            raise self._not_connected(error) from None
        except httpx.ConnectTimeout:
            raise connect.timed_out() from None
        except httpx.TimeoutException:
            raise answer.timed_out() from None
        except httpx.RemoteProtocolError as error:
            if "disconnected" in str(error) or "closed" in str(error):
                raise self._lost() from None
            raise self._not_http() from None
        except httpx.TransportError:
            raise self._lost() from None
        except httpx.HTTPError as error:
            raise self._broken(str(error), "HTTP 应答无法读取") from None

    def _body(self, response: httpx.Response, answer: Stage) -> bytes:
        found = bytearray()
        for piece in response.iter_bytes(1 << 16):
            found += piece
            if len(found) > self.server.max_bytes:
                raise self._broken(f"it is longer than {self.server.max_bytes} bytes", "应答过长")
            answer.left()
        return bytes(found)

    def _check(self, response: httpx.Response) -> None:
        peer, status = self.server.peer, response.status_code
        if status in (401, 403):
            raise InitRefused(
                f"{peer} refused access (HTTP {status}); check user and password.",
                f"{peer} 拒绝访问（HTTP {status}），请检查用户名和密码。",
                (),
            )
        if status in (408, 429) or status >= 500:
            # Some servers send their diagnostics with HTTP 500.
            if "xml" not in response.headers.get("content-type", ""):
                raise ConnectionLost(
                    f"{peer} cannot answer now (HTTP {status}).",
                    f"{peer} 暂时无法应答（HTTP {status}）。",
                    answered=True,
                )
        elif status != 200:
            place = response.headers.get("location", "")[:200]
            moved = f"; it has moved to {place}" if 300 <= status < 400 and place else ""
            raise NotZ3950(
                f"{peer} answers HTTP {status}, there is no SRU server at this address{moved}; check url.",
                f"{peer} 应答 HTTP {status}，该地址没有 SRU 服务，请检查 url。",
            )

    def _not_connected(self, error: Exception) -> ConnectFailed | TlsFailed:
        peer, text = self.server.peer, str(error)
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return TlsFailed(f"The certificate of {peer} is not trusted.", f"{peer} 的证书不受信任。")
        if "SSL" in text or "TLS" in text:
            return TlsFailed(f"{peer} does not answer to TLS; check url.", f"{peer} 不接受 TLS，请检查 url。")
        if "refused" in text.lower():
            return ConnectFailed(f"{peer} refused the connection; check url.", f"{peer} 拒绝连接，请检查 url。")
        return ConnectFailed(f"{peer} cannot be reached; check url.", f"无法连接 {peer}，请检查 url。")

    def _lost(self) -> ConnectionLost:
        peer = self.server.peer
        return ConnectionLost(
            f"{peer} closed the connection before its answer was complete.",
            f"{peer} 在应答完成前断开了连接。",
            answered=False,
        )

    def _not_http(self) -> NotZ3950:
        peer = self.server.peer
        return NotZ3950(f"{peer} does not answer in HTTP; check url.", f"{peer} 应答的不是 HTTP，请检查 url。")

    def _broken(self, en: str, zh: str) -> ProtocolBroken:
        peer = self.server.peer
        return ProtocolBroken(f"{peer} sent an answer that cannot be used: {en}.", f"{peer} 的应答无法使用：{zh}。")


def _wants_other_version(root: Node) -> bool:
    return any(said.code == _UNSUPPORTED_VERSION for said in diagnostics_in(root))
