"""How the confined process tells what it finds: one JSON object a line, written at once, so that a crash loses none."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, BinaryIO


class Teller:
    """Writes to a pipe. The keys: `found`, `pages`, `kind`, `looking`, `thumbnail`.

    The last line has `done`, `heavy` or `crashed`.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def found(self, code: str, page: int | None = None, **values: object) -> None:
        """A finding; the values fill its sentence."""
        self._say({"found": code, "page": page, "values": values})

    def pages(self, count: int) -> None:
        """How many pages there are."""
        self._say({"pages": count})

    def kind(self, kind: str) -> None:
        """What kind of file it is."""
        self._say({"kind": kind})

    def looking(self, page: int) -> None:
        """The page that is looked at now; the one to name if this process breaks down."""
        self._say({"looking": page})

    def thumbnail(self, page: int, jpeg: bytes) -> None:
        """A small picture of a page."""
        self._say({"thumbnail": page, "data": b64encode(jpeg).decode()})

    def done(self, **values: object) -> None:
        """All is said."""
        self._say({"done": True, **values})

    def heavy(self) -> None:
        """The memory was not enough."""
        self._say({"heavy": True})

    def crashed(self, why: str) -> None:
        """Something went wrong that was not foreseen."""
        self._say({"crashed": why})

    def _say(self, line: dict[str, Any]) -> None:
        self._out.write(json.dumps(line).encode() + b"\n")
        self._out.flush()
