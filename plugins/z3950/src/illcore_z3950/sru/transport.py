"""HTTP for SRU: connecting and answering have a stage each, and every wait ends with it, by TimedOut."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from illcore.transport import WaitingTransport, Waits

from ..stages import Stage


class _Stages(Waits):
    """Knows which stages each thread is in."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.local()

    @contextmanager
    def within(self, connect: Stage, answer: Stage) -> Iterator[None]:
        self._thread.stages = connect, answer
        try:
            yield
        finally:
            del self._thread.stages

    def to_connect(self) -> float:
        connect: Stage = self._thread.stages[0]
        return connect.left()

    def to_answer(self, error: type[Exception]) -> float:
        answer: Stage = self._thread.stages[1]
        return answer.left()


class StagedTransport(WaitingTransport):
    """Connections for `httpx.Client`; requests are made inside `within`, in the thread that entered it."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._stages = _Stages()
        super().__init__(context, connections, self._stages)

    @contextmanager
    def within(self, connect: Stage, answer: Stage) -> Iterator[None]:
        """Inside, connecting and answering of this thread's requests end with these stages, by TimedOut."""
        with self._stages.within(connect, answer):
            yield
