"""The institutions that the stub knows, their keys and tokens, and how much each key has called."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from illcore.clock import Ids


class Member(BaseModel):
    """One institution. `supplies`: whether it may be asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registry_id: int
    symbol: str
    name: str = ""
    wskey: str = ""
    secret: str = ""
    supplies: bool = True

    def shown(self) -> dict[str, Any]:
        """As it stands in a request."""
        return {"institutionId": self.registry_id, "oclcSymbol": self.symbol, "name": self.name}


DEFAULT_MEMBERS = (
    Member(registry_id=1001, symbol="XAA", name="Stub Library A", wskey="stub-key-a", secret="stub-secret-a"),
    Member(registry_id=1002, symbol="XBB", name="Stub Library B", wskey="stub-key-b", secret="stub-secret-b"),
    Member(registry_id=1003, symbol="XCC", name="Stub Library C", wskey="stub-key-c", secret="stub-secret-c"),
    Member(registry_id=1004, symbol="XNO", name="Stub Library without lending", supplies=False),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A token that was given out."""

    member: Member
    scopes: frozenset[str]
    ends: datetime


@dataclass(slots=True)
class Members:
    """Who may do what. `lifetime` of tokens in seconds; `per_second` and `per_day` calls per key, None: any number."""

    ids: Ids
    known: tuple[Member, ...] = DEFAULT_MEMBERS
    lifetime: int = 1199
    per_second: int | None = None
    per_day: int | None = 50_000
    grants: dict[str, Grant] = field(default_factory=dict)
    calls: dict[str, deque[datetime]] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)

    def by_key(self, wskey: str, secret: str) -> Member | None:
        """The institution that logs in so."""
        return next((each for each in self.known if each.wskey and (each.wskey, each.secret) == (wskey, secret)), None)

    def by_id(self, registry_id: object) -> Member | None:
        """The institution of a registry id."""
        return next((each for each in self.known if each.registry_id == registry_id), None)

    def issue(self, member: Member, scopes: Iterable[str], now: datetime, lifetime: int | None = None) -> str:
        """A fresh token."""
        seconds = self.lifetime if lifetime is None else lifetime
        token = f"tk_{self.ids(now)}{self.ids(now)}"
        self.grants[token] = Grant(member, frozenset(scopes), now + timedelta(seconds=seconds))
        self.issued.append(token)
        return token

    def granted(self, token: str, now: datetime) -> Grant | None:
        """What a token allows, unless its time is over."""
        found = self.grants.get(token)
        return found if found is not None and found.ends > now else None

    def over_limit(self, member: Member, now: datetime) -> str:
        """Count a call; which limit it breaks, if any."""
        calls = self.calls.setdefault(member.wskey, deque())
        while calls and calls[0] <= now - timedelta(days=1):
            calls.popleft()
        second = now - timedelta(seconds=1)
        if self.per_day is not None and len(calls) >= self.per_day:
            return "day"
        if self.per_second is not None and sum(1 for at in calls if at > second) >= self.per_second:
            return "second"
        calls.append(now)
        return ""
