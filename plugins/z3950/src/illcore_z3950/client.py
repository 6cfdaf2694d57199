"""A blocking Z39.50 client: one session with one target, every call within its time-out and a deadline."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from .ber import DEFAULT_MAX_LENGTH, encode
from .errors import ClosedByTarget, InitRefused, NotSupported, ProtocolBroken, Z3950Error
from .link import Link, open_link
from .pdus import (
    Close,
    DeleteRequest,
    DeleteResponse,
    ExtendedServicesResponse,
    InitRequest,
    InitResponse,
    ItemOrderRequest,
    Login,
    Option,
    PresentRequest,
    PresentResponse,
    Record,
    Records,
    Request,
    Response,
    ScanRequest,
    ScanResponse,
    SearchRequest,
    SearchResponse,
    Segment,
    SortKey,
    SortRequest,
    SortResponse,
    read_response,
)
from .pdus.close import REASONS
from .rpn import Query, Term
from .stages import Deadline, Stage, Timeouts
from .values import known_charset

_R = TypeVar("_R", bound=Response)
_MOST_PER_PRESENT = 100


@dataclass(frozen=True, slots=True)
class Target:
    """Where a session goes and how. `query_charset` writes terms, `message_charset` reads names and messages that are
    not UTF-8; `negotiate` proposes the query charset in Init. `max_length` in octets bounds one answer."""

    host: str
    port: int
    login: Login | None = None
    tls: ssl.SSLContext | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    query_charset: str = "utf-8"
    message_charset: str = "utf-8"
    negotiate: bool = False
    max_length: int = DEFAULT_MAX_LENGTH

    def __post_init__(self) -> None:
        """Raises ValueError if a charset is unknown."""
        known_charset(self.query_charset)
        known_charset(self.message_charset)

    @property
    def peer(self) -> str:
        """How errors name the target."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def databases(names: str) -> tuple[str, ...]:
    """The databases in a setting such as `main+serials`. Raises ValueError if a name is empty."""
    found = tuple(name.strip() for name in names.split("+"))
    if not all(found):
        raise ValueError(f"'{names}' has an empty database name; join names with one + between them")
    return found


def connect(target: Target, deadline: Deadline) -> Session:
    """Connects and sends Init.

    Raises ConnectFailed, TlsFailed, InitRefused, NotZ3950, TimedOut, ConnectionLost, ClosedByTarget or ProtocolBroken.
    """
    stage = Stage("connect", target.timeouts.connect, deadline, target.peer)
    link = open_link(target.host, target.port, stage, tls=target.tls, max_length=target.max_length)
    session = Session(target, link)
    session._init(deadline)
    return session


