"""What a plugin hands over and what it is handed: Plugin, ConnectorType, Host, Deadline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel

from illcore.clock import Clock
from illcore.model import Partner

if TYPE_CHECKING:
    import typer
    from sqlalchemy import Connection

    from illcore.policy import Library

API_VERSION = 1
"""The version of the hooks; it changes only when a hook or an argument is renamed or dropped."""

Scope = MutableMapping[str, Any]
AsgiApp = Callable[[Scope, Callable[[], Awaitable[Scope]], Callable[[Scope], Awaitable[None]]], Awaitable[None]]


class Host(Protocol):
    """What the engine offers to plugins. Never the Engine itself."""

    @property
    def clock(self) -> Clock:
        """The engine's clock; connectors and web applications read no other."""

    def ingest(self, payload: bytes, account: str) -> bytes | None:
        """Take in bytes that came for an account: understand, commit, answer.

        The answer is what ``illcore_answer`` wrote, or None if the account has no such hook. BadMessage if the bytes
        are no message; NotFound if there is no such account; TryLater if it cannot be taken in now.
        """

    def account_for(self, symbol: str) -> str | None:
        """The account under which a library of this engine, named by its symbol, is reached; None: not served here."""

    def accounts_of(self, kind: str) -> tuple[str, ...]:
        """The working accounts of a connector type, by name."""

    def library(self, symbol: str) -> Library:
        """A library served here, with its names, address, calendar and policy. NotFound if it is not served here."""

    def partner_for(self, library: str, symbol: str) -> Partner | None:
        """The partner that this library knows under any of its symbols."""

    def transaction(self, library: str, *, durable: bool = True) -> AbstractContextManager[Connection]:
        """One write transaction for the plugin's own tables; commits at the end, rolls back on an exception.

        One that is not ``durable`` does not wait for the disk: others see it at once and it outlives this process, but
        a power cut may undo it together with all that came after it, up to the next durable commit.
        """

    def reading(self, library: str = "") -> AbstractContextManager[Connection]:
        """One transaction that only reads; it never waits for a writer. NotFound if the library is not served here.

        Without a library: for what belongs to the whole engine.
        """


@dataclass(frozen=True, slots=True)
class ConnectorType:
    """A kind of account that can be configured as ``[accounts."<name>:<account>"]``.

    ``config`` is a pydantic model that forbids unknown keys and holds secrets as SecretStr; ``slots`` and ``enabled``
    are the core's own keys. ``factory(config, host)`` builds the instance whose methods carry ``@hookimpl``, once per
    account; it opens no connection. ``polls`` is False where partners deliver everything themselves, so that
    ``illcore_receive`` is never called without a payload.
    """

    name: str
    config: type[BaseModel]
    factory: Callable[[Any, Host], object]
    polls: bool = True


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a library erases now: all that is personal of these requests, which have ended and stay without it.

    Once in a run ``requests`` is empty: then ``before`` is the moment up to which what came for no request goes, and
    ``now`` tells what has a clock of its own.
    """

    library: str
    requests: tuple[str, ...]
    now: datetime
    before: datetime | None = None


Erase = Callable[["Connection", Erasure], int]
"""Erases in the given transaction; how many rows or files it erased. It may be asked again for the same requests."""

Tell = Callable[["Connection", str, Sequence[str]], Sequence[Mapping[str, Any]]]
"""All that is held of these requests of a library's reader, as JSON-able records, for the reader to be given."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """All that a package offers.

    ``name`` is lower case and prefixes its tables. ``migrations`` is the package resource path of its alembic branch
    (``package:folder``). ``commands`` is a typer app, mounted as ``ill <name>`` if the entry point group
    ``illcore.commands`` names it. ``asgi(host)`` gives web applications by path (``{"/iso18626": app}``).
    A plugin that keeps mails, links or anything else about requests in tables of its own gives ``erase(connection,
    erasure)``, called when requests are anonymised, and ``tell(connection, library, requests)`` for a reader's export.
    Both run in the caller's transaction and only read and write the plugin's own tables; no network.
    """

    name: str
    api_version: int = API_VERSION
    connectors: tuple[ConnectorType, ...] = ()
    migrations: str | None = None
    commands: typer.Typer | None = None
    asgi: Callable[[Host], Mapping[str, AsgiApp]] | None = None
    erase: Erase | None = None
    tell: Tell | None = None


def _never() -> bool:
    return False


class Deadline:
    """The moment after which nobody waits for a hook any more, on the engine's clock."""

    __slots__ = ("_at", "_clock", "_patient")

    def __init__(self, clock: Clock, seconds: float, patient: Callable[[], bool] = _never) -> None:
        self._clock = clock
        self._at = clock.monotonic() + max(0.0, seconds)
        self._patient = patient

    @property
    def patient(self) -> bool:
        """Whether a poll that found nothing may wait for something (IMAP IDLE, long polling), until the deadline.

        It turns False when the worker ends: look at it every second while waiting.
        """
        return self._patient()

    def remaining(self) -> float:
        """Seconds left, never negative. At 0.0 raise Unknown or TryLater: a socket takes 0 for "do not wait at all"."""
        return max(0.0, self._at - self._clock.monotonic())

    def passed(self) -> bool:
        """Whether nothing is left."""
        return self._clock.monotonic() >= self._at

    def __repr__(self) -> str:
        return f"Deadline({self.remaining():.3f} s left)"
