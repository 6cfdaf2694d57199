"""Claimed rows as calls: what each kind of effect asks of which account, and the events that its result means."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from illcore import partners, readers
from illcore.calls import Call, circulate_call, notify_call, send_call
from illcore.config import Config
from illcore.context import Context
from illcore.dispatch import Dispatch
from illcore.documents import get as document_of  # `documents` is a module of this package too
from illcore.errors import ConnectorError, NotFound
from illcore.events import Actor, Event
from illcore.hooktypes import CirculateAction, Notice
from illcore.jobs.clearing import Cleared, clearing
from illcore.jobs.documents import DOCUMENT_KINDS, Documents
from illcore.jobs.job import Job, Located
from illcore.locating import sift
from illcore.message import Message, Receipt, Try
from illcore.model import Query
from illcore.notices import notice_text
from illcore.outbox import Claimed
from illcore.outcomes import Outcome, from_error
from illcore.plugins import Plugins
from illcore.request import Request
from illcore.store import Input, account_states, get, oldest_queued
from illcore.store.facts import lock_readers

log = logging.getLogger("illcore.worker")

_ORDINARY = 8
_MOST = 50
MOST_HOLDINGS = 200
"""Of one account; one that has as many may have more."""

_ONE_BY_ONE = ("locate/", "place/", "clear/", "fetch/")
"""A search, a verdict and a download have the whole deadline to themselves; of two free places the second must see who
took the first."""


class Jobs:
    """Makes rows ready, runs them side by side, and says what their results mean."""

    def __init__(self, context: Context, dispatch: Dispatch, plugins: Plugins, seconds: float, config: Config) -> None:
        self._context = context
        self._dispatch = dispatch
        self._plugins = plugins
        self._seconds = seconds
        self._quick: dict[str, int] = {}
        self._language = config.language
        self._search_seconds = min(config.search_seconds, seconds)
        self._documents = Documents(context, dispatch, plugins, seconds, config)

    def slots(self, lane: str) -> int:
        """How many rows of a lane to claim at first: as many as went quickly the last time."""
        return 1 if lane.startswith(_ONE_BY_ONE) else self._quick.get(lane, _ORDINARY)

    def more(self, lane: str, size: int) -> int:
        """How many to claim after so many went quickly."""
        if lane.startswith(_ONE_BY_ONE):
            return 1
        self._quick[lane] = min(size * 2, _MOST)
        return self._quick[lane]

    def fewer(self, lane: str) -> int:
        """How many to claim after some were slow."""
        self._quick.pop(lane, None)
        return self.slots(lane)

    def prepare(self, rows: Sequence[Claimed]) -> list[Job]:
        """Look up what each row needs, in one read transaction. A row that cannot be made ready fails alone."""
        with self._context.store.read() as connection:
            paused = {a.name: a.paused_reason for a in account_states(connection) if a.paused_at is not None}
            known: dict[tuple[str, str], Any] = {}
            return [self._ready(connection, row, paused, known) for row in rows]

    def _ready(
        self, connection: Connection, row: Claimed, paused: Mapping[str, str], known: dict[tuple[str, str], Any]
    ) -> Job:
        job = Job(row)
        library = self._context.libraries.get(row.library)
        if library is None:
            reason = f"the library {row.library} is not served by this engine"
            job.outcome = Outcome("misconfigured", reason=reason, code="elsewhere")
            return job
        job.give_up_hours = library.policy.give_up_hours
        try:
            if row.kind == "send":
                self._send(connection, job, known)
            elif row.kind in ("notify", "circulate", "locate"):
                self._about_request(connection, job)
            elif row.kind == "clear":
                job.work = clearing(self._context, self._dispatch, connection, row, self._seconds)
            elif row.kind in DOCUMENT_KINDS:
                self._documents.prepare(connection, job)
            else:
                job.outcome = Outcome("ok", True)
        except SQLAlchemyError:
            raise
        except NotFound as error:
            job.outcome = Outcome("refused", reason=str(error))
        except Exception as error:
            named = row.kind in ("notify", "circulate")  # what is wrong with a reader's record may name the reader
            log.error("%s cannot be made ready: %s", row.key, type(error).__name__, exc_info=not named)
            job.outcome = _unready(row, error)
        if job.account in paused:
            job.call, reason = None, f"account {job.account} is paused: {paused[job.account]}"
            job.outcome = Outcome("misconfigured", reason=reason, code="paused")
        return job

    def _send(self, connection: Connection, job: Job, known: dict[tuple[str, str], Any]) -> None:
        row = job.row
        symbol = row.lane.removeprefix("send/")
        if (row.library, symbol) not in known:
            try:
                known[row.library, symbol] = partners.get(connection, row.library, symbol)
            except NotFound as error:
                known[row.library, symbol] = str(error)
        partner = known[row.library, symbol]
        if isinstance(partner, str):
            job.outcome = Outcome("misconfigured", reason=partner, code="partner")
            return
        if not partner.account:
            reason = f"partner {symbol} has no account; name one with: ill partners add"
            job.outcome = Outcome("misconfigured", reason=reason, code="partner")
            return
        job.account = partner.account
        message = Message.model_validate_json(row.payload)
        number = Try(number=row.tries + 1, previous=row.known)

        if not message.documents:
            job.call = send_call(partner.account, message, partner, row.key, number, self._seconds)
            return
        rows = [document_of(connection, row.library, each.id) for each in message.documents]

        def opens(stack: ExitStack) -> Call[Any]:
            whole = message.model_copy(update={"documents": self._documents.files(stack, rows)})
            return send_call(partner.account, whole, partner, row.key, number, self._seconds)

        job.opens = opens

    def _about_request(self, connection: Connection, job: Job) -> None:
        row = job.row
        hook = {"notify": "illcore_notify", "circulate": "illcore_circulate"}.get(row.kind)
        request = get(connection, row.library, row.request_id)
        if row.kind == "locate":
            c = request.citation
            job.query = Query(
                isbn=c.isbn, issn=c.issn, title=c.title, author=c.author, citation=c, maximum=MOST_HOLDINGS
            )
            job.request = request
            return
        accounts = self._plugins.capable(str(hook))
        if not accounts:
            job.outcome = Outcome("misconfigured", reason=f"no account can {row.kind}", code="partner")
            return
        job.account = accounts[0]
        payload = json.loads(row.payload)
        reader = readers.by_key(connection, row.library, request.reader_id) if request.reader_id else None
        if row.kind == "notify":
            notice = self._notice(request, payload, reader)
            if payload["code"] == "document_ready":
                job.opens = self._documents.with_link(connection, job, request, notice, payload["fields"])
            else:
                job.call = notify_call(job.account, notice, row.key, self._seconds)
        else:
            action = _circulation(request, payload, reader.id if reader else "")
            job.call = circulate_call(job.account, action, row.key, self._seconds)

    def _notice(self, request: Request, payload: Mapping[str, Any], reader: Any) -> Notice:
        library = self._context.library(request.library)
        to_reader = payload.get("to") == "reader"
        language = (reader.language if reader and to_reader else "") or self._language
        subject, text = notice_text(str(payload["code"]), request, library, language)
        return Notice(
            code=str(payload["code"]),
            library=request.library,
            request_id=request.id,
            audience="reader" if to_reader else "staff",
            name=reader.name if reader and to_reader else "",
            email=(reader.email if reader else "") if to_reader else library.email,
            language=language,
            subject=subject,
            text=text,
        )

    def run(self, jobs: Sequence[Job]) -> list[Outcome[object]]:
        """All jobs side by side, each with its deadline; what the engine does itself comes after the calls."""
        with ExitStack() as stack:
            for job in jobs:
                if job.opens is not None:
                    _open(job, stack)
            return self._run(jobs)

    def _run(self, jobs: Sequence[Job]) -> list[Outcome[object]]:
        calls = [job.call for job in jobs if job.call is not None]
        ended = iter(self._dispatch.all(calls)) if calls else iter(())
        outcomes: list[Outcome[object]] = []
        for job in jobs:
            if job.call is not None:
                outcomes.append(next(ended))
            elif job.work is not None:
                outcomes.append(_worked(job, job.work))
            elif job.query is not None:
                holdings, reports = self._dispatch.search(job.query, self._search_seconds, self._searched(job))
                outcomes.append(Outcome("ok", Located(holdings, reports)))
            else:
                outcomes.append(job.outcome or Outcome("bug", reason=f"nothing does {job.row.kind}"))
        return outcomes

    def done(self, job: Job, outcome: Outcome[object], now: datetime) -> list[Input]:
        """The events that a success means; a plain delivery means none."""
        row = job.row
        if row.kind == "place":
            return []  # ``freed`` looks in the commit itself whose turn it is
        if row.kind == "locate":
            assert isinstance(outcome.value, Located)
            assert job.request is not None
            data = self._located(job.request, outcome.value)
            return [Input(row.library, Event("located", now, self._system(row), data), row.request_id)]
        if row.kind == "clear":
            assert isinstance(outcome.value, Cleared)
            event = Event("cleared", now, self._system(row), outcome.value.as_data(), effect=row.key)
            return [Input(row.library, event, row.request_id)]
        if row.kind in DOCUMENT_KINDS:
            return self._documents.done(job, outcome, now, self._system(row))
        remote = outcome.value.remote_id if isinstance(outcome.value, Receipt) else ""
        if row.known == "none" and not row.tries and not remote:
            return []
        data = {"kind": row.kind, "message": row.name, "tries": row.tries + 1}
        if remote:
            data["remote_id"] = remote
        event = Event("effect:done", now, self._system(row), data, row.attempt, effect=row.key)
        return [Input(row.library, event, row.request_id)]

    def _searched(self, job: Job) -> Sequence[str] | None:
        """The accounts to search: all, but on a partner's request those of our own holdings, if policy names them."""
        if job.request is None or job.request.role == "requester":
            return None
        return self._context.library(job.row.library).policy.own_accounts or None

    def _located(self, request: Request, brought: Located) -> dict[str, Any]:
        library = self._context.library(request.library)
        with self._context.store.read() as connection:
            owners = partners.owners(connection, library.symbol, {h.library for h in brought.holdings if h.library})
        sifted = sift(brought.holdings, request, owners, library.policy.lowest_score)
        accounts = [
            {"name": r.name, "status": r.status, "hits": r.hits}
            | ({"error": r.error[:200]} if r.error else {})
            | ({"more": True} if r.hits >= MOST_HOLDINGS else {})
            for r in brought.reports
        ]
        return {"count": len(brought.holdings), "accounts": accounts, **sifted.as_data()}

    def kept(self, connection: Connection, job: Job, outcome: Outcome[object], now: datetime) -> list[Input]:
        """If a document was fetched, its row is written now, and the request learns of it."""
        return self._documents.kept(connection, job.row, outcome, now, self._system(job.row))

    def freed(self, connection: Connection, jobs: Sequence[Job], now: datetime) -> list[Input]:
        """For each place that became free: the reader's request that has waited longest may start."""
        found = []
        for row in (job.row for job in jobs if job.row.kind == "place"):
            reader_id = json.loads(row.payload)["reader_id"]
            lock_readers(connection, row.library, [reader_id])  # a submit that is about to queue is waited for
            waiting = oldest_queued(connection, row.library, reader_id)
            if waiting:
                found.append(Input(row.library, Event("place_free", now, self._system(row)), waiting))
        return found

    def result(self, job: Job, type: str, outcome: Outcome[object], known: str, now: datetime) -> Input:
        """The event that a failure means."""
        row = job.row
        data = {
            "kind": row.kind,
            "message": row.name,
            "reason": outcome.reason,
            "code": outcome.code,
            "previous": row.known,
            "known": known,
            "tries": row.tries + 1,
        }
        event = Event(type, now, self._system(row), data, row.attempt, effect=row.key)
        return Input(row.library, event, row.request_id)

    @staticmethod
    def _system(row: Claimed) -> Actor:
        return Actor(kind="system", id=row.lane, library=row.library)


