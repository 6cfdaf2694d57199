"""The connector type `holdings`: finds in the loaded holdings what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from illcore.connectors import Deadline, Host
from illcore.errors import Refused, TryLater, Unknown
from illcore.hookspecs import hookimpl
from illcore.model import Holding, Query

from .asked import Asked
from .config import HoldingsConfig
from .search import Scope, search

_STEPS = 20_000


class HoldingsConnector:
    """One account. It keeps nothing; every search reads what is visible now."""

    def __init__(self, config: HoldingsConfig, host: Host) -> None:
        self._host = host
        self._scope = Scope(
            libraries=frozenset(config.libraries),
            sources=frozenset(config.sources),
            loanable=config.loanable,
            copyable=config.copyable,
            believe=timedelta(days=config.availability_days),
            min_score=config.min_score,
            language=config.language,
        )

    @hookimpl
    def illcore_search(self, query: Query, deadline: Deadline) -> Sequence[Holding]:
        """Best first. Refused for a query in another language; TryLater without tables; Unknown if it took too long."""
        asked = Asked.of(query)
        if not asked:
            if query.raw:
                raise Refused(
                    "Loaded holdings are searched by ISBN, ISSN, title, author or keyword, not in PQF or CQL."
                )
            return []
        if deadline.passed():
            raise TryLater("No time was left for a search.")
        try:
            with self._host.reading() as connection, _until(connection, deadline):
                return search(connection, asked, self._scope, self._host.clock.now(), query.maximum)
        except (OperationalError, ProgrammingError) as error:
            if deadline.passed():
                raise Unknown("The search took too long.") from error
            if "holdings_set" in str(error.orig):
                raise TryLater("The database has no tables for holdings yet; run: ill migrate") from error
            if isinstance(error, ProgrammingError):
                raise
            raise TryLater(f"The database cannot be read: {' '.join(str(error.orig).split())}") from error


@contextmanager
def _until(connection: Connection, deadline: Deadline) -> Iterator[None]:
    """No statement in the block runs longer than the deadline."""
    if connection.dialect.name == "postgresql":
        milliseconds = max(1, int(deadline.remaining() * 1000))
        connection.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(deadline.passed, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
