"""What commands need of the account's configuration: its folder and its font."""

from pathlib import Path
from typing import TYPE_CHECKING

from illcore.cli.faults import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy import Connection

    from illcore.engine import Engine


def settings(engine: "Engine") -> "Mapping[str, Any]":
    """The keys of the first account of type `delivery`, as they stand in the file; empty without one."""
    named = sorted(name for name in engine.config.accounts if name.partition(":")[0] == "delivery")
    return engine.config.accounts[named[0]] if named else {}


def folder(engine: "Engine", connection: "Connection") -> Path | None:
    """Where the account keeps what it hands over; None without an account that says it."""
    from illcore.errors import Misconfigured

    from ..cabinet import folder_of

    given = settings(engine).get("folder")
    try:
        return folder_of(Path(str(given)) if given else None, connection)
    except Misconfigured:
        return None


def write_file(output: Path, octets: bytes) -> None:
    """Write a PDF whole or not at all. Failed if it cannot be written there."""
    part = output.with_name(f".{output.name}.part")
    try:
        part.write_bytes(octets)
        part.replace(output)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Failed(f"{output} cannot be written: {error.strerror or error}") from None
