"""The verbs of the engine, done by one actor for one library."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from illcore import documents, intake, readers
from illcore.blobs import CHUNK
from illcore.context import Context
from illcore.dispatch import Dispatch
from illcore.documents import DocumentRow, Source
from illcore.errors import Conflict, Invalid, NotAllowed, NotFound
from illcore.events import Actor
from illcore.intake.submission import new_request
from illcore.model import Citation, NewRequest, Query
from illcore.request import Request
from illcore.store import Filter, events_of, find, get, ledger, remember, remembered
from illcore.views import explain, listed, plain, show

TRIES = 5
T = TypeVar("T")


class Session:
    """What one actor may do. Get it from ``Engine.as_``."""

    def __init__(
        self,
        context: Context,
        dispatch: Dispatch,
        actor: Actor,
        search_seconds: float,
        wake: Callable[[], None],
        link: Callable[[Request, str], Mapping[str, Any]],
    ) -> None:
        self._context = context
        self._dispatch = dispatch
        self.actor = actor
        self._search_seconds = search_seconds
        self._wake = wake
        self._link = link

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

    def add_document(
        self, id: str, content: bytes | Path, name: str = "", *, source: Source = "upload", replaces: str = ""
    ) -> dict[str, Any]:
        """Keep a PDF, TIFF, JPEG or PNG for a request; gives its ``id name media_type size sha256 source``.

        ``replaces`` names a document of the request that this one stands for, such as its repaired form. Only for
        staff. Raises Invalid (what it is, how large it is, the request has it), NotFound, NotAllowed; then nothing
        is kept.
        """
        context = self._context
        chunks = [content] if isinstance(content, bytes) else _chunks(content)
        kept = intake.keep(context, self.actor, id, chunks)
        named = name or (content.name if isinstance(content, Path) else "document")
        now = context.clock.now()

        def work(own: Connection) -> dict[str, Any]:
            return intake.add_document(context, own, self.actor, id, kept, named, source, replaces, now).as_data()

        return self._committed(work)

    @contextmanager
    def open_document(self, id: str) -> Iterator[tuple[DocumentRow, Path]]:
        """A kept document with the path of a file that holds its bytes, for as long as the context lasts.

        Only for staff. Raises NotFound (there is none, or it was erased), NotAllowed.
        """
        if self.actor.kind != "staff":
            raise NotAllowed("kept documents are for staff; readers get a link")
        with self._context.store.read() as connection:
            row = documents.get(connection, self.actor.library, id)
        with self._context.blobs.local(row.library, row.request_id, row.sha256) as path:
            yield row, path

    def link(self, id: str) -> dict[str, Any]:
        """The reader's link to what was handed over last: ``url``, ``expires`` and, if it has one, ``password``.

        It stands nowhere and is made again from the delivery. Only for staff. Raises NotFound (nothing was handed
        over by link, or it is gone), NotAllowed, TryLater.
        """
        if self.actor.kind != "staff":
            raise NotAllowed("staff hand links to readers")
        with self._context.store.read() as connection:
            request = get(connection, self.actor.library, id)
            handed = [e for e in events_of(connection, id) if e.type == "handed_over" and e.data.get("link")]
        key = next((e.effect for e in reversed(handed) if e.data.get("to") == "reader"), "")
        if not key:
            raise NotFound(f"nothing was handed over to the reader of request {id} by link")
        told = self._link(request, key)
        return {name: told[name] for name in ("url", "expires", "password") if told.get(name)}

    def declare(self, id: str, version: str, language: str = "en") -> dict[str, Any]:
        """Accept a declaration that the copyright verdict asks for; gives the ``show`` object.

        A reader accepts for an own request, staff record what a reader signed. Raises Invalid (it is not asked for),
        NotFound, NotAllowed.
        """
        self._not_a_partner()
        now = self._context.clock.now()

        def work(own: Connection) -> dict[str, Any]:
            intake.declare(self._context, own, self.actor, id, version, language, now)
            return self._show(own, id)

        return self._committed(work)

    def ledger(self, year: int | None = None, released: bool = False) -> list[dict[str, Any]]:
        """What the copyright ledger of the library counts, by year and title; for staff. Raises NotAllowed."""
        if self.actor.kind != "staff":
            raise NotAllowed("the copyright ledger is for staff")
        with self._context.store.read() as connection:
            return plain(ledger.listed(connection, self.actor.library, year, released))  # type: ignore[no-any-return]

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
        self,
        query: Query | Citation,
        seconds: float | None = None,
        accounts: Collection[str] | None = None,
        *,
        waiting: Callable[[Collection[str]], None] | None = None,
    ) -> dict[str, Any]:
        """Ask all accounts that can search, side by side: what arrived by the deadline, and how each account did.

        ``waiting`` is called, from other threads too, with the accounts that are still waited for; it must not raise.
        """
        asked = _query_of(query) if isinstance(query, Citation) else query
        holdings, reports = self._dispatch.search(asked, seconds or self._search_seconds, accounts, waiting)
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

    def _committed(self, work: Callable[[Connection], T]) -> T:
        """Done in a transaction of its own; when somebody else was faster, again."""
        for number in range(TRIES):
            try:
                with self._context.store.write() as own:
                    result = work(own)
                self._wake()
                return result
            except Conflict:
                if number == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _keyed(self, work: Callable[[Connection], str], asked: Any, key: str | None, own: Connection) -> str:
        """The id of the request made or changed; the key keeps nothing else, so that erasing stays possible."""
        if key is None:
            return work(own)
        if not key or len(key) > 200:
            raise Invalid("an idempotency key has 1 to 200 characters")
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
        before = remembered(own, self.actor.library, self._who(own), key, digest)
        if before is not None:
            return str(before["id"])
        id = work(own)
        remember(own, self.actor.library, self._who(own), key, digest, {"id": id}, self._context.clock.now())
        return id

    def _who(self, own: Connection) -> str:
        """Whose the keys are. A reader is named by the key of the reader's record, which the first request makes."""
        if self.actor.kind != "reader":
            return f"{self.actor.kind}:{self.actor.id}"
        return f"reader:{readers.key_of(own, self.actor.library, self.actor.id) or ''}"


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise Invalid(f"the file {path} cannot be read: {error.strerror or error}") from None


def _only(asked: Filter, key: str) -> Filter:
    return replace(asked, reader_id=key)


def _query_of(citation: Citation) -> Query:
    return Query(
        isbn=citation.isbn, issn=citation.issn, title=citation.title, author=citation.author, citation=citation
    )