def _open(job: Job, stack: ExitStack) -> None:
    assert job.opens is not None
    try:
        job.call = job.opens(stack)
    except ConnectorError as error:
        job.outcome = from_error(error, job.row.key, receiving=False)
    except NotFound as error:
        job.outcome = Outcome("refused", reason=str(error))
    except SQLAlchemyError:
        raise
    except Exception as error:
        log.error("the files of %s cannot be opened: %s", job.row.key, type(error).__name__)
        job.outcome = _unready(job.row, error)


def _worked(job: Job, work: Callable[[], Outcome[Any]]) -> Outcome[Any]:
    """A store that is away or a full disk fails this row alone, which is tried again and in the end given up."""
    try:
        return work()
    except SQLAlchemyError:
        raise
    except Exception as error:
        log.exception("%s could not be done", job.row.key)
        return _unready(job.row, error)


def _unready(row: Claimed, error: Exception) -> Outcome[Any]:
    return Outcome("try_later", reason=f"{row.key} cannot be made ready: {type(error).__name__}", code="unready")


def _circulation(request: Request, payload: Mapping[str, Any], borrower: str) -> CirculateAction:
    item = request.items[0] if request.items else None
    return CirculateAction(
        name=payload["action"],
        library=request.library,
        request_id=request.id,
        borrower=borrower,
        partner=request.partner,
        citation=request.citation,
        barcode=item.barcode if item else "",
        call_number=item.call_number if item else "",
        label=item.label if item else "",
        pickup=request.delivery.place if request.delivery else "",
        due_date=request.due_date,
        fields=payload.get("fields") or {},
    )
