"""The connectors of type `oclc`: one that searches WorldCat, one that lends and borrows, one that does both."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError, ProgrammingError

from illcore.connectors import Deadline, Host
from illcore.errors import BadMessage, Conflict, Misconfigured, NotFound, TryLater
from illcore.hookspecs import hookimpl
from illcore.message import Message, Receipt, Received, Try
from illcore.model import Holding, Partner, Query

from .config import OclcConfig
from .holdings import Holdings
from .ill.polling import Polling
from .ill.requests import Requests
from .ill.sending import Sending
from .remote.service import Service


class _Account:
    """One account of type `oclc`. Opens no connection before the first call."""

    def __init__(self, config: OclcConfig, host: Host) -> None:
        self._service = Service(config, host)
        self._holdings = Holdings(config, self._service)
        requests = Requests(config, self._service)
        self._sending = Sending(config, host, requests)
        self._polling = Polling(config, host, requests)

    def close(self) -> None:
        """Let go of all connections."""
        self._service.close()


class OclcSearch(_Account):
    """Only searches."""

    @hookimpl
    def illcore_search(self, query: Query, deadline: Deadline) -> Sequence[Holding]:
        """Holdings of WorldCat; `library` of each is `OCLC:SYMBOL`."""
        with _database():
            return self._holdings.search(query, self._service.bounded(deadline))


class OclcIll(_Account):
    """Only lends and borrows."""

    @hookimpl
    def illcore_send(self, message: Message, partner: Partner, key: str, attempt: Try, deadline: Deadline) -> Receipt:
        """Create a request at OCLC, or take an action on one; never a second time under one key."""
        with _database():
            return self._sending.send(message, partner, key, attempt, self._service.bounded(deadline))

    @hookimpl
    def illcore_receive(self, payload: bytes | None, cursor: str | None, deadline: Deadline) -> Received:
        """Fetch what changed. OCLC posts nothing, so bytes that come in are no message."""
        if payload is not None:
            raise BadMessage("OCLC posts no messages: this account is polled")
        with _database():
            return self._polling.poll(cursor, self._service.bounded(deadline))


class OclcConnector(OclcSearch, OclcIll):
    """Searches, lends and borrows."""


@contextmanager
def _database() -> Iterator[None]:
    """What the database of this engine can say, in the words of a connector."""
    try:
        yield
    except NotFound as error:
        raise Misconfigured(f"library in the account: {error}") from error
    except Conflict as conflict:
        raise TryLater(str(conflict)) from conflict
    except (OperationalError, ProgrammingError) as error:
        if "oclc_stub_" in str(error.orig):
            raise Misconfigured("the tables of the plugin oclc_stub are missing; run: ill migrate") from error
        raise
