"""The connector type `z3950`: searches one target and reads what it sends."""

from __future__ import annotations

from collections.abc import Sequence

from illcore.connectors import Deadline
from illcore.errors import Refused
from illcore.hookspecs import hookimpl
from illcore.model import Holding
from illcore.model import Query as Wanted

from .access import access_points
from .answer import Answer, Found
from .asked import stages
from .client import Session, Target, databases
from .config import Z3950Config
from .cql import cql_to_rpn
from .errors import InitRefused, Z3950Error
from .oids import record_syntax_name
from .outcome import from_diagnostics, from_failure
from .pdus import IdPassLogin, Login, OpenLogin, Record
from .pool import Pool
from .pqf import parse_pqf
from .query import queries
from .records.charset import RecordCharset
from .records.read import Profile, ReadRecord, read_octets
from .retrieve import Fetched, retrieve, ways
from .rpn import Query
from .stages import Timeouts
from .tls import tls_context

_NOT_TOGETHER = frozenset({23, 111})


class Z3950Connector:
    """One account. Safe for threads; opens no connection before the first search."""

    def __init__(self, config: Z3950Config) -> None:
        self._config = config
        self._databases = databases(config.database)
        self._ways = ways(config.syntax, config.element_set)
        self._points = access_points(config.attributes)
        charset = RecordCharset.named(config.record_charset)
        self._profile = Profile(charset, config.marc, config.holdings)
        self._pool = Pool(_target(config), config.connections)

    @property
    def peer(self) -> str:
        """How errors name the target."""
        return self._pool.target.peer

    @hookimpl
    def illcore_search(self, query: Wanted, deadline: Deadline) -> Sequence[Holding]:
        """Search and verify; raises TryLater, Misconfigured, Refused or Unknown with one sentence."""
        answer = self.ask(query, deadline, together=False)
        return answer.holdings(query, library=self._config.library, min_score=self._config.min_score)

    def ask(self, wanted: Wanted, deadline: Deadline, *, together: bool = True) -> Answer:
        """Search and fetch up to `wanted.maximum` records. Raises ConnectorError if the target gave no answer.

        Where it refuses to search several databases at once they are searched one by one, unless `together`.
        """
        try:
            answer = Answer(self.peer, 0)
            for tried in self._stages(wanted):
                answer = self._everywhere(tried, wanted.maximum, deadline, together)
                if answer.hits:
                    break
            return answer
        except InitRefused as error:
            return Answer(self.peer, 0, diagnostics=error.diagnostics, refusal=from_failure(error))
        except Z3950Error as error:
            raise from_failure(error) from error

    def close(self) -> None:
        """Say goodbye on idle sessions."""
        self._pool.close()

    def _stages(self, wanted: Wanted) -> list[tuple[Query, ...]]:
        raw = dict(wanted.raw)
        if pqf := raw.pop("pqf", ""):
            return [(parse_pqf(pqf),)]
        if cql := raw.pop("cql", ""):
            return [(cql_to_rpn(cql, self._points),)]
        if raw:
            raise Refused(f"A Z39.50 account takes queries in PQF or CQL, not in {', '.join(sorted(raw))}.")
        return [queries(**given, access_points=self._points) for given in stages(wanted)]

    def _everywhere(self, tried: Sequence[Query], most: int, deadline: Deadline, together: bool) -> Answer:
        answer = self._search(tried, self._databases, most, deadline)
        if together or not any(said.code in _NOT_TOGETHER for said in answer.diagnostics):
            return answer
        return _merged(self.peer, [self._search(tried, (name,), most, deadline) for name in self._databases])

    def _search(self, tried: Sequence[Query], names: Sequence[str], most: int, deadline: Deadline) -> Answer:
        def work(session: Session) -> Answer:
            _, response = session.search_first_accepted(tried, names, deadline)
            said = response.records.diagnostics
            if not response.succeeded:
                return Answer(self.peer, response.hits, diagnostics=said, refusal=from_diagnostics(self.peer, said))
            fetched = retrieve(session, response.hits, most, self._ways, deadline) if response.hits else Fetched()
            return self._answer(response.hits, fetched)

        return self._pool.run(work, deadline)

    def _answer(self, hits: int, fetched: Fetched) -> Answer:
        found = tuple(self._found(record) for record in fetched.records)
        nothing = not any(each.record is not None for each in found)
        refused = fetched.diagnostics if nothing else ()
        return Answer(
            self.peer,
            hits,
            found,
            fetched.diagnostics,
            from_diagnostics(self.peer, refused, "to send records") if refused else None,
            from_failure(fetched.failure) if fetched.failure is not None else None,
        )

    def _found(self, record: Record) -> Found:
        syntax = record_syntax_name(record.syntax)
        if record.diagnostics:
            return Found(record.database, syntax, diagnostics=record.diagnostics)
        return Found(record.database, syntax, self._read(record))

    def _read(self, record: Record) -> ReadRecord:
        opac = record.opac.holdings if record.opac is not None else ()
        return read_octets(record.data, record.data_syntax, self._profile, opac)


def _merged(peer: str, each: Sequence[Answer]) -> Answer:
    answered = [answer for answer in each if answer.refusal is None]
    if not answered:
        return each[0]
    return Answer(
        peer,
        sum(answer.hits for answer in answered),
        tuple(found for answer in answered for found in answer.found),
        tuple(said for answer in each for said in answer.diagnostics),
        failure=next((answer.failure for answer in answered if answer.failure is not None), None),
    )


def _target(config: Z3950Config) -> Target:
    timeouts = config.timeouts
    return Target(
        config.host,
        config.port,
        login=_login(config),
        tls=tls_context(config.ca_file, config.verify) if config.tls else None,
        timeouts=Timeouts(timeouts.connect, timeouts.init, timeouts.search, timeouts.present),
        query_charset=config.query_charset,
        message_charset=config.message_charset or config.query_charset,
        negotiate=config.negotiate,
        max_length=config.max_bytes,
    )


def _login(config: Z3950Config) -> Login | None:
    if not config.user and not config.password.get_secret_value():
        return None
    password = config.password.get_secret_value()
    if config.login == "open":
        return OpenLogin("/".join(part for part in (config.user, password) if part))
    return IdPassLogin(config.user, password, config.group)
