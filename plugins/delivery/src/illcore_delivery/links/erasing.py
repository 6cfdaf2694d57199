"""What anonymisation takes from this plugin, with its files; and what a reader is told of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from illcore.views import plain

from ..cabinet import Cabinets
from . import store


def erase(cabinets: Cabinets, connection: Connection, library: str, requests: Sequence[str]) -> int:
    """Delete the rows and files of these requests, in the caller's transaction; how many rows and files there were."""
    rows, files = store.forget(connection, library, requests)
    for name in files:
        cabinet = cabinets.holding(connection, name)
        if cabinet is not None:
            cabinet.drop(name)
    return rows + len(files)


def told(connection: Connection, library: str, requests: Sequence[str]) -> list[dict[str, Any]]:
    """What is held about the links of these requests, without what opens them."""
    shown = ("request_id", "name", "size", "made_at", "expires_at", "first_used_at", "last_used_at", "views", "used")
    found = [link for request_id in requests for link in store.listed(connection, library, request_id)]
    return [{name: plain(getattr(link, name)) for name in shown} for link in found]
