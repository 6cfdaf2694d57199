"""The documents of requests: what was delivered, where its bytes are, what was found when it was checked.

A document's bytes are kept (``illcore.blobs``) before the row that names them is committed; bytes that no row names
are swept after a day. The request itself carries what decisions need of its documents (``request.Document``).
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from illcore.blobs import Blob, Blobs
from illcore.errors import Invalid, NotFound
from illcore.store.codec import plain
from illcore.tables import document

log = logging.getLogger("illcore.documents")

Source = Literal["upload", "email", "url", "repair"]

ORPHANS_AFTER = timedelta(hours=24)
_LONGEST_NAME = 200
_ENDINGS = {
    "application/pdf": ".pdf",
    "image/tiff": ".tif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
_ADD = insert(document)
_ONE = select(document).where(document.c.library == bindparam("library"), document.c.id == bindparam("id"))
_OF = (
    select(document)
    .where(document.c.library == bindparam("library"), document.c.request_id == bindparam("request_id"))
    .order_by(document.c.created_at, document.c.id)
)
_SAME = select(document.c.id).where(
    document.c.library == bindparam("library"),
    document.c.request_id == bindparam("request_id"),
    document.c.sha256 == bindparam("sha256"),
    document.c.erased_at.is_(None),
)
_NAMED = select(document.c.id).where(
    document.c.request_id == bindparam("request_id"),
    document.c.sha256 == bindparam("sha256"),
    document.c.erased_at.is_(None),
)
_ERASE = update(document).where(document.c.id == bindparam("of")).values(erased_at=bindparam("now"), name="", origin="")


@dataclass(slots=True, frozen=True)
class DocumentRow:
    """A document. ``size`` in bytes; ``origin`` is the URL or Message-ID it came from; erased ones have no bytes."""

    id: str
    library: str
    request_id: str
    sha256: str
    name: str
    media_type: str
    size: int
    source: str
    origin: str
    created_at: datetime
    erased_at: datetime | None

    def as_data(self) -> dict[str, Any]:
        """For the event ``document``."""
        return {
            "id": self.id,
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "sha256": self.sha256,
            "source": self.source,
        }


def media_type_of(head: bytes) -> str:
    """What the first bytes say that it is, whatever its name claims. Invalid unless PDF, TIFF, JPEG or PNG."""
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "image/tiff"
    if head[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    start = head.lstrip()[:200].lower()
    what = "an HTML page" if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start else "another format"
    raise Invalid(f"this is no document that can be delivered: it is {what}, not a PDF, TIFF, JPEG or PNG")


def safe_name(name: str, media_type: str) -> str:
    """A file name without folders, control characters and what would lead astray, with the ending of its kind."""
    last = plain(name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(" .")
    ending = _ENDINGS[media_type]
    stem = kept.rpartition(".")[0] if "." in kept else kept
    return f"{(stem or 'document')[:_LONGEST_NAME]}{ending}"


def keep(blobs: Blobs, library: str, request_id: str, chunks: Iterable[bytes], limit: int) -> tuple[Blob, str]:
    """Keep the bytes of a document to be; gives the blob and its media type. Raises Invalid; then nothing is kept."""
    blob = blobs.put(library, request_id, chunks, limit)
    try:
        return blob, media_type_of(blob.head)
    except Invalid:
        blobs.delete(library, request_id, blob.sha256)
        raise


def record(
    connection: Connection,
    id: str,
    blob: Blob,
    media_type: str,
    name: str,
    source: Source,
    now: datetime,
    origin: str = "",
    rejected: Collection[str] = (),
) -> DocumentRow | None:
    """Write the row of a document whose bytes are kept; None if the request has the same bytes already.

    ``rejected`` are sums of what was sent back: the same once more is another delivery, which is checked like any.
    """
    same = {"library": blob.library, "request_id": blob.request_id, "sha256": blob.sha256}
    if blob.sha256 not in rejected and connection.execute(_SAME, same).first() is not None:
        return None
    row = DocumentRow(
        id=id,
        library=blob.library,
        request_id=blob.request_id,
        sha256=blob.sha256,
        name=safe_name(name, media_type),
        media_type=media_type,
        size=blob.size,
        source=source,
        origin=plain(origin)[:2000],
        created_at=now,
        erased_at=None,
    )
    connection.execute(_ADD, {field: getattr(row, field) for field in DocumentRow.__dataclass_fields__})
    return row


def get(connection: Connection, library: str, id: str) -> DocumentRow:
    """A document by its id. NotFound if this library has none, or it was erased."""
    row = connection.execute(_ONE, {"library": library, "id": id}).mappings().first()
    if row is None or row["erased_at"] is not None:
        raise NotFound(f"there is no document {id} in {library}" if row is None else f"document {id} was erased")
    return DocumentRow(**row)


def of_request(connection: Connection, library: str, request_id: str) -> list[DocumentRow]:
    """The documents of a request, oldest first, erased ones too."""
    rows = connection.execute(_OF, {"library": library, "request_id": request_id}).mappings()
    return [DocumentRow(**row) for row in rows]


def erase(connection: Connection, library: str, requests: Sequence[str], now: datetime) -> list[DocumentRow]:
    """Mark the documents of these requests as erased; their bytes go with ``delete_bytes`` after the commit."""
    gone = [row for one in requests for row in of_request(connection, library, one) if row.erased_at is None]
    for row in gone:
        connection.execute(_ERASE, {"of": row.id, "now": now})
    return gone


def delete_bytes(blobs: Blobs, rows: Iterable[DocumentRow]) -> int:
    """Delete the bytes of erased documents; gives how many there were.

    What a crash or a store that is away leaves behind is of nobody, and ``sweep`` finds it.
    """
    deleted = 0
    for row in rows:
        try:
            deleted += blobs.delete(row.library, row.request_id, row.sha256)
        except Exception:
            log.exception("document %s is erased, but its bytes could not be deleted yet", row.id)
    return deleted


def sweep(connection: Connection, blobs: Blobs, now: datetime) -> int:
    """Delete bytes that no live row names and that are older than a day; gives how many."""
    swept = 0
    for blob in blobs.all():
        if blob.written_at is None or now - blob.written_at < ORPHANS_AFTER:
            continue
        same = {"request_id": blob.request_id, "sha256": blob.sha256}
        if not blob.sha256 or connection.execute(_NAMED, same).first() is None:
            blobs.drop(blob)
            swept += 1
    return swept
