"""The hooks: the table of contents of the system. Ten plain functions; ``docs/hooks.md`` is made from this file."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from illcore.connectors import Deadline, Plugin
    from illcore.hooktypes import (
        CirculateAction,
        Circulated,
        DeliveryOrder,
        Enrichment,
        Notice,
        RequestView,
        Usage,
        Verdict,
    )
    from illcore.message import Message, Receipt, Received, Result, Try
    from illcore.model import Citation, Holding, Partner, Query

hookspec = pluggy.HookspecMarker("illcore")
hookimpl = pluggy.HookimplMarker("illcore")
"""Marks a function of a plugin, or a method of a connector, as the implementation of a hook."""


@hookspec
def illcore_register() -> Plugin:
    """Say what the package offers: connector types, tables, commands, web applications.

    When: once per Engine, when it opens.
    With: nothing. The entry point in group ``illcore.plugins`` names a module (or an object) that has this function.
    Thread: a daemon thread of its own; nothing else of the engine runs yet.
    Blocking: no; open no socket and read no file here. A plugin that takes longer than 10 s is disabled.
    Returns: one ``Plugin``, with the ``api_version`` it was written for.
    Raises: the plugin is disabled, visibly (``ill plugins``); all others work.
    Retried: never; the next Engine asks again.
    """


@hookspec
def illcore_search(query: Query, deadline: Deadline) -> Sequence[Holding]:
    """Find who holds what is wanted.

    When: a reader or staff search, or a request is being located. All accounts that have the hook, in parallel.
    With: a ``Query`` (one field or more is set; ``maximum`` is the number of holdings wanted) and the deadline.
    Thread: a daemon thread of ``dispatch``; several searches may run in one account at the same time.
    Blocking: yes, for ``deadline.remaining()`` seconds; pass that on to every socket.
    Returns: a list or tuple of ``Holding``, best first; an empty one when nothing was found. Never ``None``.
    Raises: this account is named as failed in the result, with the reason; the others' holdings still count.
    Retried: not by itself; it must be safe to ask twice. There is no key.
    """


@hookspec
def illcore_send(message: Message, partner: Partner, key: str, attempt: Try, deadline: Deadline) -> Receipt:
    """Deliver one message to one partner and bring back its confirmation.

    When: a committed message is due. Only the one account that the partner names; one message at a time per request.
    With: the neutral ``Message``, the ``Partner`` (secrets in its address are resolved), the stable key, the number
        of the try and what is known of the one before (``none``, ``not_sent``, ``unknown``), the deadline.
    Thread: a daemon thread of ``dispatch``, outside any database transaction; up to the account's ``slots`` at once.
    Blocking: yes, for ``deadline.remaining()`` seconds; pass that on to every socket.
    Returns: a ``Receipt``; it becomes the event ``effect:done``.
    Raises: ``TryLater`` if it certainly did not arrive, ``Refused`` if the partner said no, ``Misconfigured`` if a
        person must mend the account (it is paused), ``Unknown`` if it may have arrived. A passed deadline counts as
        ``Unknown``; any other exception is a bug of the connector and is tried again as if it were ``TryLater``.
    Retried: yes, by the outbox, with the same key and the same message (its timestamp too), so that the partner can
        tell a repetition. The same key must put the same bytes on the wire.
    """


@hookspec
def illcore_receive(payload: bytes | None, cursor: str | None, deadline: Deadline) -> Received:
    """Understand what came in, or fetch what waits.

    When: bytes came to an endpoint of the account (``payload``), or the account is polled (``payload`` is ``None``).
    With: the bytes as they came; the cursor that was last committed, or ``None``; the deadline.
    Thread: a daemon thread of ``dispatch``, before anything is written.
    Blocking: with a payload no, only parse it; in a poll yes, for ``deadline.remaining()`` seconds. While
        ``deadline.patient`` a poll that found nothing may wait for something to come, and then returns at once.
    Returns: ``Received(messages, cursor)``. Messages and cursor are committed together. Only what a committed cursor
        covers may be acknowledged at the remote (marked seen, deleted), and only on the next call, which hands it in.
        ``undelivered`` reports, by outbox key, what ``illcore_send`` had handed over and what came back; ``more`` asks
        for the next poll at once, else it comes half a minute later. A type with ``polls=False`` is not polled.
    Raises: ``BadMessage`` if the bytes are no message at all (the endpoint answers 400); for the others see
        ``illcore_send``. Nothing was taken in then; a poll is made again with the same cursor, each time a little
        later (30 s to 5 min), or after the time that ``TryLater`` names.
    Retried: polls are, with the same cursor; payloads are not, the sender repeats them. The engine drops duplicates.
    """


@hookspec
def illcore_answer(results: Sequence[Result], deadline: Deadline) -> bytes:
    """Write the wire answer to what ``illcore_receive`` understood.

    When: after the commit that took the messages in, for the same account.
    With: one ``Result`` per message, in the same order: applied, duplicate or refused with its error type.
    Thread: a daemon thread of ``dispatch``; the sender is waiting.
    Blocking: no; only compose bytes.
    Returns: the bytes that the sender gets.
    Raises: the endpoint answers that it could not; the sender repeats, and gets the answer to a duplicate.
    Retried: no. A duplicate must get the same answer as the first message, which is what its ``Result`` says.
    """


@hookspec
def illcore_deliver(delivery: DeliveryOrder, key: str, deadline: Deadline) -> Receipt:
    """Check documents that came, or hand them over to a partner or a reader.

    When: a committed check or delivery is due. Only the one account that was chosen for it.
    With: the ``DeliveryOrder`` (its ``step``, files on this machine or URLs, the address), the stable key, the
        deadline.
    Thread: a daemon thread of ``dispatch``, outside any database transaction; up to the account's ``slots`` at once.
    Blocking: yes, for ``deadline.remaining()`` seconds; pass that on to every socket.
    Returns: a ``Receipt``; it becomes an event. ``detail["url"]`` is the link that was made, if one was; for a check
        ``detail`` is the report: ``verdict`` (pass, review, fail), ``pages``, ``findings`` (``code page text``).
    Raises: as ``illcore_send``.
    Retried: yes, by the outbox, with the same key; delivering twice under one key must not make two copies.
    """


@hookspec
def illcore_copyright(request: RequestView, usage: Usage) -> Verdict:
    """Say whether a copy may be asked for or made.

    When: a request is checked. All enabled policies, in parallel.
    With: what a policy may see of the request (no reader's identity), and what the library has used so far, by ledger
        key and year.
    Thread: a daemon thread of ``dispatch``, outside any database transaction.
    Blocking: no; compute only. A policy that takes longer than the caller's limit counts as crashed.
    Returns: a ``Verdict``. The most restrictive of all decides (deny, review, allow with fee, allow); all claims, fees
        and obligations add up.
        The commit that sends enforces every claim under its ledger key's lock.
    Raises: counts as ``review``, whatever it was; a crash never lets a request pass.
    Retried: no; it is asked again whenever the request is checked again, and must then say the same for the same.
    """


@hookspec
def illcore_circulate(action: CirculateAction, key: str, deadline: Deadline) -> Circulated:
    """Ask the library's own system: a reader's standing, accept, check out, check in, renew.

    When: a request needs the reader's standing, or a committed circulation effect is due. The library's ILS account.
    With: the ``CirculateAction``, the stable key, the deadline.
    Thread: a daemon thread of ``dispatch``, outside any database transaction; up to the account's ``slots`` at once.
    Blocking: yes, for ``deadline.remaining()`` seconds; pass that on to every socket.
    Returns: ``Circulated``; for ``lookup`` its ``standing`` is set.
    Raises: as ``illcore_send``. A failure raises attention on the request and never moves it.
    Retried: yes, by the outbox, with the same key; accepting or checking out twice under one key must do it once.
    """


@hookspec
def illcore_enrich(citation: Citation, deadline: Deadline) -> Enrichment | None:
    """Complete a citation, find identifiers or an open-access copy.

    When: a request is entered or edited, or staff ask. All accounts that have the hook, in parallel.
    With: the ``Citation`` as it stands and the deadline.
    Thread: a daemon thread of ``dispatch``, outside any database transaction.
    Blocking: yes, for ``deadline.remaining()`` seconds; pass that on to every socket.
    Returns: an ``Enrichment``, or ``None`` when the source knows nothing.
    Raises: this account's suggestion is missing and named as failed; the others still count.
    Retried: not by itself; it must be safe to ask twice. There is no key.
    """


@hookspec
def illcore_notify(notice: Notice, key: str, deadline: Deadline) -> Receipt:
    """Tell a reader or staff.

    When: a committed notice is due. Only the one account that was chosen for it.
    With: the ``Notice`` (text already written in the receiver's language), the stable key, the deadline.
    Thread: a daemon thread of ``dispatch``, outside any database transaction; up to the account's ``slots`` at once.
    Blocking: yes, for ``deadline.remaining()`` seconds; pass that on to every socket.
    Returns: a ``Receipt``; it becomes an event.
    Raises: as ``illcore_send``. A failure raises attention on the request and never moves it.
    Retried: yes, by the outbox, with the same key; use it (as Message-ID, say) so that nobody is told twice.
    """
