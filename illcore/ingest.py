"""The way in for bytes: understood by the account's connector, applied in one commit, answered after it."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from illcore.context import Context
from illcore.dispatch import Dispatch
from illcore.errors import BadMessage, Conflict, Misconfigured, NotFound, TryLater
from illcore.intake import take, undelivered
from illcore.message import Received, Result
from illcore.outcomes import Outcome
from illcore.plugins import Plugins
from illcore.store import account_of, set_cursor

TRIES = 5


def ingest(
    context: Context, dispatch: Dispatch, plugins: Plugins, account: str, payload: bytes, seconds: float
) -> bytes | None:
    """Receive, commit, answer. Raises BadMessage, NotFound, TryLater; after TryLater the sender should try again."""
    if account not in plugins.accounts:
        raise NotFound(plugins.why_not(account))
    received = understood(dispatch.receive(account, payload, None, seconds))
    results = commit(context, account, received)
    if plugins.implementation(account, "illcore_answer") is None:
        return None
    answer = dispatch.answer(account, results, seconds)
    if not answer.ok:
        raise TryLater(f"the message was taken in but could not be answered: {answer.reason}")
    return answer.result()


def understood(outcome: Outcome[Received]) -> Received:
    """What a connector understood. Raises BadMessage or TryLater."""
    if outcome.kind == "bad_message":
        raise BadMessage(outcome.reason)
    if not outcome.ok:
        raise TryLater(outcome.reason, outcome.after)
    return outcome.result()


def commit(context: Context, account: str, received: Received) -> list[Result]:
    """Apply what was received and the cursor in one transaction; when two came at once the later one looks again."""

    def work(connection: Connection) -> list[Result]:
        now = context.clock.now()
        undelivered(context, connection, account, received.undelivered, now)
        results = [
            take(context, connection, message, now, received.documents.get(place, ()))
            for place, message in enumerate(received.messages)
        ]
        if received.cursor is not None:
            set_cursor(connection, account, received.cursor, now)
        return results

    for number in range(TRIES):
        try:
            return context.gathering.commit(work)
        except Conflict:
            if number == TRIES - 1:
                raise TryLater("many messages for one request at once; send it again") from None
    raise AssertionError("unreachable")


class Polled(NamedTuple):
    """What a poll brought: how much was taken in, whether anything was committed, whether to poll again at once."""

    taken: int
    committed: bool
    more: bool


def poll(
    context: Context, dispatch: Dispatch, account: str, seconds: float, patient: Callable[[], bool] = lambda: False
) -> Polled:
    """Ask an account for what has come; while ``patient`` it may wait for something.

    Raises Misconfigured (pause the account), BadMessage or TryLater.
    """
    with context.store.read() as connection:
        cursor = account_of(connection, account).cursor
    outcome = dispatch.poll(account, cursor, seconds, patient)
    if outcome.kind == "misconfigured":
        raise Misconfigured(outcome.reason)
    received = understood(outcome)
    taken = len(received.messages) + len(received.undelivered)
    if not taken and received.cursor in (None, cursor):
        return Polled(0, False, received.more)
    commit(context, account, received)
    return Polled(taken, True, received.more)
