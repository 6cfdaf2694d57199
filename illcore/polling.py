"""When each account is asked next: every half minute, at once while more waits, later when it fails."""

from collections.abc import Iterable

from illcore.backoff import poll_backoff
from illcore.clock import Chance, Clock

POLL_EVERY = 30.0
AT_LEAST = 1.0
"""Seconds between two polls of an account that says ``more`` but brings nothing."""


class Polling:
    """Of one worker; other workers keep their own, and the lane's lease keeps them apart. All times in seconds."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._next: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def due(self, accounts: Iterable[str], always: bool = False) -> list[str]:
        """Those of the accounts to ask now, all of them if ``always``; they are due again half a minute from now."""
        now = self._clock.monotonic()
        wanted = [account for account in accounts if always or self._next.get(account, now) <= now]
        self._next.update(dict.fromkeys(wanted, now + POLL_EVERY))
        return wanted

    def done(self, account: str, brought: bool, more: bool) -> None:
        """It answered. While ``more`` waits it is asked again at once."""
        self._failures.pop(account, None)
        if more:
            self._next[account] = self._clock.monotonic() + (0.0 if brought else AT_LEAST)

    def failed(self, account: str, after: float | None = None) -> None:
        """It could not be asked: wait longer each time, or as long as it said."""
        failures = self._failures[account] = self._failures.get(account, 0) + 1
        wait = poll_backoff(failures, self._chance).total_seconds() if after is None else max(after, AT_LEAST)
        self._next[account] = self._clock.monotonic() + wait
