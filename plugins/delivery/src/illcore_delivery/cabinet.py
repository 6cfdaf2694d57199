"""The folder of an account: files that are handed over, and the secret from which its links are derived."""

import hashlib
import hmac
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from illcore.clock import Ids, system_ids
from illcore.errors import Misconfigured, TryLater

_NAME = re.compile(r"[0-9a-f]{64}")
_KEY = "secret.key"
_PART = ".part"


class Cabinet:
    """Files by a name of 64 hexadecimal digits that says nothing; whole or not there, and synced.

    ``secret`` is the one of the configuration; without it one is made once, in ``secret.key``, for the owner alone.
    """

    def __init__(self, folder: Path, secret: str = "", ids: Ids = system_ids) -> None:
        self.folder = folder
        self._given = secret
        self._ids = ids
        self._secret = b""
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Cabinet({str(self.folder)!r})"

    def path(self, name: str) -> Path:
        """Where a file is, or would be. ValueError for anything that is no such name."""
        if not _NAME.fullmatch(name):
            raise ValueError("no file of this cabinet has such a name")
        return self.folder / name[:2] / name

    def put(self, name: str, write: Callable[[Path], None]) -> int:
        """Let ``write`` fill a new file, then put it in its place; gives its size. TryLater if the disk fails."""
        path = self.path(name)
        part = path.with_name(f"{name}.{os.getpid()}-{threading.get_ident()}{_PART}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.touch(mode=0o600)
            write(part)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
                size = file.seek(0, os.SEEK_END)
            part.replace(path)
            _sync(path.parent)
            return size
        except OSError as error:
            raise TryLater(f"the folder {self.folder} cannot be written: {error.strerror or error}") from error
        finally:
            with suppress(OSError):
                part.unlink()

    def drop(self, name: str) -> None:
        """Delete a file; one that is gone already is no error."""
        self.path(name).unlink(missing_ok=True)

    def kept(self) -> Iterator[tuple[Path, datetime]]:
        """Every file, unfinished ones too, with the time when it was written."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                yield path, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def sign(self, purpose: str, *parts: str) -> bytes:
        """32 bytes that nobody can know who has not the secret: HMAC-SHA-256 of purpose and parts."""
        text = "\0".join((purpose, *parts)).encode()
        return hmac.new(self._key(), text, hashlib.sha256).digest()

    def _key(self) -> bytes:
        with self._lock:
            if not self._secret:
                self._secret = hashlib.sha256(self._given.encode()).digest() if self._given else self._made_once()
            return self._secret

    def _made_once(self) -> bytes:
        path = self.folder / _KEY
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                self._make(path)
            key = bytes.fromhex(path.read_text("ascii").strip())
        except OSError as error:
            raise TryLater(f"the folder {self.folder} cannot be used: {error.strerror or error}") from error
        except ValueError:
            key = b""
        if len(key) != 32:
            raise Misconfigured(
                f"{path} is no key: it must hold 64 hexadecimal digits; remove it to have a new one made"
            )
        return key

    def _make(self, path: Path) -> None:
        """Linked into its place when it is whole, so that two processes end up with the same key."""
        now = datetime.fromtimestamp(0, UTC)
        chance = "".join(self._ids(now) for _ in range(8))
        part = path.with_name(f"{_KEY}.{os.getpid()}-{threading.get_ident()}{_PART}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(hashlib.sha256(chance.encode()).hexdigest() + "\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(part, path)
            _sync(path.parent)
        finally:
            part.unlink(missing_ok=True)


class Cabinets:
    """Those of all accounts in this process, for the web application, which serves the files of any of them."""

    def __init__(self) -> None:
        self._each: list[Callable[[Connection], Cabinet]] = []

    def add(self, opened: Callable[[Connection], Cabinet]) -> None:
        """Remember an account's."""
        self._each.append(opened)

    def holding(self, connection: Connection, name: str) -> Cabinet | None:
        """The one that has this file."""
        for opened in self._each:
            try:
                found = opened(connection)
            except Misconfigured:
                continue  # told when that account has to deliver
            if found.path(name).is_file():
                return found
        return None


def folder_of(configured: Path | None, connection: Connection) -> Path:
    """The configured folder, by default ``delivery``; a relative one is beside the SQLite database.

    Misconfigured if it is not absolute and there is no such database.
    """
    folder = (configured or Path("delivery")).expanduser()
    if folder.is_absolute():
        return folder
    database = connection.engine.url.database or ""
    if connection.dialect.name == "sqlite" and database not in ("", ":memory:"):
        return Path(database).resolve().parent / folder
    raise Misconfigured('set folder in the configuration of the account, such as folder = "/var/lib/ill/delivery"')


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return  # there a folder cannot be synced
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
