"""The verbs of the engine, done by one actor for one library."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection

from illcore import intake, readers
from illcore.context import Context
from illcore.dispatch import Dispatch
from illcore.errors import Conflict, Invalid, NotAllowed
from illcore.events import Actor
from illcore.intake.submission import new_request
from illcore.model import Citation, NewRequest, Query
from illcore.store import Filter, events_of, find, get, remember, remembered
from illcore.views import explain, listed, plain, show

TRIES = 5
T = TypeVar("T")


class Session:
    """What one actor may do. Get it from ``Engine.as_``."""

    def __init__(
        self, context: Context, dispatch: Dispatch, actor: Actor, search_seconds: float, wake: Callable[[], None]
    ) -> None:
        self._context = context
        self._dispatch = dispatch
        self.actor = actor
        self._search_seconds = search_seconds
        self._wake = wake

    def submit(
        self,
        new: NewRequest | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        connection: Connection | None = None,
    ) -> str:
        """Enter a new request; gives its id. What its checks find shows as ``review`` with reasons.

        The same ``idempotency_key`` gives the same id again. ``connection`` is the host's own on the engine's
        database: a savepoint is used, nothing is committed. Raises Invalid, NotAllowed, NotFound, Conflict.
        """
        checked = new_request(new)

        def work(own: Connection) -> str:
            return intake.submit(self._context, own, self.actor, checked, self._context.clock.now()).request.id

        asked = {"submit": checked.model_dump(mode="json")}
        return self._once(work, lambda own, id: id, asked, idempotency_key, connection)

    def act(
        self,
        id: str,
        action: str,
        *,
        idempotency_key: str | None = None,
        connection: Connection | None = None,
        **details: Any,
    ) -> dict[str, Any]:
        """Do one action; gives the ``show`` object, with a key used before as it is now.

        Raises Invalid, NotAllowed, NotFound, Conflict; then nothing changed.
        """

        def work(own: Connection) -> str:
            now = self._context.clock.now()
            intake.act(self._context, own, self.actor, id, action, dict(details), now)
            return id

        def shown(own: Connection, acted: str) -> dict[str, Any]:
            return self._show(own, acted)

        asked = {"act": [id, action, plain(details)]}
        return self._once(work, shown, asked, idempotency_key, connection)

    def get(self, id: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The ``show`` object of a request. NotFound if this library has none of that id."""
        if connection is not None:
            return self._show(connection, id)
        with self._context.store.read() as own:
            return self._show(own, id)

    def explain(self, id: str, language: str = "en") -> dict[str, Any]:
        """Whom the rota asks, in what order and why, with the numbers behind it (``views.explain``); for staff."""
        if self.actor.kind == "reader":
            raise NotAllowed("how suppliers were chosen is for staff")
        return explain(self.get(id), language)

    def find(self, filter: Filter | None = None, limit: int | None = None, after: str = "") -> list[dict[str, Any]]:
        """Requests, newest first, as rows of ``list``; readers see their own. ``after`` is the last id of a page."""
        asked = filter or Filter()
        self._not_a_partner()
        with self._context.store.read() as connection:
            if self.actor.kind == "reader":
                key = readers.key_of(connection, self.actor.library, self.actor.id)
                if not key:
                    return []
                asked = _only(asked, key)
            elif asked.reader_id:
                key = readers.key_of(connection, self.actor.library, asked.reader_id)
                if not key:
                    return []
                asked = _only(asked, key)
            return [listed(row) for row in find(connection, self.actor.library, asked, limit, after)]

    def search(
        self, query: Query | Citation, seconds: float | None = None, accounts: Collection[str] | None = None
    ) -> dict[str, Any]:
        """Ask all accounts that can search, side by side: what arrived by the deadline, and how each account did."""
        asked = _query_of(query) if isinstance(query, Citation) else query
        holdings, reports = self._dispatch.search(asked, seconds or self._search_seconds, accounts)
        return {
            "holdings": [h.model_dump(mode="json") for h in holdings],
            "accounts": [
                {"name": r.name, "status": r.status, "hits": r.hits, "error": r.error or None} for r in reports
            ],
        }

    def _show(self, connection: Connection, id: str) -> dict[str, Any]:
        self._not_a_partner()
        request = get(connection, self.actor.library, id)
        known = readers.by_key(connection, request.library, request.reader_id) if request.reader_id else None
        reader = known.id if known else ""
        if self.actor.kind == "reader" and reader != self.actor.id:
            raise NotAllowed("this is another reader's request")
        policy = self._context.library(request.library).policy
        return show(request, events_of(connection, id), self.actor, policy, reader, self._context.clock.now())

    def _not_a_partner(self) -> None:
        if self.actor.kind == "partner":
            raise NotAllowed("a partner does not read here; it asks for the status of its request in a message")

    def _once(
        self,
        work: Callable[[Connection], str],
        answer: Callable[[Connection, str], T],
        asked: Any,
        key: str | None,
        connection: Connection | None,
    ) -> T:
        """Run it with the idempotency key, if one was given; on the engine's own connection a conflict tries again."""
        if connection is not None:
            with self._context.store.savepoint(connection) as own:
                return answer(own, self._keyed(work, asked, key, own))
        for _ in range(TRIES - 1):
            try:
                return self._alone(work, answer, asked, key)
            except Conflict:
                continue
        return self._alone(work, answer, asked, key)

    def _alone(
        self, work: Callable[[Connection], str], answer: Callable[[Connection, str], T], asked: Any, key: str | None
    ) -> T:
        with self._context.store.write() as own:
            result = answer(own, self._keyed(work, asked, key, own))
        self._wake()
        return result

    def _keyed(self, work: Callable[[Connection], str], asked: Any, key: str | None, own: Connection) -> str:
        """The id of the request made or changed; the key keeps nothing else, so that erasing stays possible."""
        if key is None:
            return work(own)
        if not key or len(key) > 200:
            raise Invalid("an idempotency key has 1 to 200 characters")
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
        who = f"{self.actor.kind}:{self.actor.id}"
        before = remembered(own, self.actor.library, who, key, digest)
        if before is not None:
            return str(before["id"])
        id = work(own)
        remember(own, self.actor.library, who, key, digest, {"id": id}, self._context.clock.now())
        return id


def _only(asked: Filter, key: str) -> Filter:
    return replace(asked, reader_id=key)


def _query_of(citation: Citation) -> Query:
    return Query(
        isbn=citation.isbn, issn=citation.issn, title=citation.title, author=citation.author, citation=citation
    )
