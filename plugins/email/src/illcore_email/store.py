"""The plugin's own rows: mails in and out, answers that wait, and the key that signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from illcore.errors import Conflict
from illcore.tables import partner as partner_table

from .tables import answers, boxes, mails, sent
from .tokens import Thread

_BOX = select(boxes).where(boxes.c.mailbox == bindparam("box"))
_SENT = select(sent).where(sent.c.mailbox == bindparam("box"), sent.c.key == bindparam("row_key"))
_SENT_IDS = select(sent.c.message_id).where(sent.c.mailbox == bindparam("box"), sent.c.ref == bindparam("ref"))
_KNOWN = select(mails).where(
    mails.c.mailbox == bindparam("box"), mails.c.digest.in_(bindparam("digests", expanding=True))
)
_CAME = (
    select(mails.c.message_id)
    .where(mails.c.mailbox == bindparam("box"), mails.c.ref == bindparam("ref"), mails.c.message_id != "")
    .where(mails.c.kind.in_(("reply", "request")))
    .order_by(mails.c.id)
)
_KEEP = insert(mails).returning(mails.c.id, mails.c.digest)
_LEFT_OVER = (
    select(mails.c.id, mails.c.raw, mails.c.size)
    .where(mails.c.library == "", mails.c.kind == "", mails.c.status == "stored")
    .where(mails.c.mailbox == bindparam("box"), mails.c.received_at < bindparam("before"))
    .order_by(mails.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_UNMARKED = select(mails.c.id, mails.c.uid).where(
    mails.c.mailbox == bindparam("box"),
    mails.c.folder == bindparam("folder"),
    mails.c.validity == bindparam("validity"),
    mails.c.marked == 0,
    mails.c.uid <= bindparam("last"),
)
_WAITING = select(answers).where(answers.c.mailbox == bindparam("box"), answers.c.done_at.is_(None)).limit(20)
_UNDERSTOOD = "kind reason library ref role partner number messages undelivered suggestion status".split()
_UPDATE = (
    update(mails)
    .where(mails.c.id == bindparam("row_id"))
    .values({name: bindparam(f"new_{name}") for name in _UNDERSTOOD})
)


@dataclass(slots=True, frozen=True)
class Place:
    """Where a mail lies on the mail server: folder, UIDVALIDITY, UID (RFC 3501, section 2.3.1.1)."""

    folder: str
    validity: int
    uid: int


def box_of(connection: Connection, mailbox: str) -> tuple[str, str]:
    """The mailbox's own signing key (hexadecimal) and library, as far as they are known."""
    row = connection.execute(_BOX, {"box": mailbox}).first()
    return ("", "") if row is None else (row.token_key, row.library)


def keep_box(connection: Connection, mailbox: str, token_key: str = "", library: str = "") -> tuple[str, str]:
    """Fill in what is not known yet; what is stays. Gives what now holds."""
    row = connection.execute(_BOX, {"box": mailbox}).first()
    if row is None:
        connection.execute(insert(boxes), {"mailbox": mailbox, "token_key": token_key, "library": library})
        return token_key, library
    new = {"token_key": row.token_key or token_key, "library": row.library or library}
    connection.execute(update(boxes).where(boxes.c.mailbox == mailbox).values(**new))
    return new["token_key"], new["library"]


def first_library(connection: Connection) -> str:
    """A library that has partners; empty if none has."""
    return connection.scalar(select(partner_table.c.library).order_by(partner_table.c.library).limit(1)) or ""


# --- out -----------------------------------------------------------------------------------------------------------


def sent_mail(connection: Connection, mailbox: str, key: str) -> tuple[bytes, str] | None:
    """The bytes and the receiver of the mail that was made for an outbox key."""
    row = connection.execute(_SENT, {"box": mailbox, "row_key": key}).first()
    return None if row is None else (bytes(row.raw), row.recipient)


def keep_sent(
    connection: Connection, mailbox: str, key: str, thread: Thread, values: Mapping[str, Any], now: datetime
) -> None:
    """Keep a mail before its first try. Conflict if another process made it at this moment."""
    row = {"mailbox": mailbox, "key": key, "made_at": now, "ref": thread.ref, **_thread_columns(thread), **values}
    try:
        connection.execute(insert(sent), row)
    except IntegrityError as error:
        raise Conflict(f"the mail for {key} was made at this moment") from error


def readdress(connection: Connection, mailbox: str, key: str, recipient: str, raw: bytes) -> None:
    """A mail that did not reach its receiver goes to another address; it stays the same mail."""
    row = update(sent).where(sent.c.mailbox == mailbox, sent.c.key == key)
    connection.execute(row.values(recipient=recipient, raw=raw))


