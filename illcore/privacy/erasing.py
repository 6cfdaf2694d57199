"""Anonymising requests: what goes and what stays, in one transaction; plugins erase what is theirs, each for itself."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from illcore import documents
from illcore.connectors import Erase, Erasure
from illcore.documents import DocumentRow
from illcore.request import Request
from illcore.store import erase_texts
from illcore.store.apart import is_code
from illcore.store.requests import Face, change
from illcore.store.upsert import upsert
from illcore.tables import inbox, outbox, reader, unerased

log = logging.getLogger("illcore.privacy")

_READERS = select(reader.c.number, reader.c.category, reader.c.department).where(
    reader.c.library == bindparam("library"), reader.c.number.in_(bindparam("numbers", expanding=True))
)
_DROP_OUTBOX = delete(outbox).where(outbox.c.request_id.in_(bindparam("ids", expanding=True)))
_EMPTY_INBOX = (
    update(inbox)
    .where(inbox.c.request_id.in_(bindparam("ids", expanding=True)), inbox.c.body != "{}")
    .values(body="{}")
)
_LATER = upsert(unerased, ("part", "request_id"), ("library", "at"))
_DROP_LATER = delete(unerased).where(
    unerased.c.part == bindparam("of_part"), unerased.c.request_id.in_(bindparam("ids", expanding=True))
)
_WAITING = select(unerased.c.part, unerased.c.request_id).where(unerased.c.library == bindparam("library"))


@dataclass(slots=True)
class Erased:
    """What went, by kind, and the parts (plugins) that could not do theirs, with the reason.

    The bytes of ``documents`` go after the commit: ``illcore.documents.delete_bytes``.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)
    documents: list[DocumentRow] = field(default_factory=list)

    def add(self, other: "Erased") -> None:
        """Count the other's too."""
        self.counts.update(other.counts)
        self.failed.update(other.failed)
        self.documents += other.documents


def anonymise(
    connection: Connection, library: str, requests: Sequence[Request], parts: Mapping[str, Erase], now: datetime
) -> Erased:
    """Erase what is personal of these requests, which the caller has locked and which have ended.

    Category and department of the reader stay for statistics, codes, dates, partners and the citation for reports and
    copyright. Texts keep their digests, so that the chain of hashes still holds. A part that fails is noted and asked
    again by the next run; all others go.
    """
    done = Erased()
    if not requests:
        return done
    ids = [one.id for one in requests]
    classes = _classes(connection, library, requests)
    face = Face()
    changes = []
    for before in requests:
        after = without_person(before, *classes.get(before.reader_id, ("", "")), now)
        changes.append((after, before.version))
        face.changed(before, after)
    change(connection, changes)
    face.write(connection)
    done.counts["requests"] = len(requests)
    done.counts["texts"] = erase_texts(connection, ids, now)
    done.counts["messages"] = connection.execute(_EMPTY_INBOX, {"ids": ids}).rowcount
    done.counts["outbox"] = connection.execute(_DROP_OUTBOX, {"ids": ids}).rowcount
    done.documents = documents.erase(connection, library, ids, now)
    done.counts["documents"] = len(done.documents)
    for part, erase in parts.items():
        done.add(_erase(connection, part, erase, Erasure(library, tuple(ids), now)))
    return done


def without_person(before: Request, category: str, department: str, now: datetime) -> Request:
    """The request without what could name a person: identity, addresses, sentences, links."""
    return replace(
        before,
        reader_id="",
        reader_category=category or before.reader_category,
        reader_department=department or before.reader_department,
        anonymised_at=now,
        delivery=before.delivery and before.delivery.model_copy(update={"place": ""}),
        documents=(),
        undo=None,
        attention=tuple(replace(one, effect="", detail="") for one in before.attention),
        attempts=tuple(
            replace(one, retry_offer=None, supplier_named="", reason=one.reason if is_code(one.reason) else "")
            for one in before.attempts
        ),
        conditions=tuple(replace(one, text="") for one in before.conditions),
    )


def erase_left_over(connection: Connection, library: str, parts: Mapping[str, Erase], now: datetime) -> Erased:
    """Ask the parts again that failed in an earlier run; a plugin that is not installed now keeps its turn."""
    waiting: dict[str, list[str]] = {}
    for part, id in connection.execute(_WAITING, {"library": library}):
        waiting.setdefault(part, []).append(id)
    done = Erased()
    for part, ids in waiting.items():
        if part in parts:
            one = _erase(connection, part, parts[part], Erasure(library, tuple(ids), now))
            if part not in one.failed:
                connection.execute(_DROP_LATER, {"of_part": part, "ids": ids})
            done.add(one)
    return done


def erase_strays(
    connection: Connection, library: str, parts: Mapping[str, Erase], now: datetime, before: datetime
) -> Erased:
    """Let the parts erase what belongs to no request and is older than ``before``, and what has its own clock."""
    done = Erased()
    for part, erase in parts.items():
        done.add(_erase(connection, part, erase, Erasure(library, (), now, before)))
    return done


def _erase(connection: Connection, part: str, erase: Erase, what: Erasure) -> Erased:
    """One part in a savepoint of its own: what it raises undoes its own work alone."""
    done = Erased()
    try:
        with connection.begin_nested():
            done.counts[part] = int(erase(connection, what))
    except Exception as error:
        lost = isinstance(error, SQLAlchemyError) and connection.invalidated
        if lost:
            raise
        log.error("%s could not erase what it holds of %d requests: %s", part, len(what.requests), _kind(error))
        done.failed[part] = _kind(error)
        if what.requests:
            rows = [{"part": part, "request_id": id, "library": what.library, "at": what.now} for id in what.requests]
            connection.execute(_LATER, rows)
    return done


def _kind(error: Exception) -> str:
    """The kind of error, with no word of its text, which may hold what was to be erased."""
    return type(error).__name__


def _classes(connection: Connection, library: str, requests: Sequence[Request]) -> dict[str, tuple[str, str]]:
    keys = {one.reader_id for one in requests}
    numbers = sorted(int(key) for key in keys if key.isdecimal() and len(key) < 19)
    if not numbers:
        return {}
    rows = connection.execute(_READERS, {"library": library, "numbers": numbers})
    return {str(number): (category, department) for number, category, department in rows}