class Session:
    """An open session; made by `connect`. For one thread at a time. After an error other than QueryError or
    NotSupported it is closed (`usable` is False): a late answer could be taken for that of the next request."""

    def __init__(self, target: Target, link: Link) -> None:
        self.target = target
        self.query_charset = target.query_charset
        self._link = link
        self._agreed: InitResponse | None = None

    @property
    def agreed(self) -> InitResponse:
        """The target's answer to Init."""
        assert self._agreed is not None, "connect() returns sessions after Init only"
        return self._agreed

    @property
    def usable(self) -> bool:
        """True until the session was closed or has failed."""
        return self._link.is_open

    def is_quiet(self) -> bool:
        """True if the session can be used again: still open, and nothing unasked has arrived since."""
        return self._link.is_quiet()

    def _init(self, deadline: Deadline) -> None:
        target = self.target
        request = InitRequest(login=target.login, charset=target.query_charset if target.negotiate else "")
        agreed = self._ask(request, InitResponse, self._stage("init", deadline))
        self._agreed = agreed
        if not agreed.accepted:
            self._link.drop()
            why_en = "; ".join(d.text("en") for d in agreed.diagnostics) or "no reason given; check user and password"
            why_zh = "；".join(d.text("zh") for d in agreed.diagnostics) or "未说明原因，请检查用户名和密码"
            raise InitRefused(
                f"{target.peer} refused the session: {why_en}.",
                f"{target.peer} 拒绝会话：{why_zh}。",
                agreed.diagnostics,
            )
        if agreed.charset:
            self.query_charset = agreed.charset

    def search(
        self,
        query: Query,
        databases: Sequence[str],
        deadline: Deadline,
        *,
        result_set: str = "default",
        piggyback: int = 0,
        syntax: str = "",
        element_set: str = "",
    ) -> SearchResponse:
        """Searches; a search that the target refuses is an answer (`succeeded` False, with its diagnostics).

        `syntax` is an object identifier; `piggyback` asks for that many first records in the same answer.
        Raises QueryError (nothing sent), TimedOut, ConnectionLost, ClosedByTarget or ProtocolBroken.
        """
        if result_set != "default":
            self._require(Option.NAMED_RESULT_SETS, "named result sets", "命名结果集")
        request = SearchRequest(
            query,
            tuple(databases),
            result_set,
            piggyback=piggyback,
            syntax=syntax,
            element_set=element_set,
            charset=self.query_charset,
        )
        return self._ask(request, SearchResponse, self._stage("search", deadline))

    def search_first_accepted(
        self, queries: Iterable[Query], databases: Sequence[str], deadline: Deadline, *, result_set: str = "default"
    ) -> tuple[Query, SearchResponse]:
        """Tries queries in order while the target refuses their attributes or operators; the last answer counts.

        Raises ValueError without a query, else as `search`.
        """
        tried: tuple[Query, SearchResponse] | None = None
        for query in queries:
            response = self.search(query, databases, deadline, result_set=result_set)
            tried = query, response
            if response.succeeded or not any(d.asks_for_other_attributes for d in response.records.diagnostics):
                break
        if tried is None:
            raise ValueError("there is no query to try")
        return tried

    def present(
        self,
        start: int,
        count: int,
        deadline: Deadline,
        *,
        result_set: str = "default",
        syntax: str = "",
        element_set: str = "",
        schema: str = "",
    ) -> Records:
        """One present, exactly as asked; segments are put together. The target may send fewer records.

        Raises as `search`.
        """
        stage = self._stage("present", deadline)
        request = PresentRequest(result_set, start, count, syntax, element_set, schema)
        with self._dropping_on_failure():
            self._link.send(encode(request.node()), stage)
            collected: list[Record] = []
            while isinstance(response := self._receive(stage), Segment):
                collected += response.records
                if len(collected) > count:
                    raise self._broken("more records than were asked for", "返回的记录多于请求数")
            if not isinstance(response, PresentResponse):
                raise self._unexpected(response)
        records = (*collected, *response.records.records)[:count]
        return Records(records, response.records.diagnostics)

    def fetch(
        self,
        hits: int,
        deadline: Deadline,
        *,
        start: int = 1,
        count: int = 10,
        result_set: str = "default",
        syntax: str = "",
        element_set: str = "",
        schema: str = "",
    ) -> Records:
        """Up to `count` of `hits` records from `start`: asks again until all are there, none come, or the target
        objects. Records that came before a diagnostic are kept. Raises as `search`."""
        wanted = min(count, hits - start + 1)
        found: list[Record] = []
        while len(found) < wanted:
            part = self.present(
                start + len(found),
                min(wanted - len(found), _MOST_PER_PRESENT),
                deadline,
                result_set=result_set,
                syntax=syntax,
                element_set=element_set,
                schema=schema,
            )
            found += part.records
            if part.diagnostics or not part.records:
                return Records(tuple(found), part.diagnostics)
        return Records(tuple(found))

    def scan(
        self, term: Term, databases: Sequence[str], deadline: Deadline, *, count: int = 20, position: int = 1
    ) -> ScanResponse:
        """The terms of an index around `term`. Raises NotSupported, else as `search`."""
        self._require(Option.SCAN, "scan", "浏览索引")
        request = ScanRequest(term, tuple(databases), count, position, charset=self.query_charset)
        return self._ask(request, ScanResponse, self._stage("scan", deadline))

    def sort(
        self, keys: Sequence[SortKey], deadline: Deadline, *, result_set: str = "default", into: str = ""
    ) -> SortResponse:
        """Sorts a result set, into itself if `into` is empty. Raises NotSupported, else as `search`."""
        self._require(Option.SORT, "sort", "排序")
        request = SortRequest((result_set,), into or result_set, tuple(keys))
        return self._ask(request, SortResponse, self._stage("sort", deadline))

    def delete(self, result_sets: Sequence[str], deadline: Deadline) -> DeleteResponse:
        """Deletes result sets, all of them if none is named. Raises NotSupported, else as `search`."""
        self._require(Option.DELETE_SET, "deletion of result sets", "删除结果集")
        return self._ask(DeleteRequest(tuple(result_sets)), DeleteResponse, self._stage("delete", deadline))

    def order(self, request: ItemOrderRequest, deadline: Deadline) -> ExtendedServicesResponse:
        """Sends an Item Order. It is not repeated by itself: after TimedOut or ConnectionLost it may have arrived.

        Raises NotSupported, else as `search`.
        """
        self._require(Option.EXTENDED_SERVICES, "extended services", "扩展服务")
        return self._ask(request, ExtendedServicesResponse, self._stage("order", deadline))

    def close(self) -> None:
        """Says Close if the session still stands, and does not wait for the answer. Never fails."""
        if self.usable and self.agreed.version >= 3:
            self._say(Close())
        self._link.drop()

    def _say(self, last_word: Close) -> None:
        with contextlib.suppress(Z3950Error):
            self._link.send(encode(last_word.node()), Stage("search", 1.0, _OneSecond(), self.target.peer))

    def _stage(self, name: str, deadline: Deadline) -> Stage:
        timeouts = self.target.timeouts
        seconds = {"init": timeouts.init, "present": timeouts.present}.get(name, timeouts.search)
        return Stage(name, seconds, deadline, self.target.peer)

    def _ask(self, request: Request, expected: type[_R], stage: Stage) -> _R:
        octets = encode(request.node())
        with self._dropping_on_failure():
            self._link.send(octets, stage)
            response = self._receive(stage)
            if not isinstance(response, expected):
                raise self._unexpected(response)
            return response

    def _receive(self, stage: Stage) -> Response:
        node = self._link.receive(stage)
        try:
            response = read_response(node, self.target.message_charset)
        except ValueError as error:
            raise self._broken(str(error), str(error)) from None
        if isinstance(response, Close):
            self._say(Close())
            raise self._closed(response)
        return response

    @contextlib.contextmanager
    def _dropping_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._link.drop()
            raise

    def _require(self, option: Option, en: str, zh: str) -> None:
        if option not in self.agreed.options:
            raise NotSupported(f"{self.target.peer} does not offer {en}.", f"{self.target.peer} 不提供{zh}服务。")

    def _closed(self, close: Close) -> ClosedByTarget:
        en, zh = REASONS.get(close.reason, REASONS[9])
        more = f": {close.information}" if close.information else ""
        return ClosedByTarget(
            f"{self.target.peer} ended the session ({en}){more}.",
            f"{self.target.peer} 结束了会话（{zh}）{more}。",
            close.reason,
        )

    def _unexpected(self, response: Response) -> ProtocolBroken:
        name = type(response).__name__
        return self._broken(f"{name} was not what was asked for", f"{name} 与请求不符")

    def _broken(self, en: str, zh: str) -> ProtocolBroken:
        return ProtocolBroken(
            f"{self.target.peer} sent an answer that is not valid Z39.50: {en}.",
            f"{self.target.peer} 的应答不符合 Z39.50：{zh}。",
        )


class _OneSecond:
    def remaining(self) -> float:
        return 1.0


__all__ = ["Session", "Target", "connect", "databases"]
