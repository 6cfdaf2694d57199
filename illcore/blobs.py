"""The bytes of documents: one file a document under ``<library>/<request>/<sha256>``, on a disk or an fsspec store.

Requests share no file, so that deleting one request's documents really deletes them. A file is whole or not there:
it is written beside its place, synced, and then renamed. Encryption at rest is the store's own.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote

from illcore.errors import ConfigError, Invalid, NotFound

CHUNK = 1 << 20
_PART = ".part-"
_LONGEST_FOLDER = 180
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REQUEST = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(slots=True, frozen=True)
class Blob:
    """A file that is kept. ``head`` are its first 1,024 bytes, to tell what it is; ``size`` in bytes.

    ``place`` is where ``all`` found it; its library cannot always be told from there.
    """

    library: str
    request_id: str
    sha256: str
    size: int = 0
    head: bytes = b""
    written_at: datetime | None = None
    place: str = ""


class Blobs(Protocol):
    """Where the bytes are."""

    def put(self, library: str, request_id: str, chunks: Iterable[bytes], limit: int) -> Blob:
        """Keep the bytes, durably, and say what they are; the same bytes are kept once. Invalid beyond the limit."""

    def local(self, library: str, request_id: str, sha256: str) -> "Any":
        """A context manager that gives the path of a file on this machine with these bytes. NotFound."""

    def delete(self, library: str, request_id: str, sha256: str) -> bool:
        """Delete the bytes; False if they were not there."""

    def all(self) -> Iterator[Blob]:
        """Every file that is kept, unfinished ones with an empty ``sha256``, with the time when it was written."""

    def drop(self, blob: Blob) -> None:
        """Delete what ``all`` gave."""


def open_blobs(place: str) -> Blobs:
    """A folder, or the URL of an fsspec store such as ``s3://bucket/documents``. ConfigError if it cannot be used."""
    if "://" not in place:
        return FolderBlobs(Path(place))
    if place.startswith("file://"):
        return FolderBlobs(Path(unquote(place.removeprefix("file://"))))
    return RemoteBlobs(place)


def _parts(library: str, request_id: str, sha256: str) -> tuple[str, str, str]:
    """Names that lead nowhere else, whatever they were made of."""
    if not (_REQUEST.fullmatch(request_id) and _SHA256.fullmatch(sha256)):
        raise NotFound(f"there is no document {sha256[:64]!r} of request {request_id[:64]!r}")
    return _folder(library), request_id, sha256


def _folder(library: str) -> str:
    """The library's symbol as a folder; file systems take 255 octets, so that of a long one ends in its sum."""
    quoted = quote(library, safe=":")
    if len(quoted) <= _LONGEST_FOLDER:
        return quoted
    return f"{quoted[:100]}~{hashlib.sha256(library.encode()).hexdigest()}"


