"""The connector type `sru`: searches one server and reads what it sends."""

from __future__ import annotations

from collections.abc import Sequence

from illcore.connectors import Deadline
from illcore.errors import Misconfigured, Refused
from illcore.hookspecs import hookimpl
from illcore.model import Holding
from illcore.model import Query as Wanted

from ..answer import Answer, Found
from ..asked import stages
from ..config import SruConfig
from ..diagnostics import Diagnostic
from ..errors import InitRefused, Z3950Error
from ..outcome import from_failure
from ..records.charset import RecordCharset
from ..records.read import Profile, read_xml
from ..tls import tls_context
from .client import Server, SruClient
from .cql import cql_queries
from .response import PREFIX, SruAnswer, SruRecord

_LOGIN = f"{PREFIX}3"
_DATABASE = f"{PREFIX}235"


class SruConnector:
    """One account. Safe for threads; opens no connection before the first search."""

    def __init__(self, config: SruConfig) -> None:
        self._config = config
        self._indexes = {name: tuple(steps) for name, steps in config.indexes}
        charset = RecordCharset.named(config.record_charset)
        self._profile = Profile(charset, config.marc, config.holdings)
        timeouts = config.timeouts
        server = Server(
            config.url,
            config.user,
            config.password.get_secret_value(),
            config.version,
            timeouts.connect,
            timeouts.answer,
            config.max_bytes,
            config.connections,
        )
        self._client = SruClient(server, tls_context(config.ca_file, config.verify))

    @property
    def peer(self) -> str:
        """How errors name the server."""
        return self._client.server.peer

    @hookimpl
    def illcore_search(self, query: Wanted, deadline: Deadline) -> Sequence[Holding]:
        """Search and verify; raises TryLater, Misconfigured, Refused or Unknown with one sentence."""
        answer = self.ask(query, deadline)
        return answer.holdings(query, library=self._config.library, min_score=self._config.min_score)

    def ask(self, wanted: Wanted, deadline: Deadline) -> Answer:
        """Search and fetch up to `wanted.maximum` records. Raises ConnectorError if the server gave no answer."""
        try:
            found = SruAnswer(0)
            for queries in self._stages(wanted):
                found = self._client.search(queries, self._config.schemas, wanted.maximum, deadline)
                if found.hits:
                    break
        except InitRefused as error:
            return Answer(self.peer, 0, refusal=from_failure(error))
        except Z3950Error as error:
            raise from_failure(error) from error
        return self._answer(found)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _stages(self, wanted: Wanted) -> list[tuple[str, ...]]:
        if cql := wanted.raw.get("cql", ""):
            return [(cql,)]
        if wanted.raw:
            raise Refused(f"An SRU account takes queries in CQL, not in {', '.join(sorted(wanted.raw))}.")
        return [cql_queries(given, self._indexes) for given in stages(wanted)]

    def _answer(self, found: SruAnswer) -> Answer:
        records = tuple(self._found(record) for record in found.records)
        nothing = all(each.record is None for each in records)
        said = found.diagnostics if nothing else ()
        if nothing and found.hits and not said:
            said = tuple(one for each in records for one in each.diagnostics)
        refusal = self._refusal(said) if said and (found.diagnostics or not records) else None
        return Answer(self.peer, 0 if refusal and not records else found.hits, records, found.diagnostics, refusal)

    def _found(self, record: SruRecord) -> Found:
        if record.data is None:
            return Found("", record.schema, diagnostics=record.diagnostics)
        return Found("", record.schema, read_xml(record.data, self._profile))

    def _refusal(self, said: tuple[Diagnostic, ...]) -> Refused | Misconfigured:
        text = f"{self.peer} refused the search: {'; '.join(one.text('en') for one in said)}."
        if any(one.code in (_LOGIN, _DATABASE) for one in said):
            return Misconfigured(text)
        return Refused(text, code=str(said[0].code))
