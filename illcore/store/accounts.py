"""What changes about an account while it runs: how far it has been polled, and why it is paused."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from illcore.store.upsert import upsert
from illcore.tables import account_state

_GET = select(account_state).where(account_state.c.name == bindparam("account"))
_ALL = select(account_state).order_by(account_state.c.name)
_CURSOR = upsert(account_state, ("name",), ("cursor", "updated_at"))
_PAUSE = upsert(account_state, ("name",), ("paused_reason", "paused_at", "updated_at"))


@dataclass(slots=True, frozen=True)
class AccountState:
    """The runtime state of one account. ``paused_at`` is None while it works."""

    name: str
    cursor: str | None = None
    paused_reason: str = ""
    paused_at: datetime | None = None
    updated_at: datetime | None = None


def account_of(connection: Connection, name: str) -> AccountState:
    """The state of an account; one that never ran has none of it."""
    row = connection.execute(_GET, {"account": name}).mappings().first()
    return AccountState(name) if row is None else AccountState(**row)


def account_states(connection: Connection) -> list[AccountState]:
    """All accounts that ever ran."""
    return [AccountState(**row) for row in connection.execute(_ALL).mappings()]


def set_cursor(connection: Connection, name: str, cursor: str | None, now: datetime) -> None:
    """Remember how far an account was polled, in the commit that takes its messages in."""
    connection.execute(_CURSOR, {"name": name, "cursor": cursor, "updated_at": now})


def pause(connection: Connection, name: str, reason: str, now: datetime) -> bool:
    """Pause an account until a person mends it; False if it was paused already, and stays so since then."""
    if account_of(connection, name).paused_at is not None:
        return False
    connection.execute(_PAUSE, {"name": name, "paused_reason": reason, "paused_at": now, "updated_at": now})
    return True


def resume(connection: Connection, name: str, now: datetime) -> bool:
    """Let it work again; False if it was not paused."""
    if account_of(connection, name).paused_at is None:
        return False
    connection.execute(_PAUSE, {"name": name, "paused_reason": "", "paused_at": None, "updated_at": now})
    return True