def _measured(chunks: Iterable[bytes], limit: int, write: Any) -> tuple[str, int, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise Invalid(f"the document is larger than {limit:,} bytes (documents.max_bytes in the configuration)")
        if len(head) < 1024:
            head = (head + chunk)[:1024]
        digest.update(chunk)
        write(chunk)
    if not size:
        raise Invalid("the document is empty")
    return digest.hexdigest(), size, head


class FolderBlobs:
    """A folder of this machine or a mounted file system; it is made when the first document comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, library: str, request_id: str, chunks: Iterable[bytes], limit: int) -> Blob:
        """Keep the bytes: written, synced, renamed, and the folder synced. Raises Invalid, NotFound."""
        folder = self.folder.joinpath(*_parts(library, request_id, "0" * 64)[:2])
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(prefix=_PART, dir=folder)
        part = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                sha256, size, head = _measured(chunks, limit, file.write)
                file.flush()
                os.fsync(file.fileno())
            part.replace(folder / sha256)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        for each in (folder, folder.parent, self.folder):
            _sync(each)
        return Blob(library, request_id, sha256, size, head)

    @contextmanager
    def local(self, library: str, request_id: str, sha256: str) -> Iterator[Path]:
        """The file itself."""
        path = self.folder.joinpath(*_parts(library, request_id, sha256))
        if not path.is_file():
            raise NotFound(f"the file of document {sha256[:12]} of request {request_id} is not in {self.folder}")
        yield path

    def delete(self, library: str, request_id: str, sha256: str) -> bool:
        """Delete the file, and the request's folder with its last one."""
        path = self.folder.joinpath(*_parts(library, request_id, sha256))
        return self._unlink(path)

    def all(self) -> Iterator[Blob]:
        """Every file under the folder that has the place of one."""
        if not self.folder.is_dir():
            return
        for library in sorted(each for each in self.folder.iterdir() if each.is_dir()):
            for request in sorted(each for each in library.iterdir() if each.is_dir()):
                for file in sorted(request.iterdir()):
                    unfinished = file.name.startswith(_PART)
                    if file.is_file() and (unfinished or _SHA256.fullmatch(file.name)):
                        told = file.stat()
                        at = datetime.fromtimestamp(told.st_mtime, UTC)
                        sha256 = "" if unfinished else file.name
                        name = unquote(library.name)
                        yield Blob(name, request.name, sha256, told.st_size, b"", at, str(file))

    def drop(self, blob: Blob) -> None:
        """Delete one that ``all`` gave."""
        self._unlink(Path(blob.place))

    def _unlink(self, path: Path) -> bool:
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _sync(path.parent)
        with suppress(OSError):  # another file is there, or came at this moment
            path.parent.rmdir()
        return True


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return  # there a folder cannot be synced
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class RemoteBlobs:
    """A store that fsspec knows: S3, Azure, a WebDAV folder, memory. Its credentials are the store's own affair."""

    def __init__(self, url: str) -> None:
        try:
            from fsspec.core import url_to_fs  # type: ignore[import-untyped]
        except ImportError:
            raise ConfigError(
                f"documents.store = {url!r} needs fsspec; install it with: pip install 'illcore[stores]'"
            ) from None
        try:
            self._files, self._root = url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise ConfigError(f"documents.store = {url!r} cannot be used: {error}") from None

    def _path(self, library: str, request_id: str, sha256: str) -> str:
        return "/".join((self._root.rstrip("/"), *_parts(library, request_id, sha256)))

    def put(self, library: str, request_id: str, chunks: Iterable[bytes], limit: int) -> Blob:
        """Keep the bytes; they are collected here first, since their name is their sum."""
        with tempfile.NamedTemporaryFile(prefix="illcore-") as file:
            sha256, size, head = _measured(chunks, limit, file.write)
            file.flush()
            path = self._path(library, request_id, sha256)
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._files.put_file(file.name, path)
        return Blob(library, request_id, sha256, size, head)

    @contextmanager
    def local(self, library: str, request_id: str, sha256: str) -> Iterator[Path]:
        """A copy on this machine, for as long as the context lasts."""
        path = self._path(library, request_id, sha256)
        with tempfile.TemporaryDirectory(prefix="illcore-") as folder:
            copy = Path(folder) / sha256
            try:
                self._files.get_file(path, str(copy))
            except FileNotFoundError:
                raise NotFound(f"the file of document {sha256[:12]} of request {request_id} is not there") from None
            yield copy

    def delete(self, library: str, request_id: str, sha256: str) -> bool:
        """Delete the object."""
        try:
            self._files.rm_file(self._path(library, request_id, sha256))
        except FileNotFoundError:
            return False
        return True

    def all(self) -> Iterator[Blob]:
        """Every object under the root that has the place of one."""
        try:
            found = self._files.find(self._root, detail=True)
        except FileNotFoundError:
            return
        for path, told in sorted(found.items()):
            library, request_id, sha256 = ("", "", *path.split("/"))[-3:]
            if _SHA256.fullmatch(sha256):
                at = told.get("LastModified") or told.get("created") or told.get("mtime")
                if isinstance(at, int | float):
                    at = datetime.fromtimestamp(at, UTC)
                elif isinstance(at, datetime) and at.tzinfo is None:
                    at = at.replace(tzinfo=UTC)
                yield Blob(unquote(library), request_id, sha256, int(told.get("size") or 0), b"", at, path)

    def drop(self, blob: Blob) -> None:
        """Delete one that ``all`` gave."""
        self._files.rm_file(blob.place)