def earlier_ids(connection: Connection, mailbox: str, ref: str) -> tuple[str, ...]:
    """The Message-IDs of a conversation for a new mail to refer to: the first and the last, ours and theirs."""
    ours = list(connection.execute(_SENT_IDS.order_by(sent.c.made_at), {"box": mailbox, "ref": ref}).scalars())
    theirs = list(connection.execute(_CAME, {"box": mailbox, "ref": ref}).scalars())
    first = theirs[:1] if theirs and not ours else ours[:1]
    return tuple(dict.fromkeys((*first, *ours[-1:], *theirs[-1:])))


def _thread_columns(thread: Thread) -> dict[str, str]:
    return {"library": thread.library, "role": thread.role, "partner": thread.partner, "number": thread.number}


# --- in ------------------------------------------------------------------------------------------------------------


def known_mails(connection: Connection, mailbox: str, digests: Sequence[str]) -> dict[str, Row[Any]]:
    """The rows of mails that were here before, by digest."""
    rows = connection.execute(_KNOWN, {"box": mailbox, "digests": list(digests)})
    return {row.digest: row for row in rows}


def keep_raw(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Keep mails as they came; gives their ids by digest. Conflict if one of them was kept meanwhile."""
    try:
        made = connection.execute(_KEEP, list(rows))
        return {row.digest: row.id for row in made}
    except IntegrityError as error:
        raise Conflict("one of the mails was taken in at this moment") from error


def left_over(connection: Connection, mailbox: str, before: datetime, limit: int = 20) -> list[Row[Any]]:
    """Mails that were kept and never understood, because whoever took them in was interrupted; the oldest first."""
    values = {"box": mailbox, "before": before, "limit": limit}
    return list(connection.execute(_LEFT_OVER, values))


def for_staff(connection: Connection, ids: Sequence[int], library: str) -> None:
    """Those that are still not understood wait for staff."""
    row = update(mails).where(mails.c.id.in_(ids), mails.c.status == "stored")
    reason = "it was interrupted while it was taken in"
    connection.execute(row.values(library=library, kind="unmatched", status="understood", reason=reason))


def keep_understood(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note what each mail is: `id` and the columns of `_UNDERSTOOD`."""
    values = [{"row_id": row["id"], **{f"new_{name}": row[name] for name in _UNDERSTOOD}} for row in rows]
    if values:
        connection.execute(_UPDATE, values)


def unmarked(connection: Connection, mailbox: str, folder: str, validity: int, last: int) -> dict[int, int]:
    """UID → row id of mails up to `last` of which the mail server was not told yet that they were seen."""
    values = {"box": mailbox, "folder": folder, "validity": validity, "last": last}
    return {row.uid: row.id for row in connection.execute(_UNMARKED, values)}


def set_marked(connection: Connection, ids: Sequence[int]) -> None:
    """The mail server knows."""
    connection.execute(update(mails).where(mails.c.id.in_(ids)).values(marked=1))


def mail_by_id(connection: Connection, library: str, id: int) -> Row[Any] | None:
    """One mail of a library, or of none."""
    return connection.execute(select(mails).where(mails.c.id == id, mails.c.library.in_(("", library)))).first()


def listed_mails(
    connection: Connection, library: str, kind: str = "", waiting: bool = False, limit: int = 100
) -> list[Row[Any]]:
    """Mails, newest first, without their bytes. `waiting`: those that staff have still to deal with."""
    columns = [column for column in mails.c if column.name not in ("raw", "messages")]
    statement = select(*columns).where(mails.c.library.in_(("", library))).order_by(mails.c.id.desc()).limit(limit)
    if kind:
        statement = statement.where(mails.c.kind == kind)
    if waiting:
        statement = statement.where(mails.c.kind == "unmatched", mails.c.status == "understood")
    return list(connection.execute(statement))


def set_status(connection: Connection, id: int, status: str, **more: str) -> bool:
    """Staff dealt with an unmatched mail; False if it waits no longer."""
    statement = update(mails).where(mails.c.id == id, mails.c.kind == "unmatched", mails.c.status == "understood")
    return connection.execute(statement.values(status=status, **more)).rowcount == 1


# --- polite answers ------------------------------------------------------------------------------------------------


def keep_answer(connection: Connection, mailbox: str, key: str, recipient: str, raw: bytes, now: datetime) -> None:
    """Keep an answer to be sent with the next poll; the same one only once."""
    there = select(answers.c.key).where(answers.c.mailbox == mailbox, answers.c.key == key)
    if connection.execute(there).first() is None:
        row = {"mailbox": mailbox, "key": key, "recipient": recipient, "raw": raw, "made_at": now, "tries": 0}
        connection.execute(insert(answers), row)


def waiting_answers(connection: Connection, mailbox: str) -> list[Row[Any]]:
    """Answers that are not sent yet."""
    return list(connection.execute(_WAITING, {"box": mailbox}))


def settle_answer(connection: Connection, mailbox: str, key: str, done_at: datetime | None, error: str) -> None:
    """What became of a try."""
    row = update(answers).where(answers.c.mailbox == mailbox, answers.c.key == key)
    connection.execute(row.values(tries=answers.c.tries + 1, done_at=done_at, error=error[:500]))
