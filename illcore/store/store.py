"""The store that an engine holds: a database whose schema fits, and everything that is read and written there."""

from typing import Literal

from sqlalchemy import URL

from illcore.store import accounts, events, finding, inbox, requests
from illcore.store.apply import apply
from illcore.store.database import Database
from illcore.store.schema import require_head
from illcore.tables import metadata


class Store(Database):
    """``write()``, ``read()`` and ``savepoint(connection)`` give a connection; all else takes one as first argument.

    Open it with ``Store.open``.
    """

    apply = staticmethod(apply)
    get = staticmethod(requests.get)
    find = staticmethod(finding.find)
    events_of = staticmethod(events.events_of)
    texts_of = staticmethod(events.texts_of)
    verify_chain = staticmethod(events.verify_chain)
    match_attempt = staticmethod(finding.match_attempt)
    due_timers = staticmethod(finding.due_timers)
    next_timer = staticmethod(finding.next_timer)
    oldest_queued = staticmethod(finding.oldest_queued)
    library_of = staticmethod(finding.library_of)
    inbox_get = staticmethod(inbox.inbox_get)
    inbox_put = staticmethod(inbox.inbox_put)
    unmatched = staticmethod(inbox.unmatched)
    settle_unmatched = staticmethod(inbox.settle_unmatched)
    remembered = staticmethod(inbox.remembered)
    remember = staticmethod(inbox.remember)
    account_of = staticmethod(accounts.account_of)
    account_states = staticmethod(accounts.account_states)
    set_cursor = staticmethod(accounts.set_cursor)
    pause = staticmethod(accounts.pause)
    resume = staticmethod(accounts.resume)

    @classmethod
    def in_memory(cls) -> "Store":
        """A store that lives and ends with this object, for simulations. One transaction at a time, reads included."""
        store = cls("sqlite://")
        with store.write() as connection:
            metadata.create_all(connection)
        return store

    @classmethod
    def open(cls, url: str | URL, *, synchronous: Literal["FULL", "NORMAL"] = "FULL") -> "Store":
        """A store on a database that is at this engine's schema.

        Raises ConfigError if the URL is wrong, SchemaTooOld if ``ill migrate`` has to run first.
        """
        store = cls(url, synchronous=synchronous)
        try:
            require_head(store)
        except BaseException:
            store.close()
            raise
        return store
