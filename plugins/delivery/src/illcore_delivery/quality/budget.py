"""How much of its time the looking process has left; it stops looking while a report can still be made."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from illcore.clock import Clock

    from .limits import Limits


MB = 1024 * 1024


class Budget:
    """Begins when it is made."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._clock = clock
        self._end = clock.monotonic() + limits.wall_seconds * limits.looking_share
        self._cpu = limits.cpu_seconds * limits.looking_share

    def spent(self) -> bool:
        """Whether no further page should be begun."""
        return time.process_time() > self._cpu or self._clock.monotonic() > self._end
