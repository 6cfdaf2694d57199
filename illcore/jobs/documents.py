"""What is done with documents outside a decision: fetched, checked, handed over, attached, destroyed."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from illcore import documents, partners, readers
from illcore.blobs import Blob
from illcore.calendars import local_date
from illcore.calls import Call, deliver_call, notify_call
from illcore.config import Config
from illcore.connectors import Deadline
from illcore.context import Context
from illcore.dispatch import Dispatch
from illcore.documents import DocumentRow
from illcore.errors import ConnectorError, Invalid, Refused, TryLater
from illcore.events import Actor, Event
from illcore.fetching import fetched
from illcore.hooktypes import DeliveryOrder, DeliveryStep, Notice
from illcore.jobs.job import Job
from illcore.message import Address, DocumentFile, Receipt
from illcore.outbox import Claimed
from illcore.outcomes import Outcome, from_error
from illcore.plugins import Plugins
from illcore.request import Request, rejected_sums
from illcore.store import Input, get
from illcore.store.codec import shown_title
from illcore.store.requests import lock_one

DOCUMENT_KINDS = ("fetch", "check", "deliver", "destroy")


@dataclass(slots=True, frozen=True)
class Fetched:
    """A document whose bytes are kept and whose row is not written yet."""

    blob: Blob
    media_type: str
    name: str
    url: str


class Documents:
    """Makes the rows of documents ready, and says what their results mean."""

    def __init__(self, context: Context, dispatch: Dispatch, plugins: Plugins, seconds: float, config: Config) -> None:
        self._context = context
        self._dispatch = dispatch
        self._plugins = plugins
        self._seconds = seconds
        self._config = config.documents
        self._language = config.language

    def prepare(self, connection: Connection, job: Job) -> None:
        """Look up what the row needs."""
        row = job.row
        payload = json.loads(row.payload)
        if row.kind == "fetch":
            job.work = lambda: self._fetch(row, str(payload["url"]))
            return
        if row.kind == "destroy":
            job.work = lambda: self._destroy(row)
            return
        job.account = self._account(job)
        if not job.account:
            return
        request = get(connection, row.library, row.request_id)
        checks = row.kind == "check"
        ids = [payload["document"]] if checks else payload["documents"]
        rows = [documents.get(connection, row.library, id) for id in ids]
        order = self._order(connection, request, "check" if checks else "hand_over", payload.get("to", ""))
        job.opens = self._opening(job.account, order, rows, row.key)

    def _account(self, job: Job) -> str:
        accounts = self._plugins.capable("illcore_deliver")
        if not accounts:
            job.outcome = Outcome("misconfigured", reason=f"no account can {job.row.kind} documents", code="partner")
            return ""
        return accounts[0]

    def _opening(
        self, account: str, order: Mapping[str, Any], rows: Sequence[DocumentRow], key: str
    ) -> Callable[[ExitStack], Call[Receipt]]:
        def opens(stack: ExitStack) -> Call[Receipt]:
            return deliver_call(account, DeliveryOrder(files=self.files(stack, rows), **order), key, self._seconds)

        return opens

    def _file(self, stack: ExitStack, row: DocumentRow) -> DocumentFile:
        path = stack.enter_context(self._context.blobs.local(row.library, row.request_id, row.sha256))
        return DocumentFile(id=row.id, name=row.name, media_type=row.media_type, path=path, size=row.size)

    def _order(self, connection: Connection, request: Request, step: DeliveryStep, to: str) -> dict[str, Any]:
        library = self._context.library(request.library)
        reader = readers.by_key(connection, request.library, request.reader_id) if request.reader_id else None
        address, language = Address(), self._language
        if to == "reader" and reader is not None:
            address, language = Address(electronic=reader.email), reader.language or language
        elif to == "partner":
            partner = partners.find(connection, request.library, request.partner)
            address = Address(electronic=str((partner.address if partner else {}).get("email") or ""))
        today = local_date(library.policy.calendar, self._context.clock.now())
        return {
            "step": step,
            "library": request.library,
            "request_id": request.id,
            "to": address,
            "receiver": "partner" if to == "partner" else "reader",
            "title": shown_title(request.citation),
            "partner": request.partner,
            "language": language,
            "expires": today + timedelta(days=library.policy.link_days) if step == "hand_over" else None,
            "expected": request.citation,
            "earlier": tuple(d.sha256 for d in request.documents if d.id and d.verdict == "rejected"),
            "obligations": request.clearance.obligations if request.clearance is not None else (),
        }

    # --- attachments and links -------------------------------------------------------------------------------------

    def files(self, stack: ExitStack, rows: Sequence[DocumentRow]) -> tuple[DocumentFile, ...]:
        """Files of this machine with the bytes of these documents, for as long as the stack lasts. Raises NotFound."""
        return tuple(self._file(stack, each) for each in rows)

    def with_link(
        self, connection: Connection, job: Job, request: Request, notice: Notice, fields: Mapping[str, Any]
    ) -> Callable[[ExitStack], Call[Any]]:
        """A notice with the link of a delivery."""
        opens = self._again(connection, request, str(fields["delivery"]))

        def call(stack: ExitStack) -> Call[Any]:
            detail = self._made(opens, stack)
            url, password = str(detail.get("url") or ""), str(detail.get("password") or "")
            told = f"{url}\n\nPassword 密码: {password}" if password else url
            whole = notice.model_copy(update={"text": f"{notice.text}\n\n{told}", "fields": {"url": url}})
            secrets = frozenset({url, password} - {""})
            return notify_call(job.account, whole, job.row.key, self._seconds, secrets)

        return call

    def link(self, request: Request, key: str) -> Mapping[str, Any]:
        """What the delivery of that key told: ``url``, ``expires``, and ``password`` if there is one.

        Raises NotFound (the documents are gone), ConnectorError.
        """
        with self._context.store.read() as connection:
            opens = self._again(connection, request, key)
        with ExitStack() as stack:
            return self._made(opens, stack)

    def _again(self, connection: Connection, request: Request, key: str) -> Callable[[ExitStack], Call[Receipt]]:
        """The same delivery: links are never kept, and the same key makes the same one again."""
        account = next(iter(self._plugins.capable("illcore_deliver")), "")
        rows = [documents.get(connection, request.library, d.id) for d in request.documents if d.kept]
        return self._opening(account, self._order(connection, request, "hand_over", "reader"), rows, key)

    def _made(self, opens: Callable[[ExitStack], Call[Receipt]], stack: ExitStack) -> Mapping[str, Any]:
        made = self._dispatch.one(opens(stack))
        if not made.ok:
            raise TryLater(f"the link cannot be made now: {made.reason}")
        return made.result().detail

    # --- the engine's own work -------------------------------------------------------------------------------------

    def _fetch(self, row: Claimed, url: str) -> Outcome[Any]:
        deadline = Deadline(self._context.clock, min(self._config.fetch_seconds, self._seconds))
        try:
            with fetched(url, deadline, self._config.private_addresses) as (chunks, name):
                blob, media_type = documents.keep(
                    self._context.blobs, row.library, row.request_id, chunks, self._config.max_bytes
                )
        except ConnectorError as error:
            return from_error(error, "fetching a document", receiving=False)
        except Invalid as error:
            return from_error(Refused(str(error)), "fetching a document", receiving=False)
        return Outcome("ok", Fetched(blob, media_type, name, url))

    def _destroy(self, row: Claimed) -> Outcome[Any]:
        with self._context.store.write() as connection:
            gone = documents.erase(connection, row.library, [row.request_id], self._context.clock.now())
        return Outcome("ok", documents.delete_bytes(self._context.blobs, gone) or True)

    # --- results ---------------------------------------------------------------------------------------------------

    def done(self, job: Job, outcome: Outcome[object], now: datetime, system: Actor) -> list[Input]:
        """The event that a success means; for what was fetched see ``kept``."""
        row = job.row
        payload = json.loads(row.payload)
        if row.kind == "destroy":
            event = Event("destroyed", now, system, {}, row.attempt, effect=row.key)
            return [Input(row.library, event, row.request_id)]
        if not isinstance(outcome.value, Receipt):
            return []
        detail = outcome.value.detail
        if row.kind == "check":
            data = {"document": payload["document"], **_report(detail)}
            event = Event("checked", now, system, data, row.attempt, effect=row.key)
        else:
            url = str(detail.get("url") or "")
            data = {
                "to": payload["to"],
                "documents": payload["documents"],
                "link": bool(url),
                **{name: detail[name] for name in ("expires", "paper") if detail.get(name)},
            }
            private = url if payload["to"] == "partner" else ""
            event = Event("handed_over", now, system, data, row.attempt, effect=row.key, private=private)
        return [Input(row.library, event, row.request_id)]

    def kept(
        self, connection: Connection, row: Claimed, outcome: Outcome[object], now: datetime, system: Actor
    ) -> list[Input]:
        """Write the row of a document that was fetched; the request learns of it."""
        if not isinstance(outcome.value, Fetched):
            return []
        found = outcome.value
        id = self._context.ids(now)
        name = found.name or "document"
        rejected = rejected_sums(lock_one(connection, row.library, row.request_id).documents)
        written = documents.record(connection, id, found.blob, found.media_type, name, "url", now, found.url, rejected)
        if written is None:
            return []
        data = {"document": written.as_data(), "url": found.url}
        event = Event("document", now, system, data, row.attempt, effect=row.key)
        return [Input(row.library, event, row.request_id)]


def _report(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What a check reported, as far as it can be used; without a verdict that is known a person must look."""
    verdict = detail.get("verdict")
    return {
        "verdict": verdict if verdict in ("pass", "review", "fail") else "review",
        "pages": detail.get("pages") if isinstance(detail.get("pages"), int) else 0,
        "findings": [
            {name: found.get(name) for name in ("code", "page", "text")}
            for found in detail.get("findings") or ()
            if isinstance(found, Mapping)
        ],
    }
