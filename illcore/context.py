"""What every moving part shares: the store, the libraries it serves, and the outside sources of change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from illcore.blobs import Blobs
from illcore.clock import Chance, Clock, Ids
from illcore.connectors import Erase, Tell
from illcore.errors import NotFound
from illcore.policy import Library
from illcore.store import Applied, Capabilities, Input, Store
from illcore.store.gathering import Gathering


@dataclass(slots=True)
class Context:
    """One per Engine. ``resolve`` turns secret references into secrets (``Plugins.resolve``).

    ``blobs`` holds the bytes of documents, of which one may have ``max_document`` bytes.
    ``erasers`` and ``tellers`` are who else holds something of requests: plugins, by name.
    """

    store: Store
    blobs: Blobs
    max_document: int
    clock: Clock
    ids: Ids
    chance: Chance
    libraries: Mapping[str, Library]
    capabilities: Capabilities
    resolve: Callable[[Any], tuple[Any, frozenset[str]]]
    erasers: Mapping[str, Erase] = field(default_factory=dict)
    tellers: Mapping[str, Tell] = field(default_factory=dict)
    gathering: Gathering = field(init=False)

    def __post_init__(self) -> None:
        self.gathering = Gathering(self.store)

    def library(self, symbol: str) -> Library:
        """The library of that symbol. NotFound names those that are served."""
        found = self.libraries.get(symbol)
        if found is None:
            known = ", ".join(sorted(self.libraries)) or "none"
            raise NotFound(f"{symbol} is not a library of this engine (libraries here: {known})")
        return found

    def apply(self, connection: Connection, inputs: Sequence[Input], now: datetime) -> list[Applied]:
        """``Store.apply`` with what this engine is made of."""
        return self.store.apply(
            connection, inputs, now=now, ids=self.ids, libraries=self.libraries, capabilities=self.capabilities
        )
